package openairesponses

import (
	"net/http"
	"strconv"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/openaierror"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// EncodeError answers with an error object. A client that left gets nothing.
func (Client) EncodeError(w http.ResponseWriter, err *llm.Error) { openaierror.Write(w, err) }

// AppendStreamError appends the error event, and the response that failed, which
// is where others look.
func (c Client) AppendStreamError(dst []byte, err *llm.Error) []byte {
	w := newWriter(&scan{client: c}, "")
	w.identify(llm.Start{})
	w.begun = true
	return w.fail(dst, err)
}

func appendErrorEvent(dst []byte, err *llm.Error, number int) []byte {
	dst = append(dst, "event: error\ndata: {\"type\":\"error\",\"sequence_number\":"...)
	dst = strconv.AppendInt(dst, int64(number), 10)
	dst = rawjson.AppendString(append(dst, `,"code":`...), streamCode(err))
	dst = rawjson.AppendString(append(dst, `,"message":`...), err.Message)
	dst = appendStringOrNull(append(dst, `,"param":`...), err.Param)
	return append(dst, "}\n\n"...)
}

// streamCode is the code of a response that failed. The protocol's list of them
// is short; the others are those that agents are known to act upon.
func streamCode(err *llm.Error) string {
	switch err.Code {
	case "context_length_exceeded", "insufficient_quota", "rate_limit_exceeded", "invalid_prompt", "server_is_overloaded", "cyber_policy":
		return err.Code
	}
	switch err.Kind {
	case llm.KindRate:
		return "rate_limit_exceeded"
	case llm.KindQuota:
		return "insufficient_quota"
	case llm.KindBadRequest, llm.KindTooLarge, llm.KindUnsupported, llm.KindContent, llm.KindNotFound, llm.KindMethod:
		return "invalid_prompt"
	case llm.KindOverloaded:
		return "server_is_overloaded"
	case llm.KindInternal, llm.KindAuth, llm.KindForbidden, llm.KindTransient, llm.KindTimeout, llm.KindNetwork, llm.KindProtocol,
		llm.KindUnavailable, llm.KindCanceled:
		return "server_error"
	default:
		return "server_error"
	}
}
