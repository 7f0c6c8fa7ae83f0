package daemon

import (
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/event"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/pool"
)

// listener counts what is told until done is called.
type listener struct {
	accounts int
	calls    []control.Attention
	done     func()
}

func listen(t *testing.T, a *accounts) *listener {
	t.Helper()
	l := &listener{}
	sub := a.o.Events.Subscribe()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for e := range sub.C() {
			switch e.Kind { //nolint:exhaustive // The others are not about accounts.
			case event.Accounts:
				l.accounts++
			case event.Attention:
				var c control.Attention
				if err := json.Unmarshal(e.Data, &c); err != nil {
					t.Error(err)
				}
				l.calls = append(l.calls, c)
			}
		}
	}()
	l.done = func() {
		synctest.Wait()
		sub.Close()
		<-ended
	}
	return l
}

// fail has the account refuse one request.
func fail(t *testing.T, a *accounts, e *llm.Error) {
	t.Helper()
	turn, refused := a.table().Route("clock/m")
	if refused != nil {
		t.Fatal(refused)
	}
	if u, _, err := turn.Next(); u == nil {
		t.Fatalf("nobody can be asked: %v", err)
	}
	turn.Done(e, llm.Usage{})
}

func standing(a *accounts) pool.Standing {
	v, _ := a.o.Balance.Snapshot(1)
	return v.Standing
}

func TestReport_AStormIsToldFourTimesASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		over(t, &clock{}, time.Minute, func(a *accounts) {
			synctest.Wait()
			l := listen(t, a)
			for range 1000 { // ten seconds
				a.changedNow(1)
				<-time.After(10 * time.Millisecond)
			}
			l.done()
			if l.accounts < 35 || l.accounts > 42 {
				t.Errorf("told %d times in ten seconds, want about forty", l.accounts)
			}
		})
	})
}

func TestReport_TheEndOfARestIsToldToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		over(t, &clock{}, 20*time.Minute, func(a *accounts) {
			synctest.Wait()
			l := listen(t, a)
			fail(t, a, &llm.Error{Kind: llm.KindQuota, Code: "billing", Message: "no money", RetryAfter: 3 * time.Minute})
			<-time.After(2 * time.Minute)
			synctest.Wait()
			before := l.accounts
			if got := standing(a); got != pool.StandingResting {
				t.Errorf("it is %s", got)
			}
			<-time.After(61 * time.Second)
			l.done()
			if got := standing(a); got != pool.StandingTrying || l.accounts != before+1 {
				t.Errorf("it is %s, and that was told %d times", got, l.accounts-before)
			}
			if len(l.calls) != 1 || l.calls[0].Kind != control.AllRest {
				t.Errorf("a person was told %+v", l.calls)
			}
		})
	})
}

func TestB13_ARevokedSignInIsToldAPersonOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &clock{}
		over(t, c, time.Hour, func(a *accounts) {
			synctest.Wait()
			l := listen(t, a)
			c.down = &llm.Error{Kind: llm.KindAuth, Message: "revoked"}
			for range 10 {
				a.refused(1)
				<-time.After(time.Minute)
			}
			l.done()
			if len(l.calls) != 1 || l.calls[0] != (control.Attention{Kind: control.NeedsSignIn, AccountID: 1, Account: "A"}) {
				t.Errorf("a person was told %+v", l.calls)
			}
		})
	})
}

// TestChecks_AListForEverybodyPardonsABadKeySeldom is about a service that
// refuses requests and answers its list all the same.
func TestChecks_AListForEverybodyPardonsABadKeySeldom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		over(t, &clock{}, 3*time.Hour, func(a *accounts) {
			refused, end := 0, time.Now().Add(time.Hour)
			for time.Now().Before(end) {
				synctest.Wait()
				if standing(a) != pool.StandingResting {
					fail(t, a, &llm.Error{Kind: llm.KindAuth, Message: "bad key"})
					a.refused(1)
					refused++
				}
				<-time.After(time.Second)
			}
			if refused < 2 || refused > 14 {
				t.Errorf("it was asked with a bad key %d times in an hour", refused)
			}
		})
	})
}
