package carriage_test

import (
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/carriage"
)

func TestSplice_ChangesNothingButItsEdits(t *testing.T) {
	t.Parallel()
	const src = `{"a":{"b":1},"c":2}`
	at := func(from, to int, with string) carriage.Edit {
		return carriage.Edit{At: dialect.Span{From: from, To: to}, With: []byte(with)}
	}
	for name, test := range map[string]struct {
		edits []carriage.Edit
		want  string
	}{
		"none":                  {nil, src},
		"in any order":          {[]carriage.Edit{at(17, 18, "3"), at(5, 12, "0")}, `{"a":0,"c":3}`},
		"inside what is gone":   {[]carriage.Edit{at(5, 12, "null"), at(10, 11, "9")}, `{"a":null,"c":2}`},
		"a member in front":     {[]carriage.Edit{carriage.Add(0, "n", []byte("0"))}, `{"n":0,"a":{"b":1},"c":2}`},
		"two at the same place": {[]carriage.Edit{carriage.Add(0, "n", []byte("0")), carriage.Add(0, "m", []byte("1"))}, `{"n":0,"m":1,"a":{"b":1},"c":2}`},
	} {
		if got := string(carriage.Splice(nil, []byte(src), test.edits)); got != test.want {
			t.Errorf("%s: got %s, want %s", name, got, test.want)
		}
	}
}

func TestBody_SaysWhatItReadDifferently(t *testing.T) {
	t.Parallel()
	raw := ` {"stream":"true","tool_choice":"odd"}`
	b := carriage.Body{Raw: []byte(raw), Head: dialect.Head{
		Stream: true, ObjectAt: dialect.Span{From: 1, To: len(raw)},
		StreamAt: dialect.Span{From: 11, To: 17}, OddChoiceAt: dialect.Span{From: 32, To: 37},
	}}
	b.Model("m")
	b.Stream()
	b.Choice()
	const want = ` {"model":"m","stream":true,"tool_choice":"auto"}`
	if got := string(b.Append(nil)); got != want || len(b.Warnings) != 2 {
		t.Errorf("got %s with %v, want %s", got, b.Warnings, want)
	}
}
