package daemon

import (
	codec "github.com/WenChunTech/OpenAICompatible/backend/dialect/gemini"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
	"github.com/WenChunTech/OpenAICompatible/backend/provider/anthropic"
	"github.com/WenChunTech/OpenAICompatible/backend/provider/codegeex"
	"github.com/WenChunTech/OpenAICompatible/backend/provider/demo"
	"github.com/WenChunTech/OpenAICompatible/backend/provider/gemini"
	"github.com/WenChunTech/OpenAICompatible/backend/provider/openaicompat"
	"github.com/WenChunTech/OpenAICompatible/backend/provider/qwen"
)

// Providers is the list of all providers, in the order in which they are
// offered. Adding one is its folder and one line here. version is what they call
// this program when they introduce it; signatures keeps the thought signatures
// that clients do not send back, nil keeps none.
func Providers(version string, signatures codec.Signatures) []provider.Provider {
	return []provider.Provider{
		gemini.Provider{Version: version, Signatures: signatures},
		qwen.Provider{Version: version},
		codegeex.Provider{Version: version},
		openaicompat.Provider{Version: version},
		anthropic.Provider{Version: version},
		demo.New(),
	}
}
