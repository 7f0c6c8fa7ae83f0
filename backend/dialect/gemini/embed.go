package gemini

import (
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/answer"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

var (
	_ dialect.Carrier       = Upstream{}
	_ dialect.EmbedUpstream = Upstream{}
	_ dialect.Batcher       = Upstream{}
	_ dialect.CountUpstream = Upstream{}
)

// How many texts are embedded at a time: Google's own limits.
const (
	mostInBatch   = 100
	mostOnVertex  = 5
	mostNewVertex = 1
)

// MostInputs is how many texts one request may hold. On Vertex AI the models
// that are called gemini take one at a time.
func (u Upstream) MostInputs(model string) int {
	switch {
	case !u.vertex():
		return mostInBatch
	case strings.HasPrefix(model, "gemini-"):
		return mostNewVertex
	default:
		return mostOnVertex
	}
}

// EncodeEmbed writes a batchEmbedContents, or what Vertex AI has for it.
func (u Upstream) EncodeEmbed(r *llm.EmbedRequest, model string) ([]byte, []llm.Warning, *llm.Error) {
	if u.Envelope != nil {
		return nil, nil, &llm.Error{Kind: llm.KindUnsupported, Param: "model", Message: "Code Assist makes no embeddings; use a Gemini API key or Vertex AI"}
	}
	e := encoder{Upstream: u, Writer: rawjson.Writer{Out: make([]byte, 0, 1<<10)}}
	for _, f := range r.Extra {
		e.warn(f.Name, "dropped")
	}
	if r.User != "" {
		e.warn("user", "dropped")
	}
	e.Out = append(e.Out, '{')
	if u.vertex() {
		e.predict(r)
	} else {
		e.batch(r, model)
	}
	e.Out = append(e.Out, '}')
	return e.Out, e.warnings, nil
}

func (e *encoder) batch(r *llm.EmbedRequest, model string) {
	e.open("requests", '[')
	for _, text := range r.Inputs {
		e.Comma()
		e.Out = append(e.Out, '{')
		e.Text("model", "models/"+strings.TrimPrefix(model, "models/"))
		e.open("content", '{')
		e.open("parts", '[')
		e.Out = append(e.Out, '{')
		e.Text("text", text)
		e.Out = append(e.Out, "}]}"...)
		if r.Task != "" {
			e.Text("taskType", r.Task)
		}
		if r.Title != "" {
			e.Text("title", r.Title)
		}
		if r.Dimensions > 0 {
			e.Int("outputDimensionality", r.Dimensions)
		}
		e.Out = append(e.Out, '}')
	}
	e.Out = append(e.Out, ']')
}

func (e *encoder) predict(r *llm.EmbedRequest) {
	e.open("instances", '[')
	for _, text := range r.Inputs {
		e.Comma()
		e.Out = append(e.Out, '{')
		e.Text("content", text)
		if r.Task != "" {
			e.Text("task_type", r.Task)
		}
		if r.Title != "" {
			e.Text("title", r.Title)
		}
		e.Out = append(e.Out, '}')
	}
	e.Out = append(e.Out, ']')
	if r.Dimensions > 0 {
		e.open("parameters", '{')
		e.Int("outputDimensionality", r.Dimensions)
		e.Out = append(e.Out, '}')
	}
}

// DecodeEmbeddings reads vectors in each of the forms that Google has.
func (u Upstream) DecodeEmbeddings(raw []byte) (*llm.Embeddings, *llm.Error) {
	out, err := u.checked(raw)
	if err != nil {
		return nil, err
	}
	e := &llm.Embeddings{}
	for m := range rawjson.Inside(out) {
		switch string(m.Key) {
		case "embedding":
			e.Vectors = append(e.Vectors, vector(rawjson.Get(m.Value, "values")))
		case "embeddings":
			for _, v := range rawjson.Elements(m.Value) {
				e.Vectors = append(e.Vectors, vector(rawjson.Get(v, "values")))
			}
		case "predictions":
			for _, p := range rawjson.Elements(m.Value) {
				inner := rawjson.Get(p, "embeddings")
				e.Vectors = append(e.Vectors, vector(rawjson.Get(inner, "values")))
				e.Usage.Input += intOf(rawjson.Get(inner, "statistics"), "token_count")
			}
			e.Usage.Known = e.Usage.Input > 0
		case "usageMetadata":
			e.Usage = usageOf(m.Value)
		}
	}
	if len(e.Vectors) == 0 {
		return nil, answer.Unexpected("an object without vectors", wantedVectors, nil)
	}
	return e, nil
}

const wantedVectors = "Gemini's vectors"

// checked is a whole answer that is an object and no error.
func (u Upstream) checked(raw []byte) ([]byte, *llm.Error) {
	if !rawjson.Valid(raw) {
		return nil, answer.Unexpected("something that is not JSON ("+answer.Excerpt(string(raw))+")", wantedVectors, nil)
	}
	if fault := rawjson.Get(raw, "error"); !rawjson.IsNull(fault) {
		return nil, u.DecodeError(0, nil, raw)
	}
	return raw, nil
}

func vector(list []byte) []float32 {
	var out []float32
	for _, v := range rawjson.Elements(list) {
		f, _ := rawjson.Float(v)
		out = append(out, float32(f))
	}
	return out
}

// EncodeCount writes a countTokens. The Gemini API counts the system's text and
// the tools only in a whole request, Code Assist the conversation alone.
func (u Upstream) EncodeCount(r *llm.Request, model string) ([]byte, []llm.Warning, *llm.Error) {
	e := encoder{Upstream: u, req: r, family: familyOf(model), Writer: rawjson.Writer{Out: make([]byte, 0, r.Size())}}
	c := e.arrange()
	name := "models/" + strings.TrimPrefix(model, "models/")
	e.Out = append(e.Out, '{')
	switch {
	case u.Envelope != nil:
		e.open("request", '{')
		e.Text("model", name)
		e.contents(c)
		e.Out = append(e.Out, '}')
		if len(c.system) > 0 || len(r.Tools) > 0 {
			e.warn("system and tools", "counted without")
		}
	case u.IDs:
		e.open("generateContentRequest", '{')
		e.Text("model", name)
		e.contents(c)
		e.spoken(c)
		e.Out = append(e.Out, '}')
	default:
		e.contents(c)
		e.spoken(c)
	}
	e.Out = append(e.Out, '}')
	if e.err != nil {
		return nil, nil, e.err
	}
	return e.Out, e.warnings, nil
}

// spoken writes what is read beside the conversation.
func (e *encoder) spoken(c *conversation) {
	e.systemText(c)
	e.tools()
}

// DecodeCount reads the count.
func (u Upstream) DecodeCount(raw []byte) (tokens int, err *llm.Error) {
	out, err := u.checked(raw)
	if err != nil {
		return 0, err
	}
	n, ok := rawjson.Int(rawjson.Get(out, "totalTokens"))
	if !ok || n < 0 {
		return 0, answer.Unexpected("an object without totalTokens", "Gemini's count", nil)
	}
	return n, nil
}
