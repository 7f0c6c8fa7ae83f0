package demo

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
)

// request is what the demo reads of a chat completion request; what it has no
// use for, as temperature, it takes without a word.
type request struct {
	Model               string          `json:"model"`
	Messages            []message       `json:"messages"`
	Tools               []tool          `json:"tools"`
	ToolChoice          json.RawMessage `json:"tool_choice"`
	ParallelToolCalls   *bool           `json:"parallel_tool_calls"`
	MaxTokens           *int            `json:"max_tokens"`
	MaxCompletionTokens *int            `json:"max_completion_tokens"`
	N                   *int            `json:"n"`
	Stop                texts           `json:"stop"`
	Stream              bool            `json:"stream"`
	StreamOptions       *struct {
		IncludeUsage bool `json:"include_usage"`
	} `json:"stream_options"`
	ResponseFormat *struct {
		Type       string `json:"type"`
		JSONSchema struct {
			Schema json.RawMessage `json:"schema"`
		} `json:"json_schema"`
	} `json:"response_format"`
	ReasoningEffort string `json:"reasoning_effort"`

	// digest tells requests apart; ids of answers and calls are made of it.
	digest string
}

type message struct {
	Role       string `json:"role"`
	Content    parts  `json:"content"`
	ToolCallID string `json:"tool_call_id"`
	ToolCalls  []struct {
		ID       string `json:"id"`
		Function struct {
			Name string `json:"name"`
		} `json:"function"`
		Custom struct {
			Name string `json:"name"`
		} `json:"custom"`
	} `json:"tool_calls"`
}

type tool struct {
	Type     string   `json:"type"`
	Function toolSpec `json:"function"`
	Custom   toolSpec `json:"custom"`
}

type toolSpec struct {
	Name        string          `json:"name"`
	Description string          `json:"description"`
	Parameters  json.RawMessage `json:"parameters"`
}

// spec is the definition, whichever type the tool has.
func (t tool) spec() toolSpec {
	if t.Type == "custom" {
		return t.Custom
	}
	return t.Function
}

type part struct {
	Type     string `json:"type"`
	Text     string `json:"text"`
	Refusal  string `json:"refusal"`
	ImageURL struct {
		URL string `json:"url"`
	} `json:"image_url"`
	InputAudio struct {
		Data   string `json:"data"`
		Format string `json:"format"`
	} `json:"input_audio"`
	File struct {
		Filename string `json:"filename"`
		FileData string `json:"file_data"`
		FileID   string `json:"file_id"`
	} `json:"file"`
}

// parts are a message's content: a string, a list of parts, or null.
type parts []part

// UnmarshalJSON reads all three forms.
func (p *parts) UnmarshalJSON(raw []byte) error {
	if len(raw) > 0 && raw[0] == '"' {
		*p = parts{{Type: "text"}}
		return json.Unmarshal(raw, &(*p)[0].Text)
	}
	return json.Unmarshal(raw, (*[]part)(p))
}

// texts is a string or a list of strings.
type texts []string

// UnmarshalJSON reads both forms.
func (t *texts) UnmarshalJSON(raw []byte) error {
	if len(raw) > 0 && raw[0] == '"' {
		*t = texts{""}
		return json.Unmarshal(raw, &(*t)[0])
	}
	return json.Unmarshal(raw, (*[]string)(t))
}

// decode reads and checks a request as strictly as the service it stands for.
func decode(raw []byte) (*request, *failure) {
	r := &request{digest: digest(raw)}
	d := json.NewDecoder(bytes.NewReader(raw))
	if err := d.Decode(r); err != nil {
		return nil, malformed(err)
	}
	if d.More() {
		return nil, refuse("", "the body must be one JSON object; there is more after it")
	}
	for _, check := range []func() *failure{r.checkTop, r.checkMessages, r.checkTools} {
		if f := check(); f != nil {
			return nil, f
		}
	}
	return r, nil
}

func malformed(err error) *failure {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return refuse(wrong.Field, fmt.Sprintf("%s must not be a JSON %s", wrong.Field, wrong.Value))
	}
	return refuse("", "the body is not valid JSON: "+err.Error())
}

func refuse(param, message string) *failure {
	return &failure{status: http.StatusBadRequest, kind: "invalid_request_error", param: param, message: message}
}

func (r *request) checkTop() *failure {
	switch {
	case r.Model == "":
		return refuse("model", "model is missing: name one, as chat")
	case len(r.Messages) == 0:
		return refuse("messages", "messages is missing or empty: send at least one message")
	case r.StreamOptions != nil && !r.Stream:
		return refuse("stream_options", "stream_options is only allowed when stream is true")
	case r.MaxTokens != nil && *r.MaxTokens < 1:
		return refuse("max_tokens", "max_tokens must be at least 1")
	case r.MaxCompletionTokens != nil && *r.MaxCompletionTokens < 1:
		return refuse("max_completion_tokens", "max_completion_tokens must be at least 1")
	case r.N != nil && (*r.N < 1 || *r.N > 8):
		return refuse("n", "n must be 1 to 8")
	case len(r.Stop) > 4:
		return refuse("stop", "stop takes at most 4 sequences")
	}
	return r.checkFormat()
}

func (r *request) checkFormat() *failure {
	if r.ResponseFormat == nil {
		return nil
	}
	switch r.ResponseFormat.Type {
	case "text", "json_object":
		return nil
	case "json_schema":
		if len(r.ResponseFormat.JSONSchema.Schema) == 0 {
			return refuse("response_format.json_schema.schema", "response_format json_schema needs a schema")
		}
		return nil
	default:
		return refuse("response_format.type", "response_format.type must be text, json_object or json_schema")
	}
}

func (r *request) checkMessages() *failure {
	called := map[string]bool{}
	for i, m := range r.Messages {
		at := fmt.Sprintf("messages[%d]", i)
		for _, c := range m.ToolCalls {
			called[c.ID] = true
		}
		if !slices.Contains([]string{"system", "developer", "user", "assistant", "tool", "function"}, m.Role) {
			return refuse(at+".role", fmt.Sprintf("%s.role must be system, developer, user, assistant or tool, not %q", at, m.Role))
		}
		if m.Role == "tool" && !called[m.ToolCallID] {
			return refuse(at+".tool_call_id", fmt.Sprintf("%s.tool_call_id %q answers no tool call of an earlier assistant message", at, m.ToolCallID))
		}
		if m.Role == "user" && len(m.Content) == 0 {
			return refuse(at+".content", at+".content is missing or empty")
		}
		for j, p := range m.Content {
			if !slices.Contains([]string{"text", "image_url", "input_audio", "file", "refusal"}, p.Type) {
				return refuse(fmt.Sprintf("%s.content[%d].type", at, j), fmt.Sprintf("%s.content[%d].type %q is not known", at, j, p.Type))
			}
		}
	}
	return nil
}

func (r *request) checkTools() *failure {
	for i, t := range r.Tools {
		if t.spec().Name == "" {
			return refuse(fmt.Sprintf("tools[%d]", i), fmt.Sprintf("tools[%d] has no name", i))
		}
	}
	mode, name := r.choice()
	switch {
	case mode == "tool" && r.toolIndex(name) < 0:
		return refuse("tool_choice", fmt.Sprintf("tool_choice names the tool %q, which is not among tools", name))
	case mode == "required" && len(r.Tools) == 0:
		return refuse("tool_choice", "tool_choice is only allowed when tools are given")
	}
	return nil
}

// choice reads tool_choice: auto, none, required, or tool and its name. A value
// that nobody knows means auto (B39).
func (r *request) choice() (mode, name string) {
	var word string
	if json.Unmarshal(r.ToolChoice, &word) == nil {
		if word == "none" || word == "required" {
			return word, ""
		}
		return "auto", ""
	}
	var one tool
	if json.Unmarshal(r.ToolChoice, &one) == nil && one.spec().Name != "" {
		return "tool", one.spec().Name
	}
	return "auto", ""
}

func (r *request) toolIndex(name string) int {
	return slices.IndexFunc(r.Tools, func(t tool) bool { return t.spec().Name == name })
}

// limit is the token limit of the answer; 0 is none.
func (r *request) limit() int {
	switch {
	case r.MaxCompletionTokens != nil:
		return *r.MaxCompletionTokens
	case r.MaxTokens != nil:
		return *r.MaxTokens
	default:
		return 0
	}
}

// lastUser is the last message of the user; nil when there is none.
func (r *request) lastUser() *message {
	for i := len(r.Messages) - 1; i >= 0; i-- {
		if r.Messages[i].Role == "user" {
			return &r.Messages[i]
		}
	}
	return nil
}

// text is all text of a message.
func (m *message) text() string {
	if m == nil {
		return ""
	}
	out := ""
	for _, p := range m.Content {
		if p.Type == "text" {
			if out != "" {
				out += "\n"
			}
			out += p.Text
		}
	}
	return out
}
