package anthropic

import (
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// foreign begins a signature that a service of another protocol made. A client
// of this one sends every signature back as it was, and so remembers for us whose
// it is; Anthropic's own are base64, which has no colon.
const foreign = "minted-by:"

// signatureOf is the signature of a thought as clients get it.
func signatureOf(t llm.ThoughtDelta) string {
	if t.Signature == "" || t.Minter == minter {
		return t.Signature
	}
	return foreign + t.Minter + ":" + t.Signature
}

// minterOf is the other direction.
func minterOf(signature string) (plain, by string) {
	rest, ok := strings.CutPrefix(signature, foreign)
	if !ok {
		if signature == "" {
			return "", ""
		}
		return signature, minter
	}
	by, plain, _ = strings.Cut(rest, ":")
	return plain, by
}
