package openaicompat

import (
	"strconv"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openaichat"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// The choices that are no names of fields: asSent changes nothing.
const (
	asSent   = "asSent"
	required = "required"
	refused  = "refused"
)

// dialectKey is the key under which the account remembers its dialect.
type dialectKey struct{}

// Dialect is OpenAI Chat Completions with what the account's service wants
// differently, or Responses where the client speaks that and the service does
// too, or where it speaks nothing else; for completions and embeddings, what the
// service has beside them.
func (Provider) Dialect(a *account.Account, client dialect.Name) dialect.Upstream {
	if u := beside(a, client); u != nil {
		return u
	}
	if speaks, only := speaksResponses(a); only || speaks && client == dialect.OpenAIResponses {
		return responsesDialect(a)
	}
	return chatDialect(a)
}

// chatDialect is Chat Completions with what the account's service wants
// differently, and what its errors mean.
func chatDialect(a *account.Account) dialect.Upstream {
	return account.Derive(a, dialectKey{}, func() dialect.Upstream {
		p := presetOf(a)
		q := quirksOf(a, p.quirks)
		q.FunctionsOnly = !p.freeText
		return openaichat.Upstream{Quirks: q, Errors: p.rules(a)}
	})
}

// quirksOf are the service's quirks, where the account's own settings do not say
// otherwise.
func quirksOf(a *account.Account, q openaichat.Quirks) openaichat.Quirks {
	for _, s := range switches(&q) {
		switch a.Setting(s.key) {
		case "true":
			*s.value = true
		case "false":
			*s.value = false
		}
	}
	switch a.Setting("noDeveloperRole") {
	case "true":
		q.DeveloperRole = llm.RoleSystem
	case "false":
		q.DeveloperRole = ""
	}
	switch f := a.Setting("maxTokensField"); f {
	case "max_tokens", "max_completion_tokens":
		q.MaxTokensField = f
	case asSent:
		q.MaxTokensField = ""
	}
	if r := a.Setting("reasoningContent"); r == asSent || r == required || r == refused {
		q.NeedsReasoningContent, q.NoReasoningContent = r == required, r == refused
	}
	if n, err := strconv.Atoi(a.Setting("stopLimit")); err == nil && n >= 0 {
		q.StopLimit = n
	}
	if names := a.Setting("drop"); names != "" {
		q.Drop = list(names)
	}
	if names := a.Setting("dropInMessages"); names != "" {
		q.DropInMessages = list(names)
	}
	return q
}

// quirkSwitch is a quirk that is on or off, and the setting it has.
type quirkSwitch struct {
	key   string
	value *bool
}

func switches(q *openaichat.Quirks) []quirkSwitch {
	return []quirkSwitch{
		{"noStreamOptions", &q.NoStreamOptions},
		{"mergeSystem", &q.MergeSystem},
		{"noStrict", &q.NoStrict},
		{"needsParameters", &q.NeedsParameters},
		{"onlyAutoToolChoice", &q.OnlyAuto},
		{"contentNeverNull", &q.ContentNeverNull},
		{"thinkTags", &q.ThinkTags},
		{"thinkingSwitch", &q.ThinkingSwitch},
	}
}

// list reads names between commas or spaces. The model, the messages and the
// stream flag cannot be left out, nor a message's role and content.
func list(s string) []string {
	var out []string
	for _, name := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' || r == '，' }) {
		switch name {
		case "model", "messages", "stream", "role", "content":
		default:
			out = append(out, name)
		}
	}
	return out
}
