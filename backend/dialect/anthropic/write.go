package anthropic

import (
	"strconv"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// writer writes JSON objects and lists, minding the commas.
type writer struct{ out []byte }

// comma separates from what stands before, if anything does.
func (w *writer) comma() {
	if len(w.out) == 0 {
		return
	}
	switch w.out[len(w.out)-1] {
	case '{', '[', ':':
	default:
		w.out = append(w.out, ',')
	}
}

func (w *writer) open(bracket byte) {
	w.comma()
	w.out = append(w.out, bracket)
}

func (w *writer) close(bracket byte) { w.out = append(w.out, bracket) }

func (w *writer) key(name string) {
	w.comma()
	w.out = append(rawjson.AppendString(w.out, name), ':')
}

func (w *writer) text(name, s string) {
	w.key(name)
	w.out = rawjson.AppendString(w.out, s)
}

func (w *writer) raw(name string, v llm.RawJSON) {
	w.key(name)
	w.out = append(w.out, v...)
}

func (w *writer) int(name string, n int) {
	w.key(name)
	w.out = strconv.AppendInt(w.out, int64(n), 10)
}

func (w *writer) float(name string, f float64) {
	w.key(name)
	w.out = strconv.AppendFloat(w.out, f, 'g', -1, 64)
}

func (w *writer) strings(name string, list []string) {
	w.key(name)
	w.out = append(w.out, '[')
	for _, s := range list {
		w.comma()
		w.out = rawjson.AppendString(w.out, s)
	}
	w.out = append(w.out, ']')
}
