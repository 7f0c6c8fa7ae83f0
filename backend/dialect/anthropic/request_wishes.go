package anthropic

import (
	"strconv"

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
		d.Refuse("tools", "tools: Input should be a valid list")
		return
	}
	for i := range in.List() {
		at := "tools[" + strconv.Itoa(i) + "]"
		if in.Kind() != '{' {
			d.Refuse(at, at+": Input should be an object")
			return
		}
		d.Req.Tools = append(d.Req.Tools, d.tool(at, in.Value()))
	}
}

// tool reads one tool: the client's own have no type or the type custom, any
// other type is one that the service knows by itself.
func (d *decoder) tool(at string, raw []byte) llm.Tool {
	m := membersOf(raw)
	if kind := rawjson.Text(m.take("type")); kind != "" && kind != "custom" {
		return llm.Tool{Builtin: kind, Name: rawjson.Text(m.take("name")), Raw: raw}
	}
	t := llm.Tool{Name: d.Text(at+".name", m.take("name"))}
	if t.Name == "" {
		d.Refuse(at+".name", at+".name: Field required")
	}
	if v := m.take("description"); !d.Described(&t, v) {
		t.Description = d.Text(at+".description", v)
	}
	if v := m.take("input_schema"); !rawjson.IsNull(v) {
		t.Parameters = v
	}
	if v := m.take("strict"); !rawjson.IsNull(v) {
		strict := string(v) == "true"
		t.Strict = &strict
	}
	t.Extra = m.rest()
	return t
}

// choice reads tool_choice. A wish nobody knows is auto (B39).
func (d *decoder) choice(v []byte) {
	m := membersOf(v)
	c := &d.Req.ToolChoice
	switch kind := rawjson.Text(m.take("type")); kind {
	case "auto":
		c.Mode = llm.ChoiceAuto
	case "any":
		c.Mode = llm.ChoiceRequired
	case "none":
		c.Mode = llm.ChoiceNone
	case "tool":
		c.Mode, c.Name = llm.ChoiceTool, d.Text("tool_choice.name", m.take("name"))
	default:
		c.Mode = llm.ChoiceAuto
		d.Warn("tool_choice", "read as auto: unknown value of")
	}
	if single := m.take("disable_parallel_tool_use"); !rawjson.IsNull(single) {
		several := string(single) != "true"
		d.Req.ParallelToolCalls = &several
	}
	d.unknown("tool_choice", m)
}

func (d *decoder) output(v []byte) {
	if v[0] != '{' {
		d.Refuse("output_config", "output_config: Input should be an object")
	}
	for m := range rawjson.Inside(v) {
		switch at := "output_config." + string(m.Key); at {
		case "output_config.effort":
			d.effort = d.Text(at, m.Value)
		case "output_config.format":
			d.format(at, m.Value)
		default:
			d.Warn(at, "dropped")
		}
	}
}

func (d *decoder) format(at string, v []byte) {
	if rawjson.IsNull(v) {
		return
	}
	m := membersOf(v)
	if kind := rawjson.Text(m.take("type")); kind != "json_schema" {
		d.Refuse(at+".type", at+".type: Input should be 'json_schema'")
		return
	}
	d.Req.Format = llm.Format{Kind: llm.FormatSchema, Schema: m.take("schema"), Name: rawjson.Text(m.take("name"))}
	if d.Req.Format.Schema == nil {
		d.Refuse(at+".schema", at+".schema: Field required")
	}
	d.unknown(at, m)
}

// think reads thinking and the effort, which say together how much a model is to
// think: the one whether and up to what, the other how hard it works at all.
func (d *decoder) think() {
	r := &d.Req.Reasoning
	r.Effort = d.effort
	if d.thinking == nil {
		return
	}
	m := membersOf(d.thinking)
	display := rawjson.Text(m.take("display"))
	switch kind := rawjson.Text(m.take("type")); kind {
	case "disabled", "between_tools":
		if d.effort != "" {
			d.Warn("output_config.effort", "dropped, since thinking is off:")
		}
		if kind != "disabled" {
			d.Warn("thinking.type", "read as disabled:")
		}
		r.Effort = "none"
	case "enabled":
		r.BudgetTokens = d.Whole("thinking.budget_tokens", m.take("budget_tokens"))
	case "adaptive":
	default:
		d.Warn("thinking.type", "read as adaptive: unknown value of")
	}
	if display != "omitted" && r.Effort != "none" {
		r.Summary = "auto"
	}
	d.unknown("thinking", m)
}
