package openaichat

import (
	"net/http"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/openaierror"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// EncodeError answers with an error object. A client that left gets nothing.
func (Client) EncodeError(w http.ResponseWriter, err *llm.Error) { openaierror.Write(w, err) }

// AppendStreamError appends the error event and [DONE]. Clients stop reading at
// the one or at the other.
func (Client) AppendStreamError(dst []byte, err *llm.Error) []byte {
	return openaierror.AppendEvent(dst, err)
}
