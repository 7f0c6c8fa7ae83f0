package relay_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// gated is a service that takes one credential alone.
func gated(t *testing.T, takes string) (address string, asked *atomic.Int32) {
	t.Helper()
	asked = &atomic.Int32{}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if r.Header.Get("Authorization") != takes {
			_, _ = io.Copy(io.Discard, r.Body)
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = io.WriteString(w, `{"error":{"message":"the token has expired","type":"authentication_error"}}`)
			return
		}
		good(w, r)
	}))
	t.Cleanup(srv.Close)
	return srv.URL, asked
}

// signIn adds an account whose credential is old until it is renewed.
func (b *bench) signIn(address string, renew func(token *atomic.Value) error) *atomic.Int32 {
	var token atomic.Value
	token.Store("old")
	renewals := &atomic.Int32{}
	b.sign(account.Account{
		Name: "mine", Settings: map[string]string{"url": address},
		Renew: func(context.Context, time.Time) error {
			renewals.Add(1)
			return renew(&token)
		},
	}, func(context.Context) (account.Secret, error) { return account.NewSecret(token.Load().(string)), nil })
	return renewals
}

func TestB14_ARefusedCredentialIsRenewedOnceAndTriedAgain(t *testing.T) {
	for _, body := range []string{whole, streamed} {
		b := newBench(t, limits())
		address, asked := gated(t, "new")
		renewals := b.signIn(address, func(token *atomic.Value) error { token.Store("new"); return nil })
		if code, text := b.ask(body); code != 200 || !strings.Contains(text, "lo") {
			t.Fatalf("got %d %s", code, text)
		}
		e := b.record().Exchange
		if asked.Load() != 2 || renewals.Load() != 1 || len(e.Attempts) != 2 || e.Status != 200 || e.ErrorKind != "" {
			t.Fatalf("asked %d times, renewed %d times: %+v", asked.Load(), renewals.Load(), e)
		}
		if a := e.Attempts; a[0].Status != 401 || a[0].ErrorKind != "auth" || a[0].Reason != "the only account" ||
			a[1].Status != 200 || !strings.Contains(a[1].Reason, "renewed") {
			t.Errorf("attempts %+v", a)
		}
	}
}

func TestB14_ARenewedCredentialThatIsRefusedTooIsNotTriedAThirdTime(t *testing.T) {
	b := newBench(t, limits())
	address, asked := gated(t, "never")
	renewals := b.signIn(address, func(*atomic.Value) error { return nil })
	other, answered := gated(t, "")
	b.add("other", map[string]string{"url": other})
	if code, text := b.ask(whole); code != 200 {
		t.Errorf("got %d %s", code, text)
	}
	if asked.Load() != 2 || renewals.Load() != 1 || answered.Load() != 1 {
		t.Errorf("asked %d times, renewed %d times, the other %d times", asked.Load(), renewals.Load(), answered.Load())
	}
	if a := b.record().Exchange.Attempts; len(a) != 3 || a[2].Account != "other" || a[2].Reason != "next after mine (auth)" {
		t.Errorf("attempts %+v", a)
	}
}

func TestB14_ACredentialThatCannotBeRenewedSaysWhatToDo(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"revoked": {&llm.Error{Kind: llm.KindAuth, Message: "the sign-in was revoked: sign in again"}, "sign in again"},
		"network": {errors.New("no route to the sign-in service"), "the token has expired"},
	} {
		b := newBench(t, limits())
		address, asked := gated(t, "new")
		b.signIn(address, func(*atomic.Value) error { return c.err })
		code, text := b.ask(whole)
		if code != 401 || !strings.Contains(text, c.want) || asked.Load() != 1 {
			t.Errorf("%s: got %d %s after %d requests", name, code, text, asked.Load())
		}
		if e := b.record().Exchange; len(e.Attempts) != 1 || len(e.Notes) != 1 || !strings.Contains(e.Notes[0], c.err.Error()) {
			t.Errorf("%s: recorded %+v", name, e)
		}
	}
}

func TestB14_OtherRefusalsRenewNothing(t *testing.T) {
	for name, s := range map[string]http.HandlerFunc{
		"forbidden": status(403, `{"error":{"message":"no"}}`), "limited": status(429, `{"error":{"message":"no"}}`), "broken": status(500, "no"),
	} {
		b := newBench(t, limits())
		srv := httptest.NewServer(s)
		t.Cleanup(srv.Close)
		renewals := b.signIn(srv.URL, func(*atomic.Value) error { return nil })
		b.ask(whole)
		if renewals.Load() != 0 {
			t.Errorf("%s: the credential was renewed", name)
		}
	}
}

func TestRelay_ARunningRowCountsTheAttemptUnderWay(t *testing.T) {
	arrived, speak := make(chan struct{}), make(chan struct{})
	b := newBench(t, limits(), status(503, "no"), func(w http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-speak
		good(w, r)
	})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		b.ask(streamed)
	}()
	<-arrived
	run := b.relay.Running()
	if len(run) != 1 || len(run[0].Attempts) != 2 {
		t.Fatalf("running %+v", run)
	}
	if a := run[0].Attempts[1]; a.Account != "account2" || a.DurationMs <= 0 || a.Status != 0 || a.Error != "" {
		t.Errorf("the attempt under way is shown as %+v", a)
	}
	close(speak)
	<-ended
	if a := b.record().Exchange.Attempts; len(a) != 2 || a[1].Status != 200 {
		t.Errorf("recorded attempts %+v", a)
	}
}
