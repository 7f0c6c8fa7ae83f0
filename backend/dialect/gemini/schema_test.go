package gemini_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/gemini"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// cleaned is what Gemini gets for the schema of a function and of an answer; nil
// is none.
func cleaned(tb testing.TB, u gemini.Upstream, schema string) (parameters, response any) {
	tb.Helper()
	r := &llm.Request{
		Messages: []llm.Message{{Role: llm.RoleUser, Parts: []llm.Part{llm.Text{Text: "hi"}}}},
		Tools:    []llm.Tool{{Name: "f", Parameters: llm.RawJSON(schema)}},
		Format:   llm.Format{Kind: llm.FormatSchema, Schema: llm.RawJSON(schema)},
	}
	body, _, failed := u.EncodeRequest(r, "gemini-2.5-pro")
	if failed != nil {
		tb.Fatal(failed)
	}
	var got struct {
		Tools []struct {
			FunctionDeclarations []struct{ ParametersJSONSchema any }
		}
		GenerationConfig struct{ ResponseJSONSchema any }
	}
	if err := json.Unmarshal(body, &got); err != nil {
		tb.Fatalf("%v in %s", err, body)
	}
	return got.Tools[0].FunctionDeclarations[0].ParametersJSONSchema, got.GenerationConfig.ResponseJSONSchema
}

// accepted says what Gemini would refuse of a schema; "" is nothing. It is the
// list in Google's own documentation, without the references.
func accepted(schema any, depth int) string {
	s, ok := schema.(map[string]any)
	if !ok {
		return fmt.Sprintf("%v is no schema", schema)
	}
	if depth > 30 {
		return "nested too deeply"
	}
	for key, v := range s {
		if wrong := keyword(s, key, v, depth); wrong != "" {
			return wrong
		}
	}
	if s["type"] == "array" && s["items"] == nil && s["prefixItems"] == nil {
		return "a list without items"
	}
	return ""
}

func keyword(s map[string]any, key string, v any, depth int) string {
	kind, _ := s["type"].(string)
	of := func(kinds ...string) string {
		if !slices.Contains(kinds, kind) {
			return key + " of a " + kind
		}
		return ""
	}
	switch key {
	case "type":
		if !slices.Contains([]string{"string", "number", "integer", "boolean", "array", "object", "null"}, kind) {
			return fmt.Sprintf("the type %v", v)
		}
	case "title", "description":
		if _, ok := v.(string); !ok {
			return key + " is no text"
		}
	case "format":
		if !slices.Contains([]any{"date-time", "date", "time", "int32", "int64", "float", "double"}, v) {
			return fmt.Sprintf("the format %v", v)
		}
	case "enum":
		return values(v, of("string", "number", "integer"))
	case "items":
		return first(of("array"), accepted(v, depth+1))
	case "additionalProperties":
		if _, ok := v.(bool); ok {
			return of("object")
		}
		return first(of("object"), accepted(v, depth+1))
	case "prefixItems", "anyOf":
		list, ok := v.([]any)
		if !ok || key == "anyOf" && len(list) == 0 {
			return key + " is no list"
		}
		for _, e := range list {
			if wrong := accepted(e, depth+1); wrong != "" {
				return wrong
			}
		}
	case "minItems", "maxItems":
		if n, ok := v.(float64); !ok || n < 0 || n != float64(int64(n)) {
			return key + " is no count"
		}
		return of("array")
	case "minimum", "maximum":
		if _, ok := v.(float64); !ok {
			return key + " is no number"
		}
		return of("number", "integer")
	case "properties":
		properties, ok := v.(map[string]any)
		if !ok || len(properties) == 0 {
			return "properties without any"
		}
		for _, e := range properties {
			if wrong := accepted(e, depth+1); wrong != "" {
				return wrong
			}
		}
		return of("object")
	case "required", "propertyOrdering":
		return named(s, key, v)
	default:
		return "the keyword " + key
	}
	return ""
}

func values(v any, wrong string) string {
	list, ok := v.([]any)
	if !ok || len(list) == 0 {
		return "enum without values"
	}
	for _, e := range list {
		switch e := e.(type) {
		case string:
			if e == "" {
				return "an empty value"
			}
		case float64:
		default:
			return fmt.Sprintf("the value %v", e)
		}
	}
	return wrong
}

func named(s map[string]any, key string, v any) string {
	list, ok := v.([]any)
	properties, _ := s["properties"].(map[string]any)
	if !ok || len(list) == 0 {
		return key + " without names"
	}
	for _, e := range list {
		name, ok := e.(string)
		if _, known := properties[name]; !ok || !known {
			return fmt.Sprintf("%s names %v", key, e)
		}
	}
	return ""
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// checkSchema proves that Gemini takes what becomes of a schema, and that what
// became of it stays as it is.
func checkSchema(tb testing.TB, schema string) {
	tb.Helper()
	u := gemini.Upstream{}
	parameters, response := cleaned(tb, u, schema)
	if parameters != nil {
		if wrong := accepted(parameters, 0); wrong != "" {
			tb.Fatalf("%s\nbecomes %v\nwhich has %s", schema, parameters, wrong)
		}
		if parameters.(map[string]any)["type"] != "object" {
			tb.Fatalf("%s\nbecomes %v, arguments that are no object", schema, parameters)
		}
	}
	if response == nil {
		return
	}
	if wrong := accepted(response, 0); wrong != "" {
		tb.Fatalf("%s\nbecomes %v\nwhich has %s", schema, response, wrong)
	}
	again, err := json.Marshal(response)
	if err != nil {
		tb.Fatal(err)
	}
	if _, twice := cleaned(tb, u, string(again)); twice != nil {
		if wrong := accepted(twice, 0); wrong != "" {
			tb.Fatalf("%s\nbecomes %v\nwhich has %s", again, twice, wrong)
		}
	}
}

func TestB31_AnySchemaBecomesOneThatGeminiTakes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, in, parameters, response string }{
		{
			name: "as it is", in: `{"type":"object","properties":{"a":{"type":"string","enum":["x","y"]}},"required":["a"],"additionalProperties":false}`,
			parameters: `{"type":"object","properties":{"a":{"type":"string","enum":["x","y"]}},"required":["a"],"additionalProperties":false}`,
		},
		{
			name: "what a generator adds", in: `{"$schema":"http://json-schema.org/draft-07/schema#","$id":"x","$comment":"c","type":"object","properties":{"a":{"type":"string","default":"d","examples":["e"],"x-order":1,"readOnly":true}}}`,
			parameters: `{"type":"object","properties":{"a":{"type":"string"}}}`,
		},
		{name: "no parameters", in: `{"type":"object","properties":{}}`, parameters: `null`, response: `{"type":"object"}`},
		{name: "anything", in: `{}`, parameters: `null`, response: `null`},
		{name: "true", in: `true`, parameters: `null`, response: `null`},
		{name: "false", in: `false`, parameters: `null`, response: `null`},
		{name: "no schema at all", in: `"text"`, parameters: `null`, response: `null`},
		{
			name: "const", in: `{"type":"object","properties":{"a":{"const":"x"},"b":{"const":true},"c":{"const":null},"d":{"const":2.5}}}`,
			parameters: `{"type":"object","properties":{"a":{"type":"string","enum":["x"]},"b":{"type":"boolean","description":"(always true)"},"c":{"type":"null"},"d":{"type":"number","enum":[2.5]}}}`,
		},
		{
			name: "mixed values", in: `{"type":"object","properties":{"a":{"enum":["x","",1,null,true,"x"]},"b":{"type":"string","enum":[""]}}}`,
			parameters: `{"type":"object","properties":{"a":{"anyOf":[{"type":"string","enum":["x"]},{"type":"integer","enum":[1]},{"type":"boolean"},{"type":"null"}]},"b":{"type":"string"}}}`,
		},
		{
			name: "boolean schemas inside", in: `{"type":"object","properties":{"a":true,"b":false,"c":{"type":"array","items":true},"d":{"anyOf":[false,{"type":"string"}]}},"required":["a","b"]}`,
			parameters: `{"type":"object","properties":{"a":{},"c":{"type":"array","items":{"type":"string"}},"d":{"type":"string"}},"required":["a"]}`,
		},
		{
			name: "type lists", in: `{"type":"object","properties":{"a":{"type":["string","null"],"description":"d","minLength":2},"b":{"type":["string","integer"],"minimum":1},"c":{"type":["null"]}}}`,
			parameters: `{"type":"object","properties":{"a":{"description":"d (minLength: 2)","anyOf":[{"type":"string"},{"type":"null"}]},"b":{"anyOf":[{"type":"string"},{"type":"integer","minimum":1}]},"c":{"type":"null"}}}`,
		},
		{
			name: "nullable", in: `{"type":"object","properties":{"a":{"type":"string","nullable":true},"b":{"anyOf":[{"type":"string"},{"type":"integer"}],"nullable":true}}}`,
			parameters: `{"type":"object","properties":{"a":{"anyOf":[{"type":"string"},{"type":"null"}]},"b":{"anyOf":[{"type":"string"},{"type":"integer"},{"type":"null"}]}}}`,
		},
		{
			name: "oneOf and allOf", in: `{"type":"object","properties":{"a":{"oneOf":[{"type":"string"},{"type":"number"}]},"b":{"allOf":[{"type":"object","properties":{"x":{"type":"string"}},"required":["x"]},{"properties":{"y":{"type":"integer"}},"required":["y","z"]}]}}}`,
			parameters: `{"type":"object","properties":{"a":{"anyOf":[{"type":"string"},{"type":"number"}]},"b":{"type":"object","properties":{"x":{"type":"string"},"y":{"type":"integer"}},"required":["x","y"]}}}`,
		},
		{
			name: "references", in: `{"type":"object","properties":{"a":{"$ref":"#/definitions/A","description":"here"},"b":{"$ref":"#/$defs/B~1b"},"c":{"$ref":"https://x.example/c"},"d":{"$ref":"#anchored"}},"definitions":{"A":{"type":"string","description":"there"}},"$defs":{"B/b":{"type":"integer"},"C":{"$anchor":"anchored","type":"boolean"}}}`,
			parameters: `{"type":"object","properties":{"a":{"type":"string","description":"here"},"b":{"type":"integer"},"c":{"description":"(see https://x.example/c)"},"d":{"type":"boolean"}}}`,
		},
		{
			name: "recursion", in: `{"$ref":"#/$defs/Node","$defs":{"Node":{"type":"object","properties":{"name":{"type":"string"},"children":{"type":"array","items":{"$ref":"#/$defs/Node"}}},"required":["name"]}}}`,
			parameters: `{"type":"object","properties":{"name":{"type":"string"},"children":{"type":"array","items":{"type":"object","description":"Like Node around it."}}},"required":["name"]}`,
		},
		{
			name: "the root inside itself", in: `{"type":"object","properties":{"next":{"$ref":"#"}}}`,
			parameters: `{"type":"object","properties":{"next":{"type":"object","description":"Like the whole around it."}}}`,
		},
		{
			name: "words without a place", in: `{"type":"object","properties":{"a":{"type":"string","format":"uri","pattern":"^h","description":"An address."},"b":{"type":"number","exclusiveMinimum":0,"multipleOf":0.5,"format":"double"},"c":{"type":"array","items":{"type":"string"},"uniqueItems":true,"minItems":1}}}`,
			parameters: `{"type":"object","properties":{"a":{"type":"string","description":"An address. (pattern: \"^h\", format: uri)"},"b":{"type":"number","format":"double","description":"(exclusiveMinimum: 0, multipleOf: 0.5)"},"c":{"type":"array","items":{"type":"string"},"minItems":1,"description":"(uniqueItems: true)"}}}`,
		},
		{
			name: "tuples", in: `{"type":"object","properties":{"a":{"items":[{"type":"string"},{"type":"integer"}]},"b":{"type":"array","prefixItems":[{"type":"string"}],"items":false}}}`,
			parameters: `{"type":"object","properties":{"a":{"type":"array","prefixItems":[{"type":"string"},{"type":"integer"}]},"b":{"type":"array","prefixItems":[{"type":"string"}]}}}`,
		},
		{
			name: "no type", in: `{"properties":{"a":{"properties":{"b":{"type":"string"}}},"c":{"items":{"type":"string"}}}}`,
			parameters: `{"type":"object","properties":{"a":{"type":"object","properties":{"b":{"type":"string"}}},"c":{"type":"array","items":{"type":"string"}}}}`,
		},
		{
			name: "types of other languages", in: `{"type":"OBJECT","properties":{"a":{"type":"STRING"},"b":{"type":"int"},"c":{"type":"dict"},"d":{"type":"any"}}}`,
			parameters: `{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"integer"},"c":{"type":"object"},"d":{}}}`,
		},
		{
			name: "a choice at the top", in: `{"anyOf":[{"type":"object","properties":{"a":{"type":"string"},"k":{"const":1}},"required":["a","k"]},{"type":"object","properties":{"b":{"type":"string"},"k":{"const":2}},"required":["b","k"]}]}`,
			parameters: `{"type":"object","properties":{"a":{"type":"string"},"k":{"type":"integer","enum":[1]},"b":{"type":"string"}},"required":["k"]}`,
		},
		{
			name: "conditions", in: `{"type":"object","properties":{"a":{"type":"string"}},"if":{"properties":{"a":{"const":"x"}}},"then":{"required":["b"]},"not":{},"patternProperties":{"^x":{}},"propertyNames":{},"dependentRequired":{}}`,
			parameters: `{"type":"object","properties":{"a":{"type":"string"}}}`,
		},
		{
			name: "nonsense", in: `{"type":7,"properties":{"a":{"type":"string","minItems":-1,"maximum":"x","required":true,"enum":"x","anyOf":{},"description":[1]},"b":3},"required":"a","items":5}`,
			parameters: `{"type":"object","properties":{"a":{"type":"string"},"b":{}}}`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if test.response == "" {
				test.response = test.parameters
			}
			parameters, response := cleaned(t, gemini.Upstream{}, test.in)
			if diff := cmp.Diff(decoded(t, test.parameters), parameters); diff != "" {
				t.Errorf("parameters (-want +got):\n%s", diff)
			}
			if test.name != "a choice at the top" && test.name != "nonsense" {
				if diff := cmp.Diff(decoded(t, test.response), response); diff != "" {
					t.Errorf("response (-want +got):\n%s", diff)
				}
			}
			checkSchema(t, test.in)
		})
	}
}

func decoded(tb testing.TB, s string) any {
	tb.Helper()
	var v any
	if err := json.Unmarshal([]byte(s), &v); err != nil {
		tb.Fatalf("%v in %s", err, s)
	}
	return v
}

// anySchema makes a value that looks like a schema, with all keywords in places
// where nobody would look for them.
func anySchema(r *rand.Rand, depth int) any {
	if depth == 0 || r.IntN(8) == 0 {
		return []any{true, false, nil, 1.5, "", "string", "#/$defs/a", "#", map[string]any{}, []any{}, -3.0, "object"}[r.IntN(12)]
	}
	list := func() []any {
		out := []any{}
		for range r.IntN(4) {
			out = append(out, anySchema(r, depth-1))
		}
		return out
	}
	keys := []string{
		"type", "type", "properties", "properties", "items", "anyOf", "oneOf", "allOf", "$ref", "enum", "const", "required", "nullable", "description", "title", "format",
		"minItems", "maximum", "prefixItems", "additionalProperties", "$defs", "not", "pattern", "propertyOrdering", "$schema", "exclusiveMinimum", "default",
	}
	out := map[string]any{}
	for range r.IntN(5) + 1 {
		key := keys[r.IntN(len(keys))]
		switch {
		case r.IntN(10) == 0:
			out[key] = anySchema(r, depth-1)
		case key == "type":
			types := []any{"string", "object", "array", "integer", "null", "NUMBER", "boolean", "nope", []any{"string", "null"}, []any{"object", "array", 3.0}, []any{}}
			out[key] = types[r.IntN(len(types))]
		case key == "properties" || key == "$defs":
			out[key] = map[string]any{"a": anySchema(r, depth-1), "b": anySchema(r, depth-1), "": anySchema(r, depth-1)}
		case key == "required" || key == "propertyOrdering":
			out[key] = []any{"a", "b", "a", "zz", 3.0}[:r.IntN(6)]
		case key == "anyOf" || key == "oneOf" || key == "allOf" || key == "enum" || key == "prefixItems":
			out[key] = list()
		case key == "$ref":
			out[key] = []any{"#", "#/$defs/a", "#/properties/a", "#/properties/b/items", "http://x", "#/%zz"}[r.IntN(6)]
		default:
			out[key] = anySchema(r, depth-1)
		}
	}
	return out
}

func TestB31_HoldsForSchemasNobodyWouldWrite(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(31, 7))
	for range 1500 {
		b, err := json.Marshal(anySchema(r, 6))
		if err != nil {
			t.Fatal(err)
		}
		checkSchema(t, string(b))
	}
}

func TestB31_ReferencesThatMultiplyStayBounded(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString(`{"type":"object","properties":{"x":{"$ref":"#/$defs/d0"}},"$defs":{`)
	for i := range 40 {
		fmt.Fprintf(&b, `"d%d":{"type":"object","properties":{"a":{"$ref":"#/$defs/d%d"},"b":{"$ref":"#/$defs/d%d"}}},`, i, i+1, i+1)
	}
	b.WriteString(`"d40":{"type":"string"}}}`)
	checkSchema(t, b.String())
	checkSchema(t, strings.Repeat(`{"type":"array","items":`, 400)+`{}`+strings.Repeat(`}`, 400))
}

func TestSchemas_RememberEachForItsUse(t *testing.T) {
	t.Parallel()
	u := gemini.Upstream{Schemas: &gemini.Schemas{}}
	const schema = `{"type":["object","null"],"properties":{"a":{"type":"string","minLength":1}}}`
	wantParameters, wantResponse := cleaned(t, gemini.Upstream{}, schema)
	for range 2 {
		parameters, response := cleaned(t, u, schema)
		if diff := cmp.Diff(wantParameters, parameters) + cmp.Diff(wantResponse, response); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

func FuzzSchema(f *testing.F) {
	f.Add(`{"type":"object","properties":{"a":{"$ref":"#/$defs/a"}},"$defs":{"a":{"type":["string","null"],"enum":["x",null,1]}}}`)
	f.Add(`{"allOf":[{"anyOf":[{"const":1},{"items":[{"type":"string"}]}]},{"required":["a"]}],"properties":{"a":false}}`)
	f.Add(`{"type":"array","prefixItems":[true,false],"items":{"oneOf":[{"type":"null"}]},"minItems":1e9}`)
	f.Fuzz(func(t *testing.T, schema string) {
		if !json.Valid([]byte(schema)) || strings.Count(schema, "{")+strings.Count(schema, "[") > 400 {
			return
		}
		checkSchema(t, schema)
	})
}
