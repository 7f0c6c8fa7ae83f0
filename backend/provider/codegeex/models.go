package codegeex

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/codegeex"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// modelList is what the site lists.
type modelList struct {
	Options *[]struct {
		ID          string `json:"id"`
		Name        string `json:"name"`
		Description struct {
			ZH string `json:"zh"`
			EN string `json:"en"`
		} `json:"description"`
	} `json:"options"`
}

// Models asks the site what it has. A list without an entry is answered with the
// models that are known. The models that complete code are in no list of the
// site's.
func (p Provider) Models(ctx context.Context, a *account.Account) ([]llm.Model, error) {
	r, err := p.request(ctx, a, http.MethodGet, "/v3/chat/model", nil)
	if err != nil {
		return nil, err
	}
	body, err := p.ask(a.HTTP, r)
	if err != nil {
		return nil, err
	}
	var list modelList
	if err := json.Unmarshal(body, &list); err != nil || list.Options == nil {
		return nil, notList(r, err)
	}
	can := llm.Capabilities{Tools: a.Setting(fieldEmulateTools) == "true"}
	var out []llm.Model
	seen := map[string]bool{}
	for _, o := range *list.Options {
		if o.ID == "" || seen[o.ID] {
			continue
		}
		seen[o.ID] = true
		m := llm.Model{ID: o.ID, OwnedBy: "codegeex", Can: can, Description: o.Description.EN}
		if o.Name != o.ID {
			m.Name = o.Name
		}
		if m.Description == "" || setting(a, fieldLocale) == "zh" && o.Description.ZH != "" {
			m.Description = o.Description.ZH
		}
		out = append(out, m)
	}
	if len(out) == 0 {
		out = known(can)
	}
	for _, id := range codegeex.InlineModels() {
		if !seen[id] {
			out = append(out, llm.Model{ID: id, OwnedBy: "codegeex", Can: llm.Capabilities{FIM: true}, Description: "Completes code at the cursor; does not chat."})
		}
	}
	return out, nil
}

// known are the chat models that the site was seen to have.
func known(can llm.Capabilities) []llm.Model {
	var out []llm.Model
	for _, id := range [...]string{"codegeex-4", "codegeex-chat-lite", "codegeex-chat-pro", "claude-3-7-sonnet", "claude-sonnet-4"} {
		out = append(out, llm.Model{ID: id, OwnedBy: "codegeex", Can: can})
	}
	return out
}

func notList(r *http.Request, cause error) *llm.Error {
	return &llm.Error{
		Kind: llm.KindProtocol, Cause: cause,
		Message: "the answer of " + r.URL.Host + r.URL.Path + " is not a model list: check the base URL, or list the models by hand",
	}
}
