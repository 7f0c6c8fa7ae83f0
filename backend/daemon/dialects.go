package daemon

import (
	"bytes"
	"io"
	"net/http"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/anthropic"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/gemini"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/ollama"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openaichat"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openairesponses"
	"github.com/WenChunTech/OpenAICompatible/backend/httpapi"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/relay"
)

// Dialect is one protocol of ours: how we look to its clients, and how an answer
// in it is read back from the request log.
type Dialect struct {
	// Paths are where it is served; see [httpapi.Endpoint].
	Paths  []string
	Client dialect.Client
	Reader Reader
}

// Reader reads an answer of a protocol, as an upstream's codec does.
type Reader interface {
	DecodeReply(contentType string, body io.Reader) llm.Stream
}

// Dialects is the list of all client protocols. Adding one is its folder and one
// line here.
func Dialects() []Dialect {
	return []Dialect{
		{Paths: []string{"/v1/chat/completions"}, Client: openaichat.Client{}, Reader: openaichat.Upstream{}},
		{Paths: []string{"/v1/responses"}, Client: openairesponses.Client{}, Reader: openairesponses.Upstream{}},
		{Paths: []string{"/v1/messages", "/v1/messages/count_tokens"}, Client: anthropic.Client{}, Reader: anthropic.Upstream{}},
		{Paths: geminiPaths(), Client: gemini.Client{}, Reader: gemini.Upstream{}},
		{
			Paths:  []string{"/v1internal:generateContent", "/v1internal:streamGenerateContent", "/v1internal:countTokens"},
			Client: gemini.CodeAssistClient{}, Reader: gemini.Upstream{},
		},
		{Paths: []string{"/api/chat"}, Client: ollama.Chat{}, Reader: ollama.Reader{}},
		{Paths: []string{"/api/generate"}, Client: ollama.Generate{}, Reader: ollama.Reader{}},
		{Paths: []string{"/api/embed", "/api/embeddings"}, Client: ollama.Embed{}, Reader: ollama.Reader{}},
	}
}

// endpoints are the paths of all client protocols.
func (d *Daemon) endpoints() []httpapi.Endpoint {
	var all []httpapi.Endpoint
	for _, one := range Dialects() {
		client := one.Client
		if c, ok := client.(openairesponses.Client); ok {
			client = d.responses(c)
		}
		for _, path := range one.Paths {
			if s, ok := client.(dialect.Server); ok {
				all = append(all, d.serves(path, client, s)...)
				continue
			}
			all = append(all, httpapi.Endpoint{Path: path, Client: client})
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
