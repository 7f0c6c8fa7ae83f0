package httpapi

import (
	"net/http"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/config"
	"github.com/WenChunTech/OpenAICompatible/backend/relay"
)

// profile is what a program needs that its protocol does not say. What it
// changes is noted on the row.
type profile struct {
	// name is what a key chooses it by, in the words of the settings.
	name string
	// agent begins the User-Agent of the program; "" is chosen by a key alone.
	agent         string
	quiet, silent bool
}

// profiles are the programs that need something. Most do not: what one client
// needs (a finish reason, an index, no comments on Google's paths) all get.
func profiles() []profile {
	return []profile{
		{name: config.ProfilePlain},
		// It waits for ever on an error event in a stream that has begun.
		{name: config.ProfileQwenCode, agent: "QwenCode/", quiet: true},
		// For programs that nobody has measured: events with nothing between them.
		{name: config.ProfileSilent, silent: true},
	}
}

// known is the caller with what its program needs: by the profile of its key, or
// else by what the program says of itself.
func (g *Guard) known(r *http.Request, c relay.Caller) relay.Caller {
	name, agent := g.profileOf(c.Key), r.UserAgent()
	for _, p := range profiles() {
		if name == p.name || name == "" && p.agent != "" && strings.HasPrefix(agent, p.agent) {
			c.Quiet, c.Silent = c.Quiet || p.quiet, c.Silent || p.silent
		}
	}
	return c
}

// profileOf is the profile of the key of a name; "" is none.
func (g *Guard) profileOf(key string) string {
	for i := range g.Keys {
		if key != "" && g.Keys[i].Name == key {
			return g.Keys[i].Profile
		}
	}
	return ""
}
