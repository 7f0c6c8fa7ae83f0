package rawjson_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
)

func TestCursor_SkipsWhatNobodyReads(t *testing.T) {
	t.Parallel()
	const body = ` {"a": [1, {"b": "x"}, [], {}], "c\u0064": "y", "e": {"f": null}, "g": 7} `
	at := rawjson.Begin([]byte(body))
	var got []string
	for key := range at.Object() {
		switch string(key) {
		case "a":
			for i := range at.List() {
				if i == 1 {
					for key := range at.Object() {
						got = append(got, string(key)+"="+string(at.Value()))
					}
				}
			}
		case "cd", "g":
			from := at.Offset()
			got = append(got, string(key)+"="+string(at.Value()))
			if since := string(at.Since(from)); !strings.HasSuffix(got[len(got)-1], since) {
				t.Errorf("since gives %s after %v", since, got)
			}
		}
	}
	if err := at.End(); err != nil {
		t.Fatal(err)
	}
	if want := []string{`b="x"`, `cd="y"`, "g=7"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestCursor_TellsWhereTheTextStopsToBeJSON(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"a":[1,{"b":]}`: "expected a value at line 1, column 14 (byte 13)",
		`{"a":1 "b":2}`:   `expected "," or "}" at line 1, column 8 (byte 7)`,
		`{"a":1}}`:        "unexpected text after the end at line 1, column 8 (byte 7)",
		`{"a":{"b":`:      "unexpected end at line 1, column 11 (byte 10)",
	} {
		at := rawjson.Begin([]byte(body))
		walk(&at)
		if err := at.End(); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", body, err, want)
		}
	}
}

// walk steps into everything there is.
func walk(at *rawjson.Cursor) {
	switch at.Kind() {
	case '{':
		for range at.Object() {
			walk(at)
		}
	case '[':
		for range at.List() {
			walk(at)
		}
	default:
		at.Value()
	}
}

// FuzzCursor proves that a cursor takes what encoding/json takes; only the text
// of strings is not looked into.
func FuzzCursor(f *testing.F) {
	f.Add(`{"a":[1,{"b":"x\\"}],"c":{}}`)
	f.Add(`[1,]`)
	f.Add(`{"a":1,}`)
	f.Fuzz(func(t *testing.T, body string) {
		if strings.Count(body, "{")+strings.Count(body, "[") > 400 {
			return
		}
		at := rawjson.Begin([]byte(body))
		walk(&at)
		err := at.End()
		if valid := json.Valid([]byte(body)); valid && err != nil {
			t.Errorf("%q is refused: %v", body, err)
		} else if !valid && err == nil && !strings.Contains(body, `"`) {
			t.Errorf("%q is taken", body)
		}
	})
}

func TestHasSurrogate_FindsItWhereverItStands(t *testing.T) {
	t.Parallel()
	for n := range 100 {
		for _, tail := range []int{0, 1, 40} {
			around := func(s string) []byte {
				return []byte(`"` + strings.Repeat("u", n) + s + strings.Repeat(`d`, tail) + `"`)
			}
			for _, s := range []string{`\ud83c`, `\uDc00`} {
				if !rawjson.HasSurrogate(around(s)) {
					t.Errorf("%s behind %d bytes is not found", s, n)
				}
			}
			for _, s := range []string{`\u00dd`, `\nud`, `ud\\`, `\u00e9\n\\ dud u`} {
				if rawjson.HasSurrogate(around(s)) {
					t.Errorf("%s behind %d bytes is taken for one", s, n)
				}
			}
		}
	}
}
