package openaicompat

import (
	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openairesponses"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
)

// fieldResponses says whether the service speaks the Responses protocol.
const fieldResponses = "responses"

// The choices of fieldResponses: not at all, beside Chat Completions, or alone.
const (
	responsesNo   = "no"
	responsesAlso = "also"
	responsesOnly = "only"
)

// responsesField is the field for it; what the preset knows is the default.
func (p preset) responsesField() provider.Field {
	f := provider.Field{
		Key: fieldResponses, Kind: provider.FieldChoice, Default: responsesNo, Advanced: true,
		Choices: []string{responsesNo, responsesAlso, responsesOnly},
		Words: map[string]provider.Text{
			responsesNo:   {EN: "No", ZH: "不支持"},
			responsesAlso: {EN: "Beside chat completions", ZH: "与 Chat Completions 并存"},
			responsesOnly: {EN: "Nothing else", ZH: "仅支持它"},
		},
		Label: provider.Text{EN: "Responses protocol", ZH: "Responses 协议"},
		Help: provider.Text{
			EN: "Whether the service answers at /responses. Then what Codex and others ask in that protocol is passed on as it is, instead of being translated.",
			ZH: "该服务是否提供 /responses。若提供，Codex 等客户端以该协议发来的请求会原样转发，而不经转换。",
		},
	}
	if p.responses {
		f.Default = responsesAlso
	}
	return f
}

// speaksResponses says whether the account's service speaks the Responses
// protocol, and whether it speaks nothing else.
func speaksResponses(a *account.Account) (speaks, only bool) {
	switch a.Setting(fieldResponses) {
	case responsesAlso:
		return true, false
	case responsesOnly:
		return true, true
	case responsesNo:
		return false, false
	}
	return presetOf(a).responses, false
}

// responsesKey is the key under which the account remembers that codec.
type responsesKey struct{}

// responsesDialect is the Responses protocol, with what the service's errors
// mean.
func responsesDialect(a *account.Account) dialect.Upstream {
	return account.Derive(a, responsesKey{}, func() dialect.Upstream {
		u := openairesponses.Upstream{Errors: chatDialect(a).DecodeError}
		if presetOf(a).counts {
			return openairesponses.Counter{Upstream: u}
		}
		return u
	})
}

// chatsPath is where a chat in the protocol goes, below the base.
func chatsPath(a *account.Account, spoken dialect.Name) string {
	if _, only := speaksResponses(a); spoken == dialect.OpenAIResponses || only && spoken == "" {
		return "/responses"
	}
	return "/chat/completions"
}
