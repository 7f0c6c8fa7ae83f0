package daemon_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/daemon"
	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
)

func TestReplay_IsANewRowOfTheSameRequest(t *testing.T) {
	p := start(t, daemon.Options{Demo: true, Stopped: true}, `{"requests":{"keepBodies":"all"}}`)
	p.until("ready", func() bool { return len(p.Control().Models()) > 0 })
	body := `{"model":"demo/fast","stream":true,"messages":[{"role":"user","content":"Hello <again>"}]}`
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.admin.URL+"/api/playground/one", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	ended := func(id int64) (d control.ExchangeDetail) {
		p.until("in the log", func() bool {
			var err error
			d, err = p.Control().Exchange(t.Context(), id)
			return err == nil && !d.Running
		})
		return d
	}
	var first int64
	p.until("in the log", func() bool {
		page, err := p.Control().Exchanges(t.Context(), requestlog.Query{})
		if err != nil || len(page.Exchanges) == 0 {
			return false
		}
		first = page.Exchanges[0].ID
		return true
	})
	for model, want := range map[string]string{"": "demo/fast", "demo/chat": "demo/chat"} {
		var r control.Replayed
		p.api(http.MethodPost, fmt.Sprintf("/api/exchanges/%d/replay", first), fmt.Sprintf(`{"model":%q}`, model), &r)
		d := ended(r.ID)
		if r.ID == first || d.Asked != want || d.ReplayOf != first || d.Status != http.StatusOK {
			t.Errorf("replay with %q: %+v", model, d)
		}
		if got := strings.Replace(body, "demo/fast", want, 1); d.Body == nil || d.Body.Request != got {
			t.Errorf("the body is %+v, want %s", d.Body, got)
		}
		if n := len(d.Body.Pieces); n == 0 || d.Body.Pieces[n-1].End != len(d.Body.Response) {
			t.Errorf("pieces %v of %d bytes", d.Body.Pieces, len(d.Body.Response))
		}
	}
	var r control.Replayed
	p.api(http.MethodPost, fmt.Sprintf("/api/exchanges/%d/replay", first), `{"model":"demo/slow"}`, &r)
	p.api(http.MethodDelete, fmt.Sprintf("/api/exchanges/%d/replay", r.ID), "", nil)
	if d := ended(r.ID); d.Status != 499 {
		t.Errorf("a replay that was ended has status %d", d.Status)
	}
}

func TestReplay_SaysWhyItCannotBe(t *testing.T) {
	p := start(t, daemon.Options{Demo: true, Stopped: true}, `{"requests":{"keepBodies":"off"}}`)
	p.until("ready", func() bool { return len(p.Control().Models()) > 0 })
	_, err := p.Control().ReplayExchange(t.Context(), 4711, control.ReplayWish{})
	if err == nil || !strings.Contains(err.Error(), "not in the log") {
		t.Errorf("of a request that is not there: %v", err)
	}
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, p.admin.URL+"/api/playground/one", strings.NewReader(`{"model":"demo/fast","messages":[{"role":"user","content":"Hello"}]}`))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	p.until("not kept", func() bool {
		page, err := p.Control().Exchanges(t.Context(), requestlog.Query{})
		if err != nil || len(page.Exchanges) == 0 {
			return false
		}
		_, err = p.Control().ReplayExchange(t.Context(), page.Exchanges[0].ID, control.ReplayWish{})
		return err != nil && strings.Contains(err.Error(), "was not kept") && strings.Contains(err.Error(), "requests.keepBodies")
	})
}
