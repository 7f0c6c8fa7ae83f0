package gemini

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
)

// pages bounds a model list; a page is as long as the service permits.
const (
	pages    = 20
	pageSize = 1000
)

// Models are those that Google lists for a key, those of the table for Vertex
// AI, and for Code Assist those of the table that the account has a quota of.
func (p Provider) Models(ctx context.Context, a *account.Account) ([]llm.Model, error) {
	switch way := wayOf(a); way {
	case wayKey:
		return p.listed(ctx, a)
	case wayCLI:
		quotas, err := p.Quota(ctx, a)
		if err != nil {
			return nil, err
		}
		return narrowed(table(), quotas), nil
	default:
		if err := checkProject(a, way); err != nil {
			return nil, err
		}
		return append(table(), vertexEmbedders()...), nil
	}
}

// listed pages through Google's list.
func (p Provider) listed(ctx context.Context, a *account.Account) ([]llm.Model, error) {
	out, token := []llm.Model{}, ""
	seen := map[string]bool{}
	for range pages {
		query := "?pageSize=" + strconv.Itoa(pageSize)
		if token != "" {
			query = "?pageToken=" + url.QueryEscape(token)
		}
		var page struct {
			Models *[]listedModel `json:"models"`
			Next   string         `json:"nextPageToken"`
		}
		if err := p.call(ctx, a, "/models"+query, nil, &page); err != nil {
			return nil, err
		}
		if page.Models == nil && token == "" {
			return nil, &llm.Error{Kind: llm.KindProtocol, Message: "what answered has no model list: check the API address in the account's settings"}
		}
		if page.Models != nil {
			for _, m := range *page.Models {
				if got, ok := m.model(); ok && !seen[got.ID] {
					seen[got.ID] = true
					out = append(out, got)
				}
			}
		}
		if page.Next == "" || page.Next == token {
			return out, nil
		}
		token = page.Next
	}
	return out, nil
}

// listedModel is a model as the Gemini API describes it.
type listedModel struct {
	Name        string   `json:"name"`
	DisplayName string   `json:"displayName"`
	Description string   `json:"description"`
	Input       int      `json:"inputTokenLimit"`
	Output      int      `json:"outputTokenLimit"`
	Methods     []string `json:"supportedGenerationMethods"`
	Thinking    bool     `json:"thinking"`
}

// model is m in our words; false for one that neither chats nor embeds.
func (m listedModel) model() (llm.Model, bool) {
	id := strings.TrimPrefix(m.Name, "models/")
	chats := slices.Contains(m.Methods, "generateContent")
	embeds := slices.ContainsFunc(m.Methods, func(s string) bool { return strings.Contains(strings.ToLower(s), "embed") })
	speaks := strings.Contains(id, "-tts") || strings.Contains(id, "native-audio")
	draws := strings.Contains(id, "-image")
	return llm.Model{
		ID: id, Name: m.DisplayName, Description: m.Description, OwnedBy: "google", ContextTokens: m.Input, OutputTokens: m.Output,
		Can: llm.Capabilities{
			Tools:     chats && !speaks && !draws && strings.HasPrefix(id, "gemini-"),
			Vision:    chats && !speaks && (strings.HasPrefix(id, "gemini-") || strings.HasPrefix(id, "gemma-")),
			Reasoning: m.Thinking, Embeddings: embeds,
		},
	}, id != "" && made(id, "._@-") && (chats || embeds)
}

// table are the models that Code Assist and Vertex AI are known to have, which
// neither lists.
func table() []llm.Model {
	out := []llm.Model{}
	for _, m := range [...]struct{ id, name string }{
		{"gemini-3.8-flash", "Gemini 3.8 Flash"},
		{"gemini-3.5-flash", "Gemini 3.5 Flash"},
		{"gemini-3.5-flash-lite", "Gemini 3.5 Flash Lite"},
		{"gemini-3.1-pro-preview", "Gemini 3.1 Pro Preview"},
		{"gemini-3-pro-preview", "Gemini 3 Pro Preview"},
		{"gemini-3-flash-preview", "Gemini 3 Flash Preview"},
		{"gemini-3.1-flash-lite", "Gemini 3.1 Flash Lite"},
		{"gemini-2.5-pro", "Gemini 2.5 Pro"},
		{"gemini-2.5-flash", "Gemini 2.5 Flash"},
		{"gemini-2.5-flash-lite", "Gemini 2.5 Flash Lite"},
	} {
		out = append(out, known(m.id, m.name))
	}
	return out
}

// vertexEmbedders are the models of Vertex AI that make vectors; Code Assist has
// none.
func vertexEmbedders() []llm.Model {
	out := []llm.Model{}
	for _, id := range [...]string{"gemini-embedding-001", "text-embedding-005", "text-multilingual-embedding-002"} {
		out = append(out, llm.Model{ID: id, OwnedBy: "google", ContextTokens: 2048, Can: llm.Capabilities{Embeddings: true}})
	}
	return out
}

func known(id, name string) llm.Model {
	return llm.Model{
		ID: id, Name: name, OwnedBy: "google", ContextTokens: 1 << 20, OutputTokens: 1 << 16,
		Can: llm.Capabilities{Tools: true, Vision: true, Reasoning: true},
	}
}

// wireName is what Code Assist calls a model.
func wireName(model string) string {
	model = strings.TrimPrefix(model, "models/")
	if model == "gemini-3.5-flash" {
		return "gemini-3-flash"
	}
	return model
}

// narrowed keeps of the models those that there is a quota of, and adds those
// that the table does not know. No quota at all says nothing.
func narrowed(models []llm.Model, quotas []provider.Quota) []llm.Model {
	if len(quotas) == 0 {
		return models
	}
	has := map[string]bool{}
	for _, q := range quotas {
		has[q.Model] = true
	}
	out := []llm.Model{}
	listed := map[string]bool{}
	for _, m := range models {
		if wire := wireName(m.ID); has[wire] || has[m.ID] {
			out = append(out, m)
			listed[wire], listed[m.ID] = true, true
		}
	}
	for _, q := range quotas {
		if q.Model != "" && !listed[q.Model] {
			listed[q.Model] = true
			out = append(out, known(q.Model, ""))
		}
	}
	return out
}

// Quota asks Code Assist what is left; the other ways cannot be asked.
func (p Provider) Quota(ctx context.Context, a *account.Account) ([]provider.Quota, error) {
	if wayOf(a) != wayCLI {
		return nil, nil
	}
	if err := checkProject(a, wayCLI); err != nil {
		return nil, err
	}
	var answer struct {
		Buckets []struct {
			Model    string   `json:"modelId"`
			Fraction *float64 `json:"remainingFraction"`
			Amount   string   `json:"remainingAmount"`
			Reset    string   `json:"resetTime"`
		} `json:"buckets"`
	}
	if err := p.call(ctx, a, ":retrieveUserQuota", map[string]string{"project": projectOf(a)}, &answer); err != nil {
		return nil, err
	}
	out := []provider.Quota{}
	for _, b := range answer.Buckets {
		q := provider.Quota{Model: b.Model, Remaining: -1, Left: -1, Limit: -1}
		if b.Fraction != nil {
			q.Remaining = min(max(*b.Fraction, 0), 1)
		}
		if n, err := strconv.ParseInt(b.Amount, 10, 64); err == nil {
			q.Left = n
			if q.Remaining > 0 {
				q.Limit = int64(float64(n)/q.Remaining + 0.5)
			}
		}
		q.Reset, _ = time.Parse(time.RFC3339, b.Reset) // the zero time is unknown
		out = append(out, q)
	}
	return out, nil
}
