package httpapi

import (
	"net/http"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/relay"
)

// profile is what a program needs that its protocol does not say. What it
// changes is noted on the row.
type profile struct {
	// agent begins the User-Agent of the program.
	agent string
	quiet bool
}

// profiles are the programs that need something. Most do not: what one client
// needs (a finish reason, an index, no comments on Google's paths) all get.
func profiles() []profile {
	return []profile{
		// It waits for ever on an error event in a stream that has begun.
		{agent: "QwenCode/", quiet: true},
	}
}

// known is the caller with what its program needs.
func known(r *http.Request, c relay.Caller) relay.Caller {
	agent := r.UserAgent()
	for _, p := range profiles() {
		if strings.HasPrefix(agent, p.agent) {
			c.Quiet = c.Quiet || p.quiet
		}
	}
	return c
}
