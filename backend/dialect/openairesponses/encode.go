package openairesponses

import (
	"fmt"
	"slices"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/request"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// EncodeRequest writes the body. It asks for a stream, and that the service
// keeps nothing: what is to be kept is kept here.
func (u Upstream) EncodeRequest(r *llm.Request, model string) ([]byte, []llm.Warning, *llm.Error) {
	switch {
	case r.Completion != nil:
		return nil, nil, request.Unsupported("prompt", "this service answers conversations and completes no text as such")
	case r.Choices > 1:
		return nil, nil, request.Unsupported("n", "n above 1 cannot be translated for this model; ask once for each answer")
	}
	e := encoder{Writer: rawjson.Writer{Out: make([]byte, 0, r.Size())}, req: r, custom: map[string]bool{}}
	e.Out = append(e.Out, '{')
	e.Text("model", model)
	e.input()
	e.sampling()
	e.tools()
	e.choice()
	e.shape()
	e.reasoning()
	e.rest()
	e.Out = append(e.Out, '}')
	return e.Out, e.warnings, nil
}

// encoder writes one request.
type encoder struct {
	rawjson.Writer

	req      *llm.Request
	warnings []llm.Warning
	// custom are the ids of calls with free text.
	custom map[string]bool
}

func (e *encoder) warn(field, what string) {
	e.warnings = append(e.warnings, llm.Warning{Field: field, What: what})
}

// own says that the request came in this dialect.
func (e *encoder) own() bool { return e.req.Minter == minter }

// open begins an item, a part or a tool of a type.
func (e *encoder) open(kind string) {
	e.Comma()
	e.Out = append(e.Out, '{')
	e.Text("type", kind)
}

func (e *encoder) close() { e.Out = append(e.Out, '}') }

// fields writes members that the vocabulary has no name for.
func (e *encoder) fields(at string, list []llm.Field) {
	for _, f := range list {
		if !e.own() {
			e.warn(at+"."+f.Name, "dropped")
			continue
		}
		e.Raw(f.Name, f.Value)
	}
}

func (e *encoder) sampling() {
	r := e.req
	e.Whole("max_output_tokens", r.MaxTokens)
	e.Number("temperature", r.Temperature)
	e.Number("top_p", r.TopP)
	e.Said("user", r.User)
	for _, f := range []struct {
		name string
		set  bool
	}{
		{"top_k", r.TopK != nil},
		{"presence_penalty", r.PresencePenalty != nil},
		{"frequency_penalty", r.FrequencyPenalty != nil},
		{"seed", r.Seed != nil},
		{"reasoning budget", r.Reasoning.BudgetTokens != nil},
	} {
		if f.set {
			e.warn(f.name, "dropped")
		}
	}
	if len(r.Stop) > 0 {
		e.warn("stop", "kept to here, not by the service:")
	}
	if !r.Stream {
		e.warn("stream", "set")
	}
	e.Raw("stream", llm.RawJSON("true"))
}

func (e *encoder) tools() {
	if e.req.Tools == nil {
		return
	}
	from := len(e.Out)
	e.Key("tools")
	e.Out = append(e.Out, '[')
	begun := len(e.Out)
	for i, t := range e.req.Tools {
		e.tool(fmt.Sprintf("tools[%d]", i), t)
	}
	if len(e.Out) == begun && len(e.req.Tools) > 0 {
		e.Out = e.Out[:from]
		return
	}
	e.Out = append(e.Out, ']')
	e.Flag("parallel_tool_calls", e.req.ParallelToolCalls)
}

func (e *encoder) tool(at string, t llm.Tool) {
	switch {
	case t.Builtin != "" && e.own():
		e.Comma()
		e.Out = append(e.Out, t.Raw...)
		return
	case isSearch(t.Builtin):
		e.open("web_search")
		e.close()
		return
	case t.Builtin != "":
		e.warn(at, "dropped")
		return
	case t.Custom:
		e.open("custom")
	default:
		e.open("function")
	}
	e.Text("name", t.Name)
	if t.RawDescription != nil {
		e.Raw("description", t.RawDescription)
	} else {
		e.Said("description", t.Description)
	}
	if t.Custom {
		e.Raw("format", flatGrammar(t.Format))
	} else {
		e.parameters(t)
	}
	e.fields(at, t.Extra)
	e.close()
}

// parameters writes a function's schema. strict is the protocol's default where
// it is not said, but no client of another protocol means it so.
func (e *encoder) parameters(t llm.Tool) {
	schema := t.Parameters
	if schema == nil && !e.own() {
		schema = llm.RawJSON(`{"type":"object","properties":{}}`)
	}
	e.Raw("parameters", schema)
	strict := t.Strict
	if strict == nil && !e.own() {
		strict = new(bool)
	}
	e.Flag("strict", strict)
}

// isSearch says that a tool searches the web, in any protocol's words.
func isSearch(builtin string) bool {
	return builtin == "google_search" || builtin == "googleSearch" || strings.HasPrefix(builtin, "web_search")
}

func (e *encoder) choice() {
	c := e.req.ToolChoice
	switch {
	case c.Mode == llm.ChoiceUnset:
	case c.Mode == llm.ChoiceTool:
		e.Key("tool_choice")
		e.chosen(c.Name)
	case c.Allowed != nil:
		e.Key("tool_choice")
		e.Out = append(e.Out, `{"type":"allowed_tools"`...)
		e.Text("mode", string(c.Mode))
		e.Key("tools")
		e.Out = append(e.Out, '[')
		for _, name := range c.Allowed {
			e.chosen(name)
		}
		e.Out = append(e.Out, "]}"...)
	default:
		e.Text("tool_choice", string(c.Mode))
	}
}

func (e *encoder) chosen(name string) {
	kind := "function"
	if slices.ContainsFunc(e.req.Tools, func(t llm.Tool) bool { return t.Name == name && t.Custom }) {
		kind = "custom"
	}
	e.open(kind)
	e.Text("name", name)
	e.close()
}

// shape writes what the text is to look like.
func (e *encoder) shape() {
	f, more := e.req.Format, e.within("text.")
	if f.Kind == llm.FormatText && len(more) == 0 {
		return
	}
	e.Key("text")
	e.Out = append(e.Out, '{')
	switch f.Kind {
	case llm.FormatText:
	case llm.FormatJSON:
		e.Raw("format", llm.RawJSON(`{"type":"json_object"}`))
	case llm.FormatSchema:
		e.Key("format")
		e.open("json_schema")
		name := f.Name
		if name == "" {
			name = "response" // the protocol wants one
		}
		e.Text("name", name)
		e.Said("description", f.Description)
		e.Raw("schema", f.Schema)
		e.Flag("strict", f.Strict)
		e.close()
	}
	for _, m := range more {
		e.Raw(m.Name, m.Value)
	}
	e.close()
}

func (e *encoder) reasoning() {
	r, more := e.req.Reasoning, e.within("reasoning.")
	if r.Effort == "" && r.Summary == "" && len(more) == 0 {
		return
	}
	e.Key("reasoning")
	e.Out = append(e.Out, '{')
	e.Said("effort", r.Effort)
	e.Said("summary", r.Summary)
	for _, m := range more {
		e.Raw(m.Name, m.Value)
	}
	e.close()
}

// within are the unknown members of an object, by the prefix they are kept with.
func (e *encoder) within(prefix string) []llm.Field {
	var out []llm.Field
	for _, f := range e.req.Extra {
		if name, ok := strings.CutPrefix(f.Name, prefix); ok && e.own() {
			out = append(out, llm.Field{Name: name, Value: f.Value})
		}
	}
	return out
}

// rest writes the fields that only this dialect has.
func (e *encoder) rest() {
	said := map[string]bool{}
	for _, f := range e.req.Extra {
		said[f.Name] = true
		switch {
		case !e.own():
			e.warn(f.Name, "dropped")
		case !strings.HasPrefix(f.Name, "text.") && !strings.HasPrefix(f.Name, "reasoning."):
			e.Raw(f.Name, f.Value)
		}
	}
	if !said["store"] || !e.own() {
		if e.own() {
			e.warn("store", "set")
		}
		e.Raw("store", llm.RawJSON("false"))
	}
	if e.req.Logprobs && (!said["include"] || !e.own()) {
		if e.own() {
			e.warn("include", "added")
		}
		e.Raw("include", llm.RawJSON(`["message.output_text.logprobs"]`))
	}
	e.Whole("top_logprobs", e.req.TopLogprobs)
}
