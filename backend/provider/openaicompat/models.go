package openaicompat

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/tidwall/gjson"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// modelsLimit bounds a model list; the longest known has half a megabyte.
const modelsLimit = 8 << 20

// Models asks the service for its list. The account's hand-written models are
// not its business.
func (p Provider) Models(ctx context.Context, a *account.Account) ([]llm.Model, error) {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(p.ModelsTimeout, 30*time.Second))
	defer cancel()
	r, err := p.request(ctx, a, http.MethodGet, "/models", nil)
	if err != nil {
		return nil, err
	}
	resp, err := a.HTTP.Do(r)
	if err != nil {
		return nil, unreachable(ctx, r, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, modelsLimit+1))
	switch {
	case err != nil:
		return nil, unreachable(ctx, r, err)
	case len(body) > modelsLimit:
		return nil, noList(r, "is longer than 8 MiB")
	case resp.StatusCode < 200 || resp.StatusCode > 299:
		return nil, p.refused(a, r, resp, body)
	}
	list, ok := find(body)
	if !ok {
		return nil, noList(r, "is not a model list")
	}
	return decodeModels(list), nil
}

// unreachable tells the ways apart in which no answer comes.
func unreachable(ctx context.Context, r *http.Request, err error) *llm.Error {
	var timeout net.Error
	var dns *net.DNSError
	e := &llm.Error{Kind: llm.KindNetwork, Cause: err}
	switch {
	case errors.Is(context.Cause(ctx), context.Canceled):
		e.Kind, e.Message = llm.KindCanceled, "the request was canceled"
	case errors.As(err, &dns):
		e.Message = "there is no host " + r.URL.Hostname() + ": check the base URL and the network"
	case errors.As(err, &timeout) && timeout.Timeout():
		e.Kind, e.Message = llm.KindTimeout, r.URL.Host+" did not answer in time"
	default:
		e.Message = "could not reach " + r.URL.Host + ": check that the service runs, the base URL and the proxy"
	}
	return e
}

func noList(r *http.Request, what string) *llm.Error {
	return &llm.Error{
		Kind:    llm.KindProtocol,
		Message: fmt.Sprintf("the answer of %s%s %s: check the base URL, which mostly ends with /v1, or list the models by hand", r.URL.Host, r.URL.Path, what),
	}
}

// refused adds to the service's own words what a person can do.
func (p Provider) refused(a *account.Account, r *http.Request, resp *http.Response, body []byte) *llm.Error {
	e := p.Dialect(a).DecodeError(resp.StatusCode, resp.Header, body)
	if resp.StatusCode == http.StatusNotFound || resp.StatusCode == http.StatusMethodNotAllowed {
		e.Message = fmt.Sprintf("%s%s answers %d: the base URL may lack /v1, or the service has no model list; then list the models by hand",
			r.URL.Host, r.URL.Path, resp.StatusCode)
	}
	return e
}

// find takes the list out of the shapes that are about: {"data":[…]} of OpenAI,
// {"models":[…]} of Ollama and others, {"result":[…]}, and a bare array.
func find(body []byte) ([]gjson.Result, bool) {
	if !gjson.ValidBytes(body) {
		return nil, false
	}
	root := gjson.ParseBytes(body)
	if root.IsArray() {
		return root.Array(), true
	}
	for _, key := range []string{"data", "models", "result"} {
		if list := root.Get(key); list.IsArray() {
			return list.Array(), true
		}
		if list := root.Get(key + ".models"); list.IsArray() {
			return list.Array(), true
		}
	}
	// An empty list of some servers is null.
	if data := root.Get("data"); data.Exists() && data.Type == gjson.Null {
		return nil, true
	}
	return nil, false
}

func decodeModels(list []gjson.Result) []llm.Model {
	out := make([]llm.Model, 0, len(list))
	seen := map[string]bool{}
	for _, one := range list {
		m := decodeModel(one)
		if m.ID == "" || seen[m.ID] {
			continue
		}
		seen[m.ID] = true
		out = append(out, m)
	}
	return out
}

func decodeModel(one gjson.Result) llm.Model {
	if one.Type == gjson.String {
		return llm.Model{ID: one.String()}
	}
	m := llm.Model{
		ID:      text(one, "id", "model", "name"),
		Name:    text(one, "display_name", "displayName", "name"),
		OwnedBy: text(one, "owned_by", "organization"),
		Created: one.Get("created").Int(),
		ContextTokens: size(one, "context_length", "context_window", "max_model_len", "max_context_length", "contextWindow",
			"max_input_tokens", "meta.n_ctx_train"),
		OutputTokens: size(one, "max_output_tokens", "max_completion_tokens", "top_provider.max_completion_tokens"),
		Can:          capabilities(one),
	}
	if m.Name == m.ID {
		m.Name = ""
	}
	return m
}

// text is the first of the fields that is a string with something in it.
func text(one gjson.Result, fields ...string) string {
	for _, f := range fields {
		if v := one.Get(f); v.Type == gjson.String && v.Str != "" {
			return v.Str
		}
	}
	return ""
}

func size(one gjson.Result, fields ...string) int {
	for _, f := range fields {
		if n := one.Get(f).Int(); n > 0 {
			return int(n)
		}
	}
	return 0
}

// capabilities reads what some services tell beside the protocol: OpenRouter's
// supported_parameters and input_modalities, Mistral's capabilities object, and
// the list of LM Studio and Ollama.
func capabilities(one gjson.Result) llm.Capabilities {
	var words []string
	for _, path := range []string{"supported_parameters", "architecture.input_modalities", "capabilities", "type"} {
		v := one.Get(path)
		v.ForEach(func(key, value gjson.Result) bool {
			switch value.Type {
			case gjson.String:
				words = append(words, value.Str)
			case gjson.True:
				words = append(words, key.Str)
			case gjson.Null, gjson.False, gjson.Number, gjson.JSON:
			}
			return true
		})
	}
	has := func(wanted ...string) bool {
		return slices.ContainsFunc(wanted, func(w string) bool { return slices.Contains(words, w) })
	}
	return llm.Capabilities{
		Tools:      has("tools", "tool_use", "function_calling"),
		Vision:     has("image", "vision", "vlm"),
		Reasoning:  has("reasoning", "thinking"),
		FIM:        has("insert", "completion_fim"),
		Embeddings: has("embedding", "embeddings"),
	}
}
