package anthropic

import (
	"net/http"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/refusal"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/sse"
)

// statusOverloaded is the protocol's own.
const statusOverloaded = 529

// EncodeError answers with an error object. A client that left gets nothing.
func (Client) EncodeError(w http.ResponseWriter, err *llm.Error) {
	id := w.Header().Get("X-Request-Id")
	if id != "" && err.Kind != llm.KindCanceled {
		w.Header().Set("Request-Id", id) // where this protocol's clients look for it
	}
	status := refusal.Status(err)
	if err.Kind == llm.KindOverloaded {
		status = refusal.Own5xx(err, statusOverloaded)
	}
	refusal.Write(w, err, status, "application/json", errorObject(err, id))
}

// AppendStreamError appends the error event, at which clients stop reading.
func (Client) AppendStreamError(dst []byte, err *llm.Error) []byte {
	return sse.Append(dst, "error", errorObject(err, ""))
}

func errorObject(err *llm.Error, id string) []byte {
	var j rawjson.Writer
	j.Open('{')
	j.Text("type", "error")
	j.Key("error")
	j.Open('{')
	j.Text("type", errorType(err.Kind))
	j.Text("message", err.Message)
	j.Close('}')
	if id == "" {
		j.Raw("request_id", llm.RawJSON("null"))
	} else {
		j.Text("request_id", id)
	}
	j.Close('}')
	return j.Out
}

// errorType is the protocol's word for a kind.
func errorType(k llm.Kind) string {
	switch k {
	case llm.KindBadRequest, llm.KindMethod, llm.KindUnsupported, llm.KindContent:
		return "invalid_request_error"
	case llm.KindAuth:
		return "authentication_error"
	case llm.KindForbidden:
		return "permission_error"
	case llm.KindNotFound:
		return "not_found_error"
	case llm.KindTooLarge:
		return "request_too_large"
	case llm.KindRate, llm.KindQuota:
		return "rate_limit_error"
	case llm.KindOverloaded, llm.KindUnavailable:
		return "overloaded_error"
	case llm.KindTimeout:
		return "timeout_error"
	case llm.KindTransient, llm.KindNetwork, llm.KindProtocol, llm.KindCanceled, llm.KindInternal:
	}
	return "api_error"
}
