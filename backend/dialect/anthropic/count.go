package anthropic

import (
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/answer"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// EncodeCount writes a conversation to be counted: what an answer would be like
// is no part of it.
func (u Upstream) EncodeCount(r *llm.Request, model string) ([]byte, []llm.Warning, *llm.Error) {
	e := &encoder{req: r, traits: traitsOf(model)}
	e.Out = make([]byte, 0, r.Size())
	e.gather()
	e.pair()
	e.plan(u.MaxTokens)
	e.unlimited()
	e.Open('{')
	e.Text("model", model)
	e.systemBlocks()
	if err := e.messages(); err != nil {
		return nil, nil, err
	}
	e.tools()
	e.choice()
	e.thinkingConfig()
	e.outputConfig()
	e.Close('}')
	return e.Out, e.warnings, nil
}

// unlimited forgets what plan said of the limit: a count has none.
func (e *encoder) unlimited() {
	kept := e.warnings[:0]
	for _, w := range e.warnings {
		if w.Field != "max_tokens" {
			kept = append(kept, w)
		}
	}
	e.warnings = kept
}

// DecodeCount reads how many tokens a conversation has.
func (u Upstream) DecodeCount(raw []byte) (int, *llm.Error) {
	if !rawjson.Valid(raw) {
		return 0, answer.Unexpected("something that is not JSON", "a count of tokens", nil)
	}
	n, ok := rawjson.Int(rawjson.Get(raw, "input_tokens"))
	if !ok || n < 0 {
		if rawjson.Get(raw, "error") != nil {
			return 0, faultIn(raw)
		}
		return 0, answer.Unexpected("JSON without input_tokens", "a count of tokens", nil)
	}
	return n, nil
}
