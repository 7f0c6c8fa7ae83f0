package gemini

import (
	"fmt"
	"slices"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// tools writes the functions as one tool, and each tool that Google runs itself
// as one of its own.
func (e *encoder) tools() {
	functions := e.functions()
	builtins := e.builtins()
	if functions == 0 && len(builtins) == 0 {
		return
	}
	e.open("tools", '[')
	if functions > 0 {
		e.Comma()
		e.Out = append(e.Out, `{"functionDeclarations":[`...)
		for i, t := range e.req.Tools {
			if t.Builtin == "" {
				e.function(i, t)
			}
		}
		e.Out = append(e.Out, ']', '}')
	}
	for _, name := range builtins {
		e.Comma()
		e.Out = append(e.Out, `{"`+name+`":{}}`...)
	}
	e.Out = append(e.Out, ']')
}

// functions counts the client's own tools.
func (e *encoder) functions() int {
	n := 0
	for _, t := range e.req.Tools {
		if t.Builtin == "" {
			n++
		}
	}
	return n
}

// builtins are the tools that Google runs, by Google's names.
func (e *encoder) builtins() []string {
	var out []string
	add := func(field, name string) {
		if e.functions() > 0 && !e.family.three() {
			e.refuse(llm.KindUnsupported, field, field+": this model cannot use "+name+" together with functions; leave one of them out")
		}
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	for i, t := range e.req.Tools {
		if t.Builtin == "" {
			continue
		}
		field := fmt.Sprintf("tools[%d]", i)
		name := builtin(t.Builtin)
		if name == "" {
			e.refuse(llm.KindUnsupported, field, field+" is "+t.Builtin+", which Gemini does not have")
			continue
		}
		add(field, name)
		e.unwritten(field, t.Builtin, t.Raw)
	}
	if e.wish.search {
		add("web_search_options", "googleSearch")
	}
	return out
}

// builtin is Google's name of a tool that a service runs; "" is none. Anthropic
// has the date of a version behind the name, OpenAI now and then the word
// preview.
func builtin(name string) string {
	is := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return name == w || strings.HasPrefix(name, w+"_") })
	}
	switch {
	case is("web_search", "google_search", "googleSearch"):
		return "googleSearch"
	case is("web_fetch", "url_context", "urlContext"):
		return "urlContext"
	case is("code_execution", "code_interpreter", "codeExecution"):
		return "codeExecution"
	default:
		return ""
	}
}

// unwritten notes what a definition wishes of the tool: Google's are written
// without wishes. In some protocols they stand below the tool's name.
func (e *encoder) unwritten(field, tool string, definition []byte) {
	for m := range rawjson.Inside(definition) {
		switch name := string(m.Key); {
		case name == "type", name == "name", rawjson.IsNull(m.Value):
		case name == tool:
			e.unwritten(field+"."+name, tool, m.Value)
		default:
			e.warn(field+"."+name, "dropped")
		}
	}
}

func (e *encoder) function(i int, t llm.Tool) {
	field := func() string { return fmt.Sprintf("tools[%d]", i) }
	for _, f := range t.Extra {
		e.warn(field()+"."+f.Name, "dropped")
	}
	if t.Strict != nil && *t.Strict {
		e.warn(field()+".function.strict", "dropped")
	}
	name := alias(t.Name)
	if name != t.Name {
		e.warn(field()+".function.name", "renamed")
	}
	e.Comma()
	e.Out = append(e.Out, '{')
	e.Text("name", name)
	if t.Description != "" || t.RawDescription != nil {
		e.Key("description")
		e.words(llm.Text{Text: t.Description, Raw: t.RawDescription})
	}
	switch {
	case t.Custom:
		e.Raw("parametersJsonSchema", []byte(`{"type":"object","properties":{"`+freeText+`":{"type":"string"`))
		if t.Format != nil {
			e.warn(field()+".custom.format", "moved to the description:")
			e.Text("description", "Format: "+string(t.Format))
		}
		e.Out = append(e.Out, `}},"required":["`+freeText+`"]}`...)
	case t.Parameters != nil:
		if clean := e.Schemas.parameters(t.Parameters); clean != nil {
			e.Raw("parametersJsonSchema", clean)
		}
	}
	e.Out = append(e.Out, '}')
}

// toolConfig says how free the model is.
func (e *encoder) toolConfig() {
	if e.functions() == 0 {
		if e.req.ToolChoice.Mode != llm.ChoiceUnset {
			e.warn("tool_choice", "dropped")
		}
		return
	}
	if e.req.ParallelToolCalls != nil && !*e.req.ParallelToolCalls {
		e.warn("parallel_tool_calls", "dropped")
	}
	mode, allowed := e.choice()
	search := e.public() && (e.wish.search || e.functions() < len(e.req.Tools))
	if mode == "" && !search {
		return
	}
	e.open("toolConfig", '{')
	if mode != "" {
		e.open("functionCallingConfig", '{')
		e.Text("mode", mode)
		if allowed != nil {
			for i := range allowed {
				allowed[i] = alias(allowed[i])
			}
			e.Strings("allowedFunctionNames", allowed)
		}
		e.Out = append(e.Out, '}')
	}
	if search { // else Google's own tools are refused beside functions
		e.Flag("includeServerSideToolInvocations", new(true))
	}
	e.Out = append(e.Out, '}')
}

// choice is the mode in Google's words, and the functions it allows; nil is all.
func (e *encoder) choice() (mode string, allowed []string) {
	c := e.req.ToolChoice
	allowed = slices.Clone(c.Allowed)
	switch c.Mode {
	case llm.ChoiceUnset:
		return "", nil
	case llm.ChoiceNone:
		return "NONE", nil
	case llm.ChoiceRequired:
		return "ANY", allowed
	case llm.ChoiceTool:
		return "ANY", []string{c.Name}
	case llm.ChoiceAuto:
		if len(allowed) > 0 {
			return "VALIDATED", allowed
		}
	}
	return "AUTO", nil
}
