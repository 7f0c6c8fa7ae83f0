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
	before := len(e.Out)
	e.Key("tools")
	e.Out = append(e.Out, '[')
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
		e.Out = e.Out[:before]
		return
	}
	e.Out = append(e.Out, ']')
	e.Flag("parallel_tool_calls", e.req.ParallelToolCalls)
}

func (e *encoder) tool(at string, t llm.Tool) {
	if t.Builtin != "" {
		e.Comma()
		e.Out = append(e.Out, t.Raw...)
		return
	}
	object := "function"
	if t.Custom {
		object = "custom"
	}
	e.open(object)
	e.Text("name", t.Name)
	e.Said("description", t.Description)
	e.Raw("parameters", t.Parameters)
	e.Flag("strict", t.Strict)
	e.Raw("format", t.Format)
	e.fields(at, object+".", t.Extra)
	e.close(at, t.Extra)
}

func (e *encoder) choice() {
	c := e.req.ToolChoice
	switch {
	case c.Mode == llm.ChoiceUnset:
	case c.Mode == llm.ChoiceTool:
		e.Key("tool_choice")
		e.Out = append(e.Out, '{')
		object := "function"
		if e.isCustom(c.Name) {
			object = "custom"
		}
		e.Text("type", object)
		e.Key(object)
		e.named(c.Name)
		e.Out = append(e.Out, '}')
	case c.Allowed != nil:
		e.allowed(c)
	default:
		e.Text("tool_choice", string(c.Mode))
	}
}

func (e *encoder) named(name string) {
	e.Out = append(e.Out, `{"name":`...)
	e.Out = append(rawjson.AppendString(e.Out, name), '}')
}

func (e *encoder) allowed(c llm.ToolChoice) {
	e.Key("tool_choice")
	e.Out = append(e.Out, `{"type":"allowed_tools","allowed_tools":{`...)
	e.Text("mode", string(c.Mode))
	e.Key("tools")
	e.Out = append(e.Out, '[')
	for _, name := range c.Allowed {
		e.Comma()
		e.Out = append(e.Out, `{"type":"function","function":`...)
		e.named(name)
		e.Out = append(e.Out, '}')
	}
	e.Out = append(e.Out, `]}}`...)
}

func (e *encoder) isCustom(name string) bool {
	for _, t := range e.req.Tools {
		if t.Name == name {
			return t.Custom
		}
	}
	return false
}
