package openairesponses

import (
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/reply"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// EncodeStream writes the events in the order that all clients know: the
// response, its items one after another with their parts and pieces, and the
// response again, whole. An answer that went well is kept.
func (c Client) EncodeStream(w io.Writer, s llm.Stream, model string, h dialect.Head) error {
	out := newWriter(scanOf(h, c), model)
	return reply.Stream(w, s, out.append, out.fail)
}

// writer writes the events of one answer. Items are open one at a time, as
// every client takes them: what arrives for a later one waits.
type writer struct {
	scan  *scan
	model string

	response response
	begun    bool
	number   int // the sequence number of the next event
	items    []*out
	// open is the index of the item that is being written.
	open int
	done []byte // the items that are finished, as the output will have them
}

// out is one item of the output.
type out struct {
	kind  itemKind
	block int
	id    string
	// name and call are a call's.
	call llm.ToolCallStart
	name tool
	text strings.Builder
	// logprobs are those of the text, between their brackets.
	logprobs  []byte
	citations []llm.Citation
	signature string
	picture   llm.ImageDelta
	// sent is how much of the text the client has; shown says that the item was
	// announced, parted that the part with its text was.
	sent          int
	shown, parted bool
}

// itemKind is what an item is.
type itemKind uint8

const (
	itemText itemKind = iota
	itemRefusal
	itemThought
	itemCall
	itemPicture
)

func newWriter(s *scan, model string) *writer { return &writer{scan: s, model: model} }

// append appends the events of one event.
func (w *writer) append(dst []byte, e llm.Event) []byte {
	start, ok := e.(llm.Start)
	if !w.begun {
		dst = w.begin(dst, start)
	}
	if ok {
		return dst
	}
	switch e := e.(type) {
	case llm.Start:
	case llm.TextDelta:
		it := w.at(itemText, e.Block)
		it.text.WriteString(e.Text)
		it.logprobs = appendLogprobs(it.logprobs, e.Logprobs)
		return w.write(dst, e.Logprobs)
	case llm.RefusalDelta:
		w.at(itemRefusal, e.Block).text.WriteString(e.Text)
	case llm.ThoughtDelta:
		it := w.at(itemThought, e.Block)
		it.text.WriteString(e.Text)
		if e.Signature != "" {
			it.signature = seal(e.Signature, e.Minter)
		}
	case llm.ImageDelta:
		w.at(itemPicture, e.Block).picture = e
	case llm.ToolCallStart:
		w.call(e)
	case llm.ToolCallDelta:
		w.at(itemCall, e.Block).text.WriteString(e.Arguments)
	case llm.Finish:
		return w.finish(dst, e)
	}
	return w.write(dst, nil)
}

// begin announces the response.
func (w *writer) begin(dst []byte, s llm.Start) []byte {
	w.identify(s)
	w.begun = true
	for _, kind := range [...]string{"response.created", "response.in_progress"} {
		dst = w.event(dst, kind)
		dst = append(dst, `,"response":`...)
		dst = w.end(w.response.append(dst))
	}
	return dst
}

func (w *writer) identify(s llm.Start) {
	r := &w.response
	*r = response{scan: w.scan, id: s.ID, model: w.model, created: s.Created, status: inProgress}
	if !strings.HasPrefix(r.id, responseID) { // of a service that has another protocol
		r.id = w.scan.client.newID(responseID)
	}
	if r.created == 0 {
		r.created = w.scan.client.now().Unix()
	}
}

// at is the item of a block, which is made where it is new, and where the block
// goes on although its item was closed for the sake of another.
func (w *writer) at(kind itemKind, block int) *out {
	for i, it := range slices.Backward(w.items) {
		if it.block == block && it.kind == kind && (i >= w.open || kind == itemCall) {
			return it
		}
	}
	it := &out{kind: kind, block: block, id: w.scan.client.newID(prefixOf(kind))}
	w.items = append(w.items, it)
	return it
}

func prefixOf(kind itemKind) string {
	switch kind {
	case itemText, itemRefusal:
		return messageID
	case itemThought:
		return reasoningID
	case itemCall:
		return "fc_"
	case itemPicture:
		return pictureID
	default:
		return messageID
	}
}

func (w *writer) call(e llm.ToolCallStart) {
	it := w.at(itemCall, e.Block)
	it.call = e
	var known bool
	if it.name, known = w.scan.names[e.Name]; !known {
		it.name = tool{name: e.Name}
	}
	switch {
	case it.name.own != nil:
		it.id = w.scan.client.newID(it.name.own.kind + "_")
	case e.Custom:
		it.id = w.scan.client.newID("ctc_")
	}
}

// write writes what the open item has to say, and closes it when another has
// begun and nothing more can come.
func (w *writer) write(dst, logprobs []byte) []byte {
	for w.open < len(w.items) {
		it := w.items[w.open]
		dst = w.show(dst, it)
		dst = w.pieces(dst, it, logprobs)
		if w.open+1 == len(w.items) || !w.whole(it) {
			return dst
		}
		dst = w.close(dst, it, completed)
	}
	return dst
}

// whole says that nothing more comes of an item behind which another has begun.
// Calls may come side by side: one is whole when its arguments are, and where
// that cannot be told, when the answer goes on with something else.
func (w *writer) whole(it *out) bool {
	if it.kind != itemCall || rawjson.Valid([]byte(it.text.String())) && !it.call.Custom {
		return true
	}
	other := slices.ContainsFunc(w.items[w.open+1:], func(next *out) bool { return next.kind != itemCall })
	return other && (it.call.Custom || it.text.Len() == 0)
}

// pieces writes what the client does not have yet of the open item.
func (w *writer) pieces(dst []byte, it *out, logprobs []byte) []byte {
	piece := it.text.String()[it.sent:]
	if piece == "" || it.name.own != nil {
		return dst
	}
	it.sent += len(piece)
	switch it.kind {
	case itemText:
		dst = w.part(dst, "response.output_text.delta", it)
		dst = rawjson.AppendString(append(dst, `,"content_index":0,"delta":`...), piece)
		dst = append(appendLogprobs(append(dst, `,"logprobs":[`...), logprobs), ']')
	case itemRefusal:
		dst = w.part(dst, "response.refusal.delta", it)
		dst = rawjson.AppendString(append(dst, `,"content_index":0,"delta":`...), piece)
	case itemThought:
		dst = w.summary(dst, it)
		dst = w.part(dst, "response.reasoning_summary_text.delta", it)
		dst = rawjson.AppendString(append(dst, `,"summary_index":0,"delta":`...), piece)
	case itemCall:
		kind := "response.function_call_arguments.delta"
		if it.call.Custom {
			kind = "response.custom_tool_call_input.delta"
		}
		dst = rawjson.AppendString(append(w.part(dst, kind, it), `,"delta":`...), piece)
	case itemPicture:
	}
	return w.end(dst)
}

// event begins an event; end ends it.
func (w *writer) event(dst []byte, kind string) []byte {
	dst = append(append(dst, "event: "...), kind...)
	dst = append(append(dst, "\ndata: {\"type\":\""...), kind...)
	dst = append(dst, `","sequence_number":`...)
	dst = strconv.AppendInt(dst, int64(w.number), 10)
	w.number++
	return dst
}

func (w *writer) end(dst []byte) []byte { return append(dst, "}\n\n"...) }

// part begins an event about an item.
func (w *writer) part(dst []byte, kind string, it *out) []byte {
	dst = rawjson.AppendString(append(w.event(dst, kind), `,"item_id":`...), it.id)
	return w.index(dst)
}

func (w *writer) index(dst []byte) []byte {
	return strconv.AppendInt(append(dst, `,"output_index":`...), int64(w.open), 10)
}

// finish closes what is open and writes the response, whole, and keeps it.
func (w *writer) finish(dst []byte, e llm.Finish) []byte {
	kind := w.conclude(e)
	for w.open < len(w.items) {
		it := w.items[w.open]
		dst = w.pieces(w.show(dst, it), it, nil)
		dst = w.close(dst, it, w.lastStatus())
	}
	w.response.output = w.done
	dst = append(w.event(dst, kind), `,"response":`...)
	from := len(dst)
	dst = w.response.append(dst)
	w.scan.keep(w.response.id, dst[from:])
	return w.end(dst)
}

// conclude says how the response ended, and by which event.
func (w *writer) conclude(e llm.Finish) (kind string) {
	r := &w.response
	r.status, kind = completed, "response.completed"
	usage := e.Usage
	r.usage = &usage
	switch e.Reason {
	case llm.ReasonLength:
		r.status, r.reason, kind = incomplete, "max_output_tokens", "response.incomplete"
	case llm.ReasonContent:
		r.status, r.reason, kind = incomplete, "content_filter", "response.incomplete"
	case llm.ReasonStop, llm.ReasonToolCalls:
	}
	w.cite(e.Citations)
	return kind
}

// lastStatus is that of the open item at the end: the last one of an answer that
// was cut is cut too.
func (w *writer) lastStatus() status {
	if w.open+1 == len(w.items) {
		return w.response.status
	}
	return completed
}

// cite hangs the sources on the text, which is the last one.
func (w *writer) cite(list []llm.Citation) {
	for _, it := range slices.Backward(w.items) {
		if it.kind == itemText {
			it.citations = list
			return
		}
	}
}

// fail ends the answer with an error: clients look for it in the one event or in
// the other.
func (w *writer) fail(dst []byte, err *llm.Error) []byte {
	if !w.begun {
		dst = w.begin(dst, llm.Start{})
	}
	dst = appendErrorEvent(dst, err, w.number)
	w.number++
	w.response.status, w.response.err, w.response.output = failed, err, w.done
	dst = append(w.event(dst, "response.failed"), `,"response":`...)
	return w.end(w.response.append(dst))
}

// appendLogprobs appends the entries of a text's log probabilities to a list.
func appendLogprobs(dst, logprobs []byte) []byte {
	if logprobs == nil {
		return dst
	}
	for _, e := range rawjson.Elements(rawjson.Get(logprobs, "content")) {
		if n := len(dst); n > 0 && dst[n-1] != '[' {
			dst = append(dst, ',')
		}
		dst = append(dst, e...)
	}
	return dst
}
