package rawjson_test

import (
	"strings"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
)

func TestHas_LooksBetweenLongStringsAndAtTheirBeginning(t *testing.T) {
	filler := strings.Repeat("a river, ", 40)
	for name, c := range map[string]struct {
		body, mark string
		want       bool
	}{
		"begins a long string":       {`{"a":"` + filler + `","b":"by:` + filler + `"}`, `"by:`, true},
		"begins a short string":      {`{"a":"` + filler + `","b":"by:x"}`, `"by:`, true},
		"inside of a long string":    {`{"a":"` + filler + `\"by:` + filler + `"}`, `"by:`, false},
		"a name behind long strings": {`{"a":"` + filler + `","mark":1}`, `"mark"`, true},
		"a name before them":         {`{"mark":"` + filler + `"}`, `"mark"`, true},
		"between two":                {`{"a":["` + filler + `",{},"` + filler + `"]}`, `{}`, true},
		"nowhere":                    {`{"a":"` + filler + `"}`, `{}`, false},
	} {
		long, err := rawjson.Skim([]byte(c.body), "", func(rawjson.Member, bool) {})
		if err != nil || len(long) == 0 {
			t.Fatalf("%s: %v, %d long strings", name, err, len(long))
		}
		if got := rawjson.Has([]byte(c.body), long, c.mark); got != c.want {
			t.Errorf("%s: got %v", name, got)
		}
	}
	if !rawjson.Has([]byte(`{"mark":1}`), nil, `"mark"`) {
		t.Error("it is not found without long strings")
	}
}
