package daemon

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/pool"
)

// RetryCommand ends rests.
type RetryCommand struct {
	Files

	Accounts []string `arg:"" optional:"" help:"IDs or names; none is all that rest." placeholder:"ACCOUNT"`
	Model    string   `help:"Only the rest of this model, by the service's own name." placeholder:"MODEL"`
}

func (c *RetryCommand) run(_ context.Context, s *session) error {
	chosen, err := s.choose(c.Accounts)
	if err != nil {
		return err
	}
	var wishes []wish
	for _, a := range chosen {
		if len(c.Accounts) == 0 && restWord(a, time.Now()) == "" {
			continue
		}
		if _, err := s.control.RetryAccount(a.ID, c.Model); err != nil {
			return err
		}
		wishes = append(wishes, wish{Account: a.ID, Model: c.Model})
		s.sayf("'%s' is tried with the next request.\n", a.Name)
	}
	if len(wishes) == 0 {
		return errors.New("no account rests")
	}
	return leaveWishes(s.DataDir(), wishes)
}

// restWord says who rests until when: the account, or models of it; "" is nobody.
func restWord(a control.Account, now time.Time) string {
	if a.Standing.State == pool.StandingResting {
		return "rests " + untilWord(a.Standing.Rest, now)
	}
	var out []string
	for _, m := range a.Standing.Models {
		if m.State == pool.StandingResting {
			out = append(out, m.Model+" rests "+untilWord(m.Rest, now))
		}
	}
	const most = 3
	if more := len(out) - most; more > 0 {
		out = append(out[:most], fmt.Sprintf("and %d more", more))
	}
	return strings.Join(out, ", ")
}

func untilWord(r *control.Rest, now time.Time) string {
	if r.Until == nil {
		return "until it is mended (" + r.Kind + ")"
	}
	at, layout := r.Until.In(now.Location()), "15:04:05"
	if at.Sub(now) >= 12*time.Hour {
		layout = "2006-01-02 15:04"
	}
	return "until " + at.Format(layout) + " (" + r.Kind + ")"
}
