package qwen

import (
	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/completions"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openaichat"
)

// besideKey is the key under which an account remembers a dialect that is no chat.
type besideKey dialect.Name

// studioBeside is Model Studio's protocol for what is no conversation; nil where
// the account's region has none for a client that speaks this.
func (p Provider) studioBeside(a *account.Account, client dialect.Name) dialect.Upstream {
	r := regionOf(a)
	switch {
	case client == dialect.Embeddings && !r.plan:
		return account.Derive(a, besideKey(client), func() dialect.Upstream {
			// Ten texts is what the present models take at a time; older ones take more.
			return openaichat.EmbeddingsUpstream{Upstream: p.studio(a).Upstream, FloatOnly: true, Most: 10}
		})
	case client == dialect.Completions && (r.fim || ownBase(a)):
		return account.Derive(a, besideKey(client), func() dialect.Upstream {
			taught := []string{"qwen-coder-turbo*", "qwen2.5-coder*"}
			return completions.Upstream{Models: taught, Infills: taught, Marks: true, Faults: p.studio(a).Upstream, Now: p.Now}
		})
	}
	return nil
}
