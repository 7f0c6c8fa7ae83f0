package openaichat

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/answer"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/sse"
)

// maxThoughts is how much thinking is kept for the case that nothing else
// comes.
const maxThoughts = 1 << 20

// reader turns the chunks of one answer into events, which wait in its queue.
type reader struct {
	upstream Upstream
	queue    []llm.Event
	chunk    chunk
	usual    usual
	start    llm.Start
	begun    bool // start is in the queue
	done     bool // [DONE] was read

	open, block, blocks int // the kind and number of the open block, their count
	calls               calls
	answered            bool // there was text, a refusal or a call
	thoughts            strings.Builder
	finish              []byte
	usage               llm.Usage
	fingerprint         string
	think               *thinkTags
}

// The kinds of blocks that deltas continue.
const (
	openNone = iota
	openText
	openThought
	openRefusal
	openCall
)

func newReader(u Upstream) *reader {
	r := &reader{upstream: u}
	if u.Quirks.ThinkTags {
		r.think = &thinkTags{}
	}
	return r
}

// event reads one event of a stream.
func (r *reader) event(e sse.Event) *llm.Error {
	data := bytes.TrimSpace(e.Data)
	switch {
	case len(data) == 0:
		return nil
	case string(data) == "[DONE]":
		r.done = true
		return nil
	}
	if len(e.Type) == 0 && r.repeats(data) {
		return nil
	}
	r.usual.Forget()
	if err := r.chunk.parse(data); err != nil {
		return notChunk(data, err)
	}
	if r.chunk.fault == nil && string(e.Type) == "error" {
		r.chunk.fault = data
	}
	if err := r.read(); err != nil {
		return err
	}
	r.learn(data)
	return nil
}

// whole reads an answer that is one JSON object.
func (r *reader) whole(data []byte) *llm.Error {
	if err := r.chunk.parse(data); err != nil {
		return notChunk(data, err)
	}
	if err := r.read(); err != nil {
		return err
	}
	r.done = len(r.chunk.choices) > 0
	return r.end()
}

// notChunk is an event that is no JSON object. A plain word is shown, since it
// often says what is wrong.
func notChunk(data []byte, err *rawjson.SyntaxError) *llm.Error {
	return notChat("something that is not JSON ("+answer.Excerpt(string(data))+")", err)
}

func (r *reader) read() *llm.Error {
	c := &r.chunk
	if c.fault != nil {
		return r.upstream.faultIn(c.fault)
	}
	if !r.begun {
		r.identify(c)
	}
	if c.fingerprint.raw != nil {
		r.fingerprint = rawjson.Text(c.fingerprint.raw)
	}
	if c.usage.raw != nil {
		r.usage = usageOf(c.usage.raw)
	}
	for i := range c.choices {
		if c.choices[i].index != 0 {
			continue // only one answer can be asked for
		}
		if err := r.choice(&c.choices[i]); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) identify(c *chunk) {
	if s := rawjson.Text(c.id.raw); s != "" {
		r.start.ID = s
	}
	if s := rawjson.Text(c.model.raw); s != "" {
		r.start.Model = s
	}
	if n, ok := rawjson.Int(c.created.raw); ok && n != 0 {
		r.start.Created = int64(n)
	}
}

func (r *reader) choice(c *choice) *llm.Error {
	finish := c.finish.raw
	if failsAt(finish) {
		return finishFault(finish, looseText(c.content.raw))
	}
	r.thought(looseText(c.thought.raw))
	r.content(c)
	if s := looseText(c.refusal.raw); s != "" {
		r.answered = true
		r.put(llm.RefusalDelta{Block: r.at(openRefusal), Text: s})
	}
	r.toolCalls(c)
	if words(finish) != nil && r.finish == nil {
		r.finish = bytes.Clone(finish)
	}
	return nil
}

// content reads text, which may be a list with thinking in it.
func (r *reader) content(c *choice) {
	if v := c.content.raw; len(v) > 0 && v[0] == '[' {
		thought, text := splitContent(v)
		r.thought(thought)
		r.text(text, c.logprobs)
		return
	}
	s := looseText(c.content.raw)
	if r.think == nil {
		r.text(s, c.logprobs)
		return
	}
	thought, text := r.think.split(s)
	r.thought(thought)
	r.text(text, c.logprobs)
}

func (r *reader) text(s string, logprobs []byte) {
	if s == "" && empty(logprobs) {
		return
	}
	r.answered = r.answered || s != ""
	r.put(llm.TextDelta{Block: r.at(openText), Text: s, Logprobs: bytes.Clone(logprobs)})
}

func (r *reader) thought(s string) {
	if s == "" {
		return
	}
	if !r.answered && r.thoughts.Len() < maxThoughts {
		r.thoughts.WriteString(s)
	}
	r.put(llm.ThoughtDelta{Block: r.at(openThought), Text: s})
}

func (r *reader) toolCalls(c *choice) {
	for _, e := range rawjson.Elements(c.calls.raw) {
		f := parseFragment(e)
		f.whole = c.whole
		r.fragment(f)
	}
	if c.legacy.raw != nil {
		f := fragment{indexed: true}
		f.parseInner(c.legacy.raw)
		r.fragment(f)
	}
}

func (r *reader) fragment(f fragment) {
	c := r.calls.place(f)
	arguments := rawjson.Loose(f.args)
	c.brackets.feed([]byte(arguments))
	if c.ourID == "" && c.name == nil {
		c.text = append(c.text, arguments...)
		return
	}
	if c.ourID == "" {
		r.calls.show(c)
		r.open = openCall
		c.block = r.blocks
		r.blocks++
		r.answered = true
		signature, _ := signatureIn(f.extra)
		r.put(llm.ToolCallStart{
			Block: c.block, ID: c.ourID, Name: rawjson.Loose(c.name),
			Custom: c.custom, Signature: signature,
		})
		arguments = string(c.text) + arguments
		c.text = nil
	}
	if arguments != "" {
		r.put(llm.ToolCallDelta{Block: c.block, Arguments: arguments})
	}
}

// at is the number of the block that a delta of a kind belongs to.
func (r *reader) at(kind int) int {
	if r.open != kind {
		r.open, r.block = kind, r.blocks
		r.blocks++
	}
	return r.block
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

// end reads the end of the answer.
func (r *reader) end() *llm.Error {
	if r.think != nil {
		thought, text := r.think.rest()
		r.thought(thought)
		r.text(text, nil)
	}
	reason, err := ending(r.finish, r.done, &r.calls)
	if err != nil {
		return err
	}
	if !r.answered {
		if r.thoughts.Len() == 0 {
			return answer.Empty(reason)
		}
		r.text(r.thoughts.String(), nil)
	}
	r.put(llm.Finish{Reason: reason, Usage: r.usage, Fingerprint: r.fingerprint})
	return nil
}

// ending is why an answer ended. A service that marks the end but gives no
// reason has finished; one that just stops has not (B23a).
func ending(finish []byte, done bool, t *calls) (llm.Reason, *llm.Error) {
	switch {
	case finish == nil && !done:
		return "", &llm.Error{Kind: llm.KindProtocol, Message: "the upstream's answer broke off before it was finished"}
	case finish == nil && t.cut():
		return "", &llm.Error{Kind: llm.KindProtocol, Message: "the upstream's answer broke off in the middle of a tool call"}
	case t.nameless():
		return "", &llm.Error{Kind: llm.KindProtocol, Message: "the upstream called a tool without naming it"}
	}
	reason, _ := reasonOf(rawjson.Text(finish))
	if reason == llm.ReasonStop && len(t.list) > 0 {
		reason = llm.ReasonToolCalls
	}
	return reason, nil
}

// reasonOf maps a finish reason; known says that it is the protocol's own word.
func reasonOf(s string) (reason llm.Reason, known bool) {
	switch strings.ToLower(s) {
	case "stop":
		return llm.ReasonStop, s == "stop"
	case "length":
		return llm.ReasonLength, s == "length"
	case "tool_calls":
		return llm.ReasonToolCalls, s == "tool_calls"
	case "function_call":
		return llm.ReasonToolCalls, s == "function_call"
	case "content_filter":
		return llm.ReasonContent, s == "content_filter"
	case "tool_use", "tool_call":
		return llm.ReasonToolCalls, false
	case "max_tokens", "max_output_tokens", "model_length", "model_context_window_exceeded":
		return llm.ReasonLength, false
	case "sensitive", "safety", "refusal", "prohibited_content", "recitation":
		return llm.ReasonContent, false
	default:
		return llm.ReasonStop, false
	}
}

// failsAt says whether a finish reason is a failure in disguise.
func failsAt(finish []byte) bool {
	switch rawjson.Text(finish) {
	case "error", "error_finish", "network_error", "insufficient_system_resource", "abort":
		return true
	default:
		return false
	}
}

func finishFault(finish []byte, text string) *llm.Error {
	if text == "" {
		text = "the upstream ended its answer with " + strconv.Quote(rawjson.Text(finish))
	}
	return &llm.Error{Kind: llm.KindTransient, Code: rawjson.Text(finish), Message: answer.Excerpt(text)}
}
