package openaicompat

import (
	"strconv"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openaichat"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
)

// asSent is the choice that changes nothing.
const asSent = "asSent"

// dialectKey is the key under which the account remembers its dialect.
type dialectKey struct{}

// Dialect is OpenAI Chat Completions with the account's switches.
func (Provider) Dialect(a *account.Account) dialect.Upstream {
	return account.Derive(a, dialectKey{}, func() dialect.Upstream { return openaichat.Upstream{Quirks: quirksOf(a)} })
}

func quirksOf(a *account.Account) openaichat.Quirks {
	on := func(key string) bool { return a.Setting(key) == "true" }
	q := openaichat.Quirks{
		NoStreamOptions:       on("noStreamOptions"),
		MergeSystem:           on("mergeSystem"),
		NoStrict:              on("noStrict"),
		NeedsParameters:       on("needsParameters"),
		ContentNeverNull:      on("contentNeverNull"),
		ThinkTags:             on("thinkTags"),
		NeedsReasoningContent: a.Setting("reasoningContent") == "required",
		NoReasoningContent:    a.Setting("reasoningContent") == "refused",
		Drop:                  list(a.Setting("drop")),
	}
	if on("noDeveloperRole") {
		q.DeveloperRole = llm.RoleSystem
	}
	if f := a.Setting("maxTokensField"); f == "max_tokens" || f == "max_completion_tokens" {
		q.MaxTokensField = f
	}
	if n, err := strconv.Atoi(a.Setting("stopLimit")); err == nil && n > 0 {
		q.StopLimit = n
	}
	return q
}

// list reads names between commas or spaces. The model and the messages cannot
// be left out.
func list(s string) []string {
	var out []string
	for _, name := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' || r == '，' }) {
		if name != "model" && name != "messages" && name != "stream" {
			out = append(out, name)
		}
	}
	return out
}

// quirks are the fields for what a service wants differently.
func quirks() []provider.Field {
	return []provider.Field{
		{
			Key: "maxTokensField", Kind: provider.FieldChoice, Default: asSent, Choices: []string{asSent, "max_tokens", "max_completion_tokens"},
			Label: provider.Text{EN: "Field for the token limit", ZH: "词元上限字段"},
			Help: provider.Text{
				EN: "Most services know max_tokens only; OpenAI's newer models want max_completion_tokens.",
				ZH: "多数服务只认 max_tokens；OpenAI 较新的模型要求 max_completion_tokens。",
			},
		},
		{
			Key: "stopLimit", Kind: provider.FieldText,
			Label: provider.Text{EN: "Most stop words", ZH: "停止词数量上限"},
			Help:  provider.Text{EN: "A number; what is beyond is left out. Empty: any number.", ZH: "填写数字，超出的部分不发送；留空表示不限。"},
		},
		{
			Key: "drop", Kind: provider.FieldText,
			Label: provider.Text{EN: "Fields to leave out", ZH: "不发送的字段"},
			Help: provider.Text{
				EN: "Names between commas, as seed, logit_bias: for a service that refuses fields it does not know.",
				ZH: "用逗号分隔，例如 seed, logit_bias：适合拒绝未知字段的服务。",
			},
		},
		{
			Key: "reasoningContent", Kind: provider.FieldChoice, Default: asSent, Choices: []string{asSent, "required", "refused"},
			Label: provider.Text{EN: "Earlier thinking (reasoning_content)", ZH: "之前的思考内容（reasoning_content）"},
			Help: provider.Text{
				EN: "Required: add an empty one to turns with tool calls. Refused: leave it out.",
				ZH: "required：为含工具调用的轮次补一个空值；refused：不发送。",
			},
		},
		quirk("noStreamOptions", "No stream_options", "不支持 stream_options",
			"The service refuses stream_options; token counts may then be missing.", "服务拒绝 stream_options；此时可能没有用量数据。"),
		quirk("noDeveloperRole", "No developer role", "不支持 developer 角色",
			"Send developer messages as system messages.", "将 developer 消息作为 system 消息发送。"),
		quirk("mergeSystem", "One system message", "只允许一条系统消息",
			"Join all system messages into one, at the beginning.", "将所有系统消息合并为开头的一条。"),
		quirk("noStrict", "No strict tools", "不支持工具的 strict",
			"Leave strict out of tool definitions.", "工具定义中不发送 strict。"),
		quirk("needsParameters", "Tools need parameters", "工具必须有 parameters",
			"Give tools without parameters an empty schema.", "为没有参数的工具补一个空的模式。"),
		quirk("contentNeverNull", "Content is never null", "content 不能为 null",
			"Send an empty text where a message has none.", "消息没有内容时发送空文本。"),
		quirk("thinkTags", "Thinking in <think> tags", "思考内容在 <think> 标签中",
			"Show what stands between <think> and </think> at the beginning of an answer as thinking.", "将回答开头 <think> 与 </think> 之间的内容作为思考显示。"),
	}
}

func quirk(key, label, labelZH, help, helpZH string) provider.Field {
	return provider.Field{
		Key: key, Kind: provider.FieldSwitch, Default: "false",
		Label: provider.Text{EN: label, ZH: labelZH}, Help: provider.Text{EN: help, ZH: helpZH},
	}
}
