package rawjson_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
)

func check(b []byte) *rawjson.SyntaxError {
	return rawjson.Check(b, "", func(rawjson.Member, bool) {})
}

func TestCheck_NamesThePlace(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, want string }{
		{``, "unexpected end at line 1, column 1 (byte 0)"},
		{`[]`, "expected an object at line 1, column 1 (byte 0)"},
		{`{"a":1,}`, "expected a name in quotes at line 1, column 8 (byte 7)"},
		{"{\n \"a\": tru\n}", "expected a value at line 2, column 7 (byte 8)"},
		{`{"a" 1}`, `expected ":" at line 1, column 6 (byte 5)`},
		{`{"a":1 "b":2}`, `expected "," or "}" at line 1, column 8 (byte 7)`},
		{`{"a":[1 2]}`, `expected "," or "]" at line 1, column 9 (byte 8)`},
		{`{"a":-}`, "expected a digit at line 1, column 7 (byte 6)"},
		{`{"a":"x`, "unexpected end at line 1, column 8 (byte 7)"},
		{"{\"a\":\"x\ny\"}", `unescaped '\n' in a string at line 1, column 8 (byte 7)`},
		{`{"a":"C:\path"}`, "bad escape in a string at line 1, column 9 (byte 8)"},
		{"{\"a\":\"x\xff\"}", "bad UTF-8 in a string at line 1, column 8 (byte 7)"},
		{`{} x`, "unexpected text after the end at line 1, column 4 (byte 3)"},
		{`{"a":` + strings.Repeat("[", 2000), "nested too deeply at line 1, column 1006 (byte 1005)"},
	} {
		err := check([]byte(test.text))
		if err == nil {
			t.Errorf("%.40q passed", test.text)
			continue
		}
		if got := err.Error(); got != test.want {
			t.Errorf("%.40q: got %q, want %q", test.text, got, test.want)
		}
	}
}

func TestCheck_SeesAWatchedNameAtAnyDepth(t *testing.T) {
	t.Parallel()
	body := []byte(`{"a":{"x":[{"seen":1}]},"b":{"y":"seen"}}`)
	got := map[string]bool{}
	if err := rawjson.Check(body, "seen", func(m rawjson.Member, watched bool) { got[string(m.Key)] = watched }); err != nil {
		t.Fatal(err)
	}
	if !got["a"] || got["b"] {
		t.Errorf("got %v, want it in a alone", got)
	}
}

func TestMembers_SayWhereTheyStand(t *testing.T) {
	t.Parallel()
	body := []byte(` { "a" : 1 , "\u0062":"x" } `)
	object := body[1:]
	for m, err := range rawjson.Members(body) {
		if err != nil {
			t.Fatal(err)
		}
		if got := object[m.At : m.At+len(m.Value)]; !bytes.Equal(got, m.Value) {
			t.Errorf("%s stands at %q, want %q", m.Key, got, m.Value)
		}
		if object[m.From] != '"' {
			t.Errorf("%s begins with %q", m.Key, object[m.From])
		}
	}
	if got := string(rawjson.Get(body, "b")); got != `"x"` {
		t.Errorf("got %s for b", got)
	}
	if got := string(rawjson.Get([]byte(`{"a":1,"a":2}`), "a")); got != "2" {
		t.Errorf("got %s, want the last of two", got)
	}
}

func TestInt_TakesWholeNumbersOnly(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"0": 0, "-7": -7, "1e3": 1000, "4096.0": 4096} {
		if got, ok := rawjson.Int([]byte(text)); !ok || got != want {
			t.Errorf("%s: got %d, %v", text, got, ok)
		}
	}
	for _, text := range []string{"1.5", `"1"`, "null", "", "1e400", "true", "9007199254740993.0e9"} {
		if got, ok := rawjson.Int([]byte(text)); ok {
			t.Errorf("%s: got %d", text, got)
		}
	}
}

func FuzzCheck(f *testing.F) {
	for _, seed := range []string{
		`{}`, ` {"a":[1,-2.5e+3,true,null,{"b":"\u00e9\n\""}]} `, `{"a":"流式 🌊"}`, `{"a":"\ud83c\udf0a\ud83c"}`, "{\"a\":\"\x80\"}",
		`{"a":01}`, `{"a":"12345678\\"}`, `{"a":1}}`, `{"long":"0123456789012345678901234567890123456789\""}`,
		`{"` + strings.Repeat(`k\"`, 99) + `":["` + strings.Repeat("v", 128) + `",{"x":"` + strings.Repeat(`\\`, 200) + `"},"` + strings.Repeat("w", 127) + `"]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		object := len(bytes.TrimLeft(b, " \t\r\n")) > 0 && bytes.TrimLeft(b, " \t\r\n")[0] == '{'
		want := object && json.Valid(b) && utf8.Valid(b) && bytes.Count(b, []byte("["))+bytes.Count(b, []byte("{")) < 900
		got := check(b) == nil
		if got != want && bytes.Count(b, []byte("["))+bytes.Count(b, []byte("{")) < 900 {
			t.Fatalf("%q: got %v, want %v", b, got, want)
		}
		long, skimmed := rawjson.Skim(b, "", func(rawjson.Member, bool) {})
		if got && skimmed != nil {
			t.Fatalf("%q passes the check, not the skim: %v", b, skimmed)
		}
		if !got {
			return
		}
		first, again := rawjson.Begin(b), rawjson.Again(b, long)
		if a, b := texts(&first), texts(&again); !slices.Equal(a, b) {
			t.Fatalf("with its long strings known it reads %q, want %q", b, a)
		}
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(b, &fields); err != nil {
			t.Fatal(err)
		}
		for m := range rawjson.Inside(b) {
			if last := rawjson.Get(b, string(m.Key)); !bytes.Equal(last, fields[string(m.Key)]) {
				t.Errorf("%q of %q is %q, want %q", m.Key, b, last, fields[string(m.Key)])
			}
		}
	})
}

// texts are the values that stand in a text, however deep.
func texts(at *rawjson.Cursor) (list []string) {
	switch at.Kind() {
	case '{':
		for key := range at.Object() {
			list = append(append(list, string(key)), texts(at)...)
		}
	case '[':
		for range at.List() {
			list = append(list, texts(at)...)
		}
	default:
		list = append(list, string(at.Value()))
	}
	return list
}

func FuzzText(f *testing.F) {
	for _, seed := range []string{"", "abc", "é流🌊", "\x00\x1f\"\\", "a\xffb", "\u2028", strings.Repeat("x", 20) + "\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		raw := rawjson.AppendString(nil, s)
		var want string
		if err := json.Unmarshal(raw, &want); err != nil {
			t.Fatalf("%q is written as %s: %v", s, raw, err)
		}
		if valid := strings.ToValidUTF8(s, "\ufffd"); utf8.ValidString(s) && want != valid {
			t.Errorf("%q is written as %s", s, raw)
		}
		if got := rawjson.Text(raw); got != want {
			t.Errorf("%s is read as %q, want %q", raw, got, want)
		}
		quoted := []byte(`"` + s + `"`)
		if json.Valid(quoted) {
			_ = json.Unmarshal(quoted, &want)
			if got := strings.ToValidUTF8(rawjson.Text(quoted), "\ufffd"); got != strings.ToValidUTF8(want, "\ufffd") && utf8.Valid(quoted) {
				t.Errorf("%s is read as %q, want %q", quoted, got, want)
			}
		}
		if end := rawjson.StringEnd(quoted, 1); json.Valid(quoted) && end != len(quoted)-1 {
			t.Errorf("%q ends at %d", quoted, end)
		}
	})
}
