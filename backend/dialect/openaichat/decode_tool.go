package openaichat

import (
	"fmt"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

func (d *decoder) tools(v []byte) {
	if v[0] != '[' {
		d.refuse("tools", "tools must be a list")
		return
	}
	d.req.Tools = nil
	for i, e := range indexed(v) {
		at := fmt.Sprintf("tools[%d]", i)
		if e[0] != '{' {
			d.refuse(at, at+" must be an object")
			return
		}
		d.req.Tools = append(d.req.Tools, d.tool(at, e))
	}
}

func (d *decoder) tool(at string, raw []byte) llm.Tool {
	kind := rawjson.Text(rawjson.Get(raw, "type"))
	inner := rawjson.Get(raw, kind)
	if kind == "" {
		kind = onlyMember(raw)
		if kind == "" || kind == "function" {
			d.refuse(at+".type", at+".type is missing")
		}
		return llm.Tool{Builtin: kind, Raw: raw}
	}
	switch {
	case kind == "function" && len(inner) > 0 && inner[0] == '{':
		t := d.function(at+".function", "function.", inner)
		t.Extra = append(extra(raw, "", "type", "function"), t.Extra...)
		return t
	case kind == "function":
		d.refuse(at+".function", at+".function must be an object")
		return llm.Tool{}
	case kind == "custom" && len(inner) > 0 && inner[0] == '{':
		return llm.Tool{
			Custom:      true,
			Name:        rawjson.Text(rawjson.Get(inner, "name")),
			Description: rawjson.Text(rawjson.Get(inner, "description")),
			Format:      orNil(rawjson.Get(inner, "format")),
			Extra: append(extra(raw, "", "type", "custom"),
				extra(inner, "custom.", "name", "description", "format")...),
		}
	default:
		return llm.Tool{Builtin: kind, Raw: raw}
	}
}

// onlyMember is the name of the one member of an object: Google's own tools have
// no type, as {"google_search":{}}. "" is none, or several.
func onlyMember(raw []byte) string {
	name, n := "", 0
	for m := range rawjson.Inside(raw) {
		name = string(m.Key)
		n++
	}
	if n != 1 {
		return ""
	}
	return name
}

// function reads a function's definition; prefix marks its unknown fields.
func (d *decoder) function(at, prefix string, raw []byte) llm.Tool {
	var t llm.Tool
	for m := range rawjson.Inside(raw) {
		switch k := string(m.Key); k {
		case "name":
			t.Name = d.text(at+".name", m.Value)
		case "description":
			t.Description = d.text(at+".description", m.Value)
		case "parameters":
			t.Parameters = orNil(m.Value)
		case "strict":
			if !rawjson.IsNull(m.Value) {
				t.Strict = d.flag(at+".strict", m.Value)
			}
		default:
			t.Extra = append(t.Extra, llm.Field{Name: prefix + k, Value: m.Value})
		}
	}
	if t.Name == "" {
		d.refuse(at+".name", at+".name is missing")
	}
	return t
}

// functions reads the form that tools replaced in 2023.
func (d *decoder) functions(v []byte) {
	if v[0] != '[' {
		d.refuse("functions", "functions must be a list")
		return
	}
	d.warn("functions", "renamed")
	for i, e := range indexed(v) {
		at := fmt.Sprintf("functions[%d]", i)
		if e[0] != '{' {
			d.refuse(at, at+" must be an object")
			return
		}
		d.req.Tools = append(d.req.Tools, d.function(at, "function.", e))
	}
}

// choice reads tool_choice and the legacy function_call. A wish nobody knows is
// auto: agents invent words for models of one vendor (B39).
func (d *decoder) choice(field string, v []byte) {
	c := &d.req.ToolChoice
	if rawjson.IsText(v) {
		switch s := rawjson.Text(v); s {
		case "auto":
			c.Mode = llm.ChoiceAuto
		case "none":
			c.Mode = llm.ChoiceNone
		case "required":
			c.Mode = llm.ChoiceRequired
		default:
			c.Mode = llm.ChoiceAuto
			d.warn(field, "read as auto: unknown "+s+" in")
		}
		return
	}
	kind := rawjson.Text(rawjson.Get(v, "type"))
	inner := rawjson.Get(v, kind)
	switch {
	case field == "function_call":
		d.warn(field, "renamed")
		c.Mode, c.Name = llm.ChoiceTool, rawjson.Text(rawjson.Get(v, "name"))
	case kind == "function" || kind == "custom":
		c.Mode, c.Name = llm.ChoiceTool, rawjson.Text(rawjson.Get(inner, "name"))
	case kind == "allowed_tools":
		d.allowed(c, inner)
	}
	if c.Mode == llm.ChoiceUnset || c.Mode == llm.ChoiceTool && c.Name == "" {
		*c = llm.ToolChoice{Mode: llm.ChoiceAuto}
		d.warn(field, "read as auto: unknown value of")
	}
}

func (d *decoder) allowed(c *llm.ToolChoice, v []byte) {
	c.Mode = llm.ChoiceAuto
	if rawjson.Text(rawjson.Get(v, "mode")) == "required" {
		c.Mode = llm.ChoiceRequired
	}
	c.Allowed = []string{}
	for _, e := range rawjson.Elements(rawjson.Get(v, "tools")) {
		c.Allowed = append(c.Allowed, rawjson.Text(rawjson.Get(rawjson.Get(e, "function"), "name")))
	}
}
