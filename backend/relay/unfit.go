package relay

import (
	"reflect"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/pool"
)

// unfit is how an upstream was asked that could not say what the request says.
// One that would be asked alike cannot either.
type unfit struct {
	provider, model, translate string
	codec                      dialect.Upstream
}

func (a *attempt) unfit() unfit { return a.unfitFor(a.upstream) }

func (x *exchange) unfitFor(u *pool.Upstream) unfit {
	return unfit{
		provider: u.Account.Provider, model: u.Model, translate: u.Account.Setting("translate"),
		codec: u.Provider.Dialect(u.Account, x.codec.Name()),
	}
}

// cannot says whether u would be asked as another was in vain.
func (x *exchange) cannot(u *pool.Upstream) bool {
	now := x.unfitFor(u)
	for _, before := range x.unfit {
		// A codec is a value, which may hold what cannot be compared with ==.
		if now.provider == before.provider && now.model == before.model && now.translate == before.translate && reflect.DeepEqual(now.codec, before.codec) {
			return true
		}
	}
	return false
}
