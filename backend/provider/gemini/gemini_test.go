package gemini_test

import (
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/account/oauth"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/fake"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
	"github.com/WenChunTech/OpenAICompatible/backend/provider/gemini"
)

func sendWith(t *testing.T, p gemini.Provider, a *account.Account, q *llm.Request, model string, stream bool) (*llm.Reply, error) {
	t.Helper()
	d := p.Dialect(a, "")
	body, _, refused := d.EncodeRequest(q, model)
	if refused != nil {
		return nil, refused
	}
	r, err := p.NewRequest(t.Context(), a, provider.Call{Operation: dialect.Chat, Model: model, Body: body, Stream: stream})
	if err != nil {
		return nil, err
	}
	resp, err := a.HTTP.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		raw, _ := io.ReadAll(resp.Body)
		return nil, d.DecodeError(resp.StatusCode, resp.Header, raw)
	}
	return llm.Collect(d.DecodeReply(resp.Header.Get("Content-Type"), resp.Body))
}

func TestNewRequest_ReachesTheServiceOfItsWay(t *testing.T) {
	p := gemini.Provider{Version: "1.2.3"}
	token := func(context.Context) (account.Secret, error) {
		return account.NewSecret(`{"access_token":"tok","refresh_token":"r"}`), nil
	}
	for name, c := range map[string]struct {
		settings map[string]string
		call     provider.Call
		url      string
		header   string
	}{
		"key":        {nil, provider.Call{Model: "gemini-2.5-pro", Stream: true}, "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse", "X-Goog-Api-Key"},
		"key, whole": {nil, provider.Call{Model: "models/gemini-2.5-pro"}, "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-pro:generateContent", "X-Goog-Api-Key"},
		"key, count": {nil, provider.Call{Model: "gemini-2.5-pro", Operation: dialect.CountTokens}, "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-pro:countTokens", "X-Goog-Api-Key"},
		"key, embed": {nil, provider.Call{Model: "gemini-embedding-001", Operation: dialect.Embed, Body: []byte(`{"content":{}}`)}, "https://generativelanguage.googleapis.com/v1beta/models/gemini-embedding-001:embedContent", "X-Goog-Api-Key"},
		"key, batch": {nil, provider.Call{Model: "gemini-embedding-001", Operation: dialect.Embed, Body: []byte(`{"requests":[]}`)}, "https://generativelanguage.googleapis.com/v1beta/models/gemini-embedding-001:batchEmbedContents", "X-Goog-Api-Key"},
		"gateway":    {map[string]string{"baseUrl": "https://gate.example/gemini/v1/"}, provider.Call{Model: "m"}, "https://gate.example/gemini/v1/models/m:generateContent", "X-Goog-Api-Key"},
		"global":     {map[string]string{"kind": "vertex", "projectId": "p-1"}, provider.Call{Model: "gemini-2.5-pro", Stream: true}, "https://aiplatform.googleapis.com/v1/projects/p-1/locations/global/publishers/google/models/gemini-2.5-pro:streamGenerateContent?alt=sse", "Authorization"},
		"region":     {map[string]string{"kind": "vertex-file", "projectId": "p-1", "location": " Europe-West4 "}, provider.Call{Model: "gemini-2.5-pro"}, "https://europe-west4-aiplatform.googleapis.com/v1/projects/p-1/locations/europe-west4/publishers/google/models/gemini-2.5-pro:generateContent", "Authorization"},
		"vectors":    {map[string]string{"kind": "vertex", "projectId": "p-1"}, provider.Call{Model: "text-embedding-005", Operation: dialect.Embed}, "https://aiplatform.googleapis.com/v1/projects/p-1/locations/global/publishers/google/models/text-embedding-005:predict", "Authorization"},
		"cli":        {map[string]string{"kind": "cli", "project_id": "p-1,p-2"}, provider.Call{Model: "gemini-2.5-pro", Stream: true}, "https://cloudcode-pa.googleapis.com/v1internal:streamGenerateContent?alt=sse", "Authorization"},
	} {
		t.Run(name, func(t *testing.T) {
			credential := token
			if c.header != "Authorization" {
				credential = func(context.Context) (account.Secret, error) { return account.NewSecret("k3y"), nil }
			}
			a := account.New(account.Account{Name: "mine", Settings: c.settings, HTTP: http.DefaultClient}, credential)
			r, err := p.NewRequest(t.Context(), a, c.call)
			if err != nil {
				t.Fatal(err)
			}
			want := map[string]string{"Authorization": "Bearer tok", "X-Goog-Api-Key": "k3y"}[c.header]
			if r.URL.String() != c.url || r.Header.Get(c.header) != want || r.Method != http.MethodPost {
				t.Errorf("got %s %s with %v", r.Method, r.URL, r.Header)
			}
			if got := r.Header.Get("User-Agent"); got != "OpenAICompatible/1.2.3" {
				t.Errorf("User-Agent is %q", got)
			}
		})
	}
}

func TestNewRequest_SaysWhatIsMissing(t *testing.T) {
	p := gemini.Provider{}
	for name, c := range map[string]struct {
		secret   string
		settings map[string]string
		call     provider.Call
		kind     llm.Kind
		code     string
		says     string
	}{
		"no key":          {"", nil, provider.Call{Model: "m"}, llm.KindAuth, "", "aistudio.google.com"},
		"no sign-in":      {"", map[string]string{"kind": "cli", "projectId": "p"}, provider.Call{Model: "m"}, llm.KindAuth, "no_sign_in", "sign in"},
		"an API key here": {`two words`, map[string]string{"kind": "vertex", "projectId": "p"}, provider.Call{Model: "m"}, llm.KindAuth, "no_sign_in", "sign in"},
		"no project":      {"tok", map[string]string{"kind": "cli"}, provider.Call{Model: "m"}, llm.KindForbidden, "PROJECT_REQUIRED", "project"},
		"vertex, none":    {"tok", map[string]string{"kind": "vertex"}, provider.Call{Model: "m"}, llm.KindForbidden, "PROJECT_REQUIRED", "project"},
		"number":          {"tok", map[string]string{"kind": "cli", "projectId": "123456"}, provider.Call{Model: "m"}, llm.KindForbidden, "INVALID_PROJECT", "number"},
		"a path":          {"tok", map[string]string{"kind": "vertex", "projectId": "../x"}, provider.Call{Model: "m"}, llm.KindForbidden, "INVALID_PROJECT", "project ID"},
		"odd location":    {"tok", map[string]string{"kind": "vertex", "projectId": "p", "location": "evil.example/"}, provider.Call{Model: "m"}, llm.KindForbidden, "unsupported_region", "location"},
		"odd model":       {"k", nil, provider.Call{Model: "../../x"}, llm.KindNotFound, "model_not_found", "no model"},
		"odd address":     {"k", map[string]string{"baseUrl": "ftp://x"}, provider.Call{Model: "m"}, llm.KindNetwork, "", "https://"},
		"completion":      {"k", nil, provider.Call{Model: "m", Operation: dialect.Complete}, llm.KindUnsupported, "", "completion"},
		"cli embeddings":  {"tok", map[string]string{"kind": "cli", "projectId": "p"}, provider.Call{Model: "m", Operation: dialect.Embed}, llm.KindUnsupported, "", "API key"},
	} {
		t.Run(name, func(t *testing.T) {
			a := account.New(account.Account{Name: "mine", Settings: c.settings}, func(context.Context) (account.Secret, error) { return account.NewSecret(c.secret), nil })
			_, err := p.NewRequest(t.Context(), a, c.call)
			wantError(t, err, c.kind, c.code, c.says)
		})
	}
}

// Each way answers, tools and their results included, and the services find
// nothing wrong with what they are sent.
func TestChat_EveryWay(t *testing.T) {
	g := newGoogle(t, fake.GoogleOptions{})
	p := gemini.Provider{Signatures: &memory{}}
	tool := llm.Tool{Name: "read_file", Parameters: llm.RawJSON(`{"$schema":"x","type":"object","properties":{"path":{"type":["string","null"],"const":"a"}},"additionalProperties":false}`)}
	for name, a := range map[string]*account.Account{
		"key": g.account("k", g.settings("key")), "vertex": g.signedIn("vertex", "projectId", project), "cli": g.signedIn("cli", "projectId", project),
	} {
		for _, model := range []string{"gemini-2.5-flash", "gemini-3-flash-preview", "gemini-3.5-flash"} {
			for _, stream := range []bool{true, false} {
				reply, err := sendWith(t, p, a, hello(), model, stream)
				if err != nil || textOf(reply) != "Hello!" {
					t.Errorf("%s %s: got %v, %v", name, model, reply, err)
				}
			}
			q := hello()
			q.Tools = []llm.Tool{tool}
			q.Messages[0].Parts = []llm.Part{llm.Text{Text: "PAR"}}
			reply, err := send(t, p, a, q, model)
			if err != nil || reply.Finish.Reason != llm.ReasonToolCalls || len(callsOf(reply)) != 2 {
				t.Errorf("%s %s: got %+v, %v, want two calls", name, model, reply, err)
				continue
			}
			q.Messages = append(q.Messages, llm.Message{Role: llm.RoleAssistant, Parts: reply.Parts})
			for _, call := range callsOf(reply) {
				q.Messages = append(q.Messages, llm.Message{Role: llm.RoleTool, Parts: []llm.Part{
					llm.ToolResult{CallID: call.ID, Parts: []llm.Part{llm.Text{Text: "content of " + call.Arguments}}},
				}})
			}
			if reply, err = send(t, p, a, q, model); err != nil || !strings.Contains(textOf(reply), "a.txt") {
				t.Errorf("%s %s: the turn after the calls: %v", name, model, err)
			}
		}
	}
	g.paths(t)
}

func callsOf(r *llm.Reply) (out []llm.ToolCall) {
	for _, p := range r.Parts {
		if c, ok := p.(llm.ToolCall); ok {
			out = append(out, c)
		}
	}
	return out
}

// memory keeps signatures as the program does.
type memory struct{ m map[string]string }

func (m *memory) Signature(id string) string { return m.m[id] }
func (m *memory) Keep(id, signature string) {
	if m.m == nil {
		m.m = map[string]string{}
	}
	m.m[id] = signature
}

func TestModels_Key(t *testing.T) {
	g := newGoogle(t, fake.GoogleOptions{})
	list, err := gemini.Provider{}.Models(t.Context(), g.account("k", g.settings("key")))
	if err != nil || len(list) != 4 {
		t.Fatalf("got %v, %v, want the four of two pages", list, err)
	}
	chat, embed := list[0], list[3]
	if chat.ID != "gemini-2.5-pro" || chat.ContextTokens != 1048576 || chat.OutputTokens != 65536 || chat.OwnedBy != "google" ||
		chat.Can != (llm.Capabilities{Tools: true, Vision: true, Reasoning: true}) {
		t.Errorf("got %+v", chat)
	}
	if embed.ID != "gemini-embedding-001" || embed.Can != (llm.Capabilities{Embeddings: true}) {
		t.Errorf("got %+v", embed)
	}
	g.paths(t)
}

func TestModels_CodeAssistHasWhatThereIsAQuotaOf(t *testing.T) {
	g := newGoogle(t, fake.GoogleOptions{})
	list, err := gemini.Provider{}.Models(t.Context(), g.signedIn("cli", "projectId", project))
	var ids []string
	for _, m := range list {
		ids = append(ids, m.ID)
	}
	slices.Sort(ids)
	if want := []string{"gemini-2.5-flash", "gemini-2.5-pro", "gemini-3-pro-preview", "gemini-3.5-flash"}; err != nil || !slices.Equal(ids, want) {
		t.Errorf("got %v, %v, want %v", ids, err, want)
	}
	if list, err = (gemini.Provider{}).Models(t.Context(), g.signedIn("vertex", "projectId", project)); err != nil || len(list) < 8 {
		t.Errorf("Vertex AI: %v, %v", list, err)
	}
}

func TestQuota(t *testing.T) {
	g := newGoogle(t, fake.GoogleOptions{})
	got, err := gemini.Provider{}.Quota(t.Context(), g.signedIn("cli", "projectId", project))
	reset := time.Date(2026, 8, 2, 7, 0, 0, 0, time.UTC)
	want := []provider.Quota{
		{Model: "gemini-2.5-pro", Remaining: 0.42, Left: 420, Limit: 1000, Reset: reset},
		{Model: "gemini-2.5-flash", Remaining: 0.99, Left: 990, Limit: 1000, Reset: reset},
		{Model: "gemini-3-pro-preview", Remaining: 1, Left: -1, Limit: -1, Reset: reset},
		{Model: "gemini-3-flash", Remaining: 0, Left: -1, Limit: -1, Reset: reset},
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %+v, %v", got, err)
	}
	if got, err := (gemini.Provider{}).Quota(t.Context(), g.account("k", g.settings("key"))); err != nil || len(got) != 0 {
		t.Errorf("a key: %v, %v", got, err)
	}
}

// keeper keeps a secret as the program does.
func keeper(t *testing.T, a *account.Account, secret string) *account.Account {
	p, stored := gemini.Provider{}, account.NewSecret(secret)
	k := account.NewKeeper(account.KeeperOptions{
		Load:    func() (account.Secret, error) { return stored, nil },
		Store:   func(s account.Secret) error { stored = s; return nil },
		Refresh: func(ctx context.Context, s account.Secret) (account.Secret, error) { return p.Refresh(ctx, a, s) },
		Expires: func(s account.Secret) time.Time { return p.Expires(a, s) },
	})
	t.Cleanup(k.Close)
	b := account.New(*a, k.Current)
	b.Renew = k.Renew
	return b
}

func TestVertex_ByAServiceAccountsFile(t *testing.T) {
	g := newGoogle(t, fake.GoogleOptions{})
	p := gemini.Provider{}
	bare := g.account("", g.settings("vertex-file", "projectId", project))
	a := keeper(t, bare, string(g.ServiceAccount(g.server.URL, "robot@sample-corp-project.iam.gserviceaccount.com")))
	if reply, err := send(t, p, a, hello(), "gemini-2.5-flash"); err != nil || textOf(reply) != "Hello!" {
		t.Fatalf("got %v, %v", reply, err)
	}
	f, err := p.Probe(t.Context(), a)
	if err != nil || f.Identity != "robot@sample-corp-project.iam.gserviceaccount.com" {
		t.Errorf("got %+v, %v", f, err)
	}
	tokens := func() (n int) {
		for _, path := range g.paths(t) {
			if path == "/token" {
				n++
			}
		}
		return n
	}
	if n := tokens(); n != 1 {
		t.Errorf("%d tokens for two calls, want 1", n)
	}
	g.EndAccess()
	if err := a.Renew(t.Context(), time.Now()); err != nil {
		t.Errorf("after a 401: %v", err)
	}

	// A file that is none, and one whose key was deleted.
	_, err = p.Refresh(t.Context(), bare, account.NewSecret(`{"type":"service_account"}`))
	wantError(t, err, llm.KindAuth, "bad_file", "service account")
	other := newGoogle(t, fake.GoogleOptions{})
	deleted := other.ServiceAccount(g.server.URL, "gone@sample-corp-project.iam.gserviceaccount.com")
	_, err = p.Refresh(t.Context(), bare, account.NewSecret(string(deleted)))
	wantError(t, err, llm.KindAuth, "invalid_grant", "service account")
}

func TestVertex_AWrongClockIsNamed(t *testing.T) {
	g := newGoogle(t, fake.GoogleOptions{Now: func() time.Time { return time.Now().Add(3 * time.Hour) }})
	bare := g.account("", g.settings("vertex-file", "projectId", project))
	file := g.ServiceAccount(g.server.URL, "robot@sample-corp-project.iam.gserviceaccount.com")
	_, err := gemini.Provider{}.Refresh(t.Context(), bare, account.NewSecret(string(file)))
	wantError(t, err, llm.KindNetwork, oauth.CodeClock, "3h0m0s behind", "set the clock")
}

func TestVertex_ByThisComputersCredentials(t *testing.T) {
	g := newGoogle(t, fake.GoogleOptions{})
	file := filepath.Join(t.TempDir(), "adc.json")
	if err := os.WriteFile(file, g.ServiceAccount(g.server.URL, "robot@sample-corp-project.iam.gserviceaccount.com"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", file)
	p := gemini.Provider{}
	a := g.account("", g.settings("vertex-adc", "projectId", project))
	for range 2 {
		if reply, err := send(t, p, a, hello(), "gemini-2.5-flash"); err != nil || textOf(reply) != "Hello!" {
			t.Fatalf("got %v, %v", reply, err)
		}
	}
	if got := g.paths(t); len(got) != 3 || got[0] != "/token" {
		t.Errorf("asked %v, want one token for two requests", got)
	}
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", filepath.Join(t.TempDir(), "none.json"))
	_, err := send(t, p, g.account("", g.settings("vertex-adc", "projectId", project)), hello(), "gemini-2.5-flash")
	wantError(t, err, llm.KindAuth, "no_sign_in", "gcloud")
}

func TestExpires(t *testing.T) {
	cli := account.New(account.Account{Settings: map[string]string{"kind": "cli"}}, nil)
	key := account.New(account.Account{}, nil)
	end := time.Date(2026, 8, 1, 9, 0, 0, 0, time.UTC)
	for secret, want := range map[string]time.Time{
		`{"access_token":"a","refresh_token":"r","expiry":"2026-08-01T09:00:00Z"}`: end,
		`{"access_token":"a","refresh_token":"r"}`:                                 {},
		`{"refresh_token":"r","expiry":"2099-01-01T00:00:00Z"}`:                    time.Unix(1, 0),
		`{"type":"service_account"}`:                                               time.Unix(1, 0),
		`alone`:                                                                    {},
		``:                                                                         {},
		`{"no":1}`:                                                                 {},
	} {
		if got := (gemini.Provider{}).Expires(cli, account.NewSecret(secret)); !got.Equal(want) {
			t.Errorf("%s: got %v, want %v", secret, got, want)
		}
		if got := (gemini.Provider{}).Expires(key, account.NewSecret(secret)); !got.IsZero() {
			t.Errorf("a key ends at %v", got)
		}
	}
}
