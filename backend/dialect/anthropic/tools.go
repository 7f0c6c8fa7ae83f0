package anthropic

import (
	"fmt"
	"slices"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// tools writes the tools. A conversation with calls must have some: where the
// client offers none any more, those that were called are named.
func (e *encoder) tools() {
	before := len(e.Out)
	e.Key("tools")
	e.Open('[')
	n := 0
	for i, t := range e.req.Tools {
		if e.tool(fmt.Sprintf("tools[%d]", i), t) {
			n++
		}
	}
	if n == 0 {
		n = e.calledTools()
		e.forced = llm.ToolChoice{}
		if n > 0 {
			e.forced.Mode = llm.ChoiceNone
			e.warn("tools", "added those that were called to")
		}
	}
	if n == 0 {
		e.Out = e.Out[:before]
		return
	}
	e.Close(']')
}

// tool writes one tool, and says whether it did.
func (e *encoder) tool(at string, t llm.Tool) bool {
	switch {
	case t.Builtin != "" && e.own():
		e.Comma()
		e.Out = append(e.Out, t.Raw...)
		return true
	case t.Builtin != "", e.req.ToolChoice.Allowed != nil && !slices.Contains(e.req.ToolChoice.Allowed, t.Name):
		e.warn(at, "dropped")
		return false
	}
	e.Open('{')
	name := wireName(t.Name)
	if name != t.Name {
		e.warn(at+".name", "renamed")
	}
	e.Text("name", name)
	if t.Description != "" {
		e.Text("description", t.Description)
	}
	e.Key("input_schema")
	if t.Custom {
		e.Out = append(e.Out, `{"type":"object","properties":{"input":{"type":"string"}},"required":["input"]}`...)
		if t.Format != nil {
			e.warn(at+".format", "dropped")
		}
	} else {
		e.inputSchema(at, t.Parameters)
	}
	switch {
	case t.Strict == nil || !*t.Strict:
	case e.own():
		e.Raw("strict", llm.RawJSON("true"))
	default:
		e.warn(at+".strict", "dropped")
	}
	e.end(at, t.Extra)
	return true
}

// inputSchema writes a tool's schema. The protocol wants an object at the top,
// said in so many words and not as a choice of several.
func (e *encoder) inputSchema(at string, schema llm.RawJSON) {
	if len(schema) == 0 || schema[0] != '{' {
		e.Out = append(e.Out, `{"type":"object","properties":{}}`...)
		return
	}
	var dropped []string
	typed := false
	for m := range rawjson.Inside(schema) {
		switch key := string(m.Key); key {
		case "anyOf", "oneOf", "allOf":
			dropped = append(dropped, key)
		case "type":
			typed = string(m.Value) == `"object"`
		}
	}
	if typed && dropped == nil {
		e.Out = append(e.Out, schema...)
		return
	}
	for _, key := range dropped {
		e.warn(at+".parameters."+key, "dropped")
	}
	e.Open('{')
	e.Text("type", "object")
	for m := range rawjson.Inside(schema) {
		if key := string(m.Key); key != "type" && !slices.Contains(dropped, key) {
			e.Raw(key, m.Value)
		}
	}
	e.Close('}')
}

// calledTools writes a tool for each name that the conversation has calls of.
func (e *encoder) calledTools() int {
	seen := map[string]bool{}
	for _, t := range e.turns {
		for _, b := range t.blocks {
			c, ok := b.part.(llm.ToolCall)
			name := wireName(c.Name)
			if !ok || seen[name] {
				continue
			}
			seen[name] = true
			e.Open('{')
			e.Text("name", name)
			e.Raw("input_schema", llm.RawJSON(`{"type":"object"}`))
			e.Close('}')
		}
	}
	return len(seen)
}

// choice writes how free the model is. A limit to one call a turn is a part of
// it, and stands with auto where the client said nothing else.
func (e *encoder) choice() {
	parallel := e.req.ParallelToolCalls
	single := parallel != nil && !*parallel && len(e.req.Tools) > 0
	kind := ""
	switch e.forced.Mode {
	case llm.ChoiceUnset:
		if single {
			kind = "auto"
		}
	case llm.ChoiceAuto:
		kind = "auto"
	case llm.ChoiceNone:
		kind, single = "none", false
	case llm.ChoiceRequired:
		kind = "any"
	case llm.ChoiceTool:
		kind = "tool"
	}
	if kind == "" {
		return
	}
	e.Key("tool_choice")
	e.Open('{')
	e.Text("type", kind)
	if kind == "tool" {
		e.Text("name", wireName(e.forced.Name))
	}
	if single {
		e.Raw("disable_parallel_tool_use", llm.RawJSON("true"))
	}
	e.Close('}')
}
