package openairesponses

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/request"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// tool is how the client knows a tool whose name the model knows otherwise.
type tool struct {
	space, name string
	// own is the tool that has item types of its own; nil is none.
	own *clientTool
}

// clientTool is a tool that the protocol itself defines and that the client
// runs: the model sees a function, the client sees its own items.
type clientTool struct {
	// kind is the tool's type, and the function's name.
	kind string
	// call and output are its item types, and object is where a call has its
	// arguments, answer where an output has what came of it.
	call, output, object, answer string
	about                        string
	schema                       string
}

// clientTools are those that can be offered to any model.
func clientTools() []clientTool {
	command := `"timeout_ms":{"type":"integer","description":"The limit in milliseconds."}`
	return []clientTool{
		{
			kind: "local_shell", call: "local_shell_call", output: "local_shell_call_output", object: "action", answer: "output",
			about: "Runs a command on the user's machine and returns its output.",
			schema: `{"type":"object","properties":{"command":{"type":"array","items":{"type":"string"},"description":"The program and its arguments."},` +
				`"working_directory":{"type":"string"},` + command + `},"required":["command"]}`,
		},
		{
			kind: "shell", call: "shell_call", output: "shell_call_output", object: "action", answer: "output",
			about: "Runs shell commands, one after another, and returns what each of them wrote.",
			schema: `{"type":"object","properties":{"commands":{"type":"array","items":{"type":"string"}},` + command +
				`,"max_output_length":{"type":"integer"}},"required":["commands"]}`,
		},
		{
			kind: "apply_patch", call: "apply_patch_call", output: "apply_patch_call_output", object: "operation", answer: "output",
			about: "Creates, changes or deletes one file. diff is a unified diff without file headers; a new file's lines all begin with +.",
			schema: `{"type":"object","properties":{"type":{"type":"string","enum":["create_file","update_file","delete_file"]},"path":{"type":"string"},` +
				`"diff":{"type":"string"}},"required":["type","path"]}`,
		},
		{
			kind: "tool_search", call: "tool_search_call", output: "tool_search_output", object: "arguments", answer: "tools",
			about:  "Finds more tools that could help.",
			schema: `{"type":"object","properties":{"query":{"type":"string"}},"required":["query"]}`,
		},
	}
}

// longestName is the longest name of a function that every service takes.
const longestName = 64

// wire is the name that the model knows a tool by: a namespace becomes a part of
// it. What the client calls it is remembered for the answer.
func (d *decoder) wire(t tool) string {
	name := t.name
	if t.space != "" {
		name = strings.TrimSuffix(t.space, "__") + "__" + t.name
	}
	if len(name) > longestName && t.space != "" {
		sum := sha256.Sum256([]byte(name))
		name = name[:longestName-9] + "_" + hex.EncodeToString(sum[:4])
	}
	if t.space != "" || t.own != nil {
		d.names[name] = t
	}
	return name
}

// chooseTools reads the tools and which of them must be called.
func (d *decoder) chooseTools() {
	if d.Err != nil || d.tools == nil && d.choice == nil && len(d.Req.Tools) == 0 {
		return
	}
	if d.tools != nil && d.tools[0] != '[' {
		d.Refuse("tools", "tools must be a list")
		return
	}
	later := d.Req.Tools // those of the input
	d.Req.Tools = nil
	if d.tools != nil {
		d.Req.Tools = []llm.Tool{}
	}
	i := 0
	for _, raw := range rawjson.Elements(d.tools) {
		d.offer(fmt.Sprintf("tools[%d]", i), "", raw)
		i++
	}
	d.Req.Tools = append(d.Req.Tools, later...)
	d.choose()
	d.spare()
}

// more reads tools that stand in the input.
func (d *decoder) more(it item) {
	i := 0
	for _, raw := range rawjson.Elements(rawjson.Get(it.raw, "tools")) {
		d.offer(fmt.Sprintf("%s.tools[%d]", it.at, i), "", raw)
		i++
	}
}

// offer reads one tool, or a namespace full of them.
func (d *decoder) offer(at, space string, raw []byte) {
	if len(raw) == 0 || raw[0] != '{' {
		d.Refuse(at, at+" must be an object")
		return
	}
	switch kind := rawjson.Text(rawjson.Get(raw, "type")); kind {
	case "function", "custom":
		d.define(at, space, kind == "custom", raw)
	case "namespace":
		i := 0
		for _, inner := range rawjson.Elements(rawjson.Get(raw, "tools")) {
			d.offer(fmt.Sprintf("%s.tools[%d]", at, i), rawjson.Text(rawjson.Get(raw, "name")), inner)
			i++
		}
		d.Warn(at, "put the tools of a namespace beside the others:")
	case "":
		d.Refuse(at+".type", at+".type is missing")
	default:
		d.builtin(at, kind, raw)
	}
}

// define reads a tool of the client's own.
func (d *decoder) define(at, space string, custom bool, raw []byte) {
	t := llm.Tool{Custom: custom}
	name := ""
	for m := range rawjson.Inside(raw) {
		switch k := string(m.Key); k {
		case "type":
		case "name":
			name = d.Text(at+".name", m.Value)
		case "description":
			if !d.Described(&t, m.Value) {
				t.Description = d.Text(at+".description", m.Value)
			}
		case "parameters":
			t.Parameters = rawjson.OrNil(m.Value)
		case "format":
			t.Format = grammar(m.Value)
		case "strict":
			if !rawjson.IsNull(m.Value) {
				t.Strict = d.Flag(at+".strict", m.Value)
			}
		case "defer_loading": // every tool is offered at once
			d.Warn(at+"."+k, "dropped")
		default:
			t.Extra = append(t.Extra, llm.Field{Name: k, Value: m.Value})
		}
	}
	if name == "" {
		d.Refuse(at+".name", at+".name is missing")
	}
	t.Name = d.wire(tool{space: space, name: name})
	d.append(t)
}

// grammar is the form of a free text, with the grammar in an object of its own,
// as the vocabulary has it from Chat Completions.
func grammar(v []byte) llm.RawJSON {
	syntax, definition := rawjson.Get(v, "syntax"), rawjson.Get(v, "definition")
	if rawjson.Text(rawjson.Get(v, "type")) != "grammar" || syntax == nil || definition == nil {
		return rawjson.OrNil(v)
	}
	out := append(llm.RawJSON(nil), `{"type":"grammar","grammar":{"syntax":`...)
	out = append(append(out, syntax...), `,"definition":`...)
	return append(append(out, definition...), "}}"...)
}

// flatGrammar is the inverse of grammar.
func flatGrammar(v llm.RawJSON) llm.RawJSON {
	inner := rawjson.Get(v, "grammar")
	if len(inner) == 0 || inner[0] != '{' {
		return v
	}
	return appendWith(nil, inner, member{"type", `"grammar"`})
}

// append adds a tool; one that is offered twice counts once.
func (d *decoder) append(t llm.Tool) {
	if i := slices.IndexFunc(d.Req.Tools, func(o llm.Tool) bool { return o.Name == t.Name && o.Builtin == "" && t.Builtin == "" }); i >= 0 {
		d.Req.Tools[i] = t
		return
	}
	d.Req.Tools = append(d.Req.Tools, t)
}

// builtin reads a tool that the protocol itself defines.
func (d *decoder) builtin(at, kind string, raw []byte) {
	for _, k := range clientTools() {
		if k.kind != kind || kind == "tool_search" && rawjson.Text(rawjson.Get(raw, "execution")) != "client" {
			continue
		}
		t := llm.Tool{Description: k.about, Parameters: llm.RawJSON(k.schema), Strict: new(bool)}
		if kind == "tool_search" {
			if v := rawjson.Get(raw, "description"); rawjson.IsText(v) {
				t.Description = rawjson.Text(v)
			}
			if v := rawjson.Get(raw, "parameters"); !rawjson.IsNull(v) {
				t.Parameters = v
			}
		}
		t.Name = d.wire(tool{name: kind, own: &k})
		d.Warn(at, "made a function of")
		d.append(t)
		return
	}
	d.append(llm.Tool{Builtin: kind, Raw: raw})
}

// spare leaves out the tools that a service would have to run, where the client
// has brought tools of its own: an offer that cannot be kept is no reason to
// refuse an agent its answer.
func (d *decoder) spare() {
	own := slices.ContainsFunc(d.Req.Tools, func(t llm.Tool) bool { return t.Builtin == "" })
	if !own {
		return
	}
	d.Req.Tools = slices.DeleteFunc(d.Req.Tools, func(t llm.Tool) bool {
		if t.Builtin == "" {
			return false
		}
		d.Warn("tools", "dropped "+clip(t.Builtin)+" from")
		return true
	})
}

// choose reads tool_choice. A word that nobody knows is auto (B39).
func (d *decoder) choose() {
	const field = "tool_choice"
	v, c := d.choice, &d.Req.ToolChoice
	switch {
	case v == nil:
		return
	case rawjson.IsText(v):
		switch s := rawjson.Text(v); s {
		case "auto", "none", "required":
			c.Mode = llm.ChoiceMode(s)
		default:
			c.Mode = llm.ChoiceAuto
			d.Warn(field, "read as auto: unknown "+clip(s)+" in")
		}
		return
	}
	switch kind := rawjson.Text(rawjson.Get(v, "type")); kind {
	case "function", "custom":
		c.Mode, c.Name = llm.ChoiceTool, d.chosen(v)
	case "allowed_tools":
		c.Mode = llm.ChoiceAuto
		if rawjson.Text(rawjson.Get(v, "mode")) == "required" {
			c.Mode = llm.ChoiceRequired
		}
		c.Allowed = []string{}
		for _, e := range rawjson.Elements(rawjson.Get(v, "tools")) {
			if name := d.chosen(e); name != "" {
				c.Allowed = append(c.Allowed, name)
			}
		}
	default:
		d.chooseOwn(kind)
	}
	if c.Mode == llm.ChoiceUnset || c.Mode == llm.ChoiceTool && c.Name == "" {
		*c = llm.ToolChoice{Mode: llm.ChoiceAuto}
		d.Warn(field, "read as auto: unknown value of")
	}
}

// chosen is the name of a tool that a choice names.
func (d *decoder) chosen(v []byte) string {
	name, space := rawjson.Text(rawjson.Get(v, "name")), rawjson.Text(rawjson.Get(v, "namespace"))
	if name == "" {
		name = rawjson.Text(rawjson.Get(v, "type"))
	}
	return d.wire(tool{space: space, name: name})
}

// chooseOwn forces a tool that the protocol itself defines.
func (d *decoder) chooseOwn(kind string) {
	if slices.ContainsFunc(d.Req.Tools, func(t llm.Tool) bool { return t.Name == kind && kind != "" }) {
		d.Req.ToolChoice = llm.ToolChoice{Mode: llm.ChoiceTool, Name: kind}
		return
	}
	if slices.ContainsFunc(d.Req.Tools, func(t llm.Tool) bool { return t.Builtin == kind && kind != "" }) {
		if len(d.Req.Tools) > 1 {
			d.Fail(request.Unsupported("tool_choice", "tool_choice demands "+clip(kind)+", which the service that has this model cannot run beside other tools"))
			return
		}
		d.Req.ToolChoice.Mode = llm.ChoiceRequired
	}
}

// ownCall reads a call of a tool that has item types of its own.
func (d *decoder) ownCall(it item, k clientTool) {
	v := rawjson.Get(it.raw, k.object)
	if it.callID == "" {
		it.callID = rawjson.Text(rawjson.Get(it.raw, "id"))
	}
	d.bare = d.bare || !it.answered
	d.callTool(it, llm.ToolCall{Name: d.wire(tool{name: k.kind, own: &k}), Arguments: rawjson.Loose(v)})
}

// ownOutput reads what came of it. A search for tools brings tools, which are
// offered from then on.
func (d *decoder) ownOutput(it item, k clientTool) {
	if it.callID == "" {
		it.callID = rawjson.Text(rawjson.Get(it.raw, "id"))
	}
	v := rawjson.Get(it.raw, k.answer)
	if k.kind == "tool_search" {
		before := len(d.Req.Tools)
		d.more(it)
		found := make([]string, 0, len(d.Req.Tools)-before)
		for _, t := range d.Req.Tools[before:] {
			found = append(found, t.Name)
		}
		d.returned(it, llm.ToolResult{CallID: it.callID, Parts: []llm.Part{llm.Text{Text: "Found: " + strings.Join(found, ", ")}}})
		return
	}
	if len(v) > 0 && v[0] == '[' { // what each command wrote
		d.returned(it, llm.ToolResult{CallID: it.callID, Parts: []llm.Part{llm.Text{Text: string(v)}}})
		return
	}
	d.output(it, v)
}
