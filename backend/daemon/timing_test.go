package daemon

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/config"
	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/event"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/network"
	"github.com/WenChunTech/OpenAICompatible/backend/pool"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
)

// clock is a provider that counts what it is asked, in a bubble of its own time.
type clock struct {
	probes, quotas, refreshes int
	// down is why it cannot be reached; nil is nothing.
	down error
}

func (*clock) Info() provider.Info {
	return provider.Info{Kind: "clock", Prefix: "clock", Ways: []provider.Way{{ID: "in", Credential: provider.CredentialSignIn}}}
}

func (*clock) Dialect(*account.Account, dialect.Name) dialect.Upstream { return nil }

func (*clock) NewRequest(context.Context, *account.Account, provider.Call) (*http.Request, error) {
	return nil, errors.New("not asked")
}

func (c *clock) Models(ctx context.Context, a *account.Account) ([]llm.Model, error) {
	if _, err := a.Credential(ctx); err != nil {
		return nil, err
	}
	c.probes++
	return []llm.Model{{ID: "m"}}, c.down
}

func (c *clock) Quota(context.Context, *account.Account) ([]provider.Quota, error) {
	c.quotas++
	return []provider.Quota{{Remaining: -1, Left: int64(c.quotas), Limit: 100}}, nil
}

func (*clock) Expires(_ *account.Account, s account.Secret) time.Time {
	t, _ := time.Parse(time.RFC3339, s.Reveal())
	return t
}

func (c *clock) Refresh(context.Context, *account.Account, account.Secret) (account.Secret, error) {
	c.refreshes++
	return account.NewSecret(time.Now().Add(time.Hour).Format(time.RFC3339)), nil
}

// over runs one account at c for that long, and gives what is known then. Half
// way each of during is called.
func over(t *testing.T, c *clock, d time.Duration, during ...func(*accounts)) (h control.Health) {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "config.json")
	key := time.Now().Add(time.Hour).Format(time.RFC3339)
	if err := os.WriteFile(path, []byte(`{"version":1,"accounts":[{"id":1,"provider":"clock","name":"A","key":"`+key+`"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	store, err := config.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	secrets, err := account.OpenCredentials(filepath.Join(dir, credentialsFile), account.CredentialOptions{NoKeyring: true})
	if err != nil {
		t.Fatal(err)
	}
	var a *accounts
	balance := pool.New(pool.Options{Changed: func(id int64) { a.changedNow(id) }})
	a = newAccounts(accountOptions{
		Providers: []provider.Provider{c}, Config: store, Secrets: secrets, Balance: balance, Events: event.New(),
		Network: network.New(t.Context()),
		Redact:  func(s string) string { return s }, Renewed: func() {}, Memory: filepath.Join(dir, "accounts.json"),
		Log: slog.New(slog.DiscardHandler),
	})
	a.rebuild(store.Snapshot(), false)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.run(ctx) }()
	<-time.After(d / 2) // of the bubble's own time
	synctest.Wait()
	for _, f := range during {
		f(a)
	}
	<-time.After(d - d/2)
	synctest.Wait()
	h = a.Health(1)
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	return h
}

func TestAccounts_AskForQuotasEveryTenMinutesAndForModelsHourly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &clock{}
		h := over(t, c, 2*time.Hour+30*time.Second)
		if h.State != control.AccountReady || h.Models != 1 || *h.Quotas[0].Left != int64(c.quotas) {
			t.Errorf("got %+v", h)
		}
		if c.probes != 3 || c.quotas < 12 || c.quotas > 14 {
			t.Errorf("asked %d times for models and %d times for quotas in two hours", c.probes, c.quotas)
		}
	})
}

func TestB13_ARefusedKeyIsShownWithoutWaitingForTheNextCheck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &clock{}
		h := over(t, c, 2*time.Minute, func(a *accounts) {
			c.down = &llm.Error{Kind: llm.KindAuth, Message: "revoked"}
			for range 50 { // as many requests
				a.refused(1)
			}
		})
		if h.State != control.AccountSignIn || h.Reason != "revoked: sign in again" || c.probes != 2 {
			t.Errorf("asked %d times: %+v", c.probes, h)
		}
		c = &clock{}
		over(t, c, time.Minute, func(a *accounts) { // a service that refuses requests and answers its list
			for range 50 {
				a.refused(1)
				synctest.Wait()
			}
		})
		if c.probes > 3 {
			t.Errorf("asked %d times for 50 requests", c.probes)
		}
	})
}

func TestB09_ACredentialIsRenewedBeforeItEndsWithoutARequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &clock{}
		h := over(t, c, 3*time.Hour)
		if left := time.Until(h.Expires); c.refreshes != 3 || left < 5*time.Minute {
			t.Errorf("%d refreshes in three hours, %v left", c.refreshes, left)
		}
	})
}

func TestAccounts_OneThatCannotBeReachedIsTriedAgainLessAndLess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &clock{down: &llm.Error{Kind: llm.KindNetwork, Message: "down"}}
		h := over(t, c, 2*time.Hour)
		if h.State != control.AccountUnreachable || h.Reason != "down" || c.probes < 6 || c.probes > 9 || c.quotas != 0 {
			t.Errorf("asked %d times in two hours, %d times for quotas: %+v", c.probes, c.quotas, h)
		}
	})
}

func TestAccounts_OneStaysKnownWhileWhatWasFoundForItIsWritten(t *testing.T) {
	for name, meanwhile := range map[string]func(*accounts){
		"nothing else": func(*accounts) {},
		"the credential of a sign-in is seen in the store": (*accounts).reseat,
		"another setting is changed":                       func(a *accounts) { a.rebuild(a.o.Config.Snapshot(), false) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := &clock{}
				h := over(t, c, time.Minute, func(a *accounts) {
					a.mu.Lock()
					a.pending[1] = provider.Finding{Identity: "ann@x", Settings: map[string]string{"project": "p"}}
					a.mu.Unlock()
					found, _ := a.takeFindings()
					meanwhile(a)
					if err := a.writeFindings(found); err != nil {
						t.Error(err)
					}
					now := a.o.Config.Snapshot()
					a.rebuild(now, false)
					if got := now.Accounts[0]; got.Settings["project"] != "p" || a.Health(1).State != control.AccountReady {
						t.Errorf("%+v is %+v", got, a.Health(1))
					}
					meanwhile(a)
				})
				if c.probes != 1 || h.State != control.AccountReady {
					t.Errorf("asked %d times: %+v", c.probes, h)
				}
			})
		})
	}
}
