package daemon_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openaichat"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
)

// cloud is a provider whose service is in the test. What an account's secret
// begins with decides what happens to it: good, revoked, refused, dead, stuck.
// The rest, up to a blank, is whose it is; after the blank a token has its end.
type cloud struct {
	// kind is its name; "" is cloud.
	kind      string
	mu        sync.Mutex
	probes    int
	refreshes int
	settings  []map[string]string
	// refresh makes the next token; nil refuses.
	refresh func(old string) (string, error)
	// stuck is closed when accounts of a stuck service may go on.
	stuck chan struct{}
	// signIns are those begun, newest last; open counts those with a port.
	signIns []*cloudSignIn
	open    int
}

var (
	_ provider.Provider  = (*cloud)(nil)
	_ provider.Refresher = (*cloud)(nil)
	_ provider.Prober    = (*cloud)(nil)
	_ provider.Quotaer   = (*cloud)(nil)
	_ provider.SignIner  = (*cloud)(nil)
)

// words are what a secret says: itself, or the access token of one that is a
// token's JSON, with its end after the blank.
func words(s account.Secret) string {
	var token struct {
		Access string `json:"access_token"`
		Expiry string `json:"expiry"`
	}
	if json.Unmarshal([]byte(s.Reveal()), &token) != nil {
		return s.Reveal()
	}
	return strings.TrimSpace(token.Access + " " + token.Expiry)
}

func (c *cloud) Info() provider.Info {
	text := func(s string) provider.Text { return provider.Text{EN: s, ZH: s} }
	return provider.Info{
		Kind: cmp.Or(c.kind, "cloud"), Title: text("Cloud"), Prefix: "cloud", Notices: []provider.Text{text("A cloud.")},
		Ways: []provider.Way{
			{
				ID: "cli", Title: text("Cloud CLI"), Prefix: "cloud_cli", Credential: provider.CredentialSignIn,
				SignIns: []provider.SignInMethod{provider.SignInBrowser, provider.SignInDevice},
				Fields:  []provider.Field{{Key: "project", Kind: provider.FieldText, Label: text("Project")}},
				Instead: []provider.Reference{{Provider: "cloud", Way: "key"}},
			},
			{
				ID: "key", Title: text("Cloud key"), Credential: provider.CredentialKey, Settings: map[string]string{"region": "eu"},
				Fields: []provider.Field{
					{Key: "region", Kind: provider.FieldChoice, Label: text("Region"), Choices: []string{"eu", "us"}, Required: true},
					{Key: "cookie", Kind: provider.FieldSecret, Label: text("Cookie")},
					{Key: "beta", Kind: provider.FieldSwitch, Label: text("Beta")},
				},
			},
		},
		Fields: []provider.Field{{Key: "baseUrl", Kind: provider.FieldURL, Label: text("Address"), Advanced: true}},
	}
}

func (*cloud) Dialect(*account.Account, dialect.Name) dialect.Upstream { return openaichat.Upstream{} }

func (*cloud) NewRequest(context.Context, *account.Account, provider.Call) (*http.Request, error) {
	return nil, &llm.Error{Kind: llm.KindOverloaded, Message: "the cloud takes no requests"}
}

// answer is what the service says to whoever has this secret.
func (c *cloud) answer(ctx context.Context, secret string) error {
	word, _, _ := strings.Cut(secret, ":")
	switch word {
	case "good", "new":
		return nil
	case "refused":
		return &llm.Error{Kind: llm.KindForbidden, Message: "this tier is not served any more (" + secret + "): use a key"}
	case "dead":
		return &llm.Error{Kind: llm.KindNetwork, Message: "the cloud could not be reached"}
	case "stuck":
		select {
		case <-c.stuck:
			return nil
		case <-ctx.Done():
			return &llm.Error{Kind: llm.KindTimeout, Message: "the cloud did not answer", Cause: ctx.Err()}
		}
	default:
		return &llm.Error{Kind: llm.KindAuth, Message: "the sign-in was revoked: sign in again"}
	}
}

func (c *cloud) Probe(ctx context.Context, a *account.Account) (provider.Finding, error) {
	secret, err := a.Credential(ctx)
	if err != nil {
		return provider.Finding{}, err
	}
	c.mu.Lock()
	c.probes++
	c.settings = append(c.settings, a.Settings)
	c.mu.Unlock()
	text := words(secret)
	_, who, _ := strings.Cut(text, ":")
	who, _, _ = strings.Cut(who, " ")
	f := provider.Finding{Identity: who, Tier: "free-tier", Link: "https://cloud.example/mend"}
	if a.Setting("project") == "" && who != "" {
		f.Settings = map[string]string{"project": "found-for-" + who}
	}
	return f, c.answer(ctx, text)
}

func (c *cloud) Models(ctx context.Context, a *account.Account) ([]llm.Model, error) {
	secret, err := a.Credential(ctx)
	if err != nil {
		return nil, err
	}
	if err := c.answer(ctx, words(secret)); err != nil {
		return nil, err
	}
	return []llm.Model{
		{ID: "big", OwnedBy: "cloud", Created: 7, ContextTokens: 1000, OutputTokens: 100, Can: llm.Capabilities{Tools: true}},
		{ID: "small", OwnedBy: "cloud"},
	}, nil
}

func (*cloud) Quota(context.Context, *account.Account) ([]provider.Quota, error) {
	return []provider.Quota{{Model: "big", Remaining: 0.25, Left: -1, Limit: -1, Reset: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)}}, nil
}

// Expires reads the time after the blank.
func (*cloud) Expires(_ *account.Account, s account.Secret) time.Time {
	_, end, _ := strings.Cut(words(s), " ")
	t, _ := time.Parse(time.RFC3339, end)
	return t
}

func (c *cloud) Refresh(_ context.Context, _ *account.Account, s account.Secret) (account.Secret, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refreshes++
	if c.refresh == nil {
		return account.Secret{}, &llm.Error{Kind: llm.KindAuth, Message: "the sign-in was revoked: sign in again"}
	}
	fresh, err := c.refresh(s.Reveal())
	return account.NewSecret(fresh), err
}

func (c *cloud) SignIn(_ context.Context, o provider.SignInOptions) (account.SignIn, error) {
	if o.HTTP == nil {
		return nil, errors.New("no client")
	}
	if o.Settings["project"] == "taken" {
		return nil, &llm.Error{Kind: llm.KindUnavailable, Message: "no port is free"}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	s := &cloudSignIn{cloud: c, method: o.Method, codes: make(chan string, 1)}
	c.signIns = append(c.signIns, s)
	c.open++
	return s, nil
}

func (c *cloud) count(n *int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return *n
}

// cloudSignIn takes a code that is the secret itself.
type cloudSignIn struct {
	cloud  *cloud
	method provider.SignInMethod
	codes  chan string
}

func (s *cloudSignIn) Prompt() account.Prompt {
	return account.Prompt{
		URL: "https://cloud.example/login", UserCode: "ABCD", Port: 8085, Paste: s.method == provider.SignInBrowser,
		Expires: time.Now().Add(time.Minute),
	}
}

func (s *cloudSignIn) Answer(text string) error {
	if !strings.Contains(text, ":") {
		return errors.New("this is not the address that the browser ended on")
	}
	s.codes <- text
	return nil
}

func (s *cloudSignIn) Wait(ctx context.Context) (account.Signed, error) {
	defer func() {
		s.cloud.mu.Lock()
		s.cloud.open--
		s.cloud.mu.Unlock()
	}()
	select {
	case code := <-s.codes:
		if code == "denied:" {
			return account.Signed{}, &llm.Error{Kind: llm.KindForbidden, Message: "you said no at the service"}
		}
		_, who, _ := strings.Cut(code, ":")
		who, _, _ = strings.Cut(who, " ")
		return account.Signed{Secret: account.NewSecret(code), Identity: who}, nil
	case <-ctx.Done():
		return account.Signed{}, &llm.Error{Kind: llm.KindCanceled, Message: "canceled", Cause: ctx.Err()}
	}
}
