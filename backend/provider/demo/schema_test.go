package demo_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func answerTo(t *testing.T, schema string) string {
	t.Helper()
	m, _ := whole(t, `{"model":"fast","messages":[{"role":"user","content":"a"}],"response_format":{"type":"json_schema","json_schema":{"name":"x","schema":`+schema+`}}}`)
	if !json.Valid([]byte(*m.Content)) {
		t.Fatalf("%s\nthe answer is not JSON: %s", schema, *m.Content)
	}
	return *m.Content
}

func TestSchema_IsSatisfied(t *testing.T) {
	for _, c := range []struct{ schema, want string }{
		{`{"type":"object","properties":{"b":{"type":"boolean"},"a":{"type":"integer"}},"required":["a","b"]}`, `{"b":true,"a":1}`},
		{`{"properties":{"a":{"type":"number"},"x":{"type":"null"}}}`, `{"a":0.5,"x":null}`},
		{`{"type":"object","properties":{"opt":{"type":"string"}},"required":[]}`, `{}`},
		{`{"type":"object","properties":{},"required":["ghost"]}`, `{"ghost":"example"}`},
		{`{"type":"object","minProperties":2,"additionalProperties":{"type":"integer"}}`, `{"key1":1,"key2":1}`},
		{`{"const":{"k":[1]}}`, `{"k":[1]}`},
		{`{"enum":["red","green"]}`, `"red"`},
		{`{"type":["null","integer"],"minimum":7}`, `7`},
		{`{"type":"integer","exclusiveMinimum":7}`, `8`},
		{`{"type":"integer","maximum":-3}`, `-3`},
		{`{"type":"integer","minimum":10,"multipleOf":4}`, `12`},
		{`{"type":"number","exclusiveMaximum":0}`, `-1`},
		{`{"type":"array","items":{"type":"integer"},"minItems":3}`, `[1,1,1]`},
		{`{"type":"array","items":{"enum":["a","b","c"]},"minItems":2,"uniqueItems":true}`, `["a","b"]`},
		{`{"type":"array","maxItems":0}`, `[]`},
		{`{"type":"array","prefixItems":[{"type":"integer"},{"const":"x"}],"items":false}`, `[1,"x"]`},
		{`{"anyOf":[{"type":"null"},{"type":"integer"}]}`, `1`},
		{`{"oneOf":[{"const":"one"},{"const":"two"}]}`, `"one"`},
		{`{"allOf":[{"type":"object","properties":{"a":{"const":1}},"required":["a"]},{"properties":{"b":{"const":2}},"required":["b"]}]}`, `{"a":1,"b":2}`},
		{`{"$ref":"#/$defs/P~1q","$defs":{"P/q":{"type":"object","properties":{"n":{"$ref":"#/definitions/N"}}}},"definitions":{"N":{"const":5}}}`, `{"n":5}`},
		{`{"type":"object","properties":{"v":{"type":"integer"},"next":{"anyOf":[{"$ref":"#"},{"type":"null"}]}},"required":["v","next"]}`, `{"v":1,"next":null}`},
		{`{"type":"object","properties":{"kids":{"type":"array","items":{"$ref":"#"}}},"required":["kids"]}`, `{"kids":[]}`},
		{`{"$ref":"#/$defs/E","$defs":{"E":{"anyOf":[{"$ref":"#/$defs/B"},{"const":0}]},"B":{"type":"object","properties":{"l":{"$ref":"#/$defs/E"}},"required":["l"]}}}`, `{"l":0}`},
		{`{"type":"string","format":"date-time"}`, `"2026-01-02T15:04:05Z"`},
		{`{"type":"string","pattern":"^[A-Z]{2}-\\d{3}$"}`, `"AA-111"`},
		{`{"type":"string","minLength":10}`, `"example..."`},
		{`{"type":"string","maxLength":3}`, `"exa"`},
		{`{"$ref":"https://elsewhere.example/schema"}`, `null`},
		{`true`, `"example"`},
		{`{"type":"object","properties":{"a.b":{"const":1},"#":{"const":2}},"required":["a.b","#"]}`, `{"a.b":1,"#":2}`},
	} {
		if got := answerTo(t, c.schema); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.schema, got, c.want)
		}
	}
}

func TestSchema_WithoutAnEndStillEnds(t *testing.T) {
	wide := `{"$ref":"#/$defs/A","$defs":{"A":{"type":"object","required":["a","b","c"],"properties":{"a":{"$ref":"#/$defs/A"},"b":{"$ref":"#/$defs/A"},"c":{"$ref":"#/$defs/A"}}}}}`
	for _, schema := range []string{wide, `{"$ref":"#"}`, `{"anyOf":[{"$ref":"#"}]}`, `{"allOf":[{"$ref":"#"},{"$ref":"#"}]}`} {
		if got := answerTo(t, schema); len(got) > 10<<20 {
			t.Errorf("%s: %d bytes", schema, len(got))
		}
	}
}

func TestJSONObject_IsOne(t *testing.T) {
	m, _ := whole(t, `{"model":"fast","messages":[{"role":"user","content":"say \"x\""}],"response_format":{"type":"json_object"}}`)
	var got map[string]string
	if err := json.Unmarshal([]byte(*m.Content), &got); err != nil || got["question"] != `say "x"` {
		t.Errorf("%s: %v", *m.Content, err)
	}
}

func FuzzSchema(f *testing.F) {
	f.Add(`{"type":"object"}`)
	f.Add(`{"anyOf":[{"$ref":"#"}],"allOf":[{"$ref":"#"}]}`)
	f.Add(`{"type":"string","pattern":"(a|b){3,}[^x]*$"}`)
	f.Fuzz(func(t *testing.T, schema string) {
		if !json.Valid([]byte(schema)) || !utf8.ValidString(schema) || strings.TrimSpace(schema) == "" {
			return
		}
		start := time.Now()
		_ = answerTo(t, schema)
		if d := time.Since(start); d > 2*time.Second {
			t.Errorf("took %s", d)
		}
	})
}
