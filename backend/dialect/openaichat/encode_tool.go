package openaichat

import (
	"fmt"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

func (e *encoder) tools() {
	if e.req.Tools == nil {
		return
	}
	before := len(e.out)
	e.key("tools")
	e.out = append(e.out, '[')
	n := 0
	for i, t := range e.req.Tools {
		at := fmt.Sprintf("tools[%d]", i)
		if t.Builtin != "" && !e.own() {
			e.warn(at, "dropped")
			continue
		}
		e.tool(at, t)
		n++
	}
	if n == 0 && len(e.req.Tools) > 0 { // the protocol refuses an empty list
		e.out = e.out[:before]
		return
	}
	e.out = append(e.out, ']')
	e.bool("parallel_tool_calls", e.req.ParallelToolCalls)
}

func (e *encoder) tool(at string, t llm.Tool) {
	if t.Builtin != "" {
		e.comma()
		e.out = append(e.out, t.Raw...)
		return
	}
	object := "function"
	if t.Custom {
		object = "custom"
	}
	e.open(object)
	e.text("name", t.Name)
	e.string("description", t.Description)
	e.raw("parameters", t.Parameters)
	e.bool("strict", t.Strict)
	e.raw("format", t.Format)
	e.fields(at, object+".", t.Extra)
	e.close(at, t.Extra)
}

func (e *encoder) choice() {
	c := e.req.ToolChoice
	switch {
	case c.Mode == llm.ChoiceUnset:
	case c.Mode == llm.ChoiceTool:
		e.key("tool_choice")
		e.out = append(e.out, '{')
		object := "function"
		if e.isCustom(c.Name) {
			object = "custom"
		}
		e.text("type", object)
		e.key(object)
		e.named(c.Name)
		e.out = append(e.out, '}')
	case c.Allowed != nil:
		e.allowed(c)
	default:
		e.text("tool_choice", string(c.Mode))
	}
}

func (e *encoder) named(name string) {
	e.out = append(e.out, `{"name":`...)
	e.out = append(rawjson.AppendString(e.out, name), '}')
}

func (e *encoder) allowed(c llm.ToolChoice) {
	e.key("tool_choice")
	e.out = append(e.out, `{"type":"allowed_tools","allowed_tools":{`...)
	e.text("mode", string(c.Mode))
	e.key("tools")
	e.out = append(e.out, '[')
	for _, name := range c.Allowed {
		e.comma()
		e.out = append(e.out, `{"type":"function","function":`...)
		e.named(name)
		e.out = append(e.out, '}')
	}
	e.out = append(e.out, `]}}`...)
}

func (e *encoder) isCustom(name string) bool {
	for _, t := range e.req.Tools {
		if t.Name == name {
			return t.Custom
		}
	}
	return false
}
