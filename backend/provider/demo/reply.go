package demo

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// completion is an answer on the wire, whole or one chunk of it.
type completion struct {
	ID      string   `json:"id"`
	Object  string   `json:"object"`
	Created int64    `json:"created"`
	Model   string   `json:"model"`
	Choices []choice `json:"choices"`
	Usage   *usage   `json:"usage,omitempty"`
}

type choice struct {
	Index   int          `json:"index"`
	Message *wireMessage `json:"message,omitempty"`
	Delta   *delta       `json:"delta,omitempty"`
	// FinishReason is null until the last chunk.
	FinishReason *string   `json:"finish_reason"`
	Logprobs     *struct{} `json:"logprobs"`
}

type wireMessage struct {
	Role string `json:"role"`
	// Content is null beside tool calls.
	Content   *string    `json:"content"`
	Refusal   *string    `json:"refusal"`
	Reasoning string     `json:"reasoning_content,omitempty"`
	ToolCalls []wireCall `json:"tool_calls,omitempty"`
}

// delta is a piece of a message.
type delta struct {
	Role      string     `json:"role,omitempty"`
	Content   *string    `json:"content,omitempty"`
	Reasoning string     `json:"reasoning_content,omitempty"`
	ToolCalls []wireCall `json:"tool_calls,omitempty"`
}

type wireCall struct {
	// Index is only in deltas.
	Index    *int          `json:"index,omitempty"`
	ID       string        `json:"id,omitempty"`
	Type     string        `json:"type,omitempty"`
	Function *wireFunction `json:"function,omitempty"`
	Custom   *wireCustom   `json:"custom,omitempty"`
}

type wireFunction struct {
	Name      string `json:"name,omitempty"`
	Arguments string `json:"arguments"`
}

type wireCustom struct {
	Name  string `json:"name,omitempty"`
	Input string `json:"input"`
}

// wire is the call with its id and name, and with these arguments.
func (c call) wire(arguments string) wireCall {
	if c.custom {
		return wireCall{ID: c.id, Type: "custom", Custom: &wireCustom{Name: c.name, Input: arguments}}
	}
	return wireCall{ID: c.id, Type: "function", Function: &wireFunction{Name: c.name, Arguments: arguments}}
}

// more is a piece of the arguments of a call that was opened before.
func (c call) more(arguments string) wireCall {
	if c.custom {
		return wireCall{Custom: &wireCustom{Input: arguments}}
	}
	return wireCall{Function: &wireFunction{Arguments: arguments}}
}

// reply is the whole answer.
func (a *answer) reply(q *request) completion {
	m := &wireMessage{Role: "assistant", Reasoning: strings.Join(a.thought, "")}
	for _, c := range a.calls {
		m.ToolCalls = append(m.ToolCalls, c.wire(c.arguments))
	}
	if len(a.calls) == 0 {
		text := strings.Join(a.words, "")
		m.Content = &text
	}
	out := completion{ID: a.id, Object: "chat.completion", Created: created, Model: a.model, Usage: &a.usage}
	for i := range q.choices() {
		out.Choices = append(out.Choices, choice{Index: i, Message: m, FinishReason: &a.finish})
	}
	return out
}

func (r *request) choices() int {
	if r.N == nil {
		return 1
	}
	return *r.N
}

// streamer writes one answer as events.
type streamer struct {
	w    http.ResponseWriter
	a    *answer
	pace time.Duration
	// cutAfter, when not 0, is the number of words after which the connection
	// breaks.
	cutAfter int
}

// stream writes the answer as events, a word each, until it is whole or ctx
// ends.
func stream(ctx context.Context, w http.ResponseWriter, q *request, a *answer) {
	b := lookup(q.Model)
	s := &streamer{w: w, a: a, pace: b.pace}
	if b.cut {
		s.cutAfter = max(1, len(a.words)/2)
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-cache")
	w.WriteHeader(http.StatusOK)
	for i := range q.choices() {
		if !s.choice(ctx, i) {
			return
		}
	}
	if q.StreamOptions != nil && q.StreamOptions.IncludeUsage {
		s.send(completion{Choices: []choice{}, Usage: &a.usage})
	}
	s.raw("[DONE]")
}

// choice streams one choice and says whether the reader is still there.
func (s *streamer) choice(ctx context.Context, i int) bool {
	empty := ""
	if !s.delta(i, &delta{Role: "assistant", Content: &empty}) {
		return false
	}
	for _, w := range s.a.thought {
		if !pause(ctx, s.pace) || !s.delta(i, &delta{Reasoning: w}) {
			return false
		}
	}
	for n, w := range s.a.words {
		if s.cutAfter > 0 && n == s.cutAfter {
			panic(http.ErrAbortHandler)
		}
		if !pause(ctx, s.pace) || !s.delta(i, &delta{Content: &w}) {
			return false
		}
	}
	for n, c := range s.a.calls {
		if !s.call(ctx, i, n, c) {
			return false
		}
	}
	if s.cutAfter > 0 {
		panic(http.ErrAbortHandler)
	}
	return s.send(completion{Choices: []choice{{Index: i, Delta: &delta{}, FinishReason: &s.a.finish}}})
}

// call streams one tool call: its name, then its arguments in pieces.
func (s *streamer) call(ctx context.Context, i, n int, c call) bool {
	send := func(w wireCall) bool {
		w.Index = &n
		return s.delta(i, &delta{ToolCalls: []wireCall{w}})
	}
	if !send(c.wire("")) {
		return false
	}
	const piece = 16
	for rest := []rune(c.arguments); len(rest) > 0; {
		k := min(piece, len(rest))
		if !pause(ctx, s.pace) || !send(c.more(string(rest[:k]))) {
			return false
		}
		rest = rest[k:]
	}
	return true
}

func (s *streamer) delta(i int, d *delta) bool {
	return s.send(completion{Choices: []choice{{Index: i, Delta: d}}})
}

func (s *streamer) send(c completion) bool {
	c.ID, c.Object, c.Created, c.Model = s.a.id, "chat.completion.chunk", created, s.a.model
	raw, err := json.Marshal(c)
	return err == nil && s.raw(string(raw))
}

// raw writes one event in one write, and lets it go at once.
func (s *streamer) raw(data string) bool {
	_, err := s.w.Write([]byte("data: " + data + "\n\n"))
	if f, ok := s.w.(http.Flusher); ok {
		f.Flush()
	}
	return err == nil
}
