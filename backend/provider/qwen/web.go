package qwen

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/qwenweb"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
	"github.com/WenChunTech/OpenAICompatible/backend/provider/internal/endpoint"
)

// webBase is the page's own address.
const webBase = "https://chat.qwen.ai"

const copyAgain = "sign in at chat.qwen.ai in your browser and copy the token again, or use an API key of Model Studio"

// web is the dialect of an account with the page's token.
func (p Provider) web(a *account.Account) qwenweb.Upstream {
	return qwenweb.Upstream{Now: p.Now, EmulateTools: emulates(a)}
}

// emulates says that the user wants tools described in the prompt.
func emulates(a *account.Account) bool { return a.Setting(fieldEmulateTools) == "true" }

// webRequest opens a chat and builds the request that asks in it.
func (p Provider) webRequest(ctx context.Context, a *account.Account, c provider.Call) (*http.Request, error) {
	if c.Operation != dialect.Chat {
		return nil, unsupported("chat.qwen.ai only chats: use an API key of Model Studio for this")
	}
	id, err := p.openChat(ctx, a, c.Model)
	if err != nil {
		return nil, err
	}
	r, err := p.webAt(ctx, a, http.MethodPost, "/api/v2/chat/completions", qwenweb.InChat(c.Body, id))
	if err != nil {
		return nil, err
	}
	r.URL.RawQuery = url.Values{"chat_id": {id}}.Encode()
	r.Header.Set("Accept", "text/event-stream")
	return r, nil
}

// openChat makes a chat for one request and gives its id. The page wants one
// before anything is asked; it stays in the account's history.
func (p Provider) openChat(ctx context.Context, a *account.Account, model string) (string, error) {
	answer, err := p.askWeb(ctx, a, http.MethodPost, "/api/v2/chats/new", qwenweb.NewChat(model, p.now().UnixMilli()))
	if err != nil {
		return "", err
	}
	id := answer.Get("data.id").String()
	if id == "" {
		return "", &llm.Error{Kind: llm.KindProtocol, Message: "chat.qwen.ai opened no chat: the site may have changed"}
	}
	return id, nil
}

// webAt builds a request to a path of the page, with the user's own cookie and
// headers and nothing made up.
func (p Provider) webAt(ctx context.Context, a *account.Account, method, path string, body []byte) (*http.Request, error) {
	base, err := endpoint.Base(a.Setting(fieldBaseURL), webBase, fieldBaseURL)
	if err != nil {
		return nil, err
	}
	token, err := p.webToken(ctx, a)
	if err != nil {
		return nil, err
	}
	u := *base
	u.Path += path // not joined: one of the paths ends with a slash
	r, err := p.request(ctx, method, &u, token, body)
	if err != nil {
		return nil, err
	}
	if err := ownHeaders(r.Header, a.Secrets[fieldHeaders]); err != nil {
		return nil, err
	}
	cookie := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(a.Secrets[fieldCookie].Reveal()), "Cookie:"))
	if !isHeader(cookie) {
		return nil, wrongField(fieldCookie, "the cookie of the account "+a.Name+" holds a line break: copy it again as one line")
	}
	if cookie != "" {
		r.Header.Set("Cookie", cookie)
	}
	return r, nil
}

// webToken is the account's token. One that says itself that it has ended is not
// sent (B14).
func (p Provider) webToken(ctx context.Context, a *account.Account) (string, error) {
	raw, err := endpoint.Key(ctx, a, "token")
	if err != nil {
		return "", err
	}
	token := webToken(raw)
	if token == "" {
		return "", &llm.Error{Kind: llm.KindAuth, Message: "the account " + a.Name + " has no token: " + copyAgain}
	}
	if end := claimsOf(token).expires(); !end.IsZero() && !p.now().Before(end) {
		return "", &llm.Error{
			Kind: llm.KindAuth, Code: "token_expired",
			Message: "the token of the account " + a.Name + " ended on " + end.UTC().Format(time.DateOnly) + ": " + copyAgain,
		}
	}
	return token, nil
}

// ownHeaders adds the user's own headers, as Name: value, one a line or with |
// between, since a form may have one line alone.
func ownHeaders(h http.Header, own account.Secret) error {
	for line := range strings.FieldsFuncSeq(own.Reveal(), func(r rune) bool { return r == '\n' || r == '|' }) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		if !ok || name == "" || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' }) || !isHeader(value) {
			return wrongField(fieldHeaders, "the extra headers of the account must be lines as Name: value")
		}
		switch strings.ToLower(name) {
		case "host", "content-length", "transfer-encoding", "connection", "accept-encoding", "content-type", "authorization":
			continue // these are the request's own
		}
		h.Set(name, value)
	}
	return nil
}

func isHeader(value string) bool {
	return !strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
}

func wrongField(field, message string) error {
	return &llm.Error{Kind: llm.KindAuth, Param: field, Message: message}
}

// askWeb asks the page and reads its JSON. Its errors come under every status.
func (p Provider) askWeb(ctx context.Context, a *account.Account, method, path string, body []byte) (gjson.Result, error) {
	r, err := p.webAt(ctx, a, method, path, body)
	if err != nil {
		return gjson.Result{}, err
	}
	answer, err := endpoint.Ask(a.HTTP, r)
	switch {
	case err != nil:
		return gjson.Result{}, err
	case !answer.OK():
		return gjson.Result{}, p.web(a).DecodeError(answer.Status, answer.Header, answer.Body)
	}
	if fault := p.web(a).Fault(answer.Status, answer.Body); fault != nil {
		return gjson.Result{}, fault
	}
	return gjson.ParseBytes(answer.Body), nil
}

// askEither asks at the first path and, where there is no such, at the second.
func (p Provider) askEither(ctx context.Context, a *account.Account, first, second string) (gjson.Result, error) {
	answer, err := p.askWeb(ctx, a, http.MethodGet, first, nil)
	if err != nil && noSuchPath(llm.AsError(err).Status) {
		return p.askWeb(ctx, a, http.MethodGet, second, nil)
	}
	return answer, err
}

// webModels asks for the page's models, at the older address and the newer.
func (p Provider) webModels(ctx context.Context, a *account.Account) ([]llm.Model, error) {
	answer, err := p.askEither(ctx, a, "/api/models", "/api/v2/models/")
	if err != nil {
		return nil, err
	}
	list := answer.Get("data")
	if inner := list.Get("data"); inner.IsArray() {
		list = inner
	}
	if !list.IsArray() {
		return nil, &llm.Error{Kind: llm.KindProtocol, Message: "chat.qwen.ai's answer is not a model list: the site may have changed"}
	}
	var out []llm.Model
	seen := map[string]bool{}
	for _, one := range list.Array() {
		m := webModel(one)
		m.Can.Tools = emulates(a)
		if m.ID == "" || seen[m.ID] || one.Get("info.is_active").Type == gjson.False {
			continue
		}
		seen[m.ID] = true
		out = append(out, m)
	}
	return out, nil
}

// webModel reads one entry. Pictures are no ability here, whatever the model
// can: this way does not take them.
func webModel(one gjson.Result) llm.Model {
	meta := one.Get("info.meta")
	output := meta.Get("max_generation_length")
	if !output.Exists() {
		output = meta.Get("max_summary_generation_length")
	}
	m := llm.Model{
		ID: one.Get("id").String(), Name: one.Get("name").String(), OwnedBy: one.Get("owned_by").String(),
		Created:       one.Get("info.created_at").Int(),
		ContextTokens: int(meta.Get("max_context_length").Int()),
		OutputTokens:  int(output.Int()),
		Can:           llm.Capabilities{Reasoning: meta.Get("capabilities.thinking").Bool()},
	}
	if m.OwnedBy == "" {
		m.OwnedBy = "qwen"
	}
	return m
}

// probeWeb asks who the user is, as the page does when it opens.
func (p Provider) probeWeb(ctx context.Context, a *account.Account) (provider.Finding, error) {
	f := provider.Finding{}
	answer, err := p.askEither(ctx, a, "/api/v2/user/info", "/api/v1/auths/")
	if err != nil {
		if llm.AsError(err).Code == qwenweb.CodeChallenge {
			f.Link = webBase
		}
		return f, err
	}
	for _, path := range []string{"data.email", "data.data.email", "data.user.email", "email", "data.name", "name"} {
		if s := answer.Get(path).String(); s != "" {
			f.Identity = s
			break
		}
	}
	return f, nil
}
