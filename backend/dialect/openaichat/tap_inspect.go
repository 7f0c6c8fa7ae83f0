package openaichat

import (
	"bytes"
	"strconv"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/answer"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/carriage"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/sse"
)

// inspect looks through a chunk that was parsed, edits what is wrong in it and
// sends it on, holds it back or drops it.
func (t *tap) inspect(e sse.Event, data []byte) *llm.Error {
	c := &t.chunk
	t.edits = t.edits[:0]
	if t.seen.Model == "" {
		t.seen.Model = rawjson.Text(c.model.raw)
	}
	if len(c.choices) > 0 {
		t.identify(c)
	}
	if c.model.raw != nil && !bytes.Equal(c.model.raw, t.quoted) {
		t.replace(c.model, t.quoted)
	}
	if c.usage.raw != nil {
		t.takeUsage(c, data)
	}
	if len(c.choices) == 0 {
		if c.usage.raw == nil {
			t.note("choices", "dropped chunks without")
		}
		return nil
	}
	for i := range c.choices {
		if err := t.choice(&c.choices[i]); err != nil {
			return err
		}
	}
	t.send(e, data)
	t.learn(e, data)
	return nil
}

func (t *tap) replace(v value, with []byte) {
	t.edits = append(t.edits, v.edit(0, with))
}

// identify keeps what the first chunk says of the answer.
func (t *tap) identify(c *chunk) {
	if t.start != nil {
		return
	}
	t.start = &llm.Start{ID: rawjson.Text(c.id.raw)}
	if n, ok := rawjson.Int(c.created.raw); ok {
		t.start.Created = int64(n)
	}
}

// own is the beginning of a chunk of our own.
func (t *tap) own() []byte {
	if t.identity == nil && t.start != nil {
		t.identity = Client{Now: t.upstream.Now}.identity(*t.start, "chat.completion.chunk", t.asked)
	}
	return t.identity
}

// takeUsage keeps the newest usage for the end and takes it out of a chunk that
// has anything else in it: some clients add all usages up, one throws away what
// stands beside one (B25).
func (t *tap) takeUsage(c *chunk, data []byte) {
	t.seen.Usage = usageOf(c.usage.raw)
	mended := mendUsage(c.usage.raw, t.seen.Usage)
	if len(c.choices) == 0 && c.listed {
		if mended != nil {
			t.replace(c.usage, mended)
			t.note("usage", "completed")
		}
		t.usage = append(t.usage[:0], "data: "...)
		t.usage = append(carriage.Splice(t.usage, data, t.edits), "\n\n"...)
		return
	}
	if mended == nil {
		mended = c.usage.raw
	}
	t.identify(c)
	t.usage = append(append(t.usage[:0], "data: "...), t.own()...)
	t.usage = append(append(t.usage, `"choices":[],"usage":`...), mended...)
	t.usage = append(t.usage, "}\n\n"...)
	t.replace(c.usage, []byte("null"))
	t.note("usage", "moved to the end")
}

// mendUsage is raw with the cached tokens where clients look for them; nil when
// they are there or there are none.
func mendUsage(raw []byte, u llm.Usage) []byte {
	details := rawjson.Get(raw, "prompt_tokens_details")
	if u.Cached == 0 || count(details, "cached_tokens") > 0 {
		return nil
	}
	out := []byte{'{'}
	put := func(m rawjson.Member) {
		if out[len(out)-1] != '{' {
			out = append(out, ',')
		}
		out = append(rawjson.AppendString(out, m.Key), ':')
		out = append(out, m.Value...)
	}
	for m := range rawjson.Inside(raw) {
		if string(m.Key) != "prompt_tokens_details" {
			put(m)
		}
	}
	out = append(out, `,"prompt_tokens_details":{`...)
	for m := range rawjson.Inside(details) {
		if string(m.Key) != "cached_tokens" {
			put(m)
		}
	}
	put(rawjson.Member{Key: []byte("cached_tokens"), Value: strconv.AppendInt(nil, int64(u.Cached), 10)})
	return append(out, '}', '}')
}

// maxChoices bounds the state that a service can make us keep.
const maxChoices = 128

func (t *tap) state(index int) *tapChoice {
	index = min(max(index, 0), maxChoices-1)
	for len(t.choices) <= index {
		t.choices = append(t.choices, tapChoice{})
	}
	return &t.choices[index]
}

// choice looks through one choice.
func (t *tap) choice(c *choice) *llm.Error {
	if failsAt(c.finish.raw) {
		return finishFault(c.finish.raw, looseText(c.content.raw))
	}
	s := t.state(c.index)
	called := false
	if c.calls.raw != nil {
		t.pattern.n = 0 // the same bytes may mean another call from here on
		called = t.fragments(s, c)
	}
	thought, spoken := t.flatten(c)
	if called || spoken || !empty(c.refusal.raw) || !empty(c.legacy.raw) || c.other {
		s.answered = true
		t.open()
	}
	if thought != "" {
		s.think(rawjson.AppendInner(nil, thought))
		t.open()
	}
	if c.finish.raw != nil {
		t.finishReason(s, c)
	}
	return nil
}

// flatten makes texts of content and thinking that came as lists or objects, in
// the places where clients look for them, and says what there is.
func (t *tap) flatten(c *choice) (thought string, spoken bool) {
	thought, spoken = looseText(c.thought.raw), !empty(c.content.raw)
	if v := c.thought.raw; thought != "" && !rawjson.IsText(v) {
		t.replace(c.thought, rawjson.AppendString(nil, thought))
		t.note("reasoning_content", "flattened")
	}
	if v := c.content.raw; len(v) > 0 && v[0] == '[' {
		inner, text := splitContent(v)
		with := rawjson.AppendString(nil, text)
		if inner != "" && thought == "" {
			with = rawjson.AppendString(append(with, `,"reasoning_content":`...), inner)
		}
		t.replace(c.content, with)
		t.note("content", "flattened")
		return thought + inner, text != ""
	}
	return thought, spoken
}

// open begins the answer with what was held back.
func (t *tap) open() {
	if t.seen.Token {
		return
	}
	t.seen.Token = true
	t.settle()
	t.out = append(t.out, t.held...)
	t.held = nil
}

// finishReason mends the reason and turns an answer of thoughts alone into text
// before it.
func (t *tap) finishReason(s *tapChoice, c *choice) {
	finish := c.finish.raw
	if words(finish) == nil {
		t.replace(c.finish, []byte("null"))
		t.note("finish_reason", `replaced "" by null in`)
		return
	}
	if s.finish != nil { // the client has read the first one
		t.replace(c.finish, []byte("null"))
		t.note("finish_reason", "dropped the second")
		return
	}
	text := rawjson.Text(finish)
	reason, known := reasonOf(text)
	if reason == llm.ReasonStop && len(s.calls.list) > 0 {
		reason, known = llm.ReasonToolCalls, false
	}
	if !known {
		t.replace(c.finish, rawjson.AppendString(nil, string(reason)))
		t.note("finish_reason", "replaced "+text+" by "+string(reason)+" in")
	}
	s.finish = bytes.Clone(finish)
	t.seen.Reason = reason
	t.speakThoughts(s, c.index)
}

// speakThoughts writes the thoughts as text where there is nothing else (B38).
func (t *tap) speakThoughts(s *tapChoice, index int) {
	if s.answered || len(s.thoughts) == 0 {
		return
	}
	s.answered = true
	t.note("reasoning_content", "repeated as text, since there was no other answer, the")
	t.settle()
	t.out = append(append(t.out, "data: "...), t.own()...)
	t.out = append(t.out, `"choices":[{"index":`...)
	t.out = strconv.AppendInt(t.out, int64(index), 10)
	t.out = append(append(t.out, `,"delta":{"content":"`...), s.thoughts...)
	t.out = append(t.out, "\"},\"finish_reason\":null}]}\n\n"...)
	s.thoughts = nil
}

// send passes an event on, edited or not, or holds it back.
func (t *tap) send(e sse.Event, data []byte) {
	switch {
	case !t.seen.Token && len(t.held) > maxHeld:
	case !t.seen.Token:
		t.held = append(t.held, "data: "...)
		t.held = append(carriage.Splice(t.held, data, t.edits), "\n\n"...)
	case len(t.edits) > 0:
		t.settle()
		t.scratch = carriage.Splice(t.scratch[:0], data, t.edits)
		t.out = sse.Append(t.out, string(e.Type), t.scratch)
	default:
		t.pass(e)
	}
}

// learn takes the event as the pattern for the next ones, if all that can grow
// in it is one string.
func (t *tap) learn(e sse.Event, data []byte) {
	c := &t.chunk
	from, ok := frame(e)
	if len(c.choices) != 1 || !t.seen.Token || c.usage.raw != nil || len(data) != len(e.Data) || !ok {
		return
	}
	one := &c.choices[0]
	text, ok := t.growing(one)
	if !ok {
		return
	}
	carriage.Sort(t.edits)
	t.pattern.choice = min(max(one.index, 0), maxChoices-1)
	t.pattern.learn(e.Raw, from, t.edits, text, c.obfuscation)
}

// frame says where the data of an event begin that has nothing else: one line,
// and a blank one.
func frame(e sse.Event) (from int, ok bool) {
	const name = "data:"
	if !e.Closed || !bytes.HasPrefix(e.Raw, []byte(name)) {
		return 0, false
	}
	from = len(name)
	if from < len(e.Raw) && e.Raw[from] == ' ' {
		from++
	}
	end := from + len(e.Data)
	if end > len(e.Raw) || !bytes.Equal(e.Raw[from:end], e.Data) {
		return 0, false
	}
	tail := string(e.Raw[end:])
	return from, tail == "\n\n" || tail == "\r\n\r\n"
}

// growing is the string of a choice that the next event will continue.
func (t *tap) growing(c *choice) (value, bool) {
	if words(c.finish.raw) != nil || c.legacy.raw != nil || c.other || !empty(c.refusal.raw) || !empty(c.logprobs) {
		return value{}, false
	}
	content, thought := !empty(c.content.raw), !empty(c.thought.raw)
	switch {
	case c.calls.raw != nil:
		if content || thought {
			return value{}, false
		}
		return t.growingCall(c)
	case content && !thought && rawjson.IsText(c.content.raw):
		t.pattern.kind = openText
		return c.content, true
	case thought && !content && rawjson.IsText(c.thought.raw):
		t.pattern.kind = openThought
		return c.thought, true
	default:
		return value{}, false
	}
}

// finish ends the answer: it adds what the service left out and reports what
// cannot be added.
func (t *tap) finish() *llm.Error {
	if len(t.choices) == 0 && t.done {
		return answer.Empty("")
	}
	if len(t.choices) == 0 {
		t.choices = make([]tapChoice, 1)
	}
	for i := range t.choices {
		if err := t.finishChoice(i); err != nil {
			return err
		}
	}
	if !t.seen.Token {
		return answer.Empty(t.seen.Reason)
	}
	t.settle()
	if t.head.IncludeUsage {
		t.out = append(t.out, t.usage...)
	}
	t.out = append(t.out, "data: [DONE]\n\n"...)
	t.seen.Closed = true
	return nil
}

func (t *tap) finishChoice(i int) *llm.Error {
	s := &t.choices[i]
	reason, err := ending(s.finish, t.done, &s.calls)
	if err != nil {
		return err
	}
	if s.finish != nil || !t.seen.Token {
		return nil
	}
	t.seen.Reason = reason
	t.speakThoughts(s, i)
	t.note("finish_reason", "added")
	t.settle()
	t.out = append(append(t.out, "data: "...), t.own()...)
	t.out = append(t.out, `"choices":[{"index":`...)
	t.out = strconv.AppendInt(t.out, int64(i), 10)
	t.out = append(t.out, `,"delta":{},"finish_reason":`...)
	t.out = rawjson.AppendString(t.out, string(reason))
	t.out = append(t.out, "}]}\n\n"...)
	return nil
}
