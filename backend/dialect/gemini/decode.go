package gemini

import (
	"bytes"
	"crypto/rand"
	"io"
	"strings"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/answer"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/sse"
)

// wanted is what an answer should have been, for the message when it is not.
const wanted = "Gemini's answer"

// DecodeReply reads an answer in each of its forms: events, a list of chunks
// (what the API streams when nobody asks for events) or one object, each of them
// bare or in Code Assist's envelope.
func (u Upstream) DecodeReply(_ string, body io.Reader) llm.Stream {
	return answer.Stream(body, wanted, func() answer.Reader { return &reader{Upstream: u} })
}

// maxThoughts is how much thinking is kept for the case that nothing else
// comes.
const maxThoughts = 1 << 20

// reader turns the chunks of one answer into events.
type reader struct {
	Upstream
	answer.Queue

	chunk  chunk
	usual  pattern
	fitted bool // a chunk did since the usage was last read
	done   bool
	traced string
	// passing says that the client gets Google's own bytes: an id that is made up
	// here reaches nobody.
	passing bool

	open, block int // the kind and number of the block that goes on
	ids         map[string]bool
	spoken      bool // there was text or a picture
	thoughts    strings.Builder
	text        places

	finish, finishMessage string
	blocked               string
	usage                 []byte
	sources               sources
}

// The kinds of blocks that go on over several chunks.
const (
	openNone = iota
	openText
	openThought
)

// Done says that nothing that follows matters: a service that marks the end as
// OpenAI does has come to it.
func (r *reader) Done() bool { return r.done }

// Event reads one event of a stream.
func (r *reader) Event(e sse.Event) *llm.Error {
	data := bytes.TrimSpace(e.Data)
	switch {
	case len(data) == 0:
		return nil
	case string(data) == "[DONE]":
		r.done = true
		return nil
	}
	return r.read(data)
}

// Whole reads an answer that is one object, or a list of chunks.
func (r *reader) Whole(data []byte) *llm.Error {
	r.text.whole = true
	if len(data) > 0 && data[0] == '[' {
		r.text.whole = false
		if !rawjson.Valid(data) {
			return answer.Unexpected("half a JSON", wanted, nil)
		}
		for _, e := range rawjson.Elements(data) {
			if err := r.read(e); err != nil {
				return err
			}
		}
		return r.End()
	}
	if err := r.read(data); err != nil {
		return err
	}
	return r.End()
}

// read reads one chunk.
func (r *reader) read(data []byte) *llm.Error {
	if text, ok := r.usual.match(data); ok {
		r.fitted = true
		r.say(&answerPart{kind: partText, thought: r.usual.thought, value: text}, nil)
		return nil
	}
	r.recount()
	return r.readAnew(data)
}

// recount reads the usage of the chunks that fitted the pattern: only the last
// one counts.
func (r *reader) recount() {
	if r.fitted {
		r.fitted = false
		r.usage = append(r.usage[:0], r.usual.usage()...)
	}
}

// readAnew parses a chunk.
func (r *reader) readAnew(data []byte) *llm.Error {
	c := &r.chunk
	if err := c.parse(data); err != nil {
		return answer.Unexpected("something that is not JSON ("+answer.Excerpt(string(data))+")", wanted, err)
	}
	if c.fault != nil {
		return r.DecodeError(0, nil, data)
	}
	r.identify(c)
	if c.usage != nil {
		r.usage = append(r.usage[:0], c.usage...)
	}
	if c.blocked != nil {
		r.blocked = rawjson.Text(c.blocked)
	}
	r.sources.keep(c)
	r.text.begin()
	logprobs := c.logprobs
	for i := range c.parts {
		p := &c.parts[i]
		if p.kind == partText && !p.thought && logprobs != nil {
			r.say(p, logprobsOf(logprobs))
			logprobs = nil
			continue
		}
		if p.kind == partCall && rawjson.Text(p.name) == "" {
			return &llm.Error{Kind: llm.KindTransient, Code: "MALFORMED_FUNCTION_CALL", Message: "Gemini called a tool without naming it; ask again"}
		}
		r.part(p)
	}
	if logprobs != nil {
		r.Put(llm.TextDelta{Block: r.at(openText), Logprobs: logprobsOf(logprobs)})
	}
	r.usual.learn(c, data)
	if c.finish != nil && r.finish == "" {
		r.finish = rawjson.Text(c.finish)
		r.finishMessage = rawjson.Text(c.finishMessage)
	}
	return nil
}

// identify keeps what the answer says of itself; the first word counts.
func (r *reader) identify(c *chunk) {
	if r.Start.ID == "" && c.id != nil {
		r.Start.ID = rawjson.Text(c.id)
	}
	if r.traced == "" && c.trace != nil {
		r.traced = rawjson.Text(c.trace)
	}
	if r.Start.Model == "" && c.model != nil {
		r.Start.Model = rawjson.Text(c.model)
	}
	if r.Start.Created == 0 && c.created != nil {
		if t, err := time.Parse(time.RFC3339, rawjson.Text(c.created)); err == nil {
			r.Start.Created = t.Unix()
		}
	}
}

// Put queues an event. The trace is a name too, for an answer without one.
func (r *reader) Put(e llm.Event) {
	if r.Start.ID == "" {
		r.Start.ID = r.traced
	}
	r.Queue.Put(e)
}

// at is the number of the block that a delta of a kind belongs to.
func (r *reader) at(kind int) int {
	if r.open != kind {
		r.open, r.block = kind, r.NextBlock()
	}
	return r.block
}

// alone is the number of a block that nothing continues.
func (r *reader) alone() int {
	r.open = openNone
	return r.NextBlock()
}

func (r *reader) part(p *answerPart) {
	switch p.kind {
	case partText:
		r.say(p, nil)
	case partCall:
		r.call(p)
	case partImage:
		r.spoken = true
		r.Put(llm.ImageDelta{Block: r.alone(), MIME: rawjson.Text(p.mime), Data: rawjson.Text(p.value)})
	case partCode:
		r.fenced(strings.ToLower(rawjson.Text(p.mime)), rawjson.Text(p.value))
	case partOutput:
		r.fenced("", rawjson.Text(p.value))
	case partOther:
	}
	if p.signature != nil && p.kind != partCall && !p.thought {
		r.Put(llm.ThoughtDelta{Block: r.at(openThought), Signature: rawjson.Text(p.signature), Minter: minter})
	}
}

// say passes a text on, the model's own or its thinking. One without a word may
// still carry a signature.
func (r *reader) say(p *answerPart, logprobs llm.RawJSON) {
	text := rawjson.Text(p.value)
	if !p.thought {
		r.text.part(text)
		if text != "" || logprobs != nil {
			r.spoken = r.spoken || text != ""
			r.Put(llm.TextDelta{Block: r.at(openText), Text: text, Logprobs: logprobs})
		}
		return
	}
	r.text.part("")
	if text == "" && p.signature == nil {
		return
	}
	if !r.spoken && r.thoughts.Len() < maxThoughts {
		r.thoughts.WriteString(text)
	}
	d := llm.ThoughtDelta{Block: r.at(openThought), Text: text}
	if p.signature != nil {
		d.Signature, d.Minter = rawjson.Text(p.signature), minter
	}
	r.Put(d)
}

// fenced shows code that Google ran, or what came of it.
func (r *reader) fenced(language, text string) {
	shown := "\n```" + language + "\n" + strings.TrimRight(text, "\n") + "\n```\n"
	r.spoken = true
	r.text.part(shown)
	r.Put(llm.TextDelta{Block: r.at(openText), Text: shown})
}

// call passes a whole call on. Its signature is kept, for clients that drop what
// they do not know (B33).
func (r *reader) call(p *answerPart) {
	id := rawjson.Text(p.id)
	known := id != "" && !r.ids[id]
	if !known {
		id = "call_" + rand.Text()
	}
	if r.ids == nil {
		r.ids = map[string]bool{}
	}
	r.ids[id] = true
	start := llm.ToolCallStart{Block: r.alone(), ID: id, Name: rawjson.Text(p.name)}
	if p.signature != nil {
		start.Signature = rawjson.Text(p.signature)
		if r.Signatures != nil && start.Signature != "" && (known || !r.passing) {
			r.Signatures.Keep(id, start.Signature)
		}
	}
	r.Put(start)
	r.Put(llm.ToolCallDelta{Block: start.Block, Arguments: compact(p.value)})
}

// compact is a JSON object as one line; {} for none.
func compact(raw []byte) string {
	if len(raw) == 0 || raw[0] != '{' {
		return "{}"
	}
	out := make([]byte, 0, len(raw))
	quoted := false
	for i := 0; i < len(raw); i++ {
		c := raw[i]
		switch {
		case quoted && c == '\\' && i+1 < len(raw):
			out = append(out, c, raw[i+1])
			i++
			continue
		case c == '"':
			quoted = !quoted
		case !quoted && (c == ' ' || c == '\n' || c == '\t' || c == '\r'):
			continue
		}
		out = append(out, c)
	}
	return string(out)
}
