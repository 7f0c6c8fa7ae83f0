package openaichat

import (
	"net/http"
	"strconv"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

var _ dialect.Lister = Client{}

// AppendModels appends the whole list: the protocol knows no pages.
func (Client) AppendModels(dst []byte, _ *http.Request, list []dialect.Model) ([]byte, *llm.Error) {
	e := encoder{req: &llm.Request{}, out: append(dst, `{"object":"list","data":[`...)}
	for _, m := range list {
		e.model(m)
	}
	return append(e.out, "]}"...), nil
}

// AppendModel appends one model.
func (Client) AppendModel(dst []byte, m dialect.Model) []byte {
	e := encoder{req: &llm.Request{}, out: append(dst, '[')} // so that no comma is wanted
	e.model(m)
	return append(dst, e.out[len(dst)+1:]...)
}

// model writes OpenAI's model object, with the limits under the names that
// OpenRouter, vLLM and LM Studio gave them.
func (e *encoder) model(m dialect.Model) {
	e.comma()
	e.out = append(e.out, '{')
	e.text("id", m.ID)
	e.text("object", "model")
	e.key("created")
	e.out = strconv.AppendInt(e.out, m.Created, 10)
	e.text("owned_by", m.OwnedBy)
	if m.ContextTokens > 0 {
		e.int("context_length", &m.ContextTokens)
	}
	if m.OutputTokens > 0 {
		e.int("max_output_tokens", &m.OutputTokens)
	}
	if m.Can != (llm.Capabilities{}) {
		e.key("capabilities")
		e.out = append(e.out, '{')
		e.bool("tools", &m.Can.Tools)
		e.bool("vision", &m.Can.Vision)
		e.bool("reasoning", &m.Can.Reasoning)
		e.bool("fim", &m.Can.FIM)
		e.bool("embeddings", &m.Can.Embeddings)
		e.out = append(e.out, '}')
	}
	e.out = append(e.out, '}')
}
