package backend_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/dialecttest"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// protocol is a client protocol that converses, with a request of it that
// everybody takes.
type protocol struct {
	name   string
	client dialect.Client
	reader dialect.Upstream
	path   string
	base   []byte
}

// protocols are those of daemon.Dialects that testdata/fields has a conversation
// for: a new one is crossed with all others by its line there and its file.
func protocols(t *testing.T) (all []protocol) {
	t.Helper()
	for _, file := range must(filepath.Glob("testdata/fields/*.json"))(t) {
		var s sample
		if err := json.Unmarshal(must(os.ReadFile(file))(t), &s); err != nil {
			t.Fatal(err)
		}
		d := servedAt(t, s.Path)
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		p := protocol{name: name, client: d.Client, reader: d.Reader, path: s.Path, base: must(json.Marshal(merged(s.Base, s.All)))(t)}
		r, _, err := p.client.DecodeRequest(p.head(t, p.base), p.base)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if r.Completion == nil { // a text to go on with is no conversation
			all = append(all, p)
		}
	}
	return all
}

// head is that of the protocol's plain request, streamed.
func (p protocol) head(t *testing.T, body []byte) dialect.Head {
	t.Helper()
	h, err := p.client.Head(httptest.NewRequest(http.MethodPost, p.path, bytes.NewReader(body)), body)
	if err != nil {
		t.Fatalf("%s: %v in %s", p.name, err, body)
	}
	return h
}

// answers are what models say, in nobody's dialect.
func answers() map[string][]llm.Event {
	usage := llm.Usage{Known: true, Input: 12, Output: 34}
	start := llm.Start{ID: "id-1", Model: "service-model", Created: 1700000000}
	end := func(r llm.Reason) llm.Event { return llm.Finish{Reason: r, Usage: usage} }
	call := func(block int, id, name string, arguments ...string) []llm.Event {
		all := []llm.Event{llm.ToolCallStart{Block: block, ID: id, Name: name}}
		for _, a := range arguments {
			all = append(all, llm.ToolCallDelta{Block: block, Arguments: a})
		}
		return all
	}
	text := func(block int, pieces ...string) (all []llm.Event) {
		for _, p := range pieces {
			all = append(all, llm.TextDelta{Block: block, Text: p})
		}
		return all
	}
	answer := func(r llm.Reason, blocks ...[]llm.Event) []llm.Event {
		return append(append([]llm.Event{start}, slices.Concat(blocks...)...), end(r))
	}
	return map[string][]llm.Event{
		"text":           answer(llm.ReasonStop, text(0, "Hel", "lo \"wörld\" \\ 你好 \u2028", "🙂\n\n```go\n")),
		"cut short":      answer(llm.ReasonLength, text(0, "Once upon")),
		"a call":         answer(llm.ReasonToolCalls, call(0, "call_1", "get_weather", `{"city":"Ber`, `lin"}`)),
		"two calls":      answer(llm.ReasonToolCalls, call(0, "call_1", "get_weather", `{"city":"Berlin"}`), call(1, "call_2", "get_weather", `{"city":"Tokyo"}`)),
		"text and call":  answer(llm.ReasonToolCalls, text(0, "Let me look."), call(1, "call_1", "get_weather", `{"city":"Berlin"}`)),
		"no arguments":   answer(llm.ReasonToolCalls, call(0, "call_1", "now", "{}")),
		"thought first":  answer(llm.ReasonStop, []llm.Event{llm.ThoughtDelta{Block: 0, Text: "Hmm, "}, llm.ThoughtDelta{Block: 0, Text: "yes."}}, text(1, "Yes.")),
		"thought, calls": answer(llm.ReasonToolCalls, []llm.Event{llm.ThoughtDelta{Block: 0, Text: "Hmm."}}, call(1, "call_1", "get_weather", `{"city":"Berlin"}`)),
	}
}

func stream(events []llm.Event) llm.Stream {
	return func(yield func(llm.Event, error) bool) {
		for _, e := range events {
			if !yield(e, nil) {
				return
			}
		}
	}
}

// loose is what a client acts on: arguments as values, and ids that are there
// and differ, for some protocols have none.
func loose(t *testing.T, o dialecttest.Outcome) dialecttest.Outcome {
	t.Helper()
	ids := map[string]bool{}
	for i, c := range o.Calls {
		if c.ID == "" || ids[c.ID] {
			t.Errorf("B34: the ids of %+v", o.Calls)
		}
		ids[c.ID] = true
		var v any
		if err := json.Unmarshal([]byte(c.Arguments), &v); err != nil {
			t.Errorf("arguments %q: %v", c.Arguments, err)
		}
		o.Calls[i] = dialecttest.Call{ID: dialecttest.AnyID, Name: c.Name, Arguments: string(must(json.Marshal(v))(t))}
	}
	return o
}

// TestCross_EveryAnswerInEveryProtocol sends each answer through each client
// protocol, and what it says through each other one: N×M, and nobody wrote it.
func TestCross_EveryAnswerInEveryProtocol(t *testing.T) {
	all := protocols(t)
	for name, events := range answers() {
		want := dialecttest.Of(stream(events))
		want = loose(t, want)
		for _, from := range all {
			service := from.write(t, stream(events))
			for _, to := range all {
				t.Run(name+"/"+from.name+" to "+to.name, func(t *testing.T) {
					for _, size := range dialecttest.Sizes() {
						in := from.reader.DecodeReply(from.client.StreamType(), dialecttest.Pieces(service, size))
						got := to.reader.DecodeReply(to.client.StreamType(), bytes.NewReader(to.write(t, in)))
						if diff := dialecttest.Diff(want, loose(t, dialecttest.Of(got))); diff != "" {
							t.Errorf("streamed in pieces of %d (-want +got):\n%s\nsent: %s", size, diff, service)
						}
					}
					reply, err := llm.Collect(from.reader.DecodeReply("", bytes.NewReader(service)))
					if err != nil {
						t.Fatal(err)
					}
					var whole bytes.Buffer
					if err := to.client.EncodeReply(&whole, reply, "asked", to.head(t, to.base)); err != nil {
						t.Fatal(err)
					}
					got := loose(t, dialecttest.Of(to.reader.DecodeReply("application/json", bytes.NewReader(whole.Bytes()))))
					if diff := dialecttest.Diff(want, got); diff != "" {
						t.Errorf("whole (-want +got):\n%s\nsent: %s", diff, whole.Bytes())
					}
				})
			}
		}
	}
}

// write is an answer as p's clients get it streamed.
func (p protocol) write(t *testing.T, s llm.Stream) []byte {
	t.Helper()
	h := p.head(t, p.base)
	h.Stream, h.IncludeUsage = true, true
	var out bytes.Buffer
	if err := p.client.EncodeStream(&out, s, "asked", h); err != nil {
		t.Fatalf("%s: %v", p.name, err)
	}
	return out.Bytes()
}

// TestB23_Cross_AFailureInMidStreamFailsInEveryProtocol cuts an answer.
func TestB23_Cross_AFailureInMidStreamFailsInEveryProtocol(t *testing.T) {
	broken := &llm.Error{Kind: llm.KindNetwork, Message: "the upstream closed the connection"}
	for _, p := range protocols(t) {
		h := p.head(t, p.base)
		h.Stream = true
		var out bytes.Buffer
		err := p.client.EncodeStream(&out, func(yield func(llm.Event, error) bool) {
			_ = yield(llm.Start{Model: "m"}, nil) && yield(llm.TextDelta{Text: "Hel"}, nil) && yield(nil, broken)
		}, "asked", h)
		if err == nil {
			t.Errorf("%s: the failure was swallowed", p.name)
		}
		got := dialecttest.Of(p.reader.DecodeReply(p.client.StreamType(), &out))
		if !got.Failed || got.Text != "Hel" {
			t.Errorf("%s: a client sees %+v", p.name, got)
		}
	}
}

// talks are conversations, in nobody's dialect.
func talks() map[string]*llm.Request {
	say := func(role llm.Role, parts ...llm.Part) llm.Message { return llm.Message{Role: role, Parts: parts} }
	text := func(s string) llm.Part { return llm.Text{Text: s} }
	tool := llm.Tool{Name: "get_weather", Description: "The weather", Parameters: llm.RawJSON(`{"type":"object","properties":{"city":{"type":"string","description":"Where"}},"required":["city"],"additionalProperties":false}`)}
	call := func(id, city string) llm.Part {
		return llm.ToolCall{ID: id, Name: "get_weather", Arguments: `{"city":"` + city + `"}`}
	}
	result := func(id, said string) llm.Message {
		return say(llm.RoleTool, llm.ToolResult{CallID: id, Name: "get_weather", Parts: []llm.Part{text(said)}})
	}
	const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
	limit := 100
	return map[string]*llm.Request{
		"a word":        {Messages: []llm.Message{say(llm.RoleUser, text("hello \"wörld\" \\ 你好 🙂"))}},
		"system":        {Messages: []llm.Message{say(llm.RoleSystem, text("be brief")), say(llm.RoleUser, text("hello"))}, MaxTokens: &limit},
		"turns":         {Messages: []llm.Message{say(llm.RoleUser, text("one")), say(llm.RoleAssistant, text("two")), say(llm.RoleUser, text("three"))}},
		"a picture":     {Messages: []llm.Message{say(llm.RoleUser, text("what is it?"), llm.Image{MIME: "image/png", Data: pixel})}},
		"tools":         {Messages: []llm.Message{say(llm.RoleUser, text("weather?"))}, Tools: []llm.Tool{tool}},
		"a tool's word": {Messages: []llm.Message{say(llm.RoleUser, text("weather?")), say(llm.RoleAssistant, call("call_1", "Berlin")), result("call_1", `18 degrees, "clear"`)}, Tools: []llm.Tool{tool}},
		"parallel tools": {Messages: []llm.Message{
			say(llm.RoleUser, text("weather?")), say(llm.RoleAssistant, text("I look."), call("call_1", "Berlin"), call("call_2", "Tokyo")),
			result("call_1", "18"), result("call_2", "25"), say(llm.RoleUser, text("thanks")),
		}, Tools: []llm.Tool{tool}},
		"a schema": {Messages: []llm.Message{say(llm.RoleUser, text("where?"))}, Format: llm.Format{Kind: llm.FormatSchema, Name: "place", Schema: tool.Parameters}},
	}
}

// gist is what a model must learn of a conversation, whoever carries it.
type gist struct {
	Turns  []string
	Tools  []string
	Format llm.FormatKind
	Schema any
}

// gistOf joins what protocols may split: neighbours of one role, and a result's
// texts. Calls and results are paired by their order, for some have no ids.
func gistOf(t *testing.T, r *llm.Request) (g gist) {
	t.Helper()
	calls := map[string]int{}
	add := func(role llm.Role, what string) {
		if role == llm.RoleDeveloper {
			role = llm.RoleSystem
		}
		g.Turns = append(g.Turns, string(role)+" "+what)
	}
	for _, m := range r.Messages {
		for _, p := range m.Parts {
			switch p := p.(type) {
			case llm.Text:
				add(m.Role, "says "+p.Text)
			case llm.Image:
				add(m.Role, "shows "+p.MIME+" "+p.Data)
			case llm.ToolCall:
				calls[p.ID] = len(calls)
				add(m.Role, "calls "+string(rune('a'+calls[p.ID]))+" "+p.Name+" "+compact(t, p.Arguments))
			case llm.ToolResult:
				number, ok := calls[p.CallID]
				if !ok {
					t.Errorf("B34: the result of %q has no call", p.CallID)
				}
				var said strings.Builder
				for _, x := range p.Parts {
					said.WriteString(x.(llm.Text).Text)
				}
				add(llm.RoleTool, "answers "+string(rune('a'+number))+" "+said.String())
			case llm.Audio, llm.File, llm.Refusal, llm.Thought, llm.Opaque:
				t.Errorf("there is a %T that nobody sent", p)
			}
		}
	}
	for _, x := range r.Tools {
		g.Tools = append(g.Tools, x.Name+": "+x.Description+" "+compact(t, string(x.Parameters)))
	}
	g.Format = r.Format.Kind
	if r.Format.Kind == llm.FormatSchema {
		g.Schema = compact(t, string(r.Format.Schema))
	}
	return g
}

// compact is a JSON value with its members in one order.
func compact(t *testing.T, raw string) string {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(raw), &v); err != nil {
		t.Errorf("%q: %v", raw, err)
	}
	return string(must(json.Marshal(v))(t))
}

// TestCross_EveryConversationInEveryProtocol writes each conversation in each
// protocol, reads it as that protocol's server, and does it again in each other.
func TestCross_EveryConversationInEveryProtocol(t *testing.T) {
	all := protocols(t)
	for name, talk := range talks() {
		want := gistOf(t, talk)
		for _, from := range all {
			first, ok := from.pass(t, talk)
			if !ok {
				continue
			}
			for _, to := range all {
				t.Run(name+"/"+from.name+" to "+to.name, func(t *testing.T) {
					second, ok := to.pass(t, first)
					if !ok {
						return
					}
					if diff := cmp.Diff(want, gistOf(t, second)); diff != "" {
						t.Errorf("(-want +got):\n%s", diff)
					}
				})
			}
		}
	}
}

// pass writes r for a service of p and reads it as one of p's clients would have
// sent it; false is a protocol that no service of ours speaks.
func (p protocol) pass(t *testing.T, r *llm.Request) (*llm.Request, bool) {
	t.Helper()
	body, _, err := p.reader.EncodeRequest(r, modelOf(p.reader.Name()))
	if err != nil && err.Kind == llm.KindUnsupported && err.Param == "" {
		return nil, false
	}
	if err != nil {
		t.Fatalf("%s: %v", p.name, err)
	}
	got, _, err := p.client.DecodeRequest(p.head(t, body), body)
	if err != nil {
		t.Fatalf("%s does not read what it wrote: %v\n%s", p.name, err, body)
	}
	return got, true
}
