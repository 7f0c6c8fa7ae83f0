package relay

import (
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/pool"
)

// behinder is the ability of a Router to say which models stand behind a name;
// known is false where the default model stands in for it.
type behinder interface {
	Behind(model string) (models []string, known bool)
}

// admit says whether the client may ask for this, and now: a key that has
// expired, a model that is not among the key's, a limit that is reached.
func (x *exchange) admit() *llm.Error {
	own := x.limits.Keys[x.log.Key]
	if own == nil {
		own = &pool.Allowance{}
	}
	v, err := x.relay.guests.Enter(x.log.Key, x.limits.Clients, own)
	if err != nil {
		return err
	}
	x.visit = v
	return x.inScope(own)
}

// inScope says whether the client may ask for the model.
func (x *exchange) inScope(own *pool.Allowance) *llm.Error {
	if len(own.Models) == 0 {
		return nil
	}
	name := x.head.Model
	behind, known := []string(nil), true
	if b, ok := x.relay.o.Router().(behinder); ok {
		behind, known = b.Behind(name)
	}
	if !known {
		name = ""
	}
	if own.Allows(name, behind...) {
		return nil
	}
	return &llm.Error{
		Kind: llm.KindForbidden, Code: "model_not_allowed", Param: "model",
		Message: "the API key '" + x.log.Key + "' may not ask for the model '" + clip(x.head.Model) + "'; GET /v1/models lists those that it may ask for",
	}
}

// clip keeps an absurd name out of messages.
func clip(s string) string {
	const most = 120
	if len(s) <= most {
		return s
	}
	return s[:most] + "…"
}

// leave ends the client's visit. It comes before the last of the answer: a
// client that has it may ask again at once.
func (x *exchange) leave(u llm.Usage) {
	if x.visit == nil {
		return
	}
	tokens := 0
	if u.Known {
		tokens = u.Total()
	}
	x.visit.Leave(tokens)
	x.visit = nil
}
