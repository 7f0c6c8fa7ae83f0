package anthropic

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/provider/internal/endpoint"
)

const (
	// pageSize is the most that the service gives at once.
	pageSize = 1000
	// maxPages bounds a service that never ends its list.
	maxPages = 50
)

// page is one page of the model list.
type page struct {
	Data *[]struct {
		ID           string    `json:"id"`
		DisplayName  string    `json:"display_name"`
		CreatedAt    time.Time `json:"created_at"`
		Created      int64     `json:"created"` // of services that copied another protocol's list
		OwnedBy      string    `json:"owned_by"`
		Lifecycle    string    `json:"lifecycle"`
		MaxInput     int       `json:"max_input_tokens"`
		MaxTokens    int       `json:"max_tokens"`
		Capabilities *struct {
			ImageInput supported `json:"image_input"`
			Thinking   supported `json:"thinking"`
		} `json:"capabilities"`
	} `json:"data"`
	HasMore bool   `json:"has_more"`
	LastID  string `json:"last_id"`
}

type supported struct {
	Supported bool `json:"supported"`
}

// Models asks the service for its list, all pages of it.
func (p Provider) Models(ctx context.Context, a *account.Account) ([]llm.Model, error) {
	var out []llm.Model
	seen := map[string]bool{}
	query := url.Values{"limit": {strconv.Itoa(pageSize)}}
	for range maxPages {
		list, _, err := p.page(ctx, a, query)
		if err != nil {
			return nil, err
		}
		before := len(out)
		out = list.models(out, seen)
		if !list.HasMore || list.LastID == "" || len(out) == before {
			break
		}
		query.Set("after_id", list.LastID)
	}
	return out, nil
}

// page asks for one page.
func (p Provider) page(ctx context.Context, a *account.Account, query url.Values) (page, endpoint.Answer, error) {
	r, err := p.request(ctx, a, http.MethodGet, "/v1/models", query, nil)
	if err != nil {
		return page{}, endpoint.Answer{}, err
	}
	got, err := endpoint.Ask(a.HTTP, r)
	if err != nil {
		return page{}, got, err
	}
	if !got.OK() {
		e := p.Dialect(a, "").DecodeError(got.Status, got.Header, got.Body)
		if e.Kind == llm.KindNotFound {
			e.Message = r.URL.Host + r.URL.Path + " answers " + strconv.Itoa(got.Status) + ": check the base URL; a service without a model list needs the models listed by hand"
		}
		return page{}, got, e
	}
	var list page
	if err := json.Unmarshal(got.Body, &list); err != nil || list.Data == nil {
		return page{}, got, &llm.Error{
			Kind: llm.KindProtocol, Cause: err,
			Message: "the answer of " + r.URL.Host + r.URL.Path + " is not a model list: check the base URL, or list the models by hand",
		}
	}
	return list, got, nil
}

// models appends what is on the page. Every model of this protocol has tools.
func (l page) models(out []llm.Model, seen map[string]bool) []llm.Model {
	for _, d := range *l.Data {
		if d.ID == "" || seen[d.ID] || d.Lifecycle == "retired" {
			continue
		}
		seen[d.ID] = true
		m := llm.Model{
			ID: d.ID, Created: d.Created, OwnedBy: d.OwnedBy, ContextTokens: d.MaxInput, OutputTokens: d.MaxTokens,
			Can: llm.Capabilities{Tools: true, Vision: strings.Contains(d.ID, "claude")},
		}
		if d.DisplayName != d.ID {
			m.Name = d.DisplayName
		}
		if d.CreatedAt.Unix() > 0 {
			m.Created = d.CreatedAt.Unix()
		}
		if m.OwnedBy == "" && strings.Contains(d.ID, "claude") {
			m.OwnedBy = "anthropic"
		}
		if d.Capabilities != nil {
			m.Can.Vision, m.Can.Reasoning = d.Capabilities.ImageInput.Supported, d.Capabilities.Thinking.Supported
		}
		out = append(out, m)
	}
	return out
}
