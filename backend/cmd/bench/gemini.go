package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// geminiPrefix stands before the models that the proxy under test has to ask in
// another protocol. The yardsticks cannot translate: they pass the same request
// on to the same upstream as it is.
const geminiPrefix = "gemini/"

// The prefixes of the accounts for Anthropic's protocol, and for a service that
// speaks Chat Completions alone.
const (
	anthropicPrefix = "claude/"
	plainPrefix     = "plain/"
)

// markedRequest is what stands before the number in the text of a request whose
// answer comes through a translation, where nothing else survives.
const markedRequest = "This is request "

// translated are the works that are asked for in one protocol and answered in
// another.
func translated() []work {
	var list []work
	for _, w := range plain() {
		switch w.name {
		case "small", "chunks", "paced", "agent", "slow", "brief":
			w.name, w.prompt, w.service = "gemini-3-"+w.name, marked(w.prompt), geminiAPI
			list = append(list, w)
		}
	}
	return list
}

// geminiAnswer is the answer in Gemini's protocol, always as events: the words,
// and one that ends it.
func (w work) geminiAnswer() answer {
	a := answer{stream: true, ends: []int{0}}
	var b strings.Builder
	usage := func(out int) string {
		in := len(w.prompt) / 4
		return fmt.Sprintf(`{"promptTokenCount":%d,"candidatesTokenCount":%d,"totalTokenCount":%d}`, in, out, in+out)
	}
	for i, word := range append(w.words, "") {
		finish := ""
		if i == len(w.words) {
			finish = `,"finishReason":"STOP"`
		}
		fmt.Fprintf(&b, `data: {"candidates":[{"content":{"parts":[{"text":%s}],"role":"model"}%s,"index":0}],"usageMetadata":%s,"modelVersion":%q,"responseId":"%s"}`+"\r\n\r\n",
			quote(word), finish, usage(min(i+1, len(w.words))), w.name, blank)
		a.ends = append(a.ends, b.Len())
	}
	a.text = newStamped(b.String())
	return a
}

// understandGemini checks a request in Gemini's protocol, sets the reply to it
// and gives its number.
func (s *session) understandGemini(h header, path []byte) (string, error) {
	name, ok := strings.CutSuffix(string(path), ":streamGenerateContent?alt=sse HTTP/1.1")
	w, known := s.works[name]
	if !ok || !known || w.client != chatAPI || w.service != geminiAPI {
		return "", fmt.Errorf("asked for %q", h.first)
	}
	if h.googKey != upstreamKey || h.authorization != "" {
		return "", fmt.Errorf("key %q, authorization %q", h.googKey, h.authorization)
	}
	number, at, err := s.number()
	if err != nil {
		return "", err
	}
	asked := ask{model: name}
	if s.asked != asked {
		r := frame(w.geminiAnswer())
		r.work, r.gemini = w, true
		s.last, s.asked = r, asked
	}
	return number, s.verify(w, at, saidGemini)
}

// number finds the request's number in its text, and where it stands.
func (s *session) number() (string, int, error) {
	at := bytes.LastIndex(s.body, []byte(markedRequest))
	if at < 0 || len(s.body) < at+len(markedRequest)+len(blank) {
		return "", 0, errors.New("the request has no number")
	}
	at += len(markedRequest)
	return string(s.body[at : at+len(blank)]), at, nil
}

// verify compares the request with the one that was last found right, and reads
// it in full where the two differ: reading costs more than what is measured.
func (s *session) verify(w work, at int, read func([]byte) ([]said, error)) error {
	before, after := s.body[:at], s.body[at+len(blank):]
	if right, ok := s.right.Load(w.name); ok {
		if parts := right.([2][]byte); bytes.Equal(parts[0], before) && bytes.Equal(parts[1], after) {
			return nil
		}
	}
	want, err := saidOpenAI([]byte("{" + w.prompt + "}"))
	if err != nil {
		return err
	}
	got, err := read(append(append(bytes.Clone(before), blank...), after...))
	if err != nil {
		return fmt.Errorf("the request is not understood: %w", err)
	}
	for i := range max(len(want), len(got)) {
		if i >= len(want) || i >= len(got) || !reflect.DeepEqual(want[i], got[i]) {
			return fmt.Errorf("the request says %q, want %q", at0(got, i), at0(want, i))
		}
	}
	s.right.Store(w.name, [2][]byte{bytes.Clone(before), bytes.Clone(after)})
	return nil
}

func at0(list []said, i int) string {
	if i >= len(list) {
		return "nothing more"
	}
	return clip(fmt.Appendf(nil, "%+v", list[i]))
}

// said is one thing that a request says, whatever its protocol.
type said struct {
	who, name, text string
	// value is JSON: arguments, or the names of a schema's properties.
	value any
}

// saidOpenAI reads a request of ours.
func saidOpenAI(body []byte) ([]said, error) {
	var r struct {
		Messages []struct {
			Role, Content string
			ToolCallID    string `json:"tool_call_id"`
			ToolCalls     []struct {
				ID       string
				Function struct{ Name, Arguments string }
			} `json:"tool_calls"`
		}
		Tools []struct {
			Function struct {
				Name, Description string
				Parameters        struct {
					Properties map[string]struct{ Type, Description string }
				}
			}
		}
		Temperature float64
		MaxTokens   int `json:"max_tokens"`
		Newer       int `json:"max_completion_tokens"`
	}
	if err := json.Unmarshal(body, &r); err != nil {
		return nil, err
	}
	var list []said
	names := map[string]string{}
	for _, m := range r.Messages {
		switch {
		case m.Role == "tool":
			list = append(list, said{who: "result", name: names[m.ToolCallID], text: m.Content})
		case m.Content != "":
			list = append(list, said{who: m.Role, text: m.Content})
		}
		for _, c := range m.ToolCalls {
			names[c.ID] = c.Function.Name
			var arguments any
			if err := json.Unmarshal([]byte(c.Function.Arguments), &arguments); err != nil {
				return nil, err
			}
			list = append(list, said{who: "call", name: c.Function.Name, value: arguments})
		}
	}
	for _, t := range r.Tools {
		list = append(list, said{who: "tool", name: t.Function.Name, text: t.Function.Description, value: t.Function.Parameters.Properties})
	}
	return append(list, said{who: "limits", value: [2]float64{r.Temperature, float64(max(r.MaxTokens, r.Newer))}}), nil
}

// saidGemini reads what the proxy made of it.
func saidGemini(body []byte) ([]said, error) {
	type part struct {
		Text         string
		FunctionCall *struct {
			Name string
			Args any
		}
		FunctionResponse *struct {
			Name     string
			Response struct{ Output string }
		}
	}
	type content struct {
		Role  string
		Parts []part
	}
	var r struct {
		SystemInstruction content
		Contents          []content
		Tools             []struct {
			FunctionDeclarations []struct {
				Name, Description    string
				ParametersJSONSchema struct {
					Properties map[string]struct{ Type, Description string }
				} `json:"parametersJsonSchema"`
			}
		}
		GenerationConfig struct {
			Temperature     float64
			MaxOutputTokens int
		}
	}
	if err := json.Unmarshal(body, &r); err != nil {
		return nil, err
	}
	var list []said
	for _, p := range r.SystemInstruction.Parts {
		list = append(list, said{who: "system", text: p.Text})
	}
	for _, c := range r.Contents {
		for _, p := range c.Parts {
			switch {
			case p.FunctionCall != nil:
				list = append(list, said{who: "call", name: p.FunctionCall.Name, value: p.FunctionCall.Args})
			case p.FunctionResponse != nil:
				list = append(list, said{who: "result", name: p.FunctionResponse.Name, text: p.FunctionResponse.Response.Output})
			default:
				list = append(list, said{who: c.Role, text: p.Text})
			}
		}
	}
	for _, t := range r.Tools {
		for _, f := range t.FunctionDeclarations {
			list = append(list, said{who: "tool", name: f.Name, text: f.Description, value: f.ParametersJSONSchema.Properties})
		}
	}
	limits := [2]float64{r.GenerationConfig.Temperature, float64(r.GenerationConfig.MaxOutputTokens)}
	return append(list, said{who: "limits", value: limits}), nil
}

// meaning judges a translated answer: the same words, end and usage under the
// request's number and the model's name. Which events the words come in, and
// what else is said, is the proxy's business.
func meaning(want answer, body []byte) error {
	if want.client != chatAPI {
		w, err := want.client.read(want.text.text, want.stream)
		if err != nil {
			return err
		}
		g, err := want.client.read(body, want.stream)
		if err == nil && w != g {
			err = fmt.Errorf("got %q, want %q", clip(fmt.Appendf(nil, "%+v", g)), clip(fmt.Appendf(nil, "%+v", w)))
		}
		return err
	}
	w, err := understood(want.text.text, want.stream)
	if err != nil {
		return err
	}
	g, err := understood(body, want.stream)
	if err != nil {
		return err
	}
	if !strings.HasSuffix(g.id, strings.TrimPrefix(w.id, "chatcmpl-")) {
		return fmt.Errorf("got the answer %q, want the one of %q", g.id, w.id)
	}
	w.id, g.id = "", ""
	if w != g {
		return fmt.Errorf("got %q, want %q", clip(fmt.Appendf(nil, "%+v", g)), clip(fmt.Appendf(nil, "%+v", w)))
	}
	return nil
}

// reading is what a client takes out of an answer.
type reading struct {
	id, model, text, finish string
	usage                   struct {
		Prompt     int `json:"prompt_tokens"`
		Completion int `json:"completion_tokens"`
		Total      int `json:"total_tokens"`
	}
	done bool
}

func understood(body []byte, stream bool) (r reading, err error) {
	list := [][]byte{body}
	if stream {
		if list, err = events(body); err != nil {
			return r, err
		}
	}
	for _, event := range list {
		if r.done {
			return r, errors.New("something comes after the end")
		}
		if stream && string(event) == "[DONE]" {
			r.done = true
			continue
		}
		if err := r.add(event); err != nil {
			return r, err
		}
	}
	return r, nil
}

func (r *reading) add(event []byte) error {
	var e struct {
		ID, Model string
		Choices   []struct {
			Delta, Message struct{ Content string }
			FinishReason   string `json:"finish_reason"`
		}
		Usage *json.RawMessage
	}
	if err := json.Unmarshal(event, &e); err != nil {
		return fmt.Errorf("%q: %w", clip(event), err)
	}
	if r.id != "" && (e.ID != r.id || e.Model != r.model) {
		return fmt.Errorf("%q of %q after %q of %q", e.ID, e.Model, r.id, r.model)
	}
	r.id, r.model = e.ID, e.Model
	for _, c := range e.Choices {
		r.text += c.Delta.Content + c.Message.Content
		r.finish += c.FinishReason
	}
	if e.Usage != nil {
		return json.Unmarshal(*e.Usage, &r.usage)
	}
	return nil
}
