package e2e_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/fake"
)

// counted is Google with a count of the refreshes it is asked for.
type counted struct {
	*fake.Google
	refreshes, refused atomic.Int32
}

func (c *counted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	if bytes.Contains(body, []byte("grant_type=refresh_token")) {
		c.refreshes.Add(1)
	}
	seen := &noted{ResponseWriter: w}
	c.Google.ServeHTTP(seen, r)
	if seen.status == http.StatusUnauthorized {
		c.refused.Add(1)
	}
}

// noted remembers a status.
type noted struct {
	http.ResponseWriter
	status int
}

func (n *noted) WriteHeader(status int) {
	n.status = status
	n.ResponseWriter.WriteHeader(status)
}

// Unwrap is for http.ResponseController.
func (n *noted) Unwrap() http.ResponseWriter { return n.ResponseWriter }

// signedIn is an account at Code Assist, without a pace. Its refresh token is
// good for once: two refreshes would end it.
func (c *counted) signedIn(t *testing.T, ends int64) func(config map[string]any) {
	t.Helper()
	srv := httptest.NewServer(c)
	t.Cleanup(srv.Close)
	access, refresh := c.Issue("dev@example.com")
	token, err := json.Marshal(map[string]any{"access_token": access, "refresh_token": refresh, "token_type": "Bearer", "expiry_date": ends})
	if err != nil {
		t.Fatal(err)
	}
	return func(config map[string]any) {
		config["accounts"] = append(config["accounts"].([]any), map[string]any{
			"id": 101, "provider": "gemini", "name": "Code Assist", "prefix": "assist", "key": string(token), "pace": map[string]any{},
			"models": []string{"gemini-2.5-pro"}, "settings": map[string]string{
				"kind": "cli", "baseUrl": srv.URL, "tokenUrl": srv.URL + "/token", "projectId": "sample-corp-project",
			},
		})
	}
}

// signedUp waits until the program has checked its account.
func (p *program) signedUp(t *testing.T) {
	t.Helper()
	eventually(t, "the account is ready", func() bool {
		var list struct{ Accounts []control.Account }
		p.admin(t, "/api/accounts", &list)
		for _, a := range list.Accounts {
			if a.ID == 101 {
				return a.State == control.AccountReady
			}
		}
		return false
	})
}

func TestB14_B15_AStormOnAnExpiredTokenIsOneRefreshInTwoPrograms(t *testing.T) {
	const never = 4102444800000 // 2100, as far as the program knows
	google := &counted{Google: fake.NewGoogle(fake.GoogleOptions{Rotate: true})}
	one := start(t, google.signedIn(t, never))
	two := &program{fake: one.fake, log: &logs{}, ids: &ids{}, data: one.data}
	two.client = &http.Client{Transport: two.ids}
	two.run(t, append(one.args, "--port", strconv.Itoa(freePort(t)))...)
	one.signedUp(t)
	two.signedUp(t)
	google.EndAccess()
	google.refreshes.Store(0)
	google.refused.Store(0)

	const each = 100
	var all sync.WaitGroup
	var mu sync.Mutex
	failures := map[string]int{}
	for i := range 2 * each {
		p := []*program{one, two}[i%2]
		all.Go(func() {
			body := fmt.Sprintf(`{"model":"assist/gemini-2.5-pro","stream":%v,"messages":[{"role":"user","content":"hello"}]}`, i%4 < 2)
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.url+chatPath, strings.NewReader(body))
			if err != nil {
				t.Error(err)
				return
			}
			r.Header.Set("Authorization", "Bearer "+p.key)
			resp, err := p.client.Do(r)
			if err != nil {
				t.Error(err)
				return
			}
			defer resp.Body.Close()
			raw, err := io.ReadAll(resp.Body)
			if err != nil || resp.StatusCode != http.StatusOK || bytes.Contains(raw, []byte(`"error"`)) {
				mu.Lock()
				failures[fmt.Sprint(resp.StatusCode, " ", string(raw), err)]++
				mu.Unlock()
			}
		})
	}
	all.Wait()
	if len(failures) != 0 {
		t.Errorf("failed: %v", failures)
	}
	if n := google.refreshes.Load(); n != 1 {
		t.Errorf("%d refreshes, want one", n)
	}
	if google.refused.Load() == 0 {
		t.Error("no request met the expired token: that is no storm")
	}
}
