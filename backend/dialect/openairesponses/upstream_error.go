package openairesponses

import (
	"bytes"
	"net/http"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/answer"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// DecodeError reads an answer that is not 2xx.
func (u Upstream) DecodeError(status int, h http.Header, body []byte) *llm.Error {
	if u.Errors != nil {
		return u.Errors(status, h, body)
	}
	err := &llm.Error{Status: status, Kind: answer.KindOf(status)}
	body = bytes.TrimSpace(body)
	switch {
	case len(body) > 0 && body[0] == '{' && rawjson.Valid(body):
		explain(err, body)
	case len(body) > 0 && body[0] == '<':
		err.Message = answer.Page(body)
	default:
		err.Message = answer.Excerpt(string(body))
	}
	if err.Message == "" {
		err.Message = answer.Status(status)
	}
	if wait := answer.RetryAfter(h, now(u.Now)); wait > 0 {
		err.RetryAfter = wait
	}
	return err
}

// fault reads an error that came inside an answer: an error event, flat or with
// an object in it, or a response that failed.
func (u Upstream) fault(v []byte) *llm.Error {
	inner := rawjson.Get(v, "error")
	if rawjson.IsNull(inner) {
		inner = v
	}
	if u.Errors != nil {
		return u.Errors(0, http.Header{}, append(append([]byte(`{"error":`), withoutType(inner)...), '}'))
	}
	err := &llm.Error{Kind: llm.KindTransient}
	explain(err, append(append([]byte(`{"error":`), inner...), '}'))
	if err.Message == "" {
		err.Message = "the upstream reported an error without a message"
	}
	return err
}

// withoutType leaves out the type of a flat error event, which says "error", and
// the response around an error that is nowhere.
func withoutType(v []byte) []byte {
	if len(v) == 0 || v[0] != '{' {
		return v
	}
	out := []byte{'{'}
	for m := range rawjson.Inside(v) {
		switch k := string(m.Key); {
		case k == "type" && string(m.Value) == `"error"`:
		case k == "type" || k == "code" || k == "message" || k == "param":
			if len(out) > 1 {
				out = append(out, ',')
			}
			out = append(rawjson.AppendString(out, k), ':')
			out = append(out, m.Value...)
		}
	}
	return append(out, '}')
}

// explain reads an error object into err.
func explain(err *llm.Error, body []byte) {
	in := rawjson.Get(body, "error")
	if rawjson.IsNull(in) {
		in = rawjson.Get(body, "detail")
	}
	if rawjson.IsText(in) {
		err.Message = answer.Excerpt(rawjson.Text(in))
		return
	}
	var kind string
	for m := range rawjson.Inside(in) {
		switch string(m.Key) {
		case "message":
			err.Message = answer.Excerpt(rawjson.Text(m.Value))
		case "code":
			err.Code = rawjson.Text(m.Value)
		case "param":
			err.Param = rawjson.Text(m.Value)
		case "type":
			kind = rawjson.Text(m.Value)
		}
	}
	if k, account, ok := marked(err.Code + " " + kind); ok && err.Kind != llm.KindAuth {
		err.Kind, err.Account = k, account
	} else if strings.Contains(kind, "invalid_request") && err.Status == 0 {
		err.Kind = llm.KindBadRequest
	}
}

// marked finds the kind in a code or type (B08), and whether the failure is about
// the account: what it has paid for or may use is spent, whatever the model.
func marked(words string) (kind llm.Kind, account, ok bool) {
	for _, m := range [...]struct {
		mark string
		kind llm.Kind
	}{
		{"insufficient_quota", llm.KindQuota},
		{"usage_limit_reached", llm.KindQuota},
		{"rate_limit", llm.KindRate},
		{"overloaded", llm.KindOverloaded},
		{"slow_down", llm.KindOverloaded},
		{"model_not_found", llm.KindNotFound},
		{"invalid_api_key", llm.KindAuth},
		{"context_length_exceeded", llm.KindBadRequest},
		{"invalid_prompt", llm.KindBadRequest},
		{"content_filter", llm.KindContent},
		{"content_policy", llm.KindContent},
	} {
		if strings.Contains(words, m.mark) {
			return m.kind, m.kind == llm.KindQuota, true
		}
	}
	return 0, false, false
}
