package daemon_test

import (
	"bufio"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/daemon"
)

// listed is what a path of a client protocol lists to who has this key.
func (p *program) listed(path, key string, header ...string) string {
	p.t.Helper()
	base := strings.TrimSuffix(p.Control().Listener().BaseURL, "/v1")
	req, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, base+path, http.NoBody)
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+key)
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		p.t.Fatalf("%s: %d %s", path, resp.StatusCode, text)
	}
	return string(text)
}

func (p *program) model(id string) control.Model {
	p.t.Helper()
	var out struct{ Models []control.Model }
	p.api("GET", "/api/models", "", &out)
	i := slices.IndexFunc(out.Models, func(m control.Model) bool { return m.ID == id })
	if i < 0 {
		p.t.Fatalf("no model %s in %+v", id, out.Models)
	}
	return out.Models[i]
}

func TestModels_AHiddenOneIsInNoListAndAnswers(t *testing.T) {
	p := demo(t)
	if code := p.api("PATCH", "/api/models", `{"models":["demo/fast","demo/gone"],"hidden":true,"favourite":true}`, nil); code != 204 {
		t.Fatalf("hide: %d", code)
	}
	p.until("hidden", func() bool { return p.model("demo/fast").Hidden })
	if m := p.model("demo/fast"); !m.Favourite || m.Prefix != "demo" || !m.Can.Tools || len(m.AccountIDs) != 1 {
		t.Errorf("got %+v", m)
	}
	for _, c := range [][]string{
		{"/v1/models"},
		{"/v1/models", "anthropic-version", "2023-06-01"},
		{"/v1beta/models"},
		{"/api/tags"},
	} {
		if list := p.listed(c[0], p.Key(), c[1:]...); strings.Contains(list, "demo/fast") || !strings.Contains(list, "demo/chat") {
			t.Errorf("%s lists %s", c, list)
		}
	}
	if code, body := p.chat(p.Key(), "demo/fast"); code != 200 {
		t.Errorf("asked by name: %d %s", code, body)
	}
	if one := p.listed("/v1/models/demo/fast", p.Key()); !strings.Contains(one, "demo/fast") {
		t.Errorf("described as %s", one)
	}
	p.api("PATCH", "/api/models", `{"models":["demo/fast"],"hidden":false}`, nil)
	p.until("shown", func() bool { return strings.Contains(p.listed("/v1/models", p.Key()), "demo/fast") })
	if c := p.Config().Snapshot().Models; !slices.Equal(c.Hidden, []string{"demo/gone"}) || len(c.Favourites) != 2 {
		t.Errorf("the file has %+v", c)
	}
}

func TestModels_AKeyIsListedWhatItMayAskFor(t *testing.T) {
	p := demo(t)
	p.api("PUT", "/api/aliases", `{"aliases":[{"name":"quick","models":["demo/fast"]},{"name":"talk","models":["demo/chat"]}]}`, nil)
	var key struct{ Key string }
	p.api("POST", "/api/keys", `{"name":"narrow","models":["demo/f*"]}`, &key)
	p.until("bounded", func() bool {
		list := p.listed("/v1/models", key.Key)
		return strings.Contains(list, `"demo/fast"`) && strings.Contains(list, `"quick"`) &&
			!strings.Contains(list, "demo/chat") && !strings.Contains(list, "talk")
	})
	if list := p.listed("/v1/models", p.Key()); !strings.Contains(list, "demo/chat") || !strings.Contains(list, "talk") {
		t.Errorf("all: %s", list)
	}
}

func TestAliases_AreWrittenBesideWhatThePersonWrote(t *testing.T) {
	p := start(t, daemon.Options{Demo: true, Edition: "window"}, `{"version":1, "routing": {
		// mine
		"aliases": [{"name": "best", "models": ["demo/chat", "gone/x"], "note": "kept"}] } }`)
	p.until("ready", func() bool { return len(p.Control().Models()) > 0 })
	var out struct{ Aliases []control.AliasState }
	if p.api("GET", "/api/aliases", "", &out); len(out.Aliases) != 1 || !slices.Equal(out.Aliases[0].Unknown, []string{"gone/x"}) {
		t.Errorf("got %+v", out)
	}
	code := p.api("PUT", "/api/aliases", `{"aliases":[{"name":"any","models":["best"]},{"name":"best","models":["demo/chat","gone/x"]},{"name":"fast","models":["demo/fast"]}]}`, &out)
	if code != 200 || len(out.Aliases) != 3 || out.Aliases[2].Covers != "demo/fast" || len(out.Aliases[0].Unknown) != 0 {
		t.Errorf("%d %+v", code, out)
	}
	text, err := os.ReadFile(p.path)
	if err != nil || !strings.Contains(string(text), "// mine") || !strings.Contains(string(text), `"note": "kept"`) {
		t.Errorf("the file is %s", text)
	}
	for body, field := range map[string]string{
		`[{"name":"","models":["demo/chat"]}]`:                                      "body.aliases[0].name",
		`[{"name":"x","models":[]}]`:                                                "body.aliases[0].models",
		`[{"name":"x","models":["x"]}]`:                                             "body.aliases[0].models[0]",
		`[{"name":"y","models":["demo/chat"]},{"name":"demo/fast","models":["y"]}]`: "body.aliases[1].name",
		`[{"name":"x","models":["demo/chat","demo/chat"]}]`:                         "body.aliases[0].models[1]",
		`[{"name":"x","models":["y"]},{"name":"y","models":["demo/chat","x"]}]`:     "body.aliases[0].models[0]",
		`[{"name":"x","models":["demo/chat"]},{"name":"x","models":["demo/fast"]}]`: "body.aliases[1].name",
	} {
		var refused struct {
			Errors []struct{ Location, Message string }
		}
		if code := p.api("PUT", "/api/aliases", `{"aliases":`+body+`}`, &refused); code != 422 || len(refused.Errors) != 1 || refused.Errors[0].Location != field {
			t.Errorf("%s: %d %+v", body, code, refused)
		}
	}
	if got := p.Config().Snapshot().Routing.Aliases; len(got) != 3 {
		t.Errorf("the file has %+v", got)
	}
}

func TestAliases_AChangeLeavesARunningStreamAlone(t *testing.T) {
	p := demo(t)
	p.api("PUT", "/api/aliases", `{"aliases":[{"name":"best","models":["demo/slow"]}]}`, nil)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.Control().Listener().BaseURL+"/chat/completions",
		strings.NewReader(`{"model":"best","stream":true,"messages":[{"role":"user","content":"Hello"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+p.Key())
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	lines := bufio.NewReader(resp.Body)
	if first, err := lines.ReadString('\n'); err != nil || !strings.HasPrefix(first, "data: ") {
		t.Fatalf("got %q, %v", first, err)
	}
	p.api("PUT", "/api/aliases", `{"aliases":[{"name":"best","models":["demo/fast"]}]}`, nil)
	p.until("answered by another", func() bool {
		_, body := p.chat(p.Key(), "best")
		return strings.Contains(body, "chat.completion")
	})
	if rest, err := io.ReadAll(lines); err != nil || !strings.Contains(string(rest), "[DONE]") {
		t.Errorf("the stream ended with %v: %s", err, rest)
	}
}

func TestModels_ATestIsARealRequest(t *testing.T) {
	p := demo(t)
	var ok, failed, nobody control.Trial
	if code := p.api("POST", "/api/models/test", `{"model":"demo/fast"}`, &ok); code != 200 || !ok.OK || ok.Said == "" || ok.TokensOut == nil || ok.Account != "Demo" || ok.RequestID == 0 {
		t.Errorf("%d %+v", code, ok)
	}
	p.until("a row", func() bool {
		d, err := p.Control().Exchange(t.Context(), ok.RequestID)
		return err == nil && d.Asked == "demo/fast" && d.Client == "ModelTest"
	})
	p.api("POST", "/api/models/test", `{"model":"demo/error-401"}`, &failed)
	if failed.OK || failed.Status < 400 || failed.Said == "" {
		t.Errorf("got %+v", failed)
	}
	p.api("POST", "/api/models/test", `{"model":"no/such"}`, &nobody)
	if nobody.OK || nobody.Status != 404 || !strings.Contains(nobody.Said, "does not exist") || nobody.Account != "" {
		t.Errorf("got %+v", nobody)
	}
	if code := p.api("POST", "/api/models/test", `{"model":" "}`, nil); code != 422 {
		t.Errorf("no name: %d", code)
	}
	var wg sync.WaitGroup
	for range 8 { // more than are tried at once: they wait
		wg.Go(func() {
			if got, err := p.Control().TryModel(t.Context(), "demo/fast"); err != nil || !got.OK {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
	wg.Wait()
}

func TestModels_ARefreshAsksEveryAccountThatIsOn(t *testing.T) {
	c := &cloud{stuck: make(chan struct{})}
	p := withCloud(t, c, `{"version":1,"accounts":[
		{"id":1,"provider":"cloud","name":"well","settings":{"kind":"key"},"key":"good:a@x"},
		{"id":2,"provider":"cloud","name":"dead","settings":{"kind":"key"},"key":"dead:"},
		{"id":3,"provider":"cloud","name":"off","disabled":true,"settings":{"kind":"key"},"key":"good:b@x"}]}`)
	p.in(1, control.AccountReady)
	p.in(2, control.AccountUnreachable)
	before := *p.card(1).CheckedAt
	if code := p.api("POST", "/api/models/refresh", "", nil); code != 204 {
		t.Fatalf("refresh: %d", code)
	}
	p.until("asked anew", func() bool {
		a := p.card(1)
		return a.State == control.AccountReady && a.CheckedAt.After(before)
	})
	if a := p.in(2, control.AccountUnreachable); a.Reason == "" {
		t.Errorf("got %+v", a)
	}
	if a := p.card(3); a.State != control.AccountOff || a.CheckedAt != nil {
		t.Errorf("one that is off was asked: %+v", a)
	}
}
