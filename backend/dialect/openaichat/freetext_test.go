package openaichat_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/dialecttest"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openaichat"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// TestFunctionsOnly_AToolWithFreeTextIsAFunctionAndBack is how Codex patches
// files with a model whose service knows functions alone.
func TestFunctionsOnly_AToolWithFreeTextIsAFunctionAndBack(t *testing.T) {
	t.Parallel()
	u := openaichat.Upstream{Quirks: openaichat.Quirks{FunctionsOnly: true}}
	r := &llm.Request{
		Tools: []llm.Tool{{Name: "patch", Description: "Edits.", Custom: true, Format: llm.RawJSON(`{"type":"text"}`)}, {Name: "f"}},
		Messages: []llm.Message{
			{Role: llm.RoleAssistant, Parts: []llm.Part{llm.ToolCall{ID: "1", Name: "patch", Custom: true, Arguments: "*** \"a\"\n"}}},
			{Role: llm.RoleTool, Parts: []llm.Part{llm.ToolResult{CallID: "1", Parts: []llm.Part{llm.Text{Text: "done"}}}}},
		},
	}
	body, warned, err := u.EncodeRequest(r, "m")
	if err != nil || len(warned) == 0 {
		t.Fatalf("%v, %v", err, warned)
	}
	for _, want := range []string{
		`"arguments":"{\"input\":\"*** \\\"a\\\"\\n\"}"`, `"type":"function","function":{"name":"patch"`, `"required":["input"]`, `Format of input: {\"type\":\"text\"}`,
	} {
		if !strings.Contains(string(body), want) {
			t.Errorf("no %s in %s", want, body)
		}
	}
	if strings.Contains(string(body), `"custom"`) || !r.Tools[0].Custom {
		t.Errorf("got %s, and the request is now %+v", body, r.Tools[0])
	}
	answer := events(
		calls(`{"index":0,"id":"a","type":"function","function":{"name":"patch","arguments":"{\"inp"}}`), calls(`{"index":0,"function":{"arguments":"ut\":\"*** b\"}"}}`),
		calls(`{"index":1,"id":"b","type":"function","function":{"name":"f","arguments":"{}"}}`), calls(`{"index":2,"id":"c","type":"function","function":{"name":"patch","arguments":"{\"x\":1}"}}`),
		finish("tool_calls"))
	var custom []bool
	got := dialecttest.Of(func(yield func(llm.Event, error) bool) {
		for e, err := range u.Restore(r, u.DecodeReply("", bytes.NewReader(answer))) {
			if c, ok := e.(llm.ToolCallStart); ok {
				custom = append(custom, c.Custom)
			}
			if !yield(e, err) {
				return
			}
		}
	})
	want := dialecttest.Outcome{Reason: "tool_calls", Calls: []dialecttest.Call{{ID: "a", Name: "patch", Arguments: "*** b"}, {ID: "b", Name: "f", Arguments: "{}"}, {ID: "c", Name: "patch", Arguments: `{"x":1}`}}}
	if diff := dialecttest.Diff(want, got); diff != "" || len(custom) != 3 || !custom[0] || custom[1] || !custom[2] {
		t.Errorf("custom %v (-want +got):\n%s", custom, diff)
	}
}
