package openairesponses

import (
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/answer"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// countPath is where the tokens of a request are counted, below the path of
// responses.
const countPath = "input_tokens"

// counts says that a request only asks how many tokens it has.
func counts(r *http.Request) bool {
	return r != nil && r.URL != nil && strings.HasSuffix(strings.TrimSuffix(r.URL.Path, "/"), "/responses/"+countPath)
}

var _ dialect.CountClient = Client{}

// EncodeCount writes how many tokens a request has.
func (Client) EncodeCount(w io.Writer, tokens int, _ string, _ dialect.Head) error {
	out := []byte(`{"object":"response.input_tokens","input_tokens":`)
	_, err := w.Write(append(strconv.AppendInt(out, int64(tokens), 10), '}'))
	return err
}

// Counter is how we call a service that also counts tokens, as OpenAI's own does
// and those like it mostly do not.
type Counter struct{ Upstream }

var (
	_ dialect.CountUpstream = Counter{}
	_ dialect.Carrier       = Counter{}
)

// EncodeCount writes a conversation to be counted: what an answer would be like
// is no part of it.
func (u Counter) EncodeCount(r *llm.Request, model string) ([]byte, []llm.Warning, *llm.Error) {
	e := encoder{Writer: rawjson.Writer{Out: make([]byte, 0, r.Size())}, req: r, custom: map[string]bool{}}
	e.Out = append(e.Out, '{')
	e.Text("model", model)
	e.input()
	e.tools()
	e.choice()
	e.shape()
	e.reasoning()
	e.Out = append(e.Out, '}')
	return e.Out, e.warnings, nil
}

// DecodeCount reads how many tokens a request has.
func (u Counter) DecodeCount(raw []byte) (int, *llm.Error) {
	const wanted = "a count of tokens"
	if !rawjson.Valid(raw) {
		return 0, answer.Unexpected("something that is not JSON", wanted, nil)
	}
	n, ok := rawjson.Int(rawjson.Get(raw, "input_tokens"))
	switch v := rawjson.Get(raw, "error"); {
	case ok && n >= 0:
		return n, nil
	case v != nil && u.Errors != nil:
		return 0, u.Errors(0, nil, raw)
	}
	return 0, answer.Unexpected("JSON without input_tokens", wanted, nil)
}
