package anthropic_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/anthropic"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/dialecttest"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

func captures(tb testing.TB) []dialecttest.Request {
	tb.Helper()
	return dialecttest.Captures(tb, "testdata/captures")
}

// canonical makes the two writings of one text equal: a string and one block of
// it. Null is unsaid.
func canonical(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			if e == nil {
				delete(v, k)
				continue
			}
			v[k] = canonical(e)
		}
		for _, k := range []string{"content", "system"} {
			list, ok := v[k].([]any)
			if !ok || len(list) != 1 {
				continue
			}
			if block, ok := list[0].(map[string]any); ok && block["type"] == "text" && len(block) == 2 {
				v[k] = block["text"]
			}
		}
	case []any:
		for i := range v {
			v[i] = canonical(v[i])
		}
	}
	return v
}

func TestRequests_OfRealClientsLoseNothingUnsaid(t *testing.T) {
	t.Parallel()
	var chats []dialecttest.Request
	for _, r := range captures(t) {
		if bytes.Contains(r.Body, []byte(`"max_tokens"`)) {
			chats = append(chats, r)
		}
	}
	dialecttest.Requests(t, anthropic.Client{}, anthropic.Upstream{}, canonical, chats)
}

func TestTap_PassesOnWhatTheServiceMeant(t *testing.T) {
	t.Parallel()
	dialecttest.Carrier(t, anthropic.Upstream{}, strict, replies(t))
}

func TestEncodeStream_ReachesClientsAsTheServiceMeantIt(t *testing.T) {
	t.Parallel()
	dialecttest.Translated(t, anthropic.Client{}, anthropic.Upstream{}, anthropic.Upstream{}, replies(t))
}

func TestClient_AnswersEveryKindOfErrorWithAnObject(t *testing.T) {
	t.Parallel()
	dialecttest.Errors(t, anthropic.Client{}, func(body []byte) error {
		var e struct {
			Type  string
			Error struct{ Type, Message string }
		}
		if err := json.Unmarshal(body, &e); err != nil {
			return err
		}
		if e.Type != "error" || e.Error.Type == "" || e.Error.Message != "a \"message\"\nwith <marks>" {
			return fmt.Errorf("read as %+v", e)
		}
		return nil
	})
}

// wireEvent is an event as the strictest client declares it.
type wireEvent struct {
	Type    string `json:"type"`
	Index   *int   `json:"index"`
	Message *struct {
		ID, Type, Role, Model string
		Content               []any
		Usage                 map[string]any
	} `json:"message"`
	Block *struct {
		Type, ID, Name, Text, Thinking, Data string
		Input                                map[string]any
	} `json:"content_block"`
	Delta *struct {
		Type        string
		Text        string
		Thinking    string
		Signature   string
		PartialJSON string `json:"partial_json"`
		StopReason  string `json:"stop_reason"`
		Citation    struct{ URL, Title string }
	} `json:"delta"`
	Usage map[string]any `json:"usage"`
}

// strict reads a stream as the most exacting clients do together: every event is
// named after its type, one message, blocks numbered without a gap, one open at
// a time, deltas of their block's kind, calls with ids of their own and whole
// arguments in pieces, one reason, an end and nothing behind it.
func strict(stream []byte, asked string) (dialecttest.Outcome, error) {
	r := strictReader{asked: asked, open: -1, ids: map[string]bool{}}
	text := strings.ReplaceAll(string(stream), "\r\n", "\n")
	if !strings.HasSuffix(text, "\n\n") {
		return r.out, errors.New("the stream does not end with a blank line")
	}
	for event := range strings.SplitSeq(strings.TrimSuffix(text, "\n\n"), "\n\n") {
		name, data := "", []byte(nil)
		for line := range strings.SplitSeq(event, "\n") {
			if value, ok := strings.CutPrefix(line, "data:"); ok {
				data = append(data, strings.TrimPrefix(value, " ")...)
			}
			if value, ok := strings.CutPrefix(line, "event:"); ok {
				name = strings.TrimPrefix(value, " ")
			}
		}
		var e wireEvent
		if err := json.Unmarshal(data, &e); err != nil {
			return r.out, fmt.Errorf("%w in %q", err, event)
		}
		if e.Type != name {
			return r.out, fmt.Errorf("the name is %q in %q", name, event)
		}
		if err := r.event(e); err != nil {
			return r.out, fmt.Errorf("%w in %q", err, event)
		}
	}
	if !r.ended {
		return r.out, errors.New("there is no message_stop")
	}
	return r.out, nil
}

type strictReader struct {
	asked        string
	out          dialecttest.Outcome
	usage        map[string]any
	begun, ended bool
	next, open   int
	from, cited  int // where the block's text and its sources begin
	kind, input  string
	ids          map[string]bool
}

func (r *strictReader) event(e wireEvent) error {
	if e.Type == "ping" {
		return nil
	}
	if r.ended || r.begun == (e.Type == "message_start") {
		return errors.New("out of its place")
	}
	switch e.Type {
	case "message_start":
		r.begun, r.usage = true, e.Message.Usage
		if m := e.Message; m.ID == "" || m.Model != r.asked || m.Content == nil || len(m.Content) != 0 {
			return fmt.Errorf("the message is %+v", m)
		}
		for _, name := range []string{"input_tokens", "output_tokens"} {
			if _, ok := r.usage[name].(float64); !ok {
				return errors.New("there is no " + name)
			}
		}
	case "content_block_start":
		return r.start(e)
	case "content_block_delta":
		return r.delta(e)
	case "content_block_stop":
		return r.stop(e)
	case "message_delta":
		if r.open >= 0 || r.out.Reason != "" {
			return errors.New("a block is open, or it is the second reason")
		}
		maps.Copy(r.usage, e.Usage)
		r.out.Reason = map[string]llm.Reason{
			"end_turn": "stop", "stop_sequence": "stop", "pause_turn": "stop", "max_tokens": "length", "model_context_window_exceeded": "length",
			"tool_use": "tool_calls", "refusal": "content_filter",
		}[e.Delta.StopReason]
		if r.out.Reason == "" || r.out.Reason == "stop" && len(r.out.Calls) > 0 {
			return errors.New("the reason is wrong")
		}
	case "message_stop":
		r.ended = true
		if r.out.Reason == "" || r.out.Text == "" && r.out.Calls == nil {
			return errors.New("there was no reason, or nothing to read")
		}
		r.count()
	default:
		return errors.New("unknown")
	}
	return nil
}

func (r *strictReader) count() {
	n := func(name string) int { f, _ := r.usage[name].(float64); return int(f) }
	u := llm.Usage{Known: true, Cached: n("cache_read_input_tokens"), CacheWrite: n("cache_creation_input_tokens"), Output: n("output_tokens")}
	u.Input = n("input_tokens") + u.Cached + u.CacheWrite
	if details, ok := r.usage["output_tokens_details"].(map[string]any); ok {
		f, _ := details["thinking_tokens"].(float64)
		u.Reasoning = int(f)
	}
	r.out.Usage = u
}

func (r *strictReader) start(e wireEvent) error {
	if e.Index == nil || *e.Index != r.next || r.open >= 0 {
		return fmt.Errorf("opened out of its place, %d is open", r.open)
	}
	r.open, r.next, r.kind, r.input = r.next, r.next+1, e.Block.Type, ""
	r.from, r.cited = len([]rune(r.out.Text)), len(r.out.Citations)
	r.out.Text += e.Block.Text
	r.out.Thought += e.Block.Thinking
	if e.Block.Type != "tool_use" {
		return nil
	}
	if b := e.Block; b.ID == "" || r.ids[b.ID] || b.Name == "" || b.Input == nil || len(b.Input) > 0 {
		return fmt.Errorf("the call is %+v", b)
	}
	r.ids[e.Block.ID] = true
	r.out.Calls = append(r.out.Calls, dialecttest.Call{ID: e.Block.ID, Name: e.Block.Name})
	return nil
}

func (r *strictReader) delta(e wireEvent) error {
	if e.Index == nil || *e.Index != r.open {
		return fmt.Errorf("not of the open block %d", r.open)
	}
	wanted := map[string]string{
		"text_delta": "text", "citations_delta": "text", "thinking_delta": "thinking", "signature_delta": "thinking", "input_json_delta": "tool_use",
	}[e.Delta.Type]
	if wanted != r.kind && r.kind != "server_tool_use" {
		return errors.New("of another kind than its block")
	}
	switch e.Delta.Type {
	case "text_delta":
		r.out.Text += e.Delta.Text
	case "thinking_delta":
		r.out.Thought += e.Delta.Thinking
	case "citations_delta":
		r.out.Citations = append(r.out.Citations, llm.Citation{URL: e.Delta.Citation.URL, Title: e.Delta.Citation.Title})
	case "input_json_delta":
		r.input += e.Delta.PartialJSON
	}
	return nil
}

func (r *strictReader) stop(e wireEvent) error {
	if e.Index == nil || *e.Index != r.open {
		return fmt.Errorf("not the open block %d", r.open)
	}
	r.open = -1
	for i := range r.out.Citations[r.cited:] {
		r.out.Citations[r.cited+i].Start, r.out.Citations[r.cited+i].End = r.from, len([]rune(r.out.Text))
	}
	if r.kind == "tool_use" {
		r.out.Calls[len(r.out.Calls)-1].Arguments = r.input
		if r.input == "" {
			r.out.Calls[len(r.out.Calls)-1].Arguments = "{}"
		}
	}
	return nil
}
