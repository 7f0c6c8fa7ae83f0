package gemini

import (
	"fmt"
	"slices"

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
		e.comma()
		e.out = append(e.out, `{"functionDeclarations":[`...)
		for i, t := range e.req.Tools {
			if t.Builtin == "" {
				e.function(i, t)
			}
		}
		e.out = append(e.out, ']', '}')
	}
	for _, name := range builtins {
		e.comma()
		e.out = append(e.out, `{"`+name+`":{}}`...)
	}
	e.out = append(e.out, ']')
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
	}
	if e.wish.search {
		add("web_search_options", "googleSearch")
	}
	return out
}

// builtin is Google's name of a tool that a service runs; "" is none.
func builtin(name string) string {
	switch name {
	case "google_search", "googleSearch", "web_search", "web_search_preview":
		return "googleSearch"
	case "url_context", "urlContext":
		return "urlContext"
	case "code_execution", "codeExecution", "code_interpreter":
		return "codeExecution"
	default:
		return ""
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
	e.comma()
	e.out = append(e.out, '{')
	e.text("name", name)
	if t.Description != "" || t.RawDescription != nil {
		e.key("description")
		e.words(llm.Text{Text: t.Description, Raw: t.RawDescription})
	}
	switch {
	case t.Custom:
		e.raw("parametersJsonSchema", []byte(`{"type":"object","properties":{"`+freeText+`":{"type":"string"`))
		if t.Format != nil {
			e.warn(field()+".custom.format", "moved to the description:")
			e.text("description", "Format: "+string(t.Format))
		}
		e.out = append(e.out, `}},"required":["`+freeText+`"]}`...)
	case t.Parameters != nil:
		if clean := e.Schemas.parameters(t.Parameters); clean != nil {
			e.raw("parametersJsonSchema", clean)
		}
	}
	e.out = append(e.out, '}')
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
		e.word("mode", mode)
		if allowed != nil {
			for i := range allowed {
				allowed[i] = alias(allowed[i])
			}
			e.strings("allowedFunctionNames", allowed)
		}
		e.out = append(e.out, '}')
	}
	if search { // else Google's own tools are refused beside functions
		e.bool("includeServerSideToolInvocations", true)
	}
	e.out = append(e.out, '}')
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
