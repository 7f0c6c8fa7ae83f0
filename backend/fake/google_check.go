package fake

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// check is what the services would say to a request for an answer; nil means
// that it is right.
func (g *Google) check(a ask) *googleError {
	known := []string{
		"contents", "systemInstruction", "tools", "toolConfig", "safetySettings", "generationConfig", "cachedContent", "labels", "serviceTier",
		"store", "continuationToken", "model",
	}
	if a.wrapped {
		known = append(known, "session_id")
	}
	if e := checkKnown(a.request, "request", known...); e != nil {
		return e
	}
	for _, part := range []func() *googleError{
		func() *googleError { return checkContents(a.request.Get("contents"), a) },
		func() *googleError { return g.checkSignatures(a) },
		func() *googleError { return checkDeclarations(a.request) },
		func() *googleError { return checkGeneration(a.request.Get("generationConfig")) },
	} {
		if e := part(); e != nil {
			return e
		}
	}
	return nil
}

// checkContents wants turns that alternate, parts with one thing each, and each
// call answered in the turn after it.
func checkContents(contents gjson.Result, a ask) *googleError {
	turns := contents.Array()
	if len(turns) == 0 {
		return invalid("* GenerateContentRequest.contents: contents is not specified")
	}
	var open []gjson.Result
	for i, c := range turns {
		at, role := fmt.Sprintf("contents[%d]", i), c.Get("role").String()
		switch {
		case role != "user" && role != "model":
			return invalid("Please use a valid role: user, model. (" + at + ": '" + role + "')")
		case i == 0 && role != "user", i > 0 && role == turns[i-1].Get("role").String():
			return invalid("Please ensure that multiturn requests alternate between user and model. (" + at + ")")
		case len(c.Get("parts").Array()) == 0:
			return invalid("* GenerateContentRequest." + at + ".parts: contents.parts must not be empty.")
		}
		for j, p := range c.Get("parts").Array() {
			if e := checkPart(fmt.Sprintf("%s.parts[%d]", at, j), p, a); e != nil {
				return e
			}
		}
		if e := checkAnswered(open, members(c, "functionResponse")); e != nil {
			return e
		}
		open = members(c, "functionCall")
		if role == "user" && len(open) > 0 {
			return invalid(at + ": a user calls no function")
		}
	}
	if len(open) > 0 {
		return invalid("Please ensure that function call turn is followed by a function response turn.")
	}
	return nil
}

// members are the parts of a turn that have that member.
func members(content gjson.Result, member string) (out []gjson.Result) {
	for _, p := range content.Get("parts").Array() {
		if v := p.Get(member); v.Exists() {
			out = append(out, v)
		}
	}
	return out
}

func checkPart(at string, p gjson.Result, a ask) *googleError {
	data := []string{"text", "inlineData", "fileData", "functionCall", "functionResponse", "executableCode", "codeExecutionResult"}
	beside := []string{"thought", "thoughtSignature", "videoMetadata", "mediaResolution", "toolCall", "toolResponse"}
	if e := checkKnown(p, at, slices.Concat(data, beside)...); e != nil {
		return e
	}
	has := slices.DeleteFunc(data, func(d string) bool { return !p.Get(d).Exists() && !p.Get(snake(d)).Exists() })
	if len(has) != 1 {
		return invalid(at + ".data: required oneof field 'data' must have one initialized field")
	}
	call := p.Get(has[0])
	switch has[0] {
	case "text":
		if call.Str == "" && !p.Get("thoughtSignature").Exists() {
			return invalid(at + ": Unable to submit request because it must have a text parameter.")
		}
	case "inlineData":
		if _, err := base64.StdEncoding.DecodeString(call.Get("data").String()); err != nil || call.Get("data").String() == "" {
			return invalid(at + ".inline_data.data: Base64 decoding failed")
		}
		if mime := call.Get("mimeType").String() + call.Get("mime_type").String(); !strings.Contains(mime, "/") {
			return invalid("Unsupported MIME type: " + mime)
		}
	case "functionCall", "functionResponse":
		return checkFunction(at+"."+snake(has[0]), call, a)
	}
	return nil
}

func checkFunction(at string, f gjson.Result, a ask) *googleError {
	known := []string{"id", "name", "args", "response", "parts", "willContinue", "scheduling"}
	switch {
	case a.vertex && f.Get("id").Exists():
		return invalid(`Invalid JSON payload received. Unknown name "id" at '` + at + `': Cannot find field.`)
	case f.Get("name").String() == "":
		return invalid(at + ".name: Name cannot be empty.")
	case f.Get("args").Exists() && !f.Get("args").IsObject():
		return invalid(at + ".args: must be an object")
	case strings.HasSuffix(at, "response") && !f.Get("response").IsObject():
		return invalid(at + ".response: must be an object")
	}
	return checkKnown(f, at, known...)
}

func snake(name string) string {
	return strings.ToLower(regexp.MustCompile(`([A-Z])`).ReplaceAllString(name, "_$1"))
}

// checkAnswered wants one response for each call, with its id and name.
func checkAnswered(calls, responses []gjson.Result) *googleError {
	if len(calls) != len(responses) {
		return invalid("Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.")
	}
	for _, c := range calls {
		i := slices.IndexFunc(responses, func(r gjson.Result) bool {
			return r.Get("name").String() == c.Get("name").String() && r.Get("id").String() == c.Get("id").String()
		})
		if i < 0 {
			return invalid("no function response matches the call of " + c.Get("name").String() + " in name and id")
		}
		responses = slices.Delete(slices.Clone(responses), i, i+1)
	}
	return nil
}

// checkSignatures wants, of Gemini 3, a signature on the first call of each of
// the model's steps in the current turn: one that was given out, or one of the
// documented words that skip the check.
func (g *Google) checkSignatures(a ask) *googleError {
	if !strings.HasPrefix(a.model, "gemini-3") {
		return nil
	}
	turns := a.request.Get("contents").Array()
	current := 0
	for i, c := range turns {
		if c.Get("role").String() == "user" && len(members(c, "functionResponse")) < len(c.Get("parts").Array()) {
			current = i
		}
	}
	for _, c := range turns[current:] {
		for _, p := range c.Get("parts").Array() {
			if !p.Get("functionCall").Exists() {
				continue
			}
			s := p.Get("thoughtSignature").String()
			if s == "" {
				return recorded("error_400_missing_thought_signature.json")
			}
			if !g.gave(s) {
				return invalid("Thought signature is not valid.")
			}
			break // only the first call of a step has one
		}
	}
	return nil
}

func (g *Google) gave(signature string) bool {
	for _, word := range []string{"skip_thought_signature_validator", "context_engineering_is_the_way_to_go"} {
		if signature == word || signature == base64.StdEncoding.EncodeToString([]byte(word)) {
			return true
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.signatures[signature]
}

// checkDeclarations looks at the tools, and at the choice among them.
func checkDeclarations(request gjson.Result) *googleError {
	var names []string
	for _, t := range request.Get("tools").Array() {
		for _, d := range t.Get("functionDeclarations").Array() {
			name := d.Get("name").String()
			switch {
			case !regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.:-]{0,63}$`).MatchString(name):
				return invalid("Invalid function name '" + name + "'. Must start with a letter or an underscore.")
			case slices.Contains(names, name):
				return invalid("Duplicate function declaration found: " + name)
			case d.Get("parameters").Exists() && d.Get("parametersJsonSchema").Exists():
				return invalid("parameters and parametersJsonSchema of " + name + " must not both be set")
			}
			names = append(names, name)
			if e := checkKnown(d, "function_declarations", "name", "description", "parameters", "parametersJsonSchema", "response", "responseJsonSchema", "behavior"); e != nil {
				return e
			}
			if e := checkSchema(name+".parameters", d.Get("parameters"), false); e != nil {
				return e
			}
			if e := checkSchema(name+".parameters_json_schema", d.Get("parametersJsonSchema"), true); e != nil {
				return e
			}
		}
	}
	choice := request.Get("toolConfig.functionCallingConfig")
	mode := choice.Get("mode").String()
	if choice.Exists() && !slices.Contains([]string{"AUTO", "ANY", "NONE", "VALIDATED"}, mode) {
		return invalid("Invalid value at 'tool_config.function_calling_config.mode': " + mode)
	}
	for _, n := range choice.Get("allowedFunctionNames").Array() {
		if mode != "ANY" && mode != "VALIDATED" || !slices.Contains(names, n.String()) {
			return invalid("allowed_function_names: " + n.String() + " is not declared, or the mode is not ANY")
		}
	}
	return nil
}

// checkGeneration looks at the sampling, the thinking and the shape.
func checkGeneration(c gjson.Result) *googleError {
	known := []string{
		"temperature", "topP", "topK", "candidateCount", "maxOutputTokens", "stopSequences", "responseLogprobs", "logprobs", "presencePenalty",
		"frequencyPenalty", "seed", "responseMimeType", "responseSchema", "responseJsonSchema", "responseModalities", "mediaResolution",
		"speechConfig", "thinkingConfig", "imageConfig",
	}
	if e := checkKnown(c, "generation_config", known...); e != nil {
		return e
	}
	thinking, mime := c.Get("thinkingConfig"), c.Get("responseMimeType").String()
	shaped := c.Get("responseSchema").Exists() || c.Get("responseJsonSchema").Exists()
	switch {
	case thinking.Get("thinkingBudget").Exists() && thinking.Get("thinkingLevel").Exists():
		return invalid("thinking_budget and thinking_level must not both be set")
	case c.Get("responseSchema").Exists() && c.Get("responseJsonSchema").Exists():
		return invalid("response_schema and response_json_schema must not both be set")
	case shaped && mime != "application/json":
		return invalid("Function calling config or schema needs response_mime_type application/json, not '" + mime + "'")
	case len(c.Get("stopSequences").Array()) > 5:
		return invalid("stop_sequences: at most 5")
	case c.Get("logprobs").Exists() && !c.Get("responseLogprobs").Bool():
		return invalid("logprobs needs response_logprobs")
	case c.Get("maxOutputTokens").Exists() && c.Get("maxOutputTokens").Int() < 1:
		return invalid("max_output_tokens must be positive")
	}
	if e := checkSchema("response_schema", c.Get("responseSchema"), false); e != nil {
		return e
	}
	return checkSchema("response_json_schema", c.Get("responseJsonSchema"), true)
}

// checkSchema refuses the keywords that Gemini does not know: of the OpenAPI
// subset, or of the part of JSON Schema that it takes.
func checkSchema(at string, s gjson.Result, jsonSchema bool) *googleError {
	if !s.Exists() {
		return nil
	}
	if !s.IsObject() {
		return invalid("Invalid value at '" + at + "': a schema must be an object")
	}
	known := []string{
		"type", "format", "title", "description", "nullable", "enum", "items", "minItems", "maxItems", "minLength", "maxLength", "minProperties",
		"maxProperties", "minimum", "maximum", "pattern", "properties", "propertyOrdering", "required", "anyOf", "default", "example",
	}
	if jsonSchema {
		known = []string{
			"$id", "$defs", "$ref", "$anchor", "type", "format", "title", "description", "enum", "items", "prefixItems", "minItems", "maxItems",
			"minimum", "maximum", "anyOf", "oneOf", "properties", "additionalProperties", "required", "propertyOrdering",
		}
	}
	if e := checkKnown(s, at, known...); e != nil {
		return e
	}
	kind := s.Get("type")
	switch {
	case !jsonSchema && kind.Exists() && kind.Type != gjson.String:
		return invalid("Proto field is not repeating, cannot start list. (" + at + ".type)")
	case strings.EqualFold(kind.String(), "array") && !s.Get("items").Exists() && !s.Get("prefixItems").Exists():
		return invalid("* " + at + ".items: missing field.")
	case !jsonSchema && slices.ContainsFunc(s.Get("enum").Array(), func(v gjson.Result) bool { return v.Type != gjson.String }):
		return invalid("Invalid value at '" + at + ".enum' (TYPE_STRING)")
	}
	return checkInner(at, s, jsonSchema)
}

// checkInner goes down into a schema.
func checkInner(at string, s gjson.Result, jsonSchema bool) (e *googleError) {
	for _, name := range []string{"properties", "$defs"} {
		s.Get(gjsonName(name)).ForEach(func(key, value gjson.Result) bool {
			e = checkSchema(at+"."+name+"."+key.String(), value, jsonSchema)
			return e == nil
		})
		if e != nil {
			return e
		}
	}
	if !jsonSchema {
		for _, name := range s.Get("required").Array() {
			if !slices.ContainsFunc(keys(s.Get("properties")), func(k string) bool { return k == name.String() }) {
				return invalid("* " + at + ".required: property is not defined: " + name.String())
			}
		}
	}
	inner := []gjson.Result{s.Get("items")}
	for _, name := range []string{"anyOf", "oneOf", "prefixItems"} {
		inner = append(inner, s.Get(name).Array()...)
	}
	if more := s.Get("additionalProperties"); more.IsObject() {
		inner = append(inner, more)
	}
	for _, i := range inner {
		if e := checkSchema(at, i, jsonSchema); e != nil {
			return e
		}
	}
	return nil
}

func gjsonName(name string) string { return strings.ReplaceAll(name, "$", `\$`) }

func keys(object gjson.Result) (out []string) {
	object.ForEach(func(key, _ gjson.Result) bool {
		out = append(out, key.String())
		return true
	})
	return out
}
