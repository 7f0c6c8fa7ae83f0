package openaicompat

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/provider/internal/endpoint"
)

// Models asks the service for its list; where it has none, the preset's own is
// taken. The account's hand-written models are not its business.
func (p Provider) Models(ctx context.Context, a *account.Account) ([]llm.Model, error) {
	preset := presetOf(a)
	list, err := p.list(ctx, a)
	if unlisted(err) && len(preset.models) > 0 {
		return preset.complete(slices.Clone(preset.models)), nil
	}
	if err != nil {
		return nil, err
	}
	return preset.complete(list), nil
}

// unlisted says that the service has no list, which is no fault of the account.
func unlisted(err error) bool {
	var e *llm.Error
	return errors.As(err, &e) && (e.Status == http.StatusNotFound || e.Status == http.StatusMethodNotAllowed)
}

// list is the service's own list as it gives it.
func (p Provider) list(ctx context.Context, a *account.Account) ([]llm.Model, error) {
	r, body, err := p.ask(ctx, a, http.MethodGet, "/models", nil)
	if err != nil {
		return nil, err
	}
	list, ok := find(body)
	if !ok {
		return nil, noList(r, body)
	}
	return decodeModels(list), nil
}

// ask sends a short request of our own and gives the body of its answer, which
// is one of success.
func (p Provider) ask(ctx context.Context, a *account.Account, method, path string, body []byte) (*http.Request, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(p.ModelsTimeout, 30*time.Second))
	defer cancel()
	r, err := p.request(ctx, a, method, path, body)
	if err != nil {
		return nil, nil, err
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	answer, err := endpoint.Ask(a.HTTP, r)
	switch {
	case err != nil:
		return r, nil, presetOf(a).unreached(r, err)
	case !answer.OK():
		return r, nil, p.refused(a, r, answer)
	}
	return r, answer.Body, nil
}

// unreached says how a server on this computer is started when it does not
// answer.
func (p preset) unreached(r *http.Request, err error) *llm.Error {
	e := llm.AsError(err)
	var dns *net.DNSError
	if e.Kind == llm.KindNetwork && p.start != "" && !errors.As(err, &dns) {
		e.Message = p.way.Title.EN + " does not answer at " + r.URL.Host + ": " + p.start
	}
	return e
}

// noList is an answer of success that is no model list. A web page is what a
// network that wants a sign-in sends in the service's name, and what most sites
// answer beside their API.
func noList(r *http.Request, body []byte) *llm.Error {
	if bytes.HasPrefix(bytes.TrimSpace(body), []byte("<")) {
		return notUnderstood(r, "is a web page and is not a model list: the network may want a sign-in in the browser")
	}
	return notUnderstood(r, "is not a model list")
}

func notUnderstood(r *http.Request, what string) *llm.Error {
	return &llm.Error{
		Kind:    llm.KindProtocol,
		Message: fmt.Sprintf("the answer of %s%s %s; check the base URL, which mostly ends with /v1, or list the models by hand", r.URL.Host, r.URL.Path, what),
	}
}

// refused adds to the service's own words what a person can do.
func (p Provider) refused(a *account.Account, r *http.Request, answer endpoint.Answer) *llm.Error {
	e := p.Dialect(a, "").DecodeError(answer.Status, answer.Header, answer.Body)
	if unlisted(e) && r.Method == http.MethodGet {
		e.Message = fmt.Sprintf("%s%s answers %d: the base URL may lack /v1, or the service has no model list; then list the models by hand",
			r.URL.Host, r.URL.Path, answer.Status)
	}
	return silent(r, e)
}

// silent takes the key out of what a service said: some repeat it.
func silent(r *http.Request, e *llm.Error) *llm.Error {
	if key := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "); key != "" {
		e.Message = strings.ReplaceAll(e.Message, key, "[the key]")
	}
	return e
}
