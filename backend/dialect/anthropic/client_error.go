package anthropic

import (
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/sse"
)

// statusOverloaded is the protocol's own.
const statusOverloaded = 529

// maxRetryAfter bounds the wait that a client is told: some sleep for exactly
// as long as they hear.
const maxRetryAfter = 24 * time.Hour

// EncodeError answers with an error object. A client that left gets nothing.
func (Client) EncodeError(w http.ResponseWriter, err *llm.Error) {
	if err.Kind == llm.KindCanceled {
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("X-Content-Type-Options", "nosniff")
	id := h.Get("X-Request-Id")
	if id != "" {
		h.Set("Request-Id", id) // where this protocol's clients look for it
	}
	if err.RetryAfter > 0 {
		wait := min(err.RetryAfter, maxRetryAfter)
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	}
	w.WriteHeader(statusOf(err))
	_, _ = w.Write(append(errorObject(err, id), '\n')) // a client that left is the relay's to notice
}

// AppendStreamError appends the error event, at which clients stop reading.
func (Client) AppendStreamError(dst []byte, err *llm.Error) []byte {
	return sse.Append(dst, "error", errorObject(err, ""))
}

func errorObject(err *llm.Error, id string) []byte {
	var j writer
	j.open('{')
	j.text("type", "error")
	j.key("error")
	j.open('{')
	j.text("type", errorType(err.Kind))
	j.text("message", err.Message)
	j.close('}')
	if id == "" {
		j.raw("request_id", llm.RawJSON("null"))
	} else {
		j.text("request_id", id)
	}
	j.close('}')
	return j.out
}

// statusOf is what the client sees. A service's own 5xx passes through, so that
// a client's idea of what to retry stays right (B05).
func statusOf(err *llm.Error) int {
	switch err.Kind {
	case llm.KindBadRequest, llm.KindUnsupported, llm.KindContent:
		return http.StatusBadRequest
	case llm.KindAuth:
		return http.StatusUnauthorized
	case llm.KindForbidden:
		return http.StatusForbidden
	case llm.KindNotFound:
		return http.StatusNotFound
	case llm.KindMethod:
		return http.StatusMethodNotAllowed
	case llm.KindTooLarge:
		return http.StatusRequestEntityTooLarge
	case llm.KindRate, llm.KindQuota:
		return http.StatusTooManyRequests
	case llm.KindOverloaded:
		return own5xx(err, statusOverloaded)
	case llm.KindTransient:
		return own5xx(err, http.StatusBadGateway)
	case llm.KindTimeout:
		return own5xx(err, http.StatusGatewayTimeout)
	case llm.KindNetwork, llm.KindProtocol:
		return http.StatusBadGateway
	case llm.KindUnavailable:
		return http.StatusServiceUnavailable
	case llm.KindCanceled:
		return 499 // the client closed the request: nginx's number, for the log
	case llm.KindInternal:
	}
	return http.StatusInternalServerError
}

func own5xx(err *llm.Error, otherwise int) int {
	if err.Status >= 500 && err.Status <= 599 {
		return err.Status
	}
	return otherwise
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
