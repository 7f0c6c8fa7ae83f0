package gemini

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/account/oauth"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
)

// Probe makes the calls that decide whether an account works (B12).
func (p Provider) Probe(ctx context.Context, a *account.Account) (provider.Finding, error) {
	switch way := wayOf(a); way {
	case wayKey:
		_, err := p.listed(ctx, a)
		return provider.Finding{Link: pageFor(err, keyPage)}, err
	case wayCLI:
		return p.probeCLI(ctx, a)
	default:
		f := provider.Finding{Identity: p.identity(ctx, a)}
		err := p.probeVertex(ctx, a, way)
		f.Link = pageFor(err, "")
		return f, err
	}
}

// pageFor is where the user can mend err: the page that it names, or for a
// credential that was refused the one given.
func pageFor(err error, credentials string) string {
	e := llm.AsError(err)
	if e == nil {
		return ""
	}
	if link := linkIn(e.Message); link != "" {
		return link
	}
	if e.Kind == llm.KindAuth {
		return credentials
	}
	return ""
}

// probeCLI asks who may do what, and with which project.
func (p Provider) probeCLI(ctx context.Context, a *account.Account) (provider.Finding, error) {
	done, link, err := p.setUp(ctx, a)
	f := provider.Finding{Link: link}
	if e := llm.AsError(err); e == nil || e.Kind == llm.KindForbidden {
		f.Identity = p.identity(ctx, a)
	}
	if err != nil {
		return f, err
	}
	f.Tier = firstOf(done.Tier.Name, done.Tier.ID)
	f.Settings = map[string]string{fieldProject: done.Project}
	return f, nil
}

// identity is whose account it is; "" where nobody says.
func (p Provider) identity(ctx context.Context, a *account.Account) string {
	secret, err := a.Credential(ctx)
	if err != nil || secret.IsZero() {
		return ""
	}
	var robot struct {
		Email string `json:"client_email"`
	}
	if isRobot(secret) && json.Unmarshal([]byte(secret.Reveal()), &robot) == nil {
		return robot.Email
	}
	t, err := oauth.ParseToken(secret)
	if err != nil {
		return ""
	}
	if email, err := p.identify(ctx, a.HTTP, a.Setting(fieldToken), t.Authorization()); err == nil && email != "" {
		return email
	}
	return t.Owner()
}

// probeVertex counts the tokens of a word, which costs nothing and needs all
// that an answer needs: the credential, the project, its API and the location.
func (p Provider) probeVertex(ctx context.Context, a *account.Account, way string) error {
	question := map[string]any{"contents": []any{map[string]any{"role": "user", "parts": []any{map[string]any{"text": "hi"}}}}}
	models := slices.Clone(a.Models)
	if len(models) == 0 {
		// One of them is about to come or to go, at one location or another.
		models = []string{"gemini-2.5-flash", "gemini-3.5-flash", "gemini-3.8-flash"}
	}
	var last error
	for _, model := range models[:min(len(models), 3)] {
		if _, err := p.addressOf(a, way, model, "countTokens"); err != nil {
			return err
		}
		path := "/projects/" + projectOf(a) + "/locations/" + locationOf(a) + "/publishers/google/models/" + model + ":countTokens"
		var counted struct {
			Total int `json:"totalTokens"`
		}
		last = p.call(ctx, a, path, question, &counted)
		if e := llm.AsError(last); e == nil || e.Kind != llm.KindNotFound {
			return last
		}
	}
	return last
}
