package qwenweb

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"github.com/tidwall/gjson"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/answer"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/sse"
)

// maxWhole bounds an answer that is no stream: only errors are.
const maxWhole = 1 << 20

// DecodeReply reads an answer. The first byte says what it is: errors and
// challenges come under the status and often the label of a stream.
func (u Upstream) DecodeReply(_ string, body io.Reader) llm.Stream {
	return func(yield func(llm.Event, error) bool) {
		in := bufio.NewReaderSize(body, 8<<10)
		kind, err := sniff(in)
		switch {
		case err != nil:
			yield(nil, err)
		case kind == '{' || kind == '[' || kind == '<':
			u.whole(in, yield)
		default:
			stream(in, yield)
		}
	}
}

// sniff is the first byte that is not space; 0 when there is none.
func sniff(in *bufio.Reader) (byte, *llm.Error) {
	for {
		b, err := in.ReadByte()
		switch {
		case errors.Is(err, io.EOF):
			return 0, nil
		case err != nil:
			return 0, broken(err)
		case bytes.IndexByte([]byte(" \t\r\n\xef\xbb\xbf"), b) < 0:
			_ = in.UnreadByte() // a byte was just read
			return b, nil
		}
	}
}

// whole reads an answer that is no stream. The status is not known here, but it
// was one of success.
func (u Upstream) whole(in io.Reader, yield func(llm.Event, error) bool) {
	raw, err := io.ReadAll(io.LimitReader(in, maxWhole))
	if err != nil {
		yield(nil, broken(err))
		return
	}
	if fault := u.Fault(0, raw); fault != nil {
		yield(nil, fault)
		return
	}
	r := reader{}
	v := gjson.ParseBytes(raw)
	if text := v.Get("choices.0.message.content"); text.Type == gjson.String {
		r.identify(v)
		r.usage(v.Get("usage"))
		r.text(text.Str)
		r.done = true
	}
	r.finish(yield)
}

func stream(in io.Reader, yield func(llm.Event, error) bool) {
	r := reader{}
	for e, err := range sse.Events(in, 0) {
		if err != nil {
			yield(nil, broken(err))
			return
		}
		failed := r.event(bytes.TrimSpace(e.Data))
		if !r.drain(yield) {
			return
		}
		if failed != nil {
			yield(nil, failed)
			return
		}
		if r.done {
			break
		}
	}
	r.finish(yield)
}

// reader turns the objects of one answer into events, which wait in its queue.
type reader struct {
	queue []llm.Event
	start llm.Start
	begun bool // start is in the queue

	// id is the response that is read: the site may answer one message twice at
	// once.
	id     string
	steps  []step
	used   llm.Usage
	blocks int
	open   opened
	spoke  bool
	done   bool
}

type opened uint8

const (
	openNothing opened = iota
	openThought
	openText
)

// event reads one object of the stream.
func (r *reader) event(data []byte) *llm.Error {
	switch {
	case len(data) == 0:
		return nil
	case string(data) == "[DONE]":
		r.done = true
		return nil
	case !gjson.ValidBytes(data):
		return notChat(0, "something that is not JSON")
	}
	v := gjson.ParseBytes(data)
	if !v.IsObject() {
		return nil
	}
	if created := v.Get("response\\.created"); created.Exists() {
		if r.id == "" {
			r.id = created.Get("response_id").String()
		}
		return nil
	}
	if stopped := v.Get("response\\.stopped"); stopped.Exists() {
		r.done = r.mine(stopped.Get("response_id").String())
		return nil
	}
	if !r.mine(v.Get("response_id").String()) {
		return nil
	}
	if err := faultIn(0, v); err != nil {
		return err
	}
	r.chunk(v)
	return nil
}

// mine says whether an object belongs to the response that is read. One that
// names none does.
func (r *reader) mine(id string) bool {
	if r.id == "" {
		r.id = id
	}
	return id == "" || id == r.id
}

func (r *reader) chunk(v gjson.Result) {
	r.identify(v)
	r.usage(v.Get("usage"))
	delta := v.Get("choices.0.delta")
	if !delta.Exists() {
		return
	}
	content := delta.Get("content").String()
	finished := delta.Get("status").String() == "finished"
	switch delta.Get("phase").String() {
	case "think":
		r.thought(content)
	case "thinking_summary":
		r.thought(content)
		r.summary(delta.Get("extra"))
	case "answer", "":
		r.text(content)
		r.done = finished // a finished thought is not the end
	default:
		// What tools of the site's own do on the way, as web_search.
	}
	if reason := v.Get("choices.0.finish_reason"); reason.Type == gjson.String && reason.Str != "" && r.spoke {
		r.done = true
	}
}

func (r *reader) identify(v gjson.Result) {
	if r.begun {
		return
	}
	r.start.ID = r.id
	if r.start.ID == "" {
		r.start.ID = v.Get("id").String()
	}
	r.start.Model = v.Get("model").String()
	r.start.Created = max(v.Get("timestamp").Int(), v.Get("created").Int(), 0)
}

// usage reads the counts, which grow from object to object: the last are right.
func (r *reader) usage(v gjson.Result) {
	if !v.IsObject() {
		return
	}
	count := func(paths ...string) int {
		for _, p := range paths {
			if n := v.Get(p); n.Type == gjson.Number && n.Num >= 0 && n.Num < 1<<40 {
				return int(n.Num)
			}
		}
		return 0
	}
	r.used = llm.Usage{
		Known:  true,
		Input:  count("input_tokens", "prompt_tokens"),
		Output: count("output_tokens", "completion_tokens"),
		Cached: count("prompt_tokens_details.cached_tokens", "input_tokens_details.cached_tokens"),
		Reasoning: count("output_tokens_details.reasoning_tokens",
			"completion_tokens_details.reasoning_tokens"),
	}
}

// step is one headline of the thinking and what stands below it.
type step struct{ title, thought string }

// summary reads the arrays of headlines and texts. They hold all so far, so that
// only what is new is passed on; the last may still grow.
func (r *reader) summary(extra gjson.Result) {
	titles, thoughts := extra.Get("summary_title.content").Array(), extra.Get("summary_thought.content").Array()
	for i := max(len(r.steps)-1, 0); i < max(len(titles), len(thoughts)); i++ {
		var now step
		if i < len(titles) {
			now.title = titles[i].String()
		}
		if i < len(thoughts) {
			now.thought = thoughts[i].String()
		}
		r.step(i, now)
	}
}

func (r *reader) step(i int, now step) {
	if i == len(r.steps) {
		if i > 0 {
			r.thought("\n\n")
		}
		r.steps = append(r.steps, now)
		if now.title != "" {
			r.thought("**" + now.title + "**\n")
		}
		r.thought(now.thought)
		return
	}
	before := r.steps[i].thought
	if len(now.thought) > len(before) && now.thought[:len(before)] == before {
		r.steps[i].thought = now.thought
		r.thought(now.thought[len(before):])
	}
}

func (r *reader) text(s string) {
	if s == "" {
		return
	}
	r.spoke = true
	r.put(llm.TextDelta{Block: r.block(openText), Text: s})
}

func (r *reader) thought(s string) {
	if s != "" {
		r.put(llm.ThoughtDelta{Block: r.block(openThought), Text: s})
	}
}

// block is the number of the block that a delta of a kind belongs to.
func (r *reader) block(kind opened) int {
	if r.open != kind {
		r.open = kind
		r.blocks++
	}
	return r.blocks - 1
}

// put queues an event, behind the start that was held back until there was
// something to read.
func (r *reader) put(e llm.Event) {
	if !r.begun {
		r.begun = true
		r.queue = append(r.queue, r.start)
	}
	r.queue = append(r.queue, e)
}

// finish ends the answer: one that the site did not end has broken off (B23a).
func (r *reader) finish(yield func(llm.Event, error) bool) {
	switch {
	case !r.done:
		if r.drain(yield) {
			yield(nil, &llm.Error{Kind: llm.KindProtocol, Message: "chat.qwen.ai's answer broke off before it was finished"})
		}
		return
	case !r.spoke:
		if r.drain(yield) {
			yield(nil, &llm.Error{Kind: llm.KindProtocol, Message: "chat.qwen.ai's answer is empty"})
		}
		return
	}
	r.put(llm.Finish{Reason: llm.ReasonStop, Usage: r.used})
	r.drain(yield)
}

// drain yields what was read so far.
func (r *reader) drain(yield func(llm.Event, error) bool) bool {
	for _, e := range r.queue {
		if !yield(e, nil) {
			return false
		}
	}
	r.queue = r.queue[:0]
	return true
}

// broken is a body that could not be read to its end.
func broken(err error) *llm.Error { return answer.Broken(err, "chat.qwen.ai", "an answer") }
