// Package request is what all codecs do alike when they read what a client sends:
// prove the body and scan its head, read members of the kinds that they must
// have, say what is wrong with them.
//
// The invariant: the first fault counts, and it names its field. The package
// knows no protocol's fields.
package request

import (
	"net/http"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// BadRequest is a fault of the client's, in a field or in the whole body.
func BadRequest(param, message string) *llm.Error {
	return &llm.Error{Kind: llm.KindBadRequest, Param: param, Message: message}
}

// Unsupported is a wish that cannot be met and whose absence would be noticed.
func Unsupported(param, message string) *llm.Error {
	return &llm.Error{Kind: llm.KindUnsupported, Param: param, Message: message}
}

// NotJSON is a body that cannot be read. wanted are the members that every body
// has, as "model and messages".
func NotJSON(raw []byte, err *rawjson.SyntaxError, wanted string) *llm.Error {
	if len(raw) == 0 {
		return BadRequest("", "the request has no body; send a JSON object with "+wanted)
	}
	return &llm.Error{Kind: llm.KindBadRequest, Code: "invalid_json", Message: "the body is not valid JSON: " + err.Error(), Cause: err}
}

// Session is the conversation as agents name it in their headers; "" is none.
func Session(h http.Header) string {
	for _, name := range [...]string{"X-Session-Affinity", "X-Session-Id", "Session-Id", "Session_id", "X-Conversation-Id"} {
		if v := h.Get(name); v != "" {
			return v
		}
	}
	return ""
}
