// Package refusal is how a failure is told over HTTP, whatever the protocol: its
// status, the wait, and that a client which left is told nothing.
//
// The invariant: every kind has a status, and a wait that a client is told is
// bounded. The package knows no protocol's error object.
package refusal

import (
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// maxWait bounds the wait that a client is told: some sleep for exactly as long
// as they hear, and an upstream's hint of days would put them out.
const maxWait = 24 * time.Hour

// Write answers with a status and the protocol's error object, in lines of
// contentType. A client that left gets nothing.
func Write(w http.ResponseWriter, err *llm.Error, status int, contentType string, object []byte) {
	if err.Kind == llm.KindCanceled {
		return
	}
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("X-Content-Type-Options", "nosniff")
	if err.RetryAfter > 0 {
		h.Set("Retry-After", strconv.FormatInt(Seconds(err), 10))
	}
	w.WriteHeader(status)
	_, _ = w.Write(append(object, '\n')) // a client that left is the relay's to notice
}

// Seconds is the wait that a client is told, rounded up.
func Seconds(err *llm.Error) int64 {
	return int64(math.Ceil(min(err.RetryAfter, maxWait).Seconds()))
}

// Status is what the client sees. A service's own 5xx passes through, so that a
// client's idea of what to retry stays right (B05).
func Status(err *llm.Error) int {
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
		return Own5xx(err, http.StatusServiceUnavailable)
	case llm.KindTransient:
		return Own5xx(err, http.StatusBadGateway)
	case llm.KindTimeout:
		return Own5xx(err, http.StatusGatewayTimeout)
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

// Own5xx is the service's status where it is a 5xx, for the protocols that have
// a number of their own otherwise.
func Own5xx(err *llm.Error, otherwise int) int {
	if err.Status >= 500 && err.Status <= 599 {
		return err.Status
	}
	return otherwise
}
