// Package openaierror is the error object of OpenAI's protocols, as clients read
// it: its words and its status for each kind of failure.
//
// The invariant: every kind has a type, and a wait that a client is told is
// bounded. The package does not read errors of services.
package openaierror

import (
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// maxRetryAfter bounds the wait that a client is told: some sleep for exactly
// as long as they hear, and an upstream's hint of days would put them out.
const maxRetryAfter = 24 * time.Hour

// Write answers with an error object. A client that left gets nothing.
func Write(w http.ResponseWriter, err *llm.Error) {
	if err.Kind == llm.KindCanceled {
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("X-Content-Type-Options", "nosniff")
	if err.RetryAfter > 0 {
		wait := min(err.RetryAfter, maxRetryAfter)
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	}
	w.WriteHeader(Status(err))
	_, _ = w.Write(append(Append(nil, err), '\n')) // a client that left is the relay's to notice
}

// AppendEvent appends the error event and [DONE]. Clients stop reading at the one
// or at the other.
func AppendEvent(dst []byte, err *llm.Error) []byte {
	dst = append(dst, "data: "...)
	dst = Append(dst, err)
	return append(dst, "\n\ndata: [DONE]\n\n"...)
}

// Append appends the object that holds the error.
func Append(dst []byte, err *llm.Error) []byte {
	kind, code := typeAndCode(err.Kind)
	if err.Code != "" {
		code = err.Code
	}
	dst = append(dst, `{"error":{"message":`...)
	dst = rawjson.AppendString(dst, err.Message)
	dst = append(dst, `,"type":`...)
	dst = rawjson.AppendString(dst, kind)
	dst = append(dst, `,"param":`...)
	dst = appendStringOrNull(dst, err.Param)
	dst = append(dst, `,"code":`...)
	dst = appendStringOrNull(dst, code)
	return append(dst, "}}"...)
}

func appendStringOrNull(dst []byte, s string) []byte {
	if s == "" {
		return append(dst, "null"...)
	}
	return rawjson.AppendString(dst, s)
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
		return 499 // the client closed the request: nginx's number, for the log
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

// typeAndCode are OpenAI's words for a kind.
func typeAndCode(k llm.Kind) (kind, code string) {
	switch k {
	case llm.KindBadRequest:
		return "invalid_request_error", ""
	case llm.KindAuth:
		return "invalid_request_error", "invalid_api_key"
	case llm.KindForbidden:
		return "permission_error", "forbidden"
	case llm.KindNotFound:
		return "invalid_request_error", "not_found"
	case llm.KindMethod:
		return "invalid_request_error", "method_not_allowed"
	case llm.KindTooLarge:
		return "invalid_request_error", "request_too_large"
	case llm.KindUnsupported:
		return "invalid_request_error", "unsupported"
	case llm.KindRate:
		return "rate_limit_error", "rate_limit_exceeded"
	case llm.KindQuota:
		return "insufficient_quota", "insufficient_quota"
	case llm.KindOverloaded:
		return "server_error", "overloaded"
	case llm.KindTransient:
		return "server_error", "upstream_error"
	case llm.KindTimeout:
		return "server_error", "timeout"
	case llm.KindNetwork:
		return "server_error", "upstream_unreachable"
	case llm.KindProtocol:
		return "server_error", "upstream_protocol"
	case llm.KindContent:
		return "invalid_request_error", "content_filter"
	case llm.KindUnavailable:
		return "server_error", "no_account_available"
	case llm.KindCanceled:
		return "server_error", "canceled"
	case llm.KindInternal:
		return "server_error", "internal_error"
	default:
		return "server_error", "internal_error"
	}
}
