package e2e_test

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/control"
)

// What a program needs follows from its key's profile, or else from what it says
// of itself; the row says what was done for it.
func TestProfiles_ByKeyAndByUserAgent(t *testing.T) {
	dumb := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			_, _ = io.WriteString(w, `{"object":"list","data":[{"id":"some-chat","object":"model"}]}`)
			return
		}
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	})
	p := start(t, beside(t, "dumb", "openaicompat", "custom", dumb), func(config map[string]any) {
		config["network"] = map[string]any{"firstByteTimeoutMs": 60000, "keepAliveMs": 20}
		config["keys"] = append(config["keys"].([]any),
			map[string]any{"id": 2, "name": "silent", "key": "sk-client-silent", "profile": "silent"},
			map[string]any{"id": 3, "name": "plain", "key": "sk-client-plain", "profile": "plain"},
			map[string]any{"id": 4, "name": "qwen", "key": "sk-client-qwen", "profile": "qwen-code"})
	})
	const curl, qwen = "curl/8", "QwenCode/0.24.4 (linux; x64)"
	for name, c := range map[string]struct {
		key, agent string
		// before and inside are the notes where no signs of life come before the
		// answer and in the middle of it; "" is that they come.
		before, inside string
	}{
		"nothing is known":            {p.key, curl, "", ""},
		"by its User-Agent":           {p.key, qwen, "hangs on an error", ""},
		"by the key":                  {"sk-client-qwen", curl, "hangs on an error", ""},
		"the key knows better":        {"sk-client-plain", qwen, "", ""},
		"no signs of life, by key":    {"sk-client-silent", curl, "cannot read them", "cannot read them"},
		"no signs of life, by either": {"sk-client-silent", qwen, "cannot read them", "cannot read them"},
	} {
		t.Run(name, func(t *testing.T) {
			who := []string{"Authorization", "Bearer " + c.key, "User-Agent", c.agent}
			const ask = `","stream":true,"messages":[{"role":"user","content":"hello"}]}`
			for body, note := range map[string]string{`{"model":"dumb/some-chat` + ask: c.before, `{"model":"plain/hang` + ask: c.inside} {
				if note == "" {
					p.hears(t, body, who)
				} else {
					p.hushed(t, body, who, note)
				}
			}
		})
	}
}

// hears asks and waits for a sign of life.
func (p *program) hears(t *testing.T, body string, who []string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	lines := bufio.NewScanner(p.send(ctx, t, http.MethodPost, "/v1/chat/completions", body, who...).Body)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), ":") {
			return
		}
	}
	t.Fatalf("%s: the answer ended without a sign of life: %v", body, lines.Err())
}

// hushed asks and waits for the note that signs of life were left out; none may
// have come until then.
func (p *program) hushed(t *testing.T, body string, who []string, note string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url+"/v1/chat/completions", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(who); i += 2 {
		r.Header.Set(who[i], who[i+1])
	}
	heard := make(chan string, 1)
	go func() {
		var all []byte
		if resp, err := p.client.Do(r); err == nil {
			all, _ = io.ReadAll(resp.Body)
			_ = resp.Body.Close()
		}
		heard <- string(all)
	}()
	eventually(t, "the row says what was left out", func() bool {
		var list struct{ Exchanges []control.Exchange }
		p.admin(t, "/api/exchanges/running", &list)
		return slices.ContainsFunc(list.Exchanges, func(x control.Exchange) bool {
			var row control.ExchangeDetail
			p.admin(t, "/api/exchanges/"+strconv.FormatInt(x.ID, 10), &row)
			return slices.ContainsFunc(row.Notes, func(n string) bool { return strings.Contains(n, note) })
		})
	})
	cancel()
	if got := <-heard; strings.HasPrefix(got, ":") || strings.Contains(got, "\n:") {
		t.Errorf("%s: a sign of life came: %q", body, got)
	}
	eventually(t, "the exchange is over", func() bool {
		var list struct{ Exchanges []control.Exchange }
		return p.admin(t, "/api/exchanges/running", &list) == http.StatusOK && len(list.Exchanges) == 0
	})
}
