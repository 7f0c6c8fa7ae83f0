package gemini

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

// EncodeError answers with Google's error object.
func (c Client) EncodeError(w http.ResponseWriter, err *llm.Error) { c.face().fail(w, err) }

// EncodeError is as of [Client].
func (c CodeAssistClient) EncodeError(w http.ResponseWriter, err *llm.Error) { c.face().fail(w, err) }

// AppendStreamError appends the error as the last event, or as the last element
// of the list.
func (c Client) AppendStreamError(dst []byte, err *llm.Error) []byte {
	return c.face().streamError(dst, err)
}

// AppendStreamError is as of [Client].
func (c CodeAssistClient) AppendStreamError(dst []byte, err *llm.Error) []byte {
	return c.face().streamError(dst, err)
}

func (s face) streamError(dst []byte, err *llm.Error) []byte {
	if s.list {
		return append(appendError(append(dst, ",\r\n"...), err), ']')
	}
	return appendStreamError(dst, err)
}

func appendStreamError(dst []byte, err *llm.Error) []byte {
	return append(appendError(append(dst, "data: "...), err), "\r\n\r\n"...)
}

// fail answers a request that is not to be answered. Where a list was wanted the
// error is the one element of it.
func (s face) fail(w http.ResponseWriter, err *llm.Error) {
	if err.Kind == llm.KindCanceled {
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=UTF-8")
	h.Set("X-Content-Type-Options", "nosniff")
	if err.RetryAfter > 0 {
		h.Set("Retry-After", strconv.FormatInt(seconds(err), 10))
	}
	code, _ := status(err)
	w.WriteHeader(code)
	body := appendError(nil, err)
	if s.list {
		body = append(append([]byte{'['}, body...), ']')
	}
	_, _ = w.Write(append(body, '\n')) // a client that left is the relay's to notice
}

func seconds(err *llm.Error) int64 {
	return int64(math.Ceil(min(err.RetryAfter, maxRetryAfter).Seconds()))
}

// appendError appends the error object with the details that Google's clients
// read: how long to wait, which field is at fault, why.
func appendError(dst []byte, err *llm.Error) []byte {
	code, name := status(err)
	dst = append(dst, `{"error":{"code":`...)
	dst = strconv.AppendInt(dst, int64(code), 10)
	dst = append(dst, `,"message":`...)
	dst = rawjson.AppendString(dst, err.Message)
	dst = append(append(append(dst, `,"status":"`...), name...), `","details":[`...)
	empty := len(dst)
	if why := reasonFor(err); why != "" {
		dst = append(dst, `{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":`...)
		dst = append(rawjson.AppendString(dst, why), `,"domain":"openaicompatible"}`...)
	}
	if err.Param != "" {
		dst = detail(dst, empty, "BadRequest")
		dst = append(dst, `"fieldViolations":[{"field":`...)
		dst = append(rawjson.AppendString(dst, err.Param), `,"description":`...)
		dst = append(rawjson.AppendString(dst, err.Message), `}]}`...)
	}
	if err.RetryAfter > 0 {
		dst = detail(dst, empty, "RetryInfo")
		dst = append(dst, `"retryDelay":"`...)
		dst = append(strconv.AppendInt(dst, seconds(err), 10), `s"}`...)
	}
	if len(dst) == empty {
		return append(dst[:empty-len(`,"details":[`)], "}}"...)
	}
	return append(dst, "]}}"...)
}

// detail begins a detail of a kind; the object stays open.
func detail(dst []byte, empty int, kind string) []byte {
	if len(dst) > empty {
		dst = append(dst, ',')
	}
	return append(dst, `{"@type":"type.googleapis.com/google.rpc.`+kind+`",`...)
}

// reasonFor is the reason of an ErrorInfo, in Google's words where it has some.
func reasonFor(err *llm.Error) string {
	switch err.Kind {
	case llm.KindAuth:
		return "API_KEY_INVALID"
	case llm.KindRate:
		return "RATE_LIMIT_EXCEEDED"
	case llm.KindQuota:
		return "QUOTA_EXHAUSTED"
	case llm.KindInternal, llm.KindBadRequest, llm.KindForbidden, llm.KindNotFound, llm.KindMethod, llm.KindTooLarge, llm.KindUnsupported,
		llm.KindOverloaded, llm.KindTransient, llm.KindTimeout, llm.KindNetwork, llm.KindProtocol, llm.KindContent, llm.KindUnavailable,
		llm.KindCanceled:
	}
	return err.Code
}

// status is the status of a kind, as a number and as Google names it. A
// service's own 5xx passes through (B05).
func status(err *llm.Error) (code int, name string) {
	switch err.Kind {
	case llm.KindBadRequest, llm.KindContent, llm.KindUnsupported:
		return http.StatusBadRequest, "INVALID_ARGUMENT"
	case llm.KindAuth:
		return http.StatusUnauthorized, "UNAUTHENTICATED"
	case llm.KindForbidden:
		return http.StatusForbidden, "PERMISSION_DENIED"
	case llm.KindNotFound:
		return http.StatusNotFound, "NOT_FOUND"
	case llm.KindMethod:
		return http.StatusMethodNotAllowed, "UNIMPLEMENTED"
	case llm.KindTooLarge:
		return http.StatusRequestEntityTooLarge, "INVALID_ARGUMENT"
	case llm.KindRate, llm.KindQuota:
		return http.StatusTooManyRequests, "RESOURCE_EXHAUSTED"
	case llm.KindOverloaded:
		return own5xx(err, http.StatusServiceUnavailable), "UNAVAILABLE"
	case llm.KindTransient:
		return own5xx(err, http.StatusBadGateway), "INTERNAL"
	case llm.KindTimeout:
		return own5xx(err, http.StatusGatewayTimeout), "DEADLINE_EXCEEDED"
	case llm.KindNetwork, llm.KindProtocol:
		return http.StatusBadGateway, "UNAVAILABLE"
	case llm.KindUnavailable:
		return http.StatusServiceUnavailable, "UNAVAILABLE"
	case llm.KindCanceled:
		return 499, "CANCELLED"
	case llm.KindInternal:
		return http.StatusInternalServerError, "INTERNAL"
	default:
		return http.StatusInternalServerError, "INTERNAL"
	}
}

func own5xx(err *llm.Error, otherwise int) int {
	if err.Status >= 500 && err.Status <= 599 {
		return err.Status
	}
	return otherwise
}
