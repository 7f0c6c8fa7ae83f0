package daemon

import (
	"bytes"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/anthropic"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openaichat"
	"github.com/WenChunTech/OpenAICompatible/backend/httpapi"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// Dialect is one protocol of ours: how we look to its clients, and how an answer
// in it is read back from the request log.
type Dialect struct {
	// Paths are where it is served; see [httpapi.Endpoint].
	Paths  []string
	Client dialect.Client
	Reader dialect.Upstream
}

// Dialects is the list of all client protocols. Adding one is its folder and one
// line here.
func Dialects() []Dialect {
	return []Dialect{
		{Paths: []string{"/v1/chat/completions"}, Client: openaichat.Client{}, Reader: openaichat.Upstream{}},
		{Paths: []string{"/v1/messages", "/v1/messages/count_tokens"}, Client: anthropic.Client{}, Reader: anthropic.Upstream{}},
	}
}

// endpoints are the paths of all client protocols.
func endpoints() []httpapi.Endpoint {
	var all []httpapi.Endpoint
	for _, d := range Dialects() {
		for _, path := range d.Paths {
			all = append(all, httpapi.Endpoint{Path: path, Client: d.Client})
		}
	}
	return all
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
