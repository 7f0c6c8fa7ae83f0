package openaicompat

import (
	"slices"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/completions"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openaichat"
)

// The keys under which the account remembers its other dialects.
type (
	completionsKey struct{}
	embeddingsKey  struct{}
)

// beside is the protocol of the service for what is no conversation; nil where it
// has none for a client that speaks this.
func beside(a *account.Account, client dialect.Name) dialect.Upstream {
	switch p := presetOf(a); {
	case client == dialect.Embeddings && !p.noEmbeddings:
		return account.Derive(a, embeddingsKey{}, func() dialect.Upstream { return p.embeddings(a) })
	case p.speaks(client):
		return account.Derive(a, completionsKey{}, func() dialect.Upstream { return p.completing(a) })
	}
	return nil
}

// fim says that code is completed in Mistral's protocol.
func (p preset) fim() bool { return strings.HasSuffix(p.completions, "/fim/completions") }

// speaks says whether the service completes text in a client's protocol, or at
// all, for one that asks whether it does.
func (p preset) speaks(client dialect.Name) bool {
	return strings.HasSuffix(p.completions, "/completions") && p.completions != "/chat/completions" &&
		(client == dialect.Completions || client == dialect.FIM && p.fim())
}

func (p preset) embeddings(a *account.Account) dialect.Upstream {
	return openaichat.EmbeddingsUpstream{
		Upstream:  openaichat.Upstream{Quirks: quirksOf(a, p.quirks), Errors: p.rules(a)},
		FloatOnly: p.vectorsAsNumbers, Most: p.mostTexts, Refused: p.quirks.Drop,
	}
}

// completing is the service's completion of text. A server of the user's own goes
// on with any text, whatever the model was taught; of the others, the models are
// known that do.
func (p preset) completing(a *account.Account) dialect.Upstream {
	var taught []string
	for _, f := range families() {
		if f.can.FIM {
			taught = append(taught, f.names...)
		}
	}
	taught = slices.Concat(taught, p.completers)
	models := taught
	if p.start != "" || p.way.ID == custom {
		models = nil
	}
	q := quirksOf(a, p.quirks)
	return completions.Upstream{
		FIM: p.fim(), Models: models, Infills: taught, Marks: p.marks,
		NoStreamOptions: q.NoStreamOptions, Drop: q.Drop,
		Faults: openaichat.Upstream{Errors: p.rules(a)},
	}
}
