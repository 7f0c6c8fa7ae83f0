package daemon

import (
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
	"github.com/WenChunTech/OpenAICompatible/backend/provider/demo"
	"github.com/WenChunTech/OpenAICompatible/backend/provider/openaicompat"
)

// Providers is the list of all providers. Adding one is its folder and one line
// here.
func Providers() []provider.Provider {
	return []provider.Provider{
		demo.New(),
		openaicompat.New(),
	}
}
