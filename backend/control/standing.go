package control

import (
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/config"
	"github.com/WenChunTech/OpenAICompatible/backend/pool"
)

// Standing is what an account, or one of its models, may be asked now.
type Standing struct {
	State pool.Standing `json:"state" enum:"ready,off,resting,trying,paced"`
	// Rest is the pause it makes, or the doubt after one; nil where nothing is
	// held against it.
	Rest     *Rest `json:"rest,omitempty"`
	InFlight int   `json:"inFlight"`
	// Minute and Day are the requests of the last minute and of the last 24 hours,
	// Tokens the tokens of the last minute; -1 is not counted.
	Minute int64 `json:"minute"`
	Day    int64 `json:"day"`
	Tokens int64 `json:"tokens"`
	// FreeAt is when the pace allows the next request; nil is now, or when one
	// that runs has ended.
	FreeAt *time.Time `json:"freeAt,omitempty"`
	// LastSuccess is nil when there was none since the program started.
	LastSuccess *time.Time `json:"lastSuccess,omitempty"`
}

// AccountStanding is an account with those of its models that were asked, or
// have something against them.
type AccountStanding struct {
	Standing
	Models []ModelStanding `json:"models"`
}

// ModelStanding is one model of an account, by the service's own name.
type ModelStanding struct {
	Model string `json:"model"`
	Standing
}

// Rest is a pause after a failure (B01).
type Rest struct {
	// Kind is the class of the failure; Said is the service's own message, cut
	// and without secrets.
	Kind string `json:"kind"`
	Said string `json:"said"`
	// Source is where the end comes from: the service's hint, the reset of a
	// quota, our own pause, or a refusal that has no end.
	Source pool.Source `json:"source" enum:"hint,reset,own,refused"`
	Since  time.Time   `json:"since"`
	// Until is its end; nil is none.
	Until *time.Time `json:"until,omitempty"`
	// Failures is how many there were in a row.
	Failures int `json:"failures"`
}

// standing is whether an account of the configuration may be asked now.
func (s *Panel) standing(c *config.Account, off bool) AccountStanding {
	out := AccountStanding{Standing: Standing{State: pool.StandingReady, Minute: -1, Day: -1, Tokens: -1}, Models: []ModelStanding{}}
	if v, ok := s.o.Balance.Snapshot(c.ID); ok {
		out.Standing = s.shownView(&v.View)
		for i := range v.Models {
			out.Models = append(out.Models, ModelStanding{Model: v.Models[i].Model, Standing: s.shownView(&v.Models[i].View)})
		}
	}
	if off {
		out.State = pool.StandingOff
	}
	return out
}

func (s *Panel) shownView(v *pool.View) Standing {
	out := Standing{
		State: v.Standing, InFlight: v.InFlight, Minute: v.Minute, Day: v.Day, Tokens: v.Tokens,
		FreeAt: timeOrNil(v.FreeAt), LastSuccess: timeOrNil(v.LastSuccess),
	}
	if r := v.Rest; r != nil {
		out.Rest = &Rest{
			Kind: r.Kind.String(), Said: s.o.Redact(r.Said), Source: r.Source, Since: r.Since, Until: timeOrNil(r.Until), Failures: r.Failures,
		}
	}
	return out
}

// rests says that an account cannot be asked for a while.
func (s *Panel) rests(id int64) bool {
	v, ok := s.o.Balance.Snapshot(id)
	if !ok {
		return false
	}
	_, rests := Resting(v)
	return rests
}

// Resting says that an account cannot be asked for a while: it rests, or all of
// its models that were asked do. Until is when the first of them may be asked
// again; the zero time is when somebody mends it.
func Resting(v pool.AccountView) (until time.Time, ok bool) {
	if v.Standing == pool.StandingResting {
		return v.Rest.Until, true
	}
	for i := range v.Models {
		m := &v.Models[i]
		if m.Standing != pool.StandingResting {
			return time.Time{}, false
		}
		if end := m.Rest.Until; until.IsZero() || !end.IsZero() && end.Before(until) {
			until = end
		}
	}
	return until, len(v.Models) > 0
}

// RetryAccount ends the rest of an account and of its models, or of one model
// alone, on the user's word: the next request tries it (B01).
func (s *Panel) RetryAccount(id int64, model string) (Account, error) {
	if _, err := s.Account(id); err != nil {
		return Account{}, err
	}
	s.o.Balance.RetryNow(id, model)
	return s.Account(id)
}

// AttentionKind is what a person is wanted for.
type AttentionKind string

// The kinds.
const (
	// NeedsSignIn is an account that worked and needs a new sign-in or key.
	NeedsSignIn AttentionKind = "accountNeedsSignIn"
	// AllRest means that no account can be asked for a minute or longer.
	AllRest AttentionKind = "allAccountsRest"
	// NewVersion is a version above the one that runs.
	NewVersion AttentionKind = "newVersion"
)

// Attention is the data of an event that asks for a person.
type Attention struct {
	Kind AttentionKind `json:"kind"`
	// AccountID and Account are the account that it is about; 0 is all.
	AccountID int64  `json:"accountId"`
	Account   string `json:"account"`
	// Until is when it is over by itself; the zero time is never.
	Until time.Time `json:"until,omitzero"`
	// Version is the newer one; "" where it is about something else.
	Version string `json:"version,omitempty"`
}
