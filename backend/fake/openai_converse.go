package fake

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/tidwall/gjson"
)

// converse is what a model without a script does, with recorded answers where
// there is one: it quotes the results of tools, calls the tools it is offered
// (two at once when the user's text says PAR), answers a schema with
// {"city":"Paris","celsius":18}, counts pictures, and otherwise says Hello.
func converse(w http.ResponseWriter, q gjson.Result) {
	messages := q.Get("messages").Array()
	last := messages[len(messages)-1]
	tools := q.Get("tools").Array()
	switch {
	case last.Get("role").String() == "tool":
		say(w, q, "The tool said: "+textOf(last.Get("content")))
	case q.Get("response_format.type").String() == "json_schema":
		say(w, q, `{"city":"Paris","celsius":18}`)
	case len(tools) > 0 && q.Get("tool_choice").String() != "none":
		callTools(w, q, tools, strings.Contains(textOf(last.Get("content")), "PAR"))
	default:
		if n := images(last.Get("content")); n > 0 {
			say(w, q, fmt.Sprintf("I see %d image.", n))
			return
		}
		send(w, q, Vector("openai/openai_stream_usage.sse"))
	}
}

func textOf(content gjson.Result) string {
	if !content.IsArray() {
		return content.String()
	}
	var b strings.Builder
	for _, p := range content.Array() {
		b.WriteString(p.Get("text").String())
	}
	return b.String()
}

func images(content gjson.Result) int {
	n := 0
	if content.IsArray() {
		for _, p := range content.Array() {
			if p.Get("type").String() == "image_url" {
				n++
			}
		}
	}
	return n
}

// say streams a text, or answers it whole.
func say(w http.ResponseWriter, q gjson.Result, text string) {
	var b bytes.Buffer
	chunk := func(choices string) {
		fmt.Fprintf(&b, `data: {"id":"chatcmpl-c","object":"chat.completion.chunk","created":1760000000,"model":"test-model",%s}`+"\n\n", choices)
	}
	delta := func(d any, finish string) {
		raw, _ := json.Marshal(d)
		chunk(`"choices":[{"index":0,"delta":` + string(raw) + `,"finish_reason":` + finish + `}]`)
	}
	delta(map[string]any{"role": "assistant", "content": ""}, "null")
	for _, word := range strings.SplitAfter(text, " ") {
		delta(map[string]any{"content": word}, "null")
	}
	delta(map[string]any{}, `"stop"`)
	chunk(`"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":5,"total_tokens":14}`)
	b.WriteString("data: [DONE]\n\n")
	send(w, q, b.Bytes())
}

// callTools calls the first tool offered, with the recorded calls as a model.
func callTools(w http.ResponseWriter, q gjson.Result, tools []gjson.Result, parallel bool) {
	vector := Vector("openai/dashscope_stream_tool_calls.sse")
	if !parallel {
		vector = withoutSecond(vector)
	}
	name := tools[0].Get("function.name").String()
	send(w, q, bytes.ReplaceAll(vector, []byte(`"read_file"`), []byte(`"`+name+`"`)))
}

// withoutSecond leaves out the second of two recorded calls.
func withoutSecond(stream []byte) []byte {
	var out []byte
	for _, event := range events(stream) {
		if !bytes.Contains(event, []byte(`"tool_calls":[{"index":1`)) {
			out = append(out, event...)
		}
	}
	return out
}

// events cuts a stream after each blank line, whatever its line ends. Joined,
// the pieces are the stream again.
func events(stream []byte) [][]byte {
	var out [][]byte
	start := 0
	for i := 0; i < len(stream); {
		n := bytes.IndexByte(stream[i:], '\n')
		if n < 0 {
			break
		}
		if line := bytes.TrimRight(stream[i:i+n], "\r"); len(line) == 0 {
			out = append(out, stream[start:i+n+1])
			start = i + n + 1
		}
		i += n + 1
	}
	if start < len(stream) {
		out = append(out, stream[start:])
	}
	return out
}

// fold is the whole answer that the recorded stream amounts to.
func fold(stream []byte) map[string]any {
	message := map[string]any{"role": "assistant", "content": nil}
	finish := "stop"
	var text, thought strings.Builder
	var calls []map[string]any
	var usage any
	for _, event := range events(stream) {
		d := gjson.ParseBytes(data(event))
		if e := d.Get("error"); e.Exists() {
			return map[string]any{"error": e.Value()}
		}
		if u := d.Get("usage"); u.IsObject() {
			usage = u.Value()
		}
		c := d.Get("choices.0")
		text.WriteString(c.Get("delta.content").String())
		thought.WriteString(c.Get("delta.reasoning_content").String() + c.Get("delta.reasoning").String())
		calls = foldCalls(calls, c.Get("delta.tool_calls").Array())
		if f := c.Get("finish_reason").String(); f != "" {
			finish = f
		}
	}
	if text.Len() > 0 || len(calls) == 0 {
		message["content"] = text.String()
	}
	if thought.Len() > 0 {
		message["reasoning_content"] = thought.String()
	}
	if len(calls) > 0 {
		message["tool_calls"] = calls
	}
	return map[string]any{
		"id": "chatcmpl-t1", "object": "chat.completion", "created": 1760000000, "model": "test-model", "usage": usage,
		"choices": []any{map[string]any{"index": 0, "message": message, "finish_reason": finish, "logprobs": nil}},
	}
}

// foldCalls adds fragments: one with an id of its own opens a call.
func foldCalls(calls []map[string]any, fragments []gjson.Result) []map[string]any {
	for _, f := range fragments {
		if id := f.Get("id").String(); id != "" {
			calls = append(calls, map[string]any{
				"id": id, "type": "function",
				"function": map[string]any{"name": f.Get("function.name").String(), "arguments": ""},
			})
		}
		if len(calls) == 0 {
			continue
		}
		function := calls[len(calls)-1]["function"].(map[string]any)
		function["arguments"] = function["arguments"].(string) + f.Get("function.arguments").String()
	}
	return calls
}

// data joins the data lines of an event.
func data(event []byte) []byte {
	var lines [][]byte
	for line := range bytes.SplitSeq(event, []byte("\n")) {
		if rest, ok := bytes.CutPrefix(bytes.TrimRight(line, "\r"), []byte("data:")); ok {
			lines = append(lines, bytes.TrimPrefix(rest, []byte(" ")))
		}
	}
	return bytes.Join(lines, []byte("\n"))
}
