package anthropic

import (
	"bytes"
	"strconv"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/answer"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/carriage"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// Carries is [dialect.Anthropic].
func (Upstream) Carries() dialect.Name { return dialect.Anthropic }

// CarryRequest splices the model into the client's body. Beside it only that is
// changed for which the service would refuse the body.
func (u Upstream) CarryRequest(dst, raw []byte, h dialect.Head, model string) ([]byte, []llm.Warning, *llm.Error) {
	c := carried{carriage.Body{Raw: raw, Head: h}}
	c.Model(model)
	c.Stream()
	if s, ok := h.Scanned.(*scanned); ok && !s.limited && h.Operation == dialect.Chat {
		limit := u.MaxTokens
		if limit == 0 {
			limit = traitsOf(model).output
		}
		c.Put(dialect.Span{}, "max_tokens", strconv.AppendInt(nil, int64(limit), 10))
		c.Warn("max_tokens", "added")
	}
	c.thoughts()
	return c.Append(dst), c.Warnings, nil
}

// carried is one body with its edits.
type carried struct{ carriage.Body }

// thoughts takes out those that another service made while it had the
// conversation: this one refuses what it has not signed.
func (c *carried) thoughts() {
	var long []rawjson.Long
	if s, ok := c.Head.Scanned.(*scanned); ok {
		long = s.long
	}
	if !rawjson.Has(c.Raw, long, `"`+foreign) && !emptySignature(c.Raw, long) {
		return
	}
	base := c.Head.ObjectAt.From
	for m := range rawjson.Inside(c.Raw) {
		if string(m.Key) != "messages" {
			continue
		}
		i := 0
		for at, message := range rawjson.Elements(m.Value) {
			c.thoughtsIn("messages["+strconv.Itoa(i)+"].content", message, base+m.At+at)
			i++
		}
	}
}

// emptySignature says whether there may be a thought that nobody signed.
func emptySignature(raw []byte, long []rawjson.Long) bool {
	const space = " \t\r\n"
	for piece := range rawjson.Between(raw, long, 0) {
		for {
			_, rest, found := bytes.Cut(piece, []byte(`"signature"`))
			if !found {
				break
			}
			value, ok := bytes.CutPrefix(bytes.TrimLeft(rest, space), []byte(":"))
			if ok && bytes.HasPrefix(bytes.TrimLeft(value, space), []byte(`""`)) {
				return true
			}
			piece = rest
		}
	}
	return false
}

// thoughtsIn is thoughts for the message at an offset.
func (c *carried) thoughtsIn(field string, message []byte, base int) {
	var at int
	var content []byte
	for m := range rawjson.Inside(message) {
		if string(m.Key) == "content" {
			at, content = base+m.At, m.Value
		}
	}
	var kept [][]byte
	dropped := 0
	for i, block := range rawjson.Indexed(content) {
		if !unsigned(block) {
			kept = append(kept, block)
			continue
		}
		dropped++
		c.Warn(field+"["+strconv.Itoa(i)+"]", "dropped, since another service made it:")
	}
	if dropped == 0 {
		return
	}
	if len(kept) == 0 { // the protocol takes no turn without a word
		kept = append(kept, []byte(`{"type":"text","text":"(thinking)"}`))
	}
	with := append(append([]byte{'['}, bytes.Join(kept, []byte{','})...), ']')
	c.Replace(dialect.Span{From: at, To: at + len(content)}, with)
}

// unsigned says that a block is a thought that this protocol's services did not
// make.
func unsigned(block []byte) bool {
	if rawjson.Text(rawjson.Get(block, "type")) != kindThinking {
		return false
	}
	_, by := minterOf(rawjson.Text(rawjson.Get(block, "signature")))
	return by != minter
}

// CarryReply passes a whole answer on with the asked model's name in it. An
// answer that is not right, or that came as events, is read and written anew.
func (u Upstream) CarryReply(dst, raw []byte, h dialect.Head, asked string) ([]byte, dialect.Seen, *llm.Error) {
	body := bytes.TrimSpace(bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf")))
	if len(body) == 0 || body[0] != '{' {
		return u.foldReply(dst, body, h, asked)
	}
	if !rawjson.Valid(body) {
		return dst, dialect.Seen{}, answer.Unexpected("half a JSON object", wanted, nil)
	}
	w := wholeReply{asked: asked, seen: dialect.Seen{}, ids: map[string]bool{}}
	for m := range rawjson.Inside(body) {
		w.member(m)
	}
	switch {
	case w.failed, !w.listed:
		_, _, err := u.foldReply(nil, body, h, asked)
		if err == nil {
			err = answer.Unexpected("JSON without content", wanted, nil)
		}
		return dst, w.seen, err
	case w.anew || !w.seen.Token:
		return u.foldReply(dst, body, h, asked)
	}
	w.seen.Reason = reasonOf(rawjson.Text(w.stop.Value))
	if s := rawjson.Text(w.stop.Value); w.calls > 0 && endsEarly(s) {
		w.seen.Reason = llm.ReasonToolCalls
		w.replace(w.stop, []byte(`"tool_use"`))
		w.seen.Notes = append(w.seen.Notes, llm.Warning{Field: "stop_reason", What: "replaced " + s + " by tool_use in"})
	}
	return carriage.Splice(dst, body, w.edits), w.seen, nil
}

// endsEarly says that a stop reason denies the calls before it (B35).
func endsEarly(stop string) bool {
	return stop == "end_turn" || stop == "stop_sequence" || stop == "stop"
}

// foldReply reads an answer of any form and writes it as a whole one.
func (u Upstream) foldReply(dst, raw []byte, h dialect.Head, asked string) ([]byte, dialect.Seen, *llm.Error) {
	reply, err := llm.Collect(u.DecodeReply("", bytes.NewReader(raw)))
	if err != nil {
		return dst, dialect.Seen{}, llm.AsError(err)
	}
	seen := dialect.Seen{
		Token: true, Model: reply.Start.Model, Usage: reply.Finish.Usage, Reason: reply.Finish.Reason,
		Notes: []llm.Warning{{Field: "answer", What: "rewrote"}},
	}
	return Client{}.appendReply(dst, reply, asked, h), seen, nil
}

// wholeReply looks through a whole answer.
type wholeReply struct {
	asked  string
	edits  []carriage.Edit
	seen   dialect.Seen
	ids    map[string]bool
	calls  int
	stop   rawjson.Member
	listed bool // there is a list of blocks
	failed bool // it is an error
	anew   bool // the repair is too big for edits
}

func (w *wholeReply) replace(m rawjson.Member, with []byte) {
	if m.Value == nil {
		w.anew = true
		return
	}
	w.edits = append(w.edits, carriage.Replace(0, m, with))
}

func (w *wholeReply) member(m rawjson.Member) {
	switch string(m.Key) {
	case "model":
		if w.seen.Model = rawjson.Text(m.Value); w.seen.Model != w.asked {
			w.replace(m, rawjson.AppendString(nil, w.asked))
		}
	case "type":
		w.failed = rawjson.Text(m.Value) == "error"
	case "stop_reason":
		w.stop = m
		w.anew = w.anew || !rawjson.IsText(m.Value)
	case "usage":
		w.seen.Usage = merge(w.seen.Usage, m.Value)
	case "content":
		w.listed = m.Value[0] == '['
		for _, b := range rawjson.Elements(m.Value) {
			w.block(b)
		}
	}
}

func (w *wholeReply) block(b []byte) {
	switch kind := rawjson.Text(rawjson.Get(b, "type")); kind {
	case kindText:
		w.seen.Token = w.seen.Token || len(rawjson.Get(b, "text")) > len(`""`)
	case kindThinking, "redacted_thinking":
	case kindCall:
		id := rawjson.Text(rawjson.Get(b, "id"))
		w.anew = w.anew || id == "" || w.ids[id] || rawjson.Get(b, "name") == nil
		w.ids[id] = true
		w.calls++
		w.seen.Token = true
	default: // what a service's own tools did
		w.seen.Token = true
	}
}
