package toolprompt_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/dialecttest"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/toolprompt"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

func request() *llm.Request {
	return &llm.Request{Tools: []llm.Tool{
		{Name: "read_file", Description: "Reads a \"file\".", Parameters: llm.RawJSON("{\"type\":\"object\",\n\"properties\": {\"path\":{\"type\":\"string\"}}}")},
		{Name: "apply_patch", Custom: true},
		{Name: "now"},
		{Name: "search", Builtin: "web_search", Raw: llm.RawJSON(`{"type":"web_search"}`)},
	}}
}

// spoken is an answer of text alone, in pieces of size bytes.
func spoken(text string, size int) llm.Stream {
	return func(yield func(llm.Event, error) bool) {
		if !yield(llm.Start{ID: "1"}, nil) {
			return
		}
		for at := 0; at < len(text); at += size {
			if !yield(llm.TextDelta{Block: 0, Text: text[at:min(at+size, len(text))]}, nil) {
				return
			}
		}
		yield(llm.Finish{Reason: llm.ReasonStop}, nil)
	}
}

func TestRestore_FindsCallsInText(t *testing.T) {
	t.Parallel()
	read := dialecttest.Call{ID: dialecttest.AnyID, Name: "read_file", Arguments: `{"path": "a.go"}`}
	const block = "<tool_call>\n{\"name\": \"read_file\", \"arguments\": {\"path\": \"a.go\"}}\n</tool_call>"
	for name, c := range map[string]struct {
		text string
		want dialecttest.Outcome
	}{
		"one call":                 {block, dialecttest.Outcome{Calls: []dialecttest.Call{read}, Reason: "tool_calls"}},
		"text before and after":    {"I look.\n\n" + block + "\n\nThen.", dialecttest.Outcome{Text: "I look.Then.", Calls: []dialecttest.Call{read}, Reason: "tool_calls"}},
		"two calls":                {block + "\n" + block, dialecttest.Outcome{Calls: []dialecttest.Call{read, read}, Reason: "tool_calls"}},
		"a list of calls":          {`<tool_call>[{"name":"now"},{"name":"read_file","parameters":{"path": "a.go"}}]</tool_call>`, dialecttest.Outcome{Calls: []dialecttest.Call{{ID: dialecttest.AnyID, Name: "now", Arguments: "{}"}, read}, Reason: "tool_calls"}},
		"a code fence inside":      {"<tool_call>\n```json\n{\"name\":\"read_file\",\"arguments\":{\"path\": \"a.go\"}}\n```\n</tool_call>", dialecttest.Outcome{Calls: []dialecttest.Call{read}, Reason: "tool_calls"}},
		"arguments as a string":    {`<tool_call>{"name":"read_file","arguments":"{\"path\": \"a.go\"}"}</tool_call>`, dialecttest.Outcome{Calls: []dialecttest.Call{read}, Reason: "tool_calls"}},
		"a copied id is not kept":  {`<tool_call>{"id":"call_old","name":"now","arguments":{}}</tool_call>`, dialecttest.Outcome{Calls: []dialecttest.Call{{ID: dialecttest.AnyID, Name: "now", Arguments: "{}"}}, Reason: "tool_calls"}},
		"free text":                {`<tool_call>{"name":"apply_patch","arguments":{"input":"*** a\n+b"}}</tool_call>`, dialecttest.Outcome{Calls: []dialecttest.Call{{ID: dialecttest.AnyID, Name: "apply_patch", Arguments: "*** a\n+b"}}, Reason: "tool_calls"}},
		"a tag inside an argument": {`<tool_call>{"name":"read_file","arguments":{"path":"</tool_call>"}}</tool_call>`, dialecttest.Outcome{Calls: []dialecttest.Call{{ID: dialecttest.AnyID, Name: "read_file", Arguments: `{"path":"</tool_call>"}`}}, Reason: "tool_calls"}},
		"no closing tag":           {strings.TrimSuffix(block, "</tool_call>"), dialecttest.Outcome{Calls: []dialecttest.Call{read}, Reason: "tool_calls"}},
		"half a call stays text":   {`a <tool_call>{"name":"read_file","arg`, dialecttest.Outcome{Text: `a <tool_call>{"name":"read_file","arg`, Reason: "stop"}},
		"an unknown tool is text":  {`<tool_call>{"name":"rm","arguments":{}}</tool_call>!`, dialecttest.Outcome{Text: `<tool_call>{"name":"rm","arguments":{}}</tool_call>!`, Reason: "stop"}},
		"no JSON is text":          {`<tool_call>read a.go</tool_call> ok`, dialecttest.Outcome{Text: `<tool_call>read a.go</tool_call> ok`, Reason: "stop"}},
		"signs that are no tag":    {"a < b <tool> <tool_ca", dialecttest.Outcome{Text: "a < b <tool> <tool_ca", Reason: "stop"}},
		"space is kept in text":    {"a\n\n  b \n", dialecttest.Outcome{Text: "a\n\n  b \n", Reason: "stop"}},
	} {
		for _, size := range []int{1, 2, 7, 4096} {
			got := dialecttest.Of(toolprompt.Restore(request(), spoken(c.text, size)))
			if diff := dialecttest.Diff(c.want, got); diff != "" {
				t.Errorf("%s in pieces of %d (-want +got):\n%s", name, size, diff)
			}
			dialecttest.Ordered(t, toolprompt.Restore(request(), spoken(c.text, size)))
		}
	}
}

func TestRestore_NeverShowsHalfATag(t *testing.T) {
	t.Parallel()
	text := "Look: <tool_call>{\"name\":\"now\"}</tool_call>"
	for e, err := range toolprompt.Restore(request(), spoken(text, 1)) {
		if err != nil {
			t.Fatal(err)
		}
		if d, ok := e.(llm.TextDelta); ok && strings.ContainsAny(d.Text, "<>") {
			t.Errorf("%q was shown", d.Text)
		}
	}
}

func TestRestore_KeepsThoughtsErrorsAndTheLimit(t *testing.T) {
	t.Parallel()
	broken := &llm.Error{Kind: llm.KindNetwork, Message: "gone"}
	s := func(yield func(llm.Event, error) bool) {
		_ = yield(llm.Start{}, nil) && yield(llm.ThoughtDelta{Block: 0, Text: "hm"}, nil) && yield(llm.TextDelta{Block: 1, Text: "<tool_call>{"}, nil) && yield(nil, broken)
	}
	got := dialecttest.Of(toolprompt.Restore(request(), s))
	if diff := dialecttest.Diff(dialecttest.Outcome{Thought: "hm", Failed: true, Error: llm.KindNetwork}, got); diff != "" {
		t.Error(diff)
	}
	s = func(yield func(llm.Event, error) bool) {
		_ = yield(llm.TextDelta{Text: `<tool_call>{"name":"now"}</tool_call>`}, nil) && yield(llm.Finish{Reason: llm.ReasonLength}, nil)
	}
	if got := dialecttest.Of(toolprompt.Restore(request(), s)); got.Reason != llm.ReasonLength || len(got.Calls) != 1 {
		t.Errorf("got %+v, want a call and the limit", got)
	}
}

func TestRestore_LeavesAnAnswerWithoutToolsAlone(t *testing.T) {
	t.Parallel()
	const text = `<tool_call>{"name":"now"}</tool_call>`
	for name, r := range map[string]*llm.Request{
		"none offered": {}, "none wanted": {Tools: request().Tools, ToolChoice: llm.ToolChoice{Mode: llm.ChoiceNone}},
	} {
		if got := dialecttest.Of(toolprompt.Restore(r, spoken(text, 5))); got.Text != text || len(got.Calls) != 0 {
			t.Errorf("%s: got %+v", name, got)
		}
		if got := toolprompt.Describe(r); got != "" {
			t.Errorf("%s: described as %q", name, got)
		}
	}
}

func TestDescribe_NamesEachToolAndWhatIsWanted(t *testing.T) {
	t.Parallel()
	no := false
	r := request()
	r.ParallelToolCalls, r.ToolChoice = &no, llm.ToolChoice{Mode: llm.ChoiceTool, Name: "now"}
	got := toolprompt.Describe(r)
	for _, want := range []string{
		`{"name":"read_file","description":"Reads a \"file\".","parameters":{"type":"object","properties":{"path":{"type":"string"}}}}`,
		`{"name":"now","parameters":{"type":"object","properties":{}}}`, `{"name":"apply_patch","parameters":{"type":"object","properties":{"input"`,
		"at most one block", "you must call the tool now",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("there is no %s in\n%s", want, got)
		}
	}
	if strings.Contains(got, "web_search") {
		t.Error("a tool that a service runs itself is described")
	}
	r.ToolChoice = llm.ToolChoice{Mode: llm.ChoiceRequired, Allowed: []string{"now"}}
	if got := toolprompt.Describe(r); strings.Contains(got, "read_file") || !strings.Contains(got, "at least one tool") {
		t.Errorf("got %s", got)
	}
}

// TestCall_IsReadBackAsItWas also holds for calls that are in the history.
func TestCall_IsReadBackAsItWas(t *testing.T) {
	t.Parallel()
	for _, c := range []llm.ToolCall{
		{ID: "a", Name: "read_file", Arguments: `{"path":"</tool_call>\n<b>"}`},
		{ID: "b", Name: "apply_patch", Arguments: "x\n\"y\"", Custom: true},
		{ID: "c", Name: "now", Arguments: `{"half":`},
		{ID: "d", Name: "now", Arguments: `{}`},
	} {
		got := dialecttest.Of(toolprompt.Restore(request(), spoken(toolprompt.Call(c), 3)))
		want := []dialecttest.Call{{ID: dialecttest.AnyID, Name: c.Name, Arguments: c.Arguments}}
		if diff := dialecttest.Diff(dialecttest.Outcome{Calls: want, Reason: "tool_calls"}, got); diff != "" {
			t.Errorf("%s: (-want +got):\n%s", c.ID, diff)
		}
	}
}

func TestB34a_ResultIsVerbatim(t *testing.T) {
	t.Parallel()
	got := toolprompt.Result(llm.ToolResult{CallID: `a"b`, Name: "f", Failed: true}, " {\"x\": 1}\n<>")
	if want := "<tool_result id=\"a\\\"b\" name=\"f\" failed=\"true\">\n {\"x\": 1}\n<>\n</tool_result>"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestFormat_AsksForTheShape(t *testing.T) {
	t.Parallel()
	got := []string{
		toolprompt.Format(llm.Format{}), toolprompt.Format(llm.Format{Kind: llm.FormatJSON}),
		toolprompt.Format(llm.Format{Kind: llm.FormatSchema, Schema: llm.RawJSON(`{"type":"array"}`)}),
	}
	if got[0] != "" || !strings.Contains(got[1], "an object") || !strings.HasSuffix(got[2], `{"type":"array"}`) {
		t.Errorf("got %q", got)
	}
}

// FuzzRestore proves that the answer is the same however its text is cut, keeps
// the rules of a stream, and loses nothing of a text without calls.
func FuzzRestore(f *testing.F) {
	for _, s := range []string{
		"a <tool_call>{\"name\":\"now\"}</tool_call> b", "<tool_call><tool_call>{}</tool_call>", "<tool_call>[]</tool_call>", "<<tool_call", "</tool_call>",
		`<tool_call>{"name":"apply_patch","arguments":{"input":"</tool_call>"}}</tool_call>`, "<tool_call>```json\n{\"name\":\"now\"}```</tool_call>",
	} {
		f.Add(s, uint8(3))
	}
	f.Fuzz(func(t *testing.T, text string, size uint8) {
		whole := dialecttest.Of(toolprompt.Restore(request(), spoken(text, max(1, len(text)))))
		cut := dialecttest.Of(toolprompt.Restore(request(), spoken(text, int(size)+1)))
		for i := range whole.Calls {
			whole.Calls[i].ID = dialecttest.AnyID
		}
		if diff := dialecttest.Diff(whole, cut); diff != "" {
			t.Errorf("%q (-whole +cut):\n%s", text, diff)
		}
		dialecttest.Ordered(t, toolprompt.Restore(request(), spoken(text, int(size)+1)))
		if len(whole.Calls) == 0 && whole.Text != text {
			t.Errorf("%q became %q", text, whole.Text)
		}
		for _, c := range whole.Calls {
			if c.Name == "now" && c.Arguments == "" {
				t.Errorf("%q: %+v", text, c)
			}
		}
	})
}

func TestDefinitions_AreJSON(t *testing.T) {
	t.Parallel()
	n := 0
	for line := range strings.Lines(toolprompt.Describe(request())) {
		if !strings.HasPrefix(line, `{"name":`) || strings.HasPrefix(line, `{"name": "the tool`) {
			continue
		}
		n++
		if !json.Valid([]byte(line)) {
			t.Errorf("%s is not JSON", line)
		}
	}
	if n != 3 {
		t.Errorf("%d tools are described, want 3", n)
	}
}
