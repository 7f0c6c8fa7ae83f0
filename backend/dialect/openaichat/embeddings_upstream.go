package openaichat

import (
	"encoding/base64"
	"encoding/binary"
	"math"
	"slices"
	"strconv"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/answer"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/carriage"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// EmbeddingsUpstream is how we ask a service for vectors. Its errors are those of
// the service's chat, whose codec it is but for that.
type EmbeddingsUpstream struct {
	Upstream

	// FloatOnly says that the service knows no encoding_format but float.
	FloatOnly bool
	// Most is how many texts it takes at a time; 0 is any number.
	Most int
	// Refused are fields that it refuses, as dimensions.
	Refused []string
}

var (
	_ dialect.EmbedUpstream = EmbeddingsUpstream{}
	_ dialect.Carrier       = EmbeddingsUpstream{}
	_ dialect.Batcher       = EmbeddingsUpstream{}
)

// Name is [dialect.Embeddings].
func (EmbeddingsUpstream) Name() dialect.Name { return dialect.Embeddings }

// Carries is [dialect.Embeddings].
func (EmbeddingsUpstream) Carries() dialect.Name { return dialect.Embeddings }

// MostInputs is how many texts the service takes at a time.
func (u EmbeddingsUpstream) MostInputs(string) int { return u.Most }

// EncodeEmbed writes the body. Vectors are asked for as base64, which is a third
// of the bytes, unless the service knows numbers alone.
func (u EmbeddingsUpstream) EncodeEmbed(r *llm.EmbedRequest, model string) ([]byte, []llm.Warning, *llm.Error) {
	size := 256
	for _, s := range r.Inputs {
		size += len(s) + len(s)/16 + 8
	}
	e := encoder{Writer: rawjson.Writer{Out: append(make([]byte, 0, size), '{')}}
	e.Text("model", model)
	e.Key("input")
	e.Out = append(e.Out, '[')
	for i, s := range r.Inputs {
		if i > 0 {
			e.Out = append(e.Out, ',')
		}
		e.Out = rawjson.AppendString(e.Out, s)
	}
	e.Out = append(e.Out, ']')
	if r.Dimensions > 0 {
		if slices.Contains(u.Refused, "dimensions") {
			return nil, nil, &llm.Error{Kind: llm.KindUnsupported, Param: "dimensions", Message: "this service has one length of vectors; leave dimensions out"}
		}
		e.Key("dimensions")
		e.Out = strconv.AppendInt(e.Out, int64(r.Dimensions), 10)
	}
	if r.Base64 && !u.FloatOnly {
		e.Text("encoding_format", "base64")
	} else {
		e.Text("encoding_format", "float")
	}
	if r.User != "" && u.takes(&e, "user") {
		e.Text("user", r.User)
	}
	if r.Task != "" || r.Title != "" {
		e.warn("taskType", "dropped")
	}
	for _, f := range r.Extra {
		switch {
		case r.Minter != string(dialect.Embeddings):
			e.warn(f.Name, "dropped")
		case u.takes(&e, f.Name):
			e.Key(f.Name)
			e.Out = append(e.Out, f.Value...)
		}
	}
	return append(e.Out, '}'), e.warnings, nil
}

func (u EmbeddingsUpstream) takes(e *encoder, field string) bool {
	if !slices.Contains(u.Refused, field) {
		return true
	}
	e.warn(field, "dropped")
	return false
}

// DecodeEmbeddings reads a whole answer, whichever form its vectors have.
func (u EmbeddingsUpstream) DecodeEmbeddings(raw []byte) (*llm.Embeddings, *llm.Error) {
	top, err := u.read(raw)
	if err != nil {
		return nil, err
	}
	e := &llm.Embeddings{Model: rawjson.Text(top.model), Usage: top.tokens()}
	for _, one := range rawjson.Elements(top.data) {
		v, ok := vector(rawjson.Get(one, "embedding"))
		if !ok {
			return nil, notEmbeddings("a vector of something else than numbers")
		}
		at, ok := rawjson.Int(rawjson.Get(one, "index"))
		if !ok {
			at = len(e.Vectors)
		}
		if at < 0 || at > 1<<20 {
			return nil, notEmbeddings("a vector at the place " + strconv.Itoa(at))
		}
		for len(e.Vectors) <= at {
			e.Vectors = append(e.Vectors, nil)
		}
		e.Vectors[at] = v
	}
	if slices.ContainsFunc(e.Vectors, func(v []float32) bool { return v == nil }) {
		return nil, notEmbeddings("vectors with a gap between them")
	}
	return e, nil
}

func notEmbeddings(what string) *llm.Error { return answer.Unexpected(what, "embeddings", nil) }

// embedReply is the outer object of an answer.
type embedReply struct {
	model, data, usage []byte
	modelAt            int
}

func (r embedReply) tokens() llm.Usage {
	if len(r.usage) == 0 {
		return llm.Usage{}
	}
	n, ok := rawjson.Int(rawjson.Get(r.usage, "prompt_tokens"))
	if !ok {
		n, ok = rawjson.Int(rawjson.Get(r.usage, "total_tokens"))
	}
	return llm.Usage{Known: ok, Input: n}
}

func (u EmbeddingsUpstream) read(raw []byte) (embedReply, *llm.Error) {
	var r embedReply
	for m, err := range rawjson.Members(raw) {
		if err != nil {
			return r, answer.Unexpected("something that is not JSON ("+answer.Excerpt(string(raw))+")", "embeddings", err)
		}
		switch string(m.Key) {
		case "model":
			r.model, r.modelAt = m.Value, m.At
		case "data":
			r.data = m.Value
		case "usage":
			r.usage = m.Value
		case "error":
			if !rawjson.IsNull(m.Value) {
				return r, u.faultIn(raw)
			}
		}
	}
	if len(r.data) == 0 || r.data[0] != '[' {
		return r, notEmbeddings("an object without data")
	}
	return r, nil
}

// vector reads numbers, or base64 of little-endian 32-bit floats.
func vector(v []byte) ([]float32, bool) {
	if rawjson.IsText(v) {
		b, err := base64.StdEncoding.AppendDecode(nil, rawjson.Inner(v))
		if err != nil || len(b)%4 != 0 {
			return nil, false
		}
		out := make([]float32, 0, len(b)/4)
		for ; len(b) > 0; b = b[4:] {
			out = append(out, math.Float32frombits(binary.LittleEndian.Uint32(b)))
		}
		return out, true
	}
	if len(v) == 0 || v[0] != '[' {
		return nil, false
	}
	const usual = 1024
	out := make([]float32, 0, usual)
	for _, e := range rawjson.Elements(v) {
		f, err := strconv.ParseFloat(string(e), 32)
		if err != nil {
			return nil, false
		}
		out = append(out, float32(f))
	}
	return out, true
}

// CarryRequest splices the model into the client's body, and the form of the
// vectors where the service knows one.
func (u EmbeddingsUpstream) CarryRequest(dst, raw []byte, h dialect.Head, model string) ([]byte, []llm.Warning, *llm.Error) {
	c := carriage.Body{Raw: raw, Head: h}
	c.Model(model)
	if more, ok := h.Scanned.(*embedScan); ok && more.base64 && u.FloatOnly {
		c.Put(more.formatAt, "encoding_format", []byte(`"float"`))
		c.Warn("encoding_format", "asked for as float:")
	}
	for m := range rawjson.Inside(raw) {
		if field := string(m.Key); slices.Contains(u.Refused, field) && !rawjson.IsNull(m.Value) {
			if field == "dimensions" {
				return dst, nil, &llm.Error{Kind: llm.KindUnsupported, Param: field, Message: "this service has one length of vectors; leave dimensions out"}
			}
			c.Unsay(m)
		}
	}
	return c.Append(dst), c.Warnings, nil
}

// CarryReply passes the vectors on, in the form that was asked for: a service
// that does not know base64 answers with numbers.
func (u EmbeddingsUpstream) CarryReply(dst, raw []byte, h dialect.Head, asked string) ([]byte, dialect.Seen, *llm.Error) {
	top, err := u.read(raw)
	if err != nil {
		return dst, dialect.Seen{}, err
	}
	seen := dialect.Seen{Token: true, Model: rawjson.Text(top.model), Usage: top.tokens()}
	more, _ := h.Scanned.(*embedScan)
	text := more != nil && more.base64
	for _, one := range rawjson.Elements(top.data) {
		if rawjson.IsText(rawjson.Get(one, "embedding")) == text {
			break
		}
		e, err := u.DecodeEmbeddings(raw)
		if err != nil {
			return dst, seen, err
		}
		seen.Notes = []llm.Warning{{Field: "encoding_format", What: "made the vectors into those of the wanted"}}
		return appendEmbeddings(dst, e, asked, text), seen, nil
	}
	if top.model == nil {
		return append(dst, raw...), seen, nil
	}
	model := value{top.model, top.modelAt}
	return carriage.Splice(dst, raw, []carriage.Edit{model.edit(slices.Index(raw, '{'), rawjson.AppendString(nil, asked))}), seen, nil
}
