package daemon

import (
	"bytes"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openaichat"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// Dialect is one protocol of ours: how we look to its clients, and how an answer
// in it is read back from the request log.
type Dialect struct {
	Client dialect.Client
	Reader dialect.Upstream
}

// Dialects is the list of all client protocols. Adding one is its folder and one
// line here.
func Dialects() []Dialect {
	return []Dialect{
		{Client: openaichat.Client{}, Reader: openaichat.Upstream{}},
	}
}

// readStored decodes an answer as the request log kept it; nil when its protocol
// is not in the list.
func readStored(name, contentType string, body []byte) llm.Stream {
	for _, d := range Dialects() {
		if string(d.Client.Name()) == name {
			return d.Reader.DecodeReply(contentType, bytes.NewReader(body))
		}
	}
	return nil
}
