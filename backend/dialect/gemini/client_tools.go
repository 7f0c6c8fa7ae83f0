package gemini

import (
	"strconv"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// tools reads the client's functions, and what it wants Google to run.
func (d *decoder) tools(v []byte) {
	for i, t := range repeated(v) {
		at := "tools[" + strconv.Itoa(i) + "]"
		for m := range rawjson.Inside(t) {
			if rawjson.IsNull(m.Value) {
				continue
			}
			switch name := camel(m.Key); name {
			case "functionDeclarations":
				for j, f := range repeated(m.Value) {
					d.function(at+".functionDeclarations["+strconv.Itoa(j)+"]", f)
				}
			case "googleSearch", "googleSearchRetrieval":
				d.builtin("google_search", m.Value)
			case "codeExecution":
				d.builtin("code_execution", m.Value)
			case "urlContext":
				d.builtin("url_context", m.Value)
			default: // googleMaps, fileSearch, computerUse: nobody else has them
				d.builtin(name, m.Value)
			}
		}
	}
}

func (d *decoder) builtin(name string, definition []byte) {
	d.Req.Tools = append(d.Req.Tools, llm.Tool{Builtin: name, Raw: definition})
}

func (d *decoder) function(at string, raw []byte) {
	var t llm.Tool
	for m := range rawjson.Inside(raw) {
		switch name := camel(m.Key); name {
		case "name":
			t.Name = rawjson.Text(m.Value)
		case "description":
			if !d.Described(&t, m.Value) {
				t.Description = rawjson.Text(m.Value)
			}
		case "parameters":
			if m.Value[0] == '{' {
				t.Parameters = jsonSchema(m.Value)
			}
		case "parametersJsonSchema":
			if m.Value[0] == '{' {
				t.Parameters = m.Value
			}
		default: // response, responseJsonSchema, behavior
			d.Warn(at+"."+string(m.Key), "dropped")
		}
	}
	if t.Name == "" {
		d.Refuse(at+".name", at+".name is missing")
	}
	d.Req.Tools = append(d.Req.Tools, t)
}

// toolConfig reads how free the model is in calling functions.
func (d *decoder) toolConfig(v []byte) {
	for m := range rawjson.Inside(v) {
		if camel(m.Key) != "functionCallingConfig" {
			d.Warn("toolConfig."+string(m.Key), "dropped")
			continue
		}
		var mode string
		var allowed []string
		for c := range rawjson.Inside(m.Value) {
			switch camel(c.Key) {
			case "mode":
				mode = strings.ToUpper(rawjson.Text(c.Value))
			case "allowedFunctionNames":
				for _, n := range rawjson.Elements(c.Value) {
					allowed = append(allowed, rawjson.Text(n))
				}
			default:
				d.Warn("toolConfig.functionCallingConfig."+string(c.Key), "dropped")
			}
		}
		d.choice(mode, allowed)
	}
}

func (d *decoder) choice(mode string, allowed []string) {
	const field = "toolConfig.functionCallingConfig"
	c := &d.Req.ToolChoice
	switch mode {
	case "", "MODE_UNSPECIFIED":
	case "AUTO":
		c.Mode = llm.ChoiceAuto
	case "NONE":
		c.Mode = llm.ChoiceNone
	case "ANY":
		c.Mode, c.Allowed = llm.ChoiceRequired, allowed
		if len(allowed) == 1 {
			*c = llm.ToolChoice{Mode: llm.ChoiceTool, Name: allowed[0]}
		}
	case "VALIDATED":
		c.Mode, c.Allowed = llm.ChoiceAuto, allowed
		if allowed == nil {
			d.Warn(field+".mode", "read VALIDATED as AUTO in")
		}
	default:
		c.Mode = llm.ChoiceAuto
		d.Warn(field+".mode", "read as AUTO: unknown value of")
	}
	if allowed != nil && c.Mode != llm.ChoiceTool && c.Allowed == nil {
		d.Warn(field+".allowedFunctionNames", "dropped")
	}
}

// jsonSchema is Google's Schema, a subset of OpenAPI's, as the JSON Schema that
// everybody else takes.
func jsonSchema(v []byte) llm.RawJSON {
	return appendSchema(make([]byte, 0, len(v)), v, 0)
}

// maxSchemaDepth bounds the walk; what is deeper travels as it is.
const maxSchemaDepth = 100

func appendSchema(dst, v []byte, depth int) []byte {
	if len(v) == 0 || v[0] != '{' || depth > maxSchemaDepth {
		return append(dst, v...)
	}
	nullable := string(rawjson.Get(v, "nullable")) == "true"
	dst = append(dst, '{')
	empty := len(dst)
	for m := range rawjson.Inside(v) {
		name := camel(m.Key)
		if name == "nullable" || name == "propertyOrdering" || rawjson.IsNull(m.Value) {
			continue
		}
		if len(dst) > empty {
			dst = append(dst, ',')
		}
		if name == "example" {
			dst = append(append(append(dst, `"examples":[`...), m.Value...), ']')
			continue
		}
		dst = append(rawjson.AppendString(dst, name), ':')
		dst = appendKeyword(dst, name, m.Value, nullable, depth)
	}
	return append(dst, '}')
}

// appendKeyword appends the value of one keyword.
func appendKeyword(dst []byte, name string, v []byte, nullable bool, depth int) []byte {
	switch name {
	case "type":
		if !rawjson.IsText(v) {
			return append(dst, v...)
		}
		kind := rawjson.AppendString(nil, strings.ToLower(rawjson.Text(v)))
		if nullable {
			return append(append(append(dst, '['), kind...), `,"null"]`...)
		}
		return append(dst, kind...)
	case "enum":
		if nullable && len(v) > 2 && v[0] == '[' {
			return append(append(dst, v[:len(v)-1]...), ",null]"...)
		}
		return append(dst, v...)
	case "items", "additionalProperties":
		return appendSchema(dst, v, depth+1)
	case "properties":
		return appendEach(dst, v, depth)
	case "anyOf", "oneOf", "allOf":
		return appendList(dst, v, depth)
	case "minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties":
		// Google's clients write 64-bit numbers as texts.
		if n, err := strconv.Atoi(rawjson.Text(v)); err == nil {
			return strconv.AppendInt(dst, int64(n), 10)
		}
		return append(dst, v...)
	default:
		return append(dst, v...)
	}
}

func appendEach(dst, v []byte, depth int) []byte {
	if len(v) == 0 || v[0] != '{' {
		return append(dst, v...)
	}
	dst = append(dst, '{')
	empty := len(dst)
	for m := range rawjson.Inside(v) {
		if len(dst) > empty {
			dst = append(dst, ',')
		}
		dst = append(rawjson.AppendString(dst, m.Key), ':')
		dst = appendSchema(dst, m.Value, depth+1)
	}
	return append(dst, '}')
}

func appendList(dst, v []byte, depth int) []byte {
	if len(v) == 0 || v[0] != '[' {
		return append(dst, v...)
	}
	dst = append(dst, '[')
	empty := len(dst)
	for _, e := range rawjson.Elements(v) {
		if len(dst) > empty {
			dst = append(dst, ',')
		}
		dst = appendSchema(dst, e, depth+1)
	}
	return append(dst, ']')
}
