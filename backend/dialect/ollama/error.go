package ollama

import (
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// maxRetryAfter bounds the wait that a client is told; see openaichat.
const maxRetryAfter = 24 * time.Hour

// fail answers with an error, which is a text here. A client that left gets
// nothing.
func fail(w http.ResponseWriter, err *llm.Error) {
	if err.Kind == llm.KindCanceled {
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	if err.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(min(err.RetryAfter, maxRetryAfter).Seconds()))))
	}
	w.WriteHeader(status(err))
	_, _ = w.Write(appendFailure(nil, err)) // a client that left is the relay's to notice
}

func appendFailure(dst []byte, err *llm.Error) []byte {
	dst = rawjson.AppendString(append(dst, `{"error":`...), err.Message)
	return append(dst, '}', '\n')
}

// status is what the client sees. A service's own 5xx passes through (B05).
func status(err *llm.Error) int {
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
		return own5xx(err, http.StatusServiceUnavailable)
	case llm.KindTransient:
		return own5xx(err, http.StatusBadGateway)
	case llm.KindTimeout:
		return own5xx(err, http.StatusGatewayTimeout)
	case llm.KindNetwork, llm.KindProtocol:
		return http.StatusBadGateway
	case llm.KindUnavailable:
		return http.StatusServiceUnavailable
	case llm.KindCanceled:
		return 499
	case llm.KindInternal:
		return http.StatusInternalServerError
	default:
		return http.StatusInternalServerError
	}
}

func own5xx(err *llm.Error, otherwise int) int {
	if err.Status >= 500 && err.Status <= 599 {
		return err.Status
	}
	return otherwise
}
