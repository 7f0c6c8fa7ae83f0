package ollama

import (
	"io"
	"strconv"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// DecodeEmbed reads one text or many.
func (Embed) DecodeEmbed(h dialect.Head, raw []byte) (*llm.EmbedRequest, []llm.Warning, *llm.Error) {
	d := newDecoder(h)
	r := &llm.EmbedRequest{Model: h.Model, Minter: minter}
	for m := range rawjson.Inside(raw) {
		if rawjson.IsNull(m.Value) {
			continue
		}
		switch name := string(m.Key); name {
		case "model", "name":
		case "input", "prompt":
			if rawjson.IsText(m.Value) {
				r.Inputs = append(r.Inputs, rawjson.Text(m.Value))
				continue
			}
			for i, e := range rawjson.Indexed(m.Value) {
				if !rawjson.IsText(e) {
					d.Refuse(name+"["+strconv.Itoa(i)+"]", "invalid input type: "+name+" must be a text or a list of texts")
				}
				r.Inputs = append(r.Inputs, rawjson.Text(e))
			}
		case "dimensions":
			if n, ok := rawjson.Int(m.Value); ok && n > 0 {
				r.Dimensions = n
			}
		case "truncate":
			if string(m.Value) == "false" {
				d.drop(name) // what is too long is refused or cut by the service
			}
		default: // options, keep_alive
			d.drop(name)
		}
	}
	if d.Err == nil && len(r.Inputs) == 0 {
		d.Refuse("input", "input is empty; send at least one text")
	}
	if d.Err != nil {
		return nil, nil, d.Err
	}
	return r, d.Warnings, nil
}

// EncodeEmbeddings writes the vectors; the older path gets one.
func (e Embed) EncodeEmbeddings(w io.Writer, v *llm.Embeddings, model string, h dialect.Head) error {
	s := scannedOf(h)
	if s.legacy {
		out := []byte(`{"embedding":[]}`)
		if len(v.Vectors) > 0 {
			out = append(appendVector([]byte(`{"embedding":`), v.Vectors[0]), '}')
		}
		_, err := w.Write(out)
		return err
	}
	if s.asked != "" {
		model = s.asked
	}
	out := rawjson.AppendString([]byte(`{"model":`), model)
	out = append(out, `,"embeddings":[`...)
	for i, one := range v.Vectors {
		if i > 0 {
			out = append(out, ',')
		}
		out = appendVector(out, one)
	}
	out = append(out, `],"total_duration":`...)
	out = strconv.AppendInt(out, max(clock(e.Now).Sub(s.at).Nanoseconds(), 1), 10)
	out = append(out, `,"load_duration":0,"prompt_eval_count":`...)
	out = append(strconv.AppendInt(out, int64(v.Usage.Input), 10), '}')
	_, err := w.Write(out)
	return err
}

func appendVector(dst []byte, v []float32) []byte {
	dst = append(dst, '[')
	for i, f := range v {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = strconv.AppendFloat(dst, float64(f), 'g', -1, 32)
	}
	return append(dst, ']')
}
