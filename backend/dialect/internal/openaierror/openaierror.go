// Package openaierror is the error object of OpenAI's protocols, as clients read
// it: its words for each kind of failure.
//
// The invariant: every kind has a type. The package does not read errors of
// services.
package openaierror

import (
	"net/http"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/refusal"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// Write answers with an error object. A client that left gets nothing.
func Write(w http.ResponseWriter, err *llm.Error) {
	refusal.Write(w, err, refusal.Status(err), "application/json", Append(nil, err))
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
