package daemon

import (
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
	"github.com/WenChunTech/OpenAICompatible/backend/provider/demo"
	"github.com/WenChunTech/OpenAICompatible/backend/provider/openaicompat"
)

// Providers is the list of all providers. Adding one is its folder and one line
// here. version is what they call this program when they introduce it.
func Providers(version string) []provider.Provider {
	return []provider.Provider{
		demo.New(),
		openaicompat.Provider{Version: version},
	}
}
