package rawjson_test

import (
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
)

func TestWriter_MindsTheCommas(t *testing.T) {
	t.Parallel()
	var w rawjson.Writer
	w.Open('{')
	w.Said("empty", "")
	w.Whole("unsaid", nil)
	w.Raw("nothing", nil)
	w.Text("a\"b", "c\n")
	w.Whole("n", new(3))
	w.Number("f", new(0.5))
	w.Flag("on", new(true))
	w.Int64("long", 1<<40)
	w.Strings("none", nil)
	w.Strings("list", []string{"x", "y"})
	w.Key("token")
	w.Token([]byte(`"\u00e9"`), "é")
	w.Key("inner")
	w.Open('{')
	w.Close('}')
	w.Close('}')
	const want = `{"a\"b":"c\n","n":3,"f":0.5,"on":true,"long":1099511627776,"none":[],"list":["x","y"],"token":"\u00e9","inner":{}}`
	if got := string(w.Out); got != want || !rawjson.Valid(w.Out) {
		t.Errorf("got %s\nwant %s", got, want)
	}
}
