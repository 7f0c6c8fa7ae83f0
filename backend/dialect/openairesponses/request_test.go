package openairesponses_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/dialecttest"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openairesponses"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// shelf keeps responses in memory.
type shelf map[string]openairesponses.Kept

func (s shelf) Put(k openairesponses.Kept)                 { s[k.ID] = k }
func (s shelf) Get(id string) (openairesponses.Kept, bool) { k, ok := s[id]; return k, ok }
func (s shelf) Delete(id string)                           { delete(s, id) }
func (shelf) Bounds() string                               { return "responses are kept for this test" }

func posted(tb testing.TB, session string) *http.Request {
	tb.Helper()
	r := httptest.NewRequestWithContext(tb.Context(), http.MethodPost, "/v1/responses", nil)
	if session != "" {
		r.Header.Set("Session-Id", session)
	}
	return r
}

// asked reads a request as a translated one.
func asked(tb testing.TB, c openairesponses.Client, body string) (*llm.Request, dialect.Head, *llm.Error) {
	tb.Helper()
	h, err := c.Head(posted(tb, ""), []byte(body))
	if err != nil {
		return nil, h, err
	}
	r, _, err := c.DecodeRequest(h, []byte(body))
	return r, h, err
}

func TestDecodeRequest_RefusesWithThePlace(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]struct {
		kind  llm.Kind
		param string
		says  string
	}{
		``:                                   {llm.KindBadRequest, "", "no body"},
		`[]`:                                 {llm.KindBadRequest, "", "not valid JSON"},
		`{"input":"x","model":7}`:            {llm.KindBadRequest, "model", "string"},
		`{"model":"m"}`:                      {llm.KindBadRequest, "input", "missing"},
		`{"input":[]}`:                       {llm.KindBadRequest, "input", "empty"},
		`{"input":"x","stream":"maybe"}`:     {llm.KindBadRequest, "stream", "true or false"},
		`{"input":"x","background":true}`:    {llm.KindUnsupported, "background", "background"},
		`{"input":"x","conversation":{}}`:    {llm.KindUnsupported, "conversation", "previous_response_id"},
		`{"prompt":{"id":"p"}}`:              {llm.KindUnsupported, "prompt", "templates"},
		`{"input":"x","temperature":"hot"}`:  {llm.KindBadRequest, "temperature", "number"},
		`{"input":"x","text":{"format":{}}}`: {llm.KindUnsupported, "text.format", "json_schema"},
		`{"input":"x","text":{"format":{"type":"json_schema","name":"n"}}}`: {llm.KindBadRequest, "text.format.schema", "missing"},
		`{"input":["x"]}`:                                                        {llm.KindBadRequest, "input[0]", "object"},
		`{"input":[{"id":"x"}]}`:                                                 {llm.KindBadRequest, "input[0].type", "missing"},
		`{"input":[{"role":"robot","content":"x"}]}`:                             {llm.KindBadRequest, "input[0].role", "robot"},
		`{"input":[{"role":"user","content":[{"type":"input_text"}]}]}`:          {llm.KindBadRequest, "input[0].content[0].text", "string"},
		`{"input":[{"role":"user","content":[{"text":"x"}]}]}`:                   {llm.KindBadRequest, "input[0].content[0].type", "missing"},
		`{"input":[{"type":"function_call","call_id":"c","arguments":"{}"}]}`:    {llm.KindBadRequest, "input[0].name", "missing"},
		`{"input":[{"type":"function_call","name":"f","arguments":"{}"}]}`:       {llm.KindBadRequest, "input[0].call_id", "missing"},
		`{"input":[{"type":"function_call_output","call_id":"c","output":"x"}]}`: {llm.KindBadRequest, "input[0]", "No tool call found"},
		`{"input":[{"type":"computer_call_output","call_id":"c","output":{}}]}`:  {llm.KindUnsupported, "input[0]", "computer_call_output"},
		`{"input":[{"type":"item_reference","id":"msg_1"}]}`:                     {llm.KindBadRequest, "input[0]", "msg_1"},
		`{"input":"x","tools":[{"name":"f"}]}`:                                   {llm.KindBadRequest, "tools[0].type", "missing"},
		`{"input":"x","tools":[{"type":"function"}]}`:                            {llm.KindBadRequest, "tools[0].name", "missing"},
		`{"input":"x","tools":{}}`:                                               {llm.KindBadRequest, "tools", "list"},
		`{"input":"x","tools":[{"type":"web_search"},{"type":"function","name":"f"}],"tool_choice":{"type":"web_search"}}`: {llm.KindUnsupported, "tool_choice", "web_search"},
		`{"input":"x","previous_response_id":"resp_1"}`:                                                                    {llm.KindBadRequest, "previous_response_id", "no responses are kept"},
	} {
		_, _, err := asked(t, openairesponses.Client{}, body)
		if err == nil || err.Kind != want.kind || err.Param != want.param || !strings.Contains(err.Message, want.says) {
			t.Errorf("%s: got %+v", body, err)
		}
	}
}

// TestStore_AConversationGoesOnFromAnEarlierResponse goes through three turns in
// the translated lane and then carries a fourth.
func TestStore_AConversationGoesOnFromAnEarlierResponse(t *testing.T) {
	t.Parallel()
	kept := shelf{}
	n := 0
	c := openairesponses.Client{Store: kept, Key: "mine", NewID: func(prefix string) string {
		n++
		return prefix + string(rune('a'+n))
	}}
	answer := func(body string, parts ...llm.Part) (id, sticky string) {
		_, h, err := asked(t, c, body)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := c.EncodeReply(&out, &llm.Reply{Parts: parts, Finish: llm.Finish{Reason: llm.ReasonStop}}, "m", h); err != nil {
			t.Fatal(err)
		}
		var r struct{ ID string }
		if err := json.Unmarshal(out.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		return r.ID, h.Sticky
	}
	first, sticky := answer(`{"model":"m","instructions":"old","input":"one"}`, llm.Thought{Text: "hm", Signature: "sig", Minter: "gemini"}, llm.ToolCall{ID: "c1", Name: "f", Arguments: "{}"})
	second, again := answer(`{"model":"m","previous_response_id":"`+first+`","input":[{"type":"function_call_output","call_id":"c1","output":"done"}]}`, llm.Text{Text: "two"})
	if sticky == "" || sticky != again {
		t.Errorf("the conversation is called %q and then %q", sticky, again)
	}
	body := `{"model":"m","instructions":"new","previous_response_id":"` + second + `","input":"three"}`
	r, h, err := asked(t, c, body)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range r.Messages {
		for _, p := range m.Parts {
			switch p := p.(type) {
			case llm.Text:
				got = append(got, string(m.Role)+" "+p.Text)
			case llm.Thought:
				got = append(got, string(m.Role)+" thinks "+p.Text+" "+p.Signature+" of "+p.Minter)
			case llm.ToolCall:
				got = append(got, string(m.Role)+" calls "+p.Name)
			case llm.ToolResult:
				got = append(got, string(m.Role)+" result of "+p.CallID)
			default:
				t.Errorf("a part %T", p)
			}
		}
	}
	want := "system new|user one|assistant thinks hm sig of gemini|assistant calls f|tool result of c1|assistant two|user three"
	if strings.Join(got, "|") != want {
		t.Errorf("got %s, want %s", strings.Join(got, "|"), want)
	}
	carried, notes, err := openairesponses.Upstream{}.CarryRequest(nil, []byte(body), h, "up")
	if err != nil {
		t.Fatal(err)
	}
	var sent struct {
		Model    string           `json:"model"`
		Previous *string          `json:"previous_response_id"`
		Input    []map[string]any `json:"input"`
	}
	if err := json.Unmarshal(carried, &sent); err != nil || sent.Previous != nil || len(sent.Input) != 5 || sent.Model != "up" || len(notes) == 0 {
		t.Fatalf("%v: %s", err, carried)
	}
	for _, item := range sent.Input[1:4] {
		if item["id"] != nil || item["type"] == "reasoning" {
			t.Errorf("an answer's item goes as %v", item)
		}
	}
	if _, _, err := asked(t, openairesponses.Client{Store: kept, Key: "other"}, body); err == nil || err.Code != "previous_response_not_found" {
		t.Errorf("another key: %v", err)
	}
	delete(kept, first)
	if _, _, err := asked(t, c, body); err == nil || !strings.Contains(err.Message, "no longer kept") {
		t.Errorf("the first turn is gone: %v", err)
	}
}

func TestStore_StoreFalseIsNotKept(t *testing.T) {
	t.Parallel()
	kept := shelf{}
	c := openairesponses.Client{Store: kept}
	_, h, err := asked(t, c, `{"model":"m","input":"x","store":false}`)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := c.EncodeReply(&out, &llm.Reply{Parts: []llm.Part{llm.Text{Text: "x"}}}, "m", h); err != nil || len(kept) != 0 || !strings.Contains(out.String(), `"store":false`) {
		t.Errorf("%v, %d kept, %s", err, len(kept), out.String())
	}
}

func TestHead_NamesTheConversation(t *testing.T) {
	t.Parallel()
	c := openairesponses.Client{}
	for _, test := range []struct{ session, body, want string }{
		{"", `{"input":"x","prompt_cache_key":"k"}`, "k"},
		{"s", `{"input":"x"}`, "s"},
		{"s", `{"input":"x","prompt_cache_key":"k"}`, "k"},
		{"", `{"input":"x"}`, ""},
	} {
		h, err := c.Head(posted(t, test.session), []byte(test.body))
		if err != nil || h.Sticky != test.want {
			t.Errorf("%s with session %q: %v, %q", test.body, test.session, err, h.Sticky)
		}
	}
}

// TestClientTools_AreTheClientsOwnItemsAgain gives the calls of functions that
// stand for tools of the protocol back as those.
func TestClientTools_AreTheClientsOwnItemsAgain(t *testing.T) {
	t.Parallel()
	c := fixed()
	body := `{"model":"m","input":"x","tools":[{"type":"local_shell"},{"type":"shell"},{"type":"apply_patch"},{"type":"tool_search","execution":"client"},
		{"type":"namespace","name":"mcp__a","tools":[{"type":"function","name":"f"}]}]}`
	r, h, err := asked(t, c, body)
	if err != nil || len(r.Tools) != 5 {
		t.Fatalf("%v, %+v", err, r)
	}
	var out bytes.Buffer
	reply := &llm.Reply{Finish: llm.Finish{Reason: llm.ReasonToolCalls}, Parts: []llm.Part{
		llm.ToolCall{ID: "1", Name: "local_shell", Arguments: `{"command":["ls"]}`},
		llm.ToolCall{ID: "2", Name: "shell", Arguments: `{"commands":["ls"]}`},
		llm.ToolCall{ID: "3", Name: "apply_patch", Arguments: `{"type":"delete_file","path":"a"}`},
		llm.ToolCall{ID: "4", Name: "tool_search", Arguments: `{"query":"q"}`},
		llm.ToolCall{ID: "5", Name: "mcp__a__f", Arguments: `{}`},
		llm.ToolCall{ID: "6", Name: "shell", Arguments: `oops`},
	}}
	if err := c.EncodeReply(&out, reply, "m", h); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"type":"local_shell_call","status":"completed","call_id":"1","action":{"command":["ls"],"type":"exec","env":{}}`,
		`"type":"shell_call","status":"completed","call_id":"2","action":{"commands":["ls"]}`,
		`"type":"apply_patch_call","status":"completed","call_id":"3","operation":{"type":"delete_file","path":"a"}`,
		`"type":"tool_search_call","status":"completed","call_id":"4","arguments":{"query":"q"},"execution":"client"`,
		`"type":"function_call","status":"completed","call_id":"5","namespace":"mcp__a","name":"f","arguments":"{}"`,
		`"type":"shell_call","status":"completed","call_id":"6","action":{}`,
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %s in %s", want, out.String())
		}
	}
}

func TestRestore_EndsAtAStopWord(t *testing.T) {
	t.Parallel()
	u := openairesponses.Upstream{}
	for _, test := range []struct {
		pieces []string
		stop   []string
		want   string
		calls  int
	}{
		{[]string{"one ST", "OP two"}, []string{"STOP"}, "one ", 0},
		{[]string{"one ST", "ART two"}, []string{"STOP"}, "one START two", 1},
		{[]string{"a", "b", "c"}, []string{"abc", "b"}, "a", 0},
		{[]string{"ends ST"}, []string{"STOP"}, "ends ST", 1},
	} {
		s := func(yield func(llm.Event, error) bool) {
			if !yield(llm.Start{}, nil) {
				return
			}
			for _, p := range test.pieces {
				if !yield(llm.TextDelta{Text: p}, nil) {
					return
				}
			}
			_ = yield(llm.ToolCallStart{Block: 1, ID: "c", Name: "f"}, nil) && yield(llm.Finish{Reason: llm.ReasonToolCalls, Usage: usage(1, 1, 0)}, nil)
		}
		got := dialecttest.Of(u.Restore(&llm.Request{Stop: test.stop}, s))
		if got.Text != test.want || len(got.Calls) != test.calls || !got.Usage.Known {
			t.Errorf("%q: got %+v", test.pieces, got)
		}
	}
}
