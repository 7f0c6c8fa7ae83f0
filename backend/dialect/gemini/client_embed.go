package gemini

import (
	"io"
	"strconv"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// EncodeCount writes how many tokens a conversation has.
func (Client) EncodeCount(w io.Writer, tokens int, _ string, _ dialect.Head) error {
	return writeCount(w, tokens)
}

// EncodeCount is as of [Client]: Code Assist has no envelope round it.
func (CodeAssistClient) EncodeCount(w io.Writer, tokens int, _ string, _ dialect.Head) error {
	return writeCount(w, tokens)
}

func writeCount(w io.Writer, tokens int) error {
	_, err := w.Write(append(strconv.AppendInt([]byte(`{"totalTokens":`), int64(tokens), 10), '}'))
	return err
}

// DecodeEmbed reads embedContent, and batchEmbedContents as one request: what
// may differ from text to text there has to be the same.
func (Client) DecodeEmbed(h dialect.Head, raw []byte) (*llm.EmbedRequest, []llm.Warning, *llm.Error) {
	d := embedDecoder{decoder: newDecoder(h), out: &llm.EmbedRequest{Model: h.Model, Minter: minter}}
	if scannedOf(h).method == methodBatch {
		for i, e := range repeated(rawjson.Get(raw, "requests")) {
			d.one("requests["+strconv.Itoa(i)+"].", e, i > 0)
		}
	} else {
		d.one("", raw, false)
	}
	if d.Err == nil && len(d.out.Inputs) == 0 {
		d.Refuse("requests", "requests is empty; send at least one")
	}
	if d.Err != nil {
		return nil, nil, d.Err
	}
	return d.out, d.Warnings, nil
}

type embedDecoder struct {
	*decoder

	out *llm.EmbedRequest
}

// embedOptions are what a text may be embedded with.
type embedOptions struct {
	task, title string
	dimensions  int
}

// one reads one text and its options; further says that others came before.
func (d *embedDecoder) one(at string, raw []byte, further bool) {
	var o embedOptions
	has := false
	for m := range rawjson.Inside(raw) {
		switch name := camel(m.Key); name {
		case "content":
			has = true
			d.out.Inputs = append(d.out.Inputs, d.textOf(at+name, m.Value))
		case "taskType":
			o.task = rawjson.Text(m.Value)
		case "title":
			o.title = rawjson.Text(m.Value)
		case "outputDimensionality":
			n, ok := rawjson.Int(m.Value)
			if !ok || n < 0 {
				d.Refuse(at+name, at+name+" must be a whole number")
			}
			o.dimensions = n
		case "model":
		default:
			d.Warn(at+string(m.Key), "dropped")
		}
	}
	if !has {
		d.Refuse(at+"content", at+"content is missing")
	}
	before := embedOptions{d.out.Task, d.out.Title, d.out.Dimensions}
	if further && before != o && d.Err == nil {
		d.Err = &llm.Error{
			Kind: llm.KindUnsupported, Param: strings.TrimSuffix(at, "."),
			Message: "taskType, title and outputDimensionality must be the same for all texts of a request to this model",
		}
	}
	d.out.Task, d.out.Title, d.out.Dimensions = o.task, o.title, o.dimensions
}

// textOf joins the parts of a content, as Google does.
func (d *embedDecoder) textOf(at string, content []byte) string {
	if rawjson.IsText(content) {
		return rawjson.Text(content)
	}
	var b strings.Builder
	for i, p := range repeated(rawjson.Get(content, "parts")) {
		t := rawjson.Get(p, "text")
		if !rawjson.IsText(t) {
			if d.Err == nil {
				place := at + ".parts[" + strconv.Itoa(i) + "]"
				d.Err = &llm.Error{Kind: llm.KindUnsupported, Param: place, Message: place + " is no text, which is all that this model embeds"}
			}
			return ""
		}
		b.WriteString(rawjson.Text(t))
	}
	if b.Len() == 0 {
		d.Refuse(at, at+" holds no text")
	}
	return b.String()
}

// EncodeEmbeddings writes one vector, or the list of them for a batch.
func (Client) EncodeEmbeddings(w io.Writer, e *llm.Embeddings, _ string, h dialect.Head) error {
	batch := scannedOf(h).method == methodBatch
	out := []byte(`{"embedding":`)
	if batch {
		out = []byte(`{"embeddings":[`)
	}
	for i, v := range e.Vectors {
		if !batch && i > 0 {
			break
		}
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, `{"values":[`...)
		for j, f := range v {
			if j > 0 {
				out = append(out, ',')
			}
			out = strconv.AppendFloat(out, float64(f), 'g', -1, 32)
		}
		out = append(out, ']', '}')
	}
	if batch {
		out = append(out, ']')
	}
	if e.Usage.Known {
		out = append(out, `,"usageMetadata":{"promptTokenCount":`...)
		out = append(strconv.AppendInt(out, int64(e.Usage.Input), 10), '}')
	}
	_, err := w.Write(append(out, '}'))
	return err
}
