package openaichat

import (
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

func (d *decoder) tools(in *rawjson.Cursor) {
	switch in.Kind() {
	case '[':
		d.Req.Tools = nil
	case 'n': // null
		return
	default:
		d.Refuse("tools", "tools must be a list")
		return
	}
	for i := range in.List() {
		at := place{list: "tools", i: i}
		if in.Kind() != '{' {
			d.Refuse(at.String(), at.String()+" must be an object")
			return
		}
		d.Req.Tools = append(d.Req.Tools, d.tool(at, in))
	}
}

// tool reads one tool. Its type may stand behind what it says the type of.
func (d *decoder) tool(at place, in *rawjson.Cursor) llm.Tool {
	from := in.Offset()
	var kind string
	var t llm.Tool
	var function []byte
	more := false
	for key := range in.Object() {
		switch string(key) {
		case "type":
			kind = rawjson.Text(in.Value())
		case "function":
			begin := in.Offset()
			t = d.function(at.in(".function", -1), "function.", in)
			function = in.Since(begin)
		default:
			more = true
		}
	}
	raw := in.Since(from)
	switch kind {
	case "function":
		if len(function) == 0 || function[0] != '{' {
			d.Refuse(at.member("function"), at.member("function")+" must be an object")
			return llm.Tool{}
		}
		if t.Name == "" {
			d.Refuse(at.member("function.name"), at.member("function.name")+" is missing")
		}
		if more {
			t.Extra = append(extra(raw, "", "type", "function"), t.Extra...)
		}
		return t
	case "custom":
		if inner := rawjson.Get(raw, kind); len(inner) > 0 && inner[0] == '{' {
			return customTool(raw, inner)
		}
	case "":
		if kind = onlyMember(raw); kind == "" || kind == "function" {
			d.Refuse(at.member("type"), at.member("type")+" is missing")
		}
	}
	return llm.Tool{Builtin: kind, Raw: raw}
}

func customTool(raw, inner []byte) llm.Tool {
	return llm.Tool{
		Custom:      true,
		Name:        rawjson.Text(rawjson.Get(inner, "name")),
		Description: rawjson.Text(rawjson.Get(inner, "description")),
		Format:      rawjson.OrNil(rawjson.Get(inner, "format")),
		Extra: append(extra(raw, "", "type", "custom"),
			extra(inner, "custom.", "name", "description", "format")...),
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
func (d *decoder) function(at place, prefix string, in *rawjson.Cursor) llm.Tool {
	var t llm.Tool
	for key := range in.Object() {
		v := in.Value()
		switch string(key) {
		case "name":
			t.Name = d.textAt(at, "name", v)
		case "description":
			if !d.Described(&t, v) {
				t.Description = d.textAt(at, "description", v)
			}
		case "parameters":
			t.Parameters = rawjson.OrNil(v)
		case "strict":
			if !rawjson.IsNull(v) {
				t.Strict = d.Flag(at.member("strict"), v)
			}
		default:
			t.Extra = append(t.Extra, llm.Field{Name: prefix + string(key), Value: v})
		}
	}
	return t
}

// functions reads the form that tools replaced in 2023.
func (d *decoder) functions(v []byte) {
	if v[0] != '[' {
		d.Refuse("functions", "functions must be a list")
		return
	}
	d.Warn("functions", "renamed")
	in := rawjson.Begin(v)
	for i := range in.List() {
		at := place{list: "functions", i: i}
		if in.Kind() != '{' {
			d.Refuse(at.String(), at.String()+" must be an object")
			return
		}
		t := d.function(at, "function.", &in)
		if t.Name == "" {
			d.Refuse(at.member("name"), at.member("name")+" is missing")
		}
		d.Req.Tools = append(d.Req.Tools, t)
	}
}

// choice reads tool_choice and the legacy function_call. A wish nobody knows is
// auto: agents invent words for models of one vendor (B39).
func (d *decoder) choice(field string, v []byte) {
	c := &d.Req.ToolChoice
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
			d.Warn(field, "read as auto: unknown "+s+" in")
		}
		return
	}
	kind := rawjson.Text(rawjson.Get(v, "type"))
	inner := rawjson.Get(v, kind)
	switch {
	case field == "function_call":
		d.Warn(field, "renamed")
		c.Mode, c.Name = llm.ChoiceTool, rawjson.Text(rawjson.Get(v, "name"))
	case kind == "function" || kind == "custom":
		c.Mode, c.Name = llm.ChoiceTool, rawjson.Text(rawjson.Get(inner, "name"))
	case kind == "allowed_tools":
		d.allowed(c, inner)
	}
	if c.Mode == llm.ChoiceUnset || c.Mode == llm.ChoiceTool && c.Name == "" {
		*c = llm.ToolChoice{Mode: llm.ChoiceAuto}
		d.Warn(field, "read as auto: unknown value of")
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
