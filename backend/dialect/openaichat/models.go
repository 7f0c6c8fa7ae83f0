package openaichat

import (
	"net/http"
	"strconv"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

var _ dialect.Lister = Client{}

// AppendModels appends the whole list: the protocol knows no pages.
func (Client) AppendModels(dst []byte, _ *http.Request, list []dialect.Model) ([]byte, *llm.Error) {
	e := encoder{Writer: rawjson.Writer{Out: append(dst, `{"object":"list","data":[`...)}, req: &llm.Request{}}
	for _, m := range list {
		e.model(m)
	}
	return append(e.Out, "]}"...), nil
}

// AppendModel appends one model.
func (Client) AppendModel(dst []byte, m dialect.Model) []byte {
	e := encoder{Writer: rawjson.Writer{Out: append(dst, '[')}, req: &llm.Request{}} // so that no comma is wanted
	e.model(m)
	return append(dst, e.Out[len(dst)+1:]...)
}

// model writes OpenAI's model object, with the limits under the names that
// OpenRouter, vLLM and LM Studio gave them.
func (e *encoder) model(m dialect.Model) {
	e.Comma()
	e.Out = append(e.Out, '{')
	e.Text("id", m.ID)
	e.Text("object", "model")
	e.Key("created")
	e.Out = strconv.AppendInt(e.Out, m.Created, 10)
	e.Text("owned_by", m.OwnedBy)
	if m.ContextTokens > 0 {
		e.Whole("context_length", &m.ContextTokens)
	}
	if m.OutputTokens > 0 {
		e.Whole("max_output_tokens", &m.OutputTokens)
	}
	if m.Can != (llm.Capabilities{}) {
		e.Key("capabilities")
		e.Out = append(e.Out, '{')
		e.Flag("tools", &m.Can.Tools)
		e.Flag("vision", &m.Can.Vision)
		e.Flag("reasoning", &m.Can.Reasoning)
		e.Flag("fim", &m.Can.FIM)
		e.Flag("embeddings", &m.Can.Embeddings)
		e.Out = append(e.Out, '}')
	}
	e.Out = append(e.Out, '}')
}
