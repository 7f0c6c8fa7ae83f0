package relay

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/pool"
)

// renewed tells whether u is to be tried once more after it refused its
// credential with err: the credential is renewed, once for each account of an
// exchange (B14). An error says that it cannot be, and replaces err where it
// tells more.
func (x *exchange) renewed(u *pool.Upstream, asked time.Time, err *llm.Error) (again bool, why *llm.Error) {
	a := u.Account
	if err.Kind != llm.KindAuth || err.Status == 0 || a.Renew == nil || x.out.answered || slices.Contains(x.renewals, a.ID) {
		return false, err
	}
	x.renewals = append(x.renewals, a.ID)
	failed := x.renew(a.Renew, asked)
	if failed == nil {
		return true, nil
	}
	x.mu.Lock()
	x.log.Notes = append(x.log.Notes, "the credential of "+a.Name+" was refused and could not be renewed: "+failed.Error())
	x.mu.Unlock()
	if e, ok := errors.AsType[*llm.Error](failed); ok && e.Kind == llm.KindAuth {
		return false, e
	}
	return false, err
}

// renew waits for a new credential, as long as for an upstream's first byte.
func (x *exchange) renew(renew func(context.Context, time.Time) error, asked time.Time) error {
	ctx, cancel := context.WithCancelCause(x.req.Context())
	defer cancel(nil)
	now := time.Now()
	x.wait.begin(now, x.limits.FirstByte, cancel)
	err := renew(ctx, asked)
	x.wait.end()
	x.waited += time.Since(now)
	return err
}
