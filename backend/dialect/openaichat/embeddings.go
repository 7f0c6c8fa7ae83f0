package openaichat

import (
	"encoding/base64"
	"encoding/binary"
	"io"
	"math"
	"net/http"
	"strconv"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/request"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// Embeddings is how we look to those who ask for vectors of texts. The zero value
// is ready.
type Embeddings struct{ Client }

var (
	_ dialect.Client      = Embeddings{}
	_ dialect.EmbedClient = Embeddings{}
)

// Name is [dialect.Embeddings].
func (Embeddings) Name() dialect.Name { return dialect.Embeddings }

// KeepAlive is nil: nothing is streamed.
func (Embeddings) KeepAlive() []byte { return nil }

// embedScan is what the head of such a request tells beside the head.
type embedScan struct {
	inputAt, formatAt dialect.Span
	base64            bool
}

// Head reads what routing needs, and proves the body to be JSON.
func (Embeddings) Head(_ *http.Request, raw []byte) (dialect.Head, *llm.Error) {
	var s request.Scan
	s.Head.Operation = dialect.Embed
	more := &embedScan{}
	_, err := request.Prove(raw, "", func(m rawjson.Member, _ bool) {
		at := dialect.Span{From: m.At, To: m.At + len(m.Value)}
		switch string(m.Key) {
		case "model":
			s.Head.Model, s.Head.ModelAt = s.Text("model", m.Value, "model must be a string"), at
		case "input":
			if !rawjson.IsNull(m.Value) {
				more.inputAt = at
			}
		case "encoding_format":
			more.formatAt, more.base64 = at, rawjson.Text(m.Value) == "base64"
		}
	})
	switch {
	case err != nil:
		return dialect.Head{}, request.NotJSON(raw, err, "model and input")
	case s.Err != nil:
		return dialect.Head{}, s.Err
	case !more.inputAt.Found():
		return dialect.Head{}, request.BadRequest("input", "input is missing")
	}
	s.Place(raw, &more.inputAt, &more.formatAt)
	s.Head.Scanned = more
	return s.Head, nil
}

// DecodeRequest refuses: nothing is said in this protocol.
func (Embeddings) DecodeRequest(dialect.Head, []byte) (*llm.Request, []llm.Warning, *llm.Error) {
	return nil, nil, &llm.Error{Kind: llm.KindUnsupported, Message: "POST /v1/embeddings takes texts to embed; a conversation goes to POST /v1/chat/completions"}
}

// DecodeEmbed reads a body that Head has accepted.
func (Embeddings) DecodeEmbed(h dialect.Head, raw []byte) (*llm.EmbedRequest, []llm.Warning, *llm.Error) {
	d := decoder{request.New(h, minter)}
	r := &llm.EmbedRequest{Model: h.Model, Minter: string(dialect.Embeddings)}
	for m := range rawjson.Inside(raw) {
		if rawjson.IsNull(m.Value) {
			continue
		}
		switch key := string(m.Key); key {
		case "model":
		case "input":
			r.Inputs = d.inputs(m.Value)
		case "dimensions":
			if n := d.Whole(key, m.Value); n != nil {
				r.Dimensions = *n
			}
		case "encoding_format":
			format := d.Text(key, m.Value)
			r.Base64 = format == "base64"
			if format != "float" && format != "base64" {
				d.Refuse(key, "encoding_format must be float or base64")
			}
		case "user":
			r.User = d.Text(key, m.Value)
		default:
			r.Extra = append(r.Extra, llm.Field{Name: key, Value: m.Value})
		}
	}
	if d.Err != nil {
		return nil, nil, d.Err
	}
	return r, nil, nil
}

// inputs reads one text or several.
func (d *decoder) inputs(v []byte) []string {
	if rawjson.IsText(v) {
		return []string{rawjson.Text(v)}
	}
	var list []string
	for i, e := range rawjson.Indexed(v) {
		if !rawjson.IsText(e) {
			d.Fail(&llm.Error{
				Kind: llm.KindUnsupported, Param: "input",
				Message: "input[" + strconv.Itoa(i) + "] is no text: token numbers mean something to one model alone, so send texts",
			})
			return nil
		}
		list = append(list, rawjson.Text(e))
	}
	if len(list) == 0 {
		d.Refuse("input", "input must be a string or a list of strings that is not empty")
	}
	return list
}

// EncodeEmbeddings writes the answer in the form that was asked for: the official
// SDK for JavaScript asks for base64 and decodes it without looking.
func (Embeddings) EncodeEmbeddings(w io.Writer, e *llm.Embeddings, model string, h dialect.Head) error {
	more, _ := h.Scanned.(*embedScan)
	_, err := w.Write(appendEmbeddings(nil, e, model, more != nil && more.base64))
	return err
}

func appendEmbeddings(dst []byte, e *llm.Embeddings, model string, text bool) []byte {
	dst = append(dst, `{"object":"list","data":[`...)
	var scratch []byte
	for i, v := range e.Vectors {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, `{"object":"embedding","index":`...)
		dst = append(strconv.AppendInt(dst, int64(i), 10), `,"embedding":`...)
		if text {
			dst, scratch = appendBase64(dst, scratch, v)
		} else {
			dst = appendFloats(dst, v)
		}
		dst = append(dst, '}')
	}
	dst = append(dst, `],"model":`...)
	dst = rawjson.AppendString(dst, model)
	dst = append(dst, `,"usage":{"prompt_tokens":`...)
	dst = strconv.AppendInt(dst, int64(e.Usage.Input), 10)
	dst = append(dst, `,"total_tokens":`...)
	dst = strconv.AppendInt(dst, int64(e.Usage.Input), 10)
	return append(dst, "}}"...)
}

func appendBase64(dst, scratch []byte, v []float32) (out, room []byte) {
	scratch = scratch[:0]
	for _, f := range v {
		scratch = binary.LittleEndian.AppendUint32(scratch, math.Float32bits(f))
	}
	dst = append(dst, '"')
	dst = base64.StdEncoding.AppendEncode(dst, scratch)
	return append(dst, '"'), scratch
}

func appendFloats(dst []byte, v []float32) []byte {
	dst = append(dst, '[')
	for i, f := range v {
		if i > 0 {
			dst = append(dst, ',')
		}
		if x := float64(f); math.IsNaN(x) || math.IsInf(x, 0) {
			f = 0 // JSON has no such number
		}
		dst = strconv.AppendFloat(dst, float64(f), 'g', -1, 32)
	}
	return append(dst, ']')
}
