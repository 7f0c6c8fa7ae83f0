// Package gemini is Google's Gemini by its three ways: the Gemini API with a
// key, Vertex AI in a project of one's own, and Code Assist by the sign-in of
// Gemini CLI. They share one codec and differ in address, credential and
// envelope.
//
// The invariant: a credential goes to the address of its own way, in a header,
// and nowhere else; and this program says who it is, never that it is Google's.
// The package keeps no token: the account's secret holds all that a sign-in
// gave.
package gemini

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/tidwall/gjson"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/account/oauth"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/gemini"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
	"github.com/WenChunTech/OpenAICompatible/backend/provider/internal/endpoint"
)

// The ways, as they stand in an account's settings.
const (
	wayKey        = "key"
	wayVertex     = "vertex"
	wayVertexFile = "vertex-file"
	wayVertexADC  = "vertex-adc"
	wayCLI        = "cli"
)

// The usual addresses; an account's baseUrl replaces them.
const (
	publicURL     = "https://generativelanguage.googleapis.com/v1beta"
	codeAssistURL = "https://cloudcode-pa.googleapis.com/v1internal"
)

// Provider is Gemini. Its zero value is ready.
type Provider struct {
	// Version stands in the User-Agent; "" leaves it out.
	Version string
	// Signatures keeps the thought signatures that clients do not send back; nil
	// keeps none.
	Signatures gemini.Signatures
	// Now is the clock; nil is the system's.
	Now func() time.Time
	// Pause waits between two questions for an operation; nil is the system's
	// clock. The error is ctx's.
	Pause func(ctx context.Context, d time.Duration) error
}

var (
	_ provider.Provider  = Provider{}
	_ provider.SignIner  = Provider{}
	_ provider.Refresher = Provider{}
	_ provider.Prober    = Provider{}
	_ provider.Quotaer   = Provider{}
)

// wayOf is the account's way.
func wayOf(a *account.Account) string {
	switch way := a.Setting(provider.KindSetting); way {
	case wayVertex, wayVertexFile, wayVertexADC, wayCLI:
		return way
	default:
		return wayKey
	}
}

// onVertex says that an account's requests go to Vertex AI.
func onVertex(way string) bool { return strings.HasPrefix(way, wayVertex) }

// projectOf is the account's Google Cloud project. The original program called
// the setting project_id; other programs list several between commas.
func projectOf(a *account.Account) string {
	for _, key := range []string{fieldProject, "project_id"} {
		first, _, _ := strings.Cut(a.Setting(key), ",")
		if first = strings.TrimSpace(first); first != "" {
			return first
		}
	}
	return ""
}

// locationOf is the Vertex AI location.
func locationOf(a *account.Account) string {
	if l := strings.ToLower(strings.TrimSpace(a.Setting(fieldLocation))); l != "" {
		return l
	}
	return usualLocation
}

// dialectKey is the key under which the account remembers its codec.
type dialectKey struct{}

// Dialect is the codec, as the account's way wants it.
func (p Provider) Dialect(a *account.Account, _ dialect.Name) dialect.Upstream {
	return account.Derive(a, dialectKey{}, func() dialect.Upstream {
		u := upstream{way: wayOf(a)}
		u.Upstream = gemini.Upstream{
			IDs: !onVertex(u.way), Signatures: p.Signatures, Schemas: &gemini.Schemas{}, Now: p.Now,
		}
		if u.way == wayCLI {
			u.Envelope = &gemini.Envelope{Project: projectOf(a)}
		}
		return u
	})
}

// upstream is the codec with the names and the advice of one way.
type upstream struct {
	gemini.Upstream
	way string
}

// EncodeRequest writes a request, for the model's name on this wire.
func (u upstream) EncodeRequest(r *llm.Request, model string) ([]byte, []llm.Warning, *llm.Error) {
	if u.way == wayCLI {
		model = wireName(model)
	}
	return u.Upstream.EncodeRequest(r, model)
}

// CarryRequest passes a request on, for the model's name on this wire.
func (u upstream) CarryRequest(dst, raw []byte, h dialect.Head, model string) ([]byte, []llm.Warning, *llm.Error) {
	if u.way == wayCLI {
		model = wireName(model)
	}
	return u.Upstream.CarryRequest(dst, raw, h, model)
}

// EncodeCount writes a question for a count, for the model's name on this wire.
func (u upstream) EncodeCount(r *llm.Request, model string) ([]byte, []llm.Warning, *llm.Error) {
	if u.way == wayCLI {
		model = wireName(model)
	}
	return u.Upstream.EncodeCount(r, model)
}

// DecodeError reads an error and adds what the user can do about it.
func (u upstream) DecodeError(status int, h http.Header, body []byte) *llm.Error {
	e := u.Upstream.DecodeError(status, h, body)
	// Google's front ends word their own failures as web pages.
	if e.Kind == llm.KindProtocol && status >= http.StatusInternalServerError && status != http.StatusNetworkAuthenticationRequired {
		e.Kind = llm.KindTransient
		if status == http.StatusServiceUnavailable {
			e.Kind = llm.KindOverloaded
		}
	}
	return advise(u.way, e)
}

// NewRequest builds one attempt.
func (p Provider) NewRequest(ctx context.Context, a *account.Account, c provider.Call) (*http.Request, error) {
	way := wayOf(a)
	method, err := methodOf(way, c)
	if err != nil {
		return nil, err
	}
	u, err := p.addressOf(a, way, c.Model, method)
	if err != nil {
		return nil, err
	}
	r, err := p.request(ctx, a, http.MethodPost, u, c.Body)
	if err != nil {
		return nil, err
	}
	if c.Stream {
		r.Header.Set("Accept", "text/event-stream")
	}
	return r, nil
}

// methodOf is what Google calls the operation.
func methodOf(way string, c provider.Call) (string, error) {
	switch c.Operation {
	case dialect.Chat:
		if c.Stream {
			return "streamGenerateContent", nil
		}
		return "generateContent", nil
	case dialect.CountTokens:
		return "countTokens", nil
	case dialect.Embed:
		switch {
		case way == wayCLI:
			return "", &llm.Error{Kind: llm.KindUnsupported, Message: "Code Assist makes no embeddings: use a Gemini API key or Vertex AI"}
		case way != wayKey:
			return "predict", nil
		case gjson.GetBytes(c.Body, "requests").Exists():
			return "batchEmbedContents", nil
		}
		return "embedContent", nil
	case dialect.Complete:
	}
	return "", &llm.Error{Kind: llm.KindUnsupported, Message: "Gemini has no text completion: use a chat model"}
}

// made says that s is made of letters and digits, and of marks after the first.
// Anything else in a name would change the address it is part of.
func made(s, marks string) bool {
	for i := range len(s) {
		c := s[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !letter && (i == 0 || strings.IndexByte(marks, c) < 0) {
			return false
		}
	}
	return s != ""
}

// addressOf is where a method of a model is.
func (p Provider) addressOf(a *account.Account, way, model, method string) (*url.URL, error) {
	u, err := baseOf(a, way)
	if err != nil {
		return nil, err
	}
	if method == "streamGenerateContent" {
		u.RawQuery = "alt=sse"
	}
	if way == wayCLI {
		u.Path += ":" + method
		return u, checkProject(a, way)
	}
	model = strings.TrimPrefix(model, "models/")
	if !made(model, "._@-") {
		return nil, &llm.Error{Kind: llm.KindNotFound, Code: "model_not_found", Message: "Gemini has no model of that name"}
	}
	if way == wayKey {
		u.Path += "/models/" + model + ":" + method
		return u, nil
	}
	u.Path += "/projects/" + projectOf(a) + "/locations/" + locationOf(a) + "/publishers/google/models/" + model + ":" + method
	return u, checkProject(a, way)
}

// base is the base address of an account, or why there is none.
type base struct {
	url url.URL
	err error
}

// baseKey is the key under which the account remembers it.
type baseKey struct{}

// baseOf is the base address of an account's way; a copy.
func baseOf(a *account.Account, way string) (*url.URL, error) {
	b := account.Derive(a, baseKey{}, func() base {
		u, err := readBase(a, way)
		if err != nil {
			return base{err: err}
		}
		return base{url: *u}
	})
	if b.err != nil {
		return nil, b.err
	}
	u := b.url
	return &u, nil
}

func readBase(a *account.Account, way string) (*url.URL, error) {
	usual := publicURL
	switch {
	case way == wayCLI:
		usual = codeAssistURL
	case onVertex(way):
		host := "aiplatform.googleapis.com"
		l := locationOf(a)
		if !made(l, "-") {
			return nil, &llm.Error{
				Kind: llm.KindForbidden, Param: fieldLocation, Code: "unsupported_region",
				Message: "the location is no location of Google Cloud: enter one as global, us-central1 or europe-west4",
			}
		}
		if l != usualLocation {
			host = l + "-" + host
		}
		usual = "https://" + host + "/v1"
	}
	u, err := endpoint.Base(a.Setting(fieldBase), usual, fieldBase)
	if err != nil {
		return nil, err
	}
	if u.Path == "" { // an address without its version
		u.Path = usual[strings.LastIndexByte(usual, '/'):]
	}
	return u, nil
}

// request builds a request with the account's credential.
func (p Provider) request(ctx context.Context, a *account.Account, method string, u *url.URL, body []byte) (*http.Request, error) {
	name, value, err := p.credential(ctx, a)
	if err != nil {
		return nil, err
	}
	r, err := endpoint.New(ctx, method, u, body)
	if err != nil {
		return nil, err
	}
	r.Header.Set(name, value)
	r.Header.Set("User-Agent", endpoint.UserAgent(p.Version))
	return r, nil
}

// credential is the header that shows who asks.
func (p Provider) credential(ctx context.Context, a *account.Account) (name, value string, err error) {
	if way := wayOf(a); way != wayKey {
		value, err = p.authorization(ctx, a, way)
		return "Authorization", value, err
	}
	value, err = endpoint.Key(ctx, a, "API key")
	if err == nil && value == "" {
		err = &llm.Error{Kind: llm.KindAuth, Message: "the account " + a.Name + " has no API key: make one at " + keyPage}
	}
	return "X-Goog-Api-Key", value, err
}

// bearer is a credential that was read, and the header made of it.
type bearer struct {
	secret account.Secret
	header string
}

// bearerKey is the key under which the account remembers its last credential:
// it is the same for an hour, and JSON.
type bearerKey struct{}

// authorization is the header of an account that signed in.
func (p Provider) authorization(ctx context.Context, a *account.Account, way string) (string, error) {
	secret, err := a.Credential(ctx)
	if err != nil {
		return "", unreadable(ctx, a, err)
	}
	if secret.IsZero() && way == wayVertexADC {
		return p.ambient(ctx, a)
	}
	last := account.Derive(a, bearerKey{}, func() *atomic.Pointer[bearer] { return &atomic.Pointer[bearer]{} })
	if b := last.Load(); b != nil && b.secret.Equal(secret) {
		return b.header, nil
	}
	t, err := oauth.ParseToken(secret)
	if err != nil || t.Access.IsZero() {
		return "", &llm.Error{Kind: llm.KindAuth, Code: "no_sign_in", Message: "the account " + a.Name + " is not signed in at Google: sign in again", Cause: err}
	}
	b := &bearer{secret, t.Authorization()}
	last.Store(b)
	return b.header, nil
}

// unreadable is a credential that could not be had.
func unreadable(ctx context.Context, a *account.Account, err error) error {
	if e := llm.AsError(err); e.Kind != llm.KindInternal {
		return e
	}
	if ctx.Err() != nil {
		return &llm.Error{Kind: llm.KindCanceled, Message: "the request was canceled", Cause: err}
	}
	return &llm.Error{Kind: llm.KindAuth, Message: "the sign-in of the account " + a.Name + " could not be read: sign in again", Cause: err}
}

// checkProject wants a project where the way has no use without one.
func checkProject(a *account.Account, way string) error {
	project := projectOf(a)
	if project == "" {
		return noProject(way)
	}
	return checkProjectID(project)
}

// checkProjectID refuses what is not a project's ID before Google does so in
// words that nobody understands.
func checkProjectID(project string) error {
	number := strings.Trim(project, "0123456789") == ""
	if made(project, ".:-") && !number {
		return nil
	}
	what := "is not a project ID"
	if number {
		what = "is a project number, and the project ID is needed"
	}
	return &llm.Error{
		Kind: llm.KindForbidden, Code: "INVALID_PROJECT", Param: fieldProject,
		Message: "the project of the account " + what + ": it stands beside the number on https://console.cloud.google.com/welcome, as my-project-123",
	}
}
