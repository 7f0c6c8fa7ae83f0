package openaichat

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
)

// offer is what a tool_choice leaves of the tools.
type offer struct {
	none bool
	only []string // nil is all
}

// offerOf reads a tool_choice of any form.
func offerOf(choice []byte) offer {
	if rawjson.IsText(choice) {
		return offer{none: rawjson.Text(choice) == "none"}
	}
	kind := rawjson.Text(rawjson.Get(choice, "type"))
	inner := rawjson.Get(choice, kind)
	var o offer
	if name := rawjson.Text(rawjson.Get(inner, "name")); name != "" {
		o.only = append(o.only, name)
	}
	for _, t := range rawjson.Elements(rawjson.Get(inner, "tools")) {
		o.only = append(o.only, toolName(t))
	}
	return o
}

func toolName(tool []byte) string {
	return rawjson.Text(rawjson.Get(rawjson.Get(tool, rawjson.Text(rawjson.Get(tool, "type"))), "name"))
}

func (e *editor) tools(list []byte) {
	e.Comma()
	e.Out = append(e.Out, `"tools":[`...)
	for i, t := range rawjson.Indexed(list) {
		at := fmt.Sprintf("tools[%d]", i)
		if e.offer.only != nil && !slices.Contains(e.offer.only, toolName(t)) {
			e.warn(at, "dropped")
			continue
		}
		e.Comma()
		e.tool(at+".function", t)
	}
	e.Out = append(e.Out, ']')
}

// tool edits the function of one tool; tools of other types stay.
func (e *editor) tool(at string, raw []byte) {
	function := rawjson.Get(raw, "function")
	if len(function) == 0 || function[0] != '{' {
		e.Out = append(e.Out, raw...)
		return
	}
	e.Out = append(e.Out, '{')
	for m := range rawjson.Inside(raw) {
		if !bytes.Equal(m.Value, function) {
			e.Raw(string(m.Key), m.Value)
			continue
		}
		e.Comma()
		e.Out = append(e.Out, `"function":{`...)
		e.function(at, function)
		e.Out = append(e.Out, '}')
	}
	e.Out = append(e.Out, '}')
}

func (e *editor) function(at string, raw []byte) {
	parameters := false
	for m := range rawjson.Inside(raw) {
		switch key := string(m.Key); {
		case key == "strict" && e.NoStrict:
			e.warn(at+".strict", "dropped")
		case key == "parameters" && e.NeedsParameters && empty(m.Value):
		default:
			parameters = parameters || key == "parameters"
			e.Raw(key, m.Value)
		}
	}
	if !parameters && e.NeedsParameters {
		e.warn(at+".parameters", "added")
		e.Raw("parameters", []byte(`{"type":"object","properties":{}}`))
	}
}
