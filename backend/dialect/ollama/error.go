package ollama

import (
	"net/http"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/refusal"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// fail answers with an error, which is a text here. A client that left gets
// nothing.
func fail(w http.ResponseWriter, err *llm.Error) {
	refusal.Write(w, err, refusal.Status(err), "application/json; charset=utf-8", failure(nil, err))
}

func appendFailure(dst []byte, err *llm.Error) []byte { return append(failure(dst, err), '\n') }

func failure(dst []byte, err *llm.Error) []byte {
	return append(rawjson.AppendString(append(dst, `{"error":`...), err.Message), '}')
}
