package httpapi

import (
	"slices"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// protocolOf is what the settings call a protocol, and what people do; "" is one
// that is always served.
func protocolOf(name dialect.Name) (word, title string) {
	switch name {
	case dialect.OpenAIResponses:
		return "responses", "the Responses API"
	case dialect.Completions, dialect.FIM:
		return "completions", "the completions API"
	case dialect.Embeddings:
		return "embeddings", "the embeddings API"
	case dialect.Anthropic:
		return "anthropic", "the Anthropic API"
	case dialect.Gemini, dialect.CodeAssist:
		return "gemini", "the Gemini API"
	case dialect.Ollama:
		return "ollama", "the Ollama API"
	case dialect.OpenAIChat, dialect.CodeGeeX, dialect.CodeGeeXInline: // the last two have no clients
		return "", ""
	default:
		return "", ""
	}
}

// switchedOff says that a protocol is not served, and where it is switched on.
func (g *Guard) switchedOff(name dialect.Name) *llm.Error {
	word, title := protocolOf(name)
	if word == "" || !slices.Contains(g.Off, word) {
		return nil
	}
	return &llm.Error{
		Kind: llm.KindNotFound, Code: "protocol_off",
		Message: title + " is switched off here: switch it on in Settings, Server, or take " + word + " out of server.protocolsOff",
	}
}
