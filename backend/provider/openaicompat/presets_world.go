package openaicompat

import (
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openaichat"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
)

func presetsOfTheWorld() []preset {
	return []preset{openAI(), openRouter(), groq(), mistral(), xAI()}
}

func openAI() preset {
	sampling := []string{"temperature", "top_p", "presence_penalty", "frequency_penalty", "logprobs", "top_logprobs"}
	return preset{
		way: provider.Way{
			ID: "openai", Title: provider.Text{EN: "OpenAI", ZH: "OpenAI 官方"}, Prefix: "openai",
			Help:       provider.Text{EN: "GPT and the o-series, with a key of the platform; a ChatGPT plan is no key.", ZH: "使用平台密钥访问 GPT 与 o 系列模型；ChatGPT 订阅不包含 API 密钥。"},
			Credential: provider.CredentialKey, KeyPage: "https://platform.openai.com/api-keys",
		},
		bases: []base{{url: "https://api.openai.com/v1"}},
		quirks: openaichat.Quirks{
			// The reasoning models refuse max_tokens; the others take both names.
			MaxTokensField: "max_completion_tokens", StopLimit: 4, NoReasoningContent: true, Drop: []string{"top_k"},
			DropFor: []openaichat.ModelFields{
				// Clients of other protocols ask whatever model to think.
				{Models: []string{"gpt-4*", "gpt-3.5*", "chatgpt-4*", "o1-mini*"}, Fields: []string{"reasoning_effort"}},
				{Models: []string{"o1*", "o3*", "o4*", "gpt-5", "gpt-5-2025*", "gpt-5-mini*", "gpt-5-nano*", "gpt-5-pro*", "gpt-5-codex*"}, Fields: sampling},
				{Models: []string{"o3*", "o4*"}, Fields: []string{"stop"}},
			},
		},
		errors: []openaichat.ErrorRule{
			{Codes: []string{"insufficient_quota"}, Kind: llm.KindQuota, Account: true, Advice: "add credit at https://platform.openai.com/settings/organization/billing"},
			{Codes: []string{"unsupported_country_region_territory"}, Kind: llm.KindForbidden, Advice: "use a proxy in a supported region for this account, or another service"},
			{Codes: []string{"server_is_overloaded", "slow_down"}, Kind: llm.KindOverloaded},
		},
		hidden: []string{
			"whisper-*", "tts-*", "dall-e-*", "gpt-image-*", "chatgpt-image-*", "sora-*", "*-moderation-*", "*-realtime*", "*-transcribe*", "*-tts*",
			"babbage-*", "davinci-*",
		},
		completions: "/completions", completers: []string{"gpt-3.5-turbo-instruct*"},
		responses: true,
		counts:    true,
	}
}

func openRouter() preset {
	return preset{
		way: provider.Way{
			ID: "openrouter", Title: provider.Text{EN: "OpenRouter", ZH: "OpenRouter 聚合"}, Prefix: "openrouter",
			Help: provider.Text{EN: "Models of many makers behind one key, some of them free.", ZH: "一个密钥访问多家模型，其中部分免费。"},
			Notices: []provider.Text{{
				EN: "Requests are passed on to other companies; free models may keep and train on what you send. The privacy settings of your OpenRouter account decide.",
				ZH: "请求会转发给其他公司；免费模型可能保存您发送的内容并用于训练，由您 OpenRouter 账户的隐私设置决定。",
			}},
			Credential: provider.CredentialKey, KeyPage: "https://openrouter.ai/settings/keys",
		},
		bases: []base{{url: "https://openrouter.ai/api/v1"}},
		errors: []openaichat.ErrorRule{
			{Status: 402, Kind: llm.KindQuota, Account: true, Advice: "add credits at https://openrouter.ai/settings/credits"},
			{Status: 429, Says: "free-models-per-day", Kind: llm.KindQuota},
			{Status: 404, Says: "data policy", Kind: llm.KindForbidden, Advice: "allow such models at https://openrouter.ai/settings/privacy"},
			{Status: 403, Says: "moderation", Kind: llm.KindContent},
		},
		completions: "/completions",
		responses:   true,
		openList:    true, keyCheck: "/key",
	}
}

func groq() preset {
	return preset{
		way: provider.Way{
			ID: "groq", Title: provider.Text{EN: "Groq", ZH: "Groq 高速推理"}, Prefix: "groq",
			Help:       provider.Text{EN: "Open models, answered fast; the free tier has low limits.", ZH: "开放模型，响应很快；免费额度限制较低。"},
			Credential: provider.CredentialKey, KeyPage: "https://console.groq.com/keys",
		},
		bases: []base{{url: "https://api.groq.com/openai/v1"}},
		quirks: openaichat.Quirks{
			MaxTokensField: "max_completion_tokens", StopLimit: 4, NoReasoningContent: true, DeveloperRole: llm.RoleSystem,
			Drop: []string{"logit_bias", "logprobs", "top_logprobs", "store"}, DropInMessages: []string{"name"},
		},
		errors: []openaichat.ErrorRule{
			// Its code is rate_limit_exceeded, but no waiting makes the request smaller.
			{Status: 413, Kind: llm.KindTooLarge, Advice: "shorten the conversation, or choose a model with a higher limit of tokens per minute"},
			{Status: 429, Says: "tokens per day", Kind: llm.KindQuota},
			{Status: 429, Says: "requests per day", Kind: llm.KindQuota},
			{Status: 498, Kind: llm.KindOverloaded},
		},
		hidden:       []string{"whisper-*", "distil-whisper-*", "*-tts*", "orpheus-*", "*-guard-*"},
		noEmbeddings: true,
	}
}

func mistral() preset {
	return preset{
		way: provider.Way{
			ID: "mistral", Title: provider.Text{EN: "Mistral", ZH: "Mistral 官方"}, Prefix: "mistral",
			Help: provider.Text{
				EN: "Mistral and Codestral, with code completion. A key for codestral.mistral.ai is one of its own: choose that region for it.",
				ZH: "Mistral 与 Codestral，支持代码补全。codestral.mistral.ai 使用单独的密钥：请选择对应的区域。",
			},
			Credential: provider.CredentialKey, KeyPage: "https://console.mistral.ai/api-keys",
		},
		bases: []base{
			{id: "api", url: "https://api.mistral.ai/v1"},
			{id: "codestral", url: "https://codestral.mistral.ai/v1", keyPage: "https://console.mistral.ai/codestral"},
		},
		separate: true,
		quirks: openaichat.Quirks{
			// It refuses every field that it does not know.
			MaxTokensField: "max_tokens", NoStreamOptions: true, DeveloperRole: llm.RoleSystem, NoReasoningContent: true,
			Drop: []string{
				"seed", "logit_bias", "logprobs", "top_logprobs", "user", "store", "metadata", "service_tier", "reasoning_effort", "verbosity",
				"prompt_cache_key", "safety_identifier", "modalities", "audio", "web_search_options", "top_k",
			},
			DropInMessages: []string{"name", "refusal"}, CallIDLength: 9,
			Clamp: []openaichat.Range{{Field: "temperature", Low: 0, High: 1.5}},
		},
		errors: []openaichat.ErrorRule{
			{Codes: []string{"invalid_model", "1500"}, Kind: llm.KindNotFound},
			{Status: 429, Says: "monthly", Kind: llm.KindQuota},
			{Codes: []string{"3505", "service_tier_capacity_exceeded"}, Kind: llm.KindOverloaded},
		},
		models:      []llm.Model{{ID: "codestral-latest"}},
		hidden:      []string{"*-ocr-*", "*-moderation-*", "*-transcribe-*"},
		completions: "/fim/completions",
	}
}

func xAI() preset {
	return preset{
		way: provider.Way{
			ID: "xai", Title: provider.Text{EN: "xAI (Grok)", ZH: "xAI（Grok 官方）"}, Prefix: "xai",
			Help:       provider.Text{EN: "Grok models, with a key of the xAI console; an X subscription is no key.", ZH: "使用 xAI 控制台密钥访问 Grok 模型；X 订阅不包含 API 密钥。"},
			Credential: provider.CredentialKey, KeyPage: "https://console.x.ai",
		},
		bases: []base{{url: "https://api.x.ai/v1"}},
		quirks: openaichat.Quirks{
			StopLimit: 4,
			DropFor: []openaichat.ModelFields{
				{Models: []string{"grok-4", "grok-4-0709", "grok-4-fast*", "grok-code*"}, Fields: []string{"presence_penalty", "frequency_penalty", "stop", "reasoning_effort"}},
			},
		},
		errors: []openaichat.ErrorRule{
			{Status: 400, Says: "incorrect api key", Kind: llm.KindAuth},
			{Says: "doesn't have any credits", Kind: llm.KindQuota, Account: true, Advice: "add credits at https://console.x.ai"},
			{Says: "used all available credits", Kind: llm.KindQuota, Account: true, Advice: "add credits at https://console.x.ai"},
			{Says: "content violates usage guidelines", Kind: llm.KindContent},
		},
		hidden:    []string{"*-image*", "*-imagine-*", "*-video*"},
		responses: true,
	}
}
