package demo_test

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"strings"
	"testing"
)

const tools = `[
 {"type":"function","function":{"name":"get_weather","description":"the weather","parameters":{"type":"object","properties":{"city":{"type":"string"},"unit":{"enum":["c","f"]},"note":{"type":"string"}},"required":["city","unit"]}}},
 {"type":"function","function":{"name":"read_file","parameters":{"type":"object","properties":{"path":{"type":"string"},"lines":{"type":"integer","minimum":10}},"required":["path","lines"]}}},
 {"type":"custom","custom":{"name":"run_patch"}}]`

func withTools(text, more string) string {
	raw, _ := json.Marshal(text)
	return `{"model":"fast","messages":[{"role":"user","content":` + string(raw) + `}],"tools":` + tools + more + `}`
}

func TestTools_AreCalledWhenTheTextAsks(t *testing.T) {
	for _, c := range []struct {
		text, more string
		want       string
	}{
		{"Hello there", ``, ``},
		{"What is the weather in Berlin?", ``, `get_weather{"city":"Berlin","unit":"c"}`},
		{"please use the tool", ``, `get_weather{"city":"Paris","unit":"c"}`},
		{"read_file please", ``, `read_file{"path":"README.md","lines":10}`},
		{"Call read file and then get_weather", ``, `read_file{"path":"README.md","lines":10} get_weather{"city":"Paris","unit":"c"}`},
		{"Call get_weather for Berlin and Tokyo in parallel", ``, `get_weather{"city":"Berlin","unit":"c"} get_weather{"city":"Tokyo","unit":"f"}`},
		{"get_weather twice", ``, `get_weather{"city":"Paris","unit":"c"} get_weather{"city":"Paris 2","unit":"f"}`},
		{"Call read_file and get_weather", `,"parallel_tool_calls":false`, `read_file{"path":"README.md","lines":10}`},
		{"Hello", `,"tool_choice":"required"`, `get_weather{"city":"Paris","unit":"c"}`},
		{"Hello", `,"tool_choice":{"type":"function","function":{"name":"read_file"}}`, `read_file{"path":"README.md","lines":10}`},
		{"Call get_weather", `,"tool_choice":"none"`, ``},
		{"Call get_weather", `,"tool_choice":"validated"`, `get_weather{"city":"Paris","unit":"c"}`},
		{"run_patch", ``, `run_patch:run_patch`},
		{"今天天气怎么样", ``, `get_weather{"city":"Paris","unit":"c"}`},
		{strings.Repeat("rules of the agent ", 200) + " get_weather", ``, ``},
	} {
		m, finish := whole(t, withTools(c.text, c.more))
		var got []string
		ids := map[string]bool{}
		for _, call := range m.ToolCalls {
			if call.ID == "" || ids[call.ID] {
				t.Errorf("%q: the id %q is empty or there twice", c.text, call.ID)
			}
			ids[call.ID] = true
			if call.Type == "custom" {
				got = append(got, call.Custom.Name+":"+call.Custom.Input)
				continue
			}
			got = append(got, call.Function.Name+call.Function.Arguments)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%.40q %s\n got %s\nwant %s", c.text, c.more, s, c.want)
		}
		if (finish == "tool_calls") != (len(got) > 0) || (m.Content == nil) != (len(got) > 0) {
			t.Errorf("%.40q: finish %q beside %d calls", c.text, finish, len(got))
		}
	}
}

func TestTools_StreamWithIndexAndIdOnce(t *testing.T) {
	body := strings.TrimSuffix(withTools("Call read_file and get_weather", ``), "}") + `,"stream":true}`
	chunks, done, err := events(t, send(t.Context(), t, body).Body)
	if !done || err != nil {
		t.Fatalf("done %v, %v", done, err)
	}
	arguments, opened := map[int]string{}, map[int]int{}
	for _, c := range chunks {
		for _, call := range c.Choices[0].Delta.ToolCalls {
			if call.Index == nil {
				t.Fatal("a delta has no index")
			}
			if call.ID != "" {
				opened[*call.Index]++
				if call.Function.Name == "" || call.Type != "function" {
					t.Errorf("the first delta of call %d is %+v", *call.Index, call)
				}
			}
			arguments[*call.Index] += call.Function.Arguments
		}
	}
	if opened[0] != 1 || opened[1] != 1 || arguments[0] != `{"path":"README.md","lines":10}` || arguments[1] != `{"city":"Paris","unit":"c"}` {
		t.Errorf("opened %v, arguments %v", opened, arguments)
	}
}

func TestTools_ResultsAreQuoted(t *testing.T) {
	m, finish := whole(t, `{"model":"fast","tools":`+tools+`,"messages":[
		{"role":"user","content":"weather?"},
		{"role":"assistant","content":null,"tool_calls":[
			{"id":"a","type":"function","function":{"name":"get_weather","arguments":"{}"}},
			{"id":"b","type":"function","function":{"name":"read_file","arguments":"{}"}}]},
		{"role":"tool","tool_call_id":"b","content":[{"type":"text","text":"line one"}]},
		{"role":"tool","tool_call_id":"a","content":"18 °C, \"clear\""}]}`)
	want := `The tool read_file returned: line one. The tool get_weather returned: 18 °C, "clear".`
	if finish != "stop" || m.Content == nil || *m.Content != want {
		t.Errorf("finish %q, content %v\nwant %q", finish, m.Content, want)
	}
}

func TestPictures_AreAcknowledged(t *testing.T) {
	data := base64.StdEncoding.EncodeToString(make([]byte, 1000))
	m, _ := whole(t, `{"model":"fast","messages":[{"role":"user","content":[
		{"type":"text","text":"What is this?"},
		{"type":"image_url","image_url":{"url":"data:image/png;base64,`+data+`"}},
		{"type":"image_url","image_url":{"url":"https://example.com/a.jpg"}},
		{"type":"input_audio","input_audio":{"format":"wav","data":"`+data+`"}},
		{"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,`+data+`"}}]}]}`)
	for _, want := range []string{
		"I see an image (image/png, 1000 bytes). ", "(https://example.com/a.jpg)",
		"a recording (wav, 1000 bytes)", "the file a.pdf (application/pdf, 1000 bytes)",
	} {
		if !strings.Contains(*m.Content, want) {
			t.Errorf("no %q in %q", want, *m.Content)
		}
	}
}

func TestThinking_OnlyWhenAsked(t *testing.T) {
	for effort, want := range map[string]bool{``: false, `,"reasoning_effort":"none"`: false, `,"reasoning_effort":"high"`: true} {
		_, c := ask(t, `{"model":"fast","messages":[{"role":"user","content":"a"}]`+effort+`}`)
		thinks := c.Choices[0].Message.Reasoning != ""
		if thinks != want || (c.Usage.Details.ReasoningTokens > 0) != want {
			t.Errorf("%q: thinks %v, usage %+v", effort, thinks, c.Usage)
		}
	}
}

func TestLimits_CutTheText(t *testing.T) {
	const head = `{"model":"fast","messages":[{"role":"user","content":"a"}]`
	full, _ := whole(t, head+`}`)
	for _, limit := range []string{`"max_tokens":5`, `"max_completion_tokens":5`, `"max_tokens":5,"reasoning_effort":"high"`, `"max_tokens":1`} {
		m, finish := whole(t, head+`,`+limit+`}`)
		if finish != "length" || *m.Content == "" || len(*m.Content) > 24 || !strings.HasPrefix(*full.Content, *m.Content) {
			t.Errorf("%s: finish %q, %q", limit, finish, *m.Content)
		}
	}
	m, finish := whole(t, head+`,"stop":["no account","never there"]}`)
	if finish != "stop" || !strings.HasSuffix(*m.Content, "no network, ") {
		t.Errorf("stop: finish %q, %q", finish, *m.Content)
	}
	m, finish = whole(t, head+`,"stop":"no account","max_tokens":10000}`)
	if finish != "stop" || !strings.HasSuffix(*m.Content, "no network, ") {
		t.Errorf("stop as a string: finish %q, %q", finish, *m.Content)
	}
}

func TestChoices_AsManyAsAsked(t *testing.T) {
	_, c := ask(t, `{"model":"fast","messages":[{"role":"user","content":"a"}],"n":3}`)
	if len(c.Choices) != 3 || c.Choices[2].Index != 2 {
		t.Errorf("got %d choices", len(c.Choices))
	}
}

func TestWrongRequests_AreRefusedWithThePlace(t *testing.T) {
	const msg = `"messages":[{"role":"user","content":"a"}]`
	for _, c := range []struct{ body, param, says string }{
		{`{"model":"fast"`, "", "not valid JSON"},
		{`[]`, "", "JSON array"},
		{``, "", "not valid JSON"},
		{`{"model":"fast",` + msg + `} extra`, "", "more after it"},
		{`{` + msg + `}`, "model", "model is missing"},
		{`{"model":"fast"}`, "messages", "messages is missing"},
		{`{"model":"fast","messages":[]}`, "messages", "empty"},
		{`{"model":"fast","messages":"hi"}`, "messages", "JSON string"},
		{`{"model":"fast","messages":[{"role":"robot","content":"a"}]}`, "messages[0].role", "robot"},
		{`{"model":"fast","messages":[{"role":"user"}]}`, "messages[0].content", "missing"},
		{`{"model":"fast","messages":[{"role":"user","content":[{"type":"smell"}]}]}`, "messages[0].content[0].type", "smell"},
		{`{"model":"fast","messages":[{"role":"tool","tool_call_id":"x","content":"a"}]}`, "messages[0].tool_call_id", "answers no tool call"},
		{`{"model":"fast",` + msg + `,"stream_options":{"include_usage":true}}`, "stream_options", "stream is true"},
		{`{"model":"fast",` + msg + `,"max_tokens":0}`, "max_tokens", "at least 1"},
		{`{"model":"fast",` + msg + `,"n":99}`, "n", "1 to 8"},
		{`{"model":"fast",` + msg + `,"stop":["a","b","c","d","e"]}`, "stop", "at most 4"},
		{`{"model":"fast",` + msg + `,"response_format":{"type":"xml"}}`, "response_format.type", "json_schema"},
		{`{"model":"fast",` + msg + `,"response_format":{"type":"json_schema"}}`, "response_format.json_schema.schema", "needs a schema"},
		{`{"model":"fast",` + msg + `,"tools":[{"type":"function"}]}`, "tools[0]", "no name"},
		{`{"model":"fast",` + msg + `,"tool_choice":"required"}`, "tool_choice", "tools are given"},
		{`{"model":"fast",` + msg + `,"tool_choice":{"type":"function","function":{"name":"x"}}}`, "tool_choice", "not among tools"},
	} {
		status, got := ask(t, c.body)
		param := ""
		if got.Error.Param != nil {
			param = *got.Error.Param
		}
		if status != 400 || got.Error.Type != "invalid_request_error" || param != c.param || !strings.Contains(got.Error.Message, c.says) {
			t.Errorf("%s\n got %d %q %+v\nwant 400 at %q saying %q", c.body, status, param, got.Error, c.param, c.says)
		}
	}
}

func FuzzChat(f *testing.F) {
	f.Add(`{"model":"fast","messages":[{"role":"user","content":"hi"}],"stream":true}`)
	f.Add(withTools("Call get_weather twice", `,"n":2,"stop":["a"],"max_tokens":3`))
	f.Add(`{"model":"fast","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:;base64,"}}]}]}`)
	f.Fuzz(func(t *testing.T, body string) {
		if strings.Contains(body, `"cut"`) || strings.Contains(body, `\u`) {
			return // A model that breaks off on purpose, however it is spelled.
		}
		resp := send(t.Context(), t, strings.ReplaceAll(strings.ReplaceAll(body, "slow", "fast"), "chat", "fast"))
		got, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatalf("%s: the answer broke off: %v", body, err)
		}
		if resp.Header.Get("Content-Type") == "text/event-stream" {
			if !strings.HasSuffix(string(got), "data: [DONE]\n\n") {
				t.Errorf("%s: the stream ends with %q", body, got[max(0, len(got)-40):])
			}
			return
		}
		if !json.Valid(got) {
			t.Errorf("%s: the answer is not JSON: %s", body, got)
		}
	})
}
