package gemini

import (
	"net/http"
	"strconv"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/refusal"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

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
	object := appendError(nil, err)
	if s.list {
		object = append(append([]byte{'['}, object...), ']')
	}
	refusal.Write(w, err, refusal.Status(err), "application/json; charset=UTF-8", object)
}

// appendError appends the error object with the details that Google's clients
// read: how long to wait, which field is at fault, why.
func appendError(dst []byte, err *llm.Error) []byte {
	dst = append(dst, `{"error":{"code":`...)
	dst = strconv.AppendInt(dst, int64(refusal.Status(err)), 10)
	dst = append(dst, `,"message":`...)
	dst = rawjson.AppendString(dst, err.Message)
	dst = append(append(append(dst, `,"status":"`...), nameOf(err.Kind)...), `","details":[`...)
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
		dst = append(strconv.AppendInt(dst, refusal.Seconds(err), 10), `s"}`...)
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

// nameOf is what Google calls the status of a kind.
func nameOf(k llm.Kind) string {
	switch k {
	case llm.KindBadRequest, llm.KindContent, llm.KindUnsupported, llm.KindTooLarge:
		return "INVALID_ARGUMENT"
	case llm.KindAuth:
		return "UNAUTHENTICATED"
	case llm.KindForbidden:
		return "PERMISSION_DENIED"
	case llm.KindNotFound:
		return "NOT_FOUND"
	case llm.KindMethod:
		return "UNIMPLEMENTED"
	case llm.KindRate, llm.KindQuota:
		return "RESOURCE_EXHAUSTED"
	case llm.KindTimeout:
		return "DEADLINE_EXCEEDED"
	case llm.KindOverloaded, llm.KindNetwork, llm.KindProtocol, llm.KindUnavailable:
		return "UNAVAILABLE"
	case llm.KindCanceled:
		return "CANCELLED"
	case llm.KindTransient, llm.KindInternal:
	}
	return "INTERNAL"
}
