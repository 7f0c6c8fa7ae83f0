package openaicompat

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openaichat"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
)

// quirkFields are the fields for what a service wants differently; q says what
// it is known to want.
func quirkFields(q openaichat.Quirks) []provider.Field {
	out := []provider.Field{
		{
			Key: "maxTokensField", Kind: provider.FieldChoice, Default: cmp.Or(q.MaxTokensField, asSent), Choices: []string{asSent, "max_tokens", "max_completion_tokens"},
			Words: map[string]provider.Text{asSent: {EN: "As the client sends it", ZH: "按客户端发送的字段"}},
			Label: provider.Text{EN: "Field for the token limit", ZH: "词元上限字段"},
			Help: provider.Text{
				EN: "Most services know max_tokens only; OpenAI's newer models want max_completion_tokens.",
				ZH: "多数服务只认 max_tokens；OpenAI 较新的模型要求 max_completion_tokens。",
			},
		},
		{
			Key: "stopLimit", Kind: provider.FieldText, Default: strconv.Itoa(q.StopLimit),
			Label: provider.Text{EN: "Most stop words", ZH: "停止词数量上限"},
			Help:  provider.Text{EN: "A number; what is beyond is left out. 0 is any number.", ZH: "填写数字，超出的部分不发送；0 表示不限。"},
		},
		{
			Key: "drop", Kind: provider.FieldText, Default: strings.Join(q.Drop, ", "),
			Label: provider.Text{EN: "Fields to leave out", ZH: "不发送的字段"},
			Help: provider.Text{
				EN: "Names between commas, as seed, logit_bias: for a service that refuses fields it does not know.",
				ZH: "用逗号分隔，例如 seed, logit_bias：适合拒绝未知字段的服务。",
			},
		},
		{
			Key: "dropInMessages", Kind: provider.FieldText, Default: strings.Join(q.DropInMessages, ", "),
			Label: provider.Text{EN: "Fields of messages to leave out", ZH: "消息中不发送的字段"},
			Help:  provider.Text{EN: "Names between commas, as name.", ZH: "用逗号分隔，例如 name。"},
		},
		{
			Key: "reasoningContent", Kind: provider.FieldChoice, Default: reasoning(q), Choices: []string{asSent, required, refused},
			Words: map[string]provider.Text{
				asSent:   {EN: "As the client sends it", ZH: "按客户端发送"},
				required: {EN: "Required", ZH: "必须有"},
				refused:  {EN: "Refused", ZH: "不接受"},
			},
			Label: provider.Text{EN: "Earlier thinking (reasoning_content)", ZH: "之前的思考内容（reasoning_content）"},
			Help: provider.Text{
				EN: "Required: add an empty one to turns with tool calls. Refused: leave it out.",
				ZH: "必须有：为含工具调用的轮次补一个空值；不接受：不发送。",
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
		quirk("onlyAutoToolChoice", "Only tool_choice auto", "tool_choice 仅支持 auto",
			"The service always lets the model decide. For a choice of tools the others are left out; for none, all are.",
			"服务总是由模型决定。指定工具时只发送这些工具；none 时不发送工具。"),
		quirk("contentNeverNull", "Content is never null", "content 不能为 null",
			"Send an empty text where a message has none.", "消息没有内容时发送空文本。"),
		quirk("thinkTags", "Thinking in <think> tags", "思考内容在 <think> 标签中",
			"Show what stands between <think> and </think> at the beginning of an answer as thinking.", "将回答开头 <think> 与 </think> 之间的内容作为思考显示。"),
		quirk("thinkingSwitch", "Thinking is on or off", "思考只有开和关",
			"Send reasoning_effort as thinking: enabled, or disabled for none and minimal.", "将 reasoning_effort 转为 thinking：enabled，none 与 minimal 时为 disabled。"),
	}
	on := map[string]bool{"noDeveloperRole": q.DeveloperRole != ""}
	for _, s := range switches(&q) {
		on[s.key] = *s.value
	}
	for i := range out {
		if out[i].Kind == provider.FieldSwitch {
			out[i].Default = strconv.FormatBool(on[out[i].Key])
		}
	}
	return out
}

func reasoning(q openaichat.Quirks) string {
	switch {
	case q.NeedsReasoningContent:
		return required
	case q.NoReasoningContent:
		return refused
	default:
		return asSent
	}
}

func quirk(key, label, labelZH, help, helpZH string) provider.Field {
	return provider.Field{
		Key: key, Kind: provider.FieldSwitch,
		Label: provider.Text{EN: label, ZH: labelZH}, Help: provider.Text{EN: help, ZH: helpZH},
	}
}
