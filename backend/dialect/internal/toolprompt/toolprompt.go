// Package toolprompt gives tools to a service that has no place for them: it
// describes them in the prompt, asks for a tagged block of JSON, and finds the
// calls in the answer's text again.
//
// The invariant: no byte of a tag, and no half of one, is shown as text, and no
// byte of anything else is lost: a block that turns out not to be a call of an
// offered tool is shown as the text it is. The package knows no service; whether
// a model heeds the description is the model's affair.
package toolprompt

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

const (
	openTag  = "<tool_call>"
	closeTag = "</tool_call>"
)

// Describe is the text that teaches a model the tools of a request; "" when
// there are none, or none may be called.
func Describe(r *llm.Request) string {
	tools := offered(r)
	if len(tools) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("You can call tools. To call one, write a block of exactly this form, on lines of its own:\n" +
		openTag + "\n{\"name\": \"the tool's name\", \"arguments\": {\"parameter\": \"value\"}}\n" + closeTag + "\n" +
		"The block holds one JSON object and nothing else, with no code fence around it. ")
	if r.ParallelToolCalls != nil && !*r.ParallelToolCalls {
		b.WriteString("Write at most one block in an answer. ")
	} else {
		b.WriteString("To call several tools, write several blocks. ")
	}
	b.WriteString("Stop after the last block: the results come in the next message, inside <tool_result>. Never write a <tool_result> yourself.\n")
	b.WriteString(demand(r.ToolChoice))
	b.WriteString("The tools, one JSON object a line:\n")
	for _, t := range tools {
		b.Write(definition(t))
		b.WriteByte('\n')
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func demand(c llm.ToolChoice) string {
	switch c.Mode {
	case llm.ChoiceRequired:
		return "In this answer you must call at least one tool.\n"
	case llm.ChoiceTool:
		return "In this answer you must call the tool " + c.Name + ".\n"
	case llm.ChoiceUnset, llm.ChoiceAuto, llm.ChoiceNone:
	}
	return ""
}

// offered are the tools that the model may call and that we know how to
// describe; those that a service runs itself are nobody's here.
func offered(r *llm.Request) []llm.Tool {
	if r.ToolChoice.Mode == llm.ChoiceNone {
		return nil
	}
	var out []llm.Tool
	for _, t := range r.Tools {
		narrowed := r.ToolChoice.Allowed != nil && !slices.Contains(r.ToolChoice.Allowed, t.Name)
		if t.Builtin == "" && !narrowed {
			out = append(out, t)
		}
	}
	return out
}

func definition(t llm.Tool) []byte {
	b := []byte(`{"name":`)
	b = rawjson.AppendString(b, t.Name)
	if t.Description != "" {
		b = append(b, `,"description":`...)
		b = rawjson.AppendString(b, t.Description)
	}
	b = append(b, `,"parameters":`...)
	switch {
	case t.Custom:
		b = append(b, `{"type":"object","properties":{"input":{"type":"string"}},"required":["input"]}`...)
	case t.Parameters == nil:
		b = append(b, `{"type":"object","properties":{}}`...)
	default:
		b = append(b, oneLine(t.Parameters)...)
	}
	return append(b, '}')
}

// oneLine is a JSON text without the lines that somebody wrote it in.
func oneLine(raw llm.RawJSON) []byte {
	var b bytes.Buffer
	if json.Compact(&b, raw) != nil {
		return raw
	}
	return b.Bytes()
}

// Call is a call of the conversation as the model would have written it, with
// the id that its result names.
func Call(c llm.ToolCall) string {
	b := append([]byte(openTag), "\n{\"id\":"...)
	b = rawjson.AppendString(b, c.ID)
	b = append(b, `,"name":`...)
	b = rawjson.AppendString(b, c.Name)
	b = append(b, `,"arguments":`...)
	switch arguments := strings.TrimSpace(c.Arguments); {
	case c.Custom:
		b = append(b, `{"input":`...)
		b = append(rawjson.AppendString(b, c.Arguments), '}')
	case arguments == "":
		b = append(b, "{}"...)
	case json.Valid([]byte(arguments)):
		b = append(b, arguments...)
	default: // the model's own mistake, shown to it as it was
		b = rawjson.AppendString(b, c.Arguments)
	}
	return string(append(b, "}\n"+closeTag...))
}

// Result is what a tool returned, verbatim between tags that name the call.
func Result(r llm.ToolResult, text string) string {
	b := append([]byte("<tool_result id="), rawjson.AppendString(nil, r.CallID)...)
	if r.Name != "" {
		b = append(b, " name="...)
		b = rawjson.AppendString(b, r.Name)
	}
	if r.Failed {
		b = append(b, ` failed="true"`...)
	}
	b = append(b, ">\n"...)
	b = append(b, text...)
	return string(append(b, "\n</tool_result>"...))
}

// Format asks in words for the shape that a service has no field for; "" for
// free text.
func Format(f llm.Format) string {
	const only = "Answer with one JSON value and nothing else: no words before or after it, no code fence."
	switch f.Kind {
	case llm.FormatJSON:
		return only + " It must be an object."
	case llm.FormatSchema:
		if f.Schema == nil {
			return only
		}
		return only + " It must be valid against this JSON Schema:\n" + string(f.Schema)
	case llm.FormatText:
	}
	return ""
}
