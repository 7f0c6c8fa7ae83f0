package daemon

import (
	"bytes"
	"net/http"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/anthropic"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/completions"
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
	Paths []string
	// Below says that what lies below the paths is served too.
	Below  bool
	Client dialect.Client
	Reader dialect.Upstream
}

// Dialects is the list of all client protocols. Adding one is its folder and one
// line here.
func Dialects() []Dialect {
	return []Dialect{
		{Paths: []string{"/v1/chat/completions"}, Client: openaichat.Client{}, Reader: openaichat.Upstream{}},
		// The second and third are where clients of DeepSeek's beta ask.
		{Paths: []string{"/v1/completions", "/v1/beta/completions", "/beta/completions"}, Client: completions.Client{}, Reader: completions.Upstream{}},
		{Paths: []string{"/v1/fim/completions"}, Client: completions.Client{FIM: true}, Reader: completions.Upstream{FIM: true}},
		{Paths: []string{"/v1/embeddings"}, Client: openaichat.Embeddings{}, Reader: openaichat.EmbeddingsUpstream{}},
		{Paths: []string{"/v1/responses"}, Below: true, Client: openairesponses.Client{}, Reader: openairesponses.Upstream{}},
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

// geminiPaths are the methods of the Gemini API's models, in both versions:
// Google's own JavaScript SDK asks for v1 (B47a).
func geminiPaths() []string {
	var all []string
	for _, version := range [...]string{"/v1beta", "/v1"} {
		for _, method := range [...]string{"generateContent", "streamGenerateContent", "countTokens", "embedContent", "batchEmbedContents"} {
			all = append(all, version+"/models/*:"+method)
		}
	}
	return all
}

// endpoints are the paths of all client protocols, and what Gemini CLI asks
// beside questions to a model.
func (d *Daemon) endpoints() []httpapi.Endpoint {
	var all []httpapi.Endpoint
	for _, one := range Dialects() {
		client := d.equipped(one.Client)
		for _, path := range one.Paths {
			if s, ok := client.(dialect.Server); ok {
				served := d.serves(path, client, s)
				if !one.Below {
					served = served[:1]
				}
				all = append(all, served...)
				continue
			}
			all = append(all, httpapi.Endpoint{Path: path, Client: client})
		}
	}
	assist := gemini.CodeAssist{Models: d.models}
	for _, path := range assist.Paths() {
		all = append(all, httpapi.Endpoint{
			Path: path, Client: gemini.CodeAssistClient{}, Methods: "GET, POST",
			Serve: func(w http.ResponseWriter, r *http.Request, _ relay.Caller) { assist.ServeHTTP(w, r) },
		})
	}
	return all
}

// equipped gives a codec what it works with here.
func (d *Daemon) equipped(client dialect.Client) dialect.Client {
	switch c := client.(type) {
	case openairesponses.Client:
		return d.responses(c)
	case ollama.Chat:
		c.Known = d.knows
		return c
	case ollama.Generate:
		c.Known = d.knows
		return c
	default:
		return client
	}
}

// knows says why nobody answers for a model; nil is that somebody does.
func (d *Daemon) knows(model string) *llm.Error {
	_, err := d.accounts.table().Route(model)
	return err
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
