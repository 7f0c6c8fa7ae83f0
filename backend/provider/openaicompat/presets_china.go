package openaicompat

import (
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openaichat"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
)

// The regions of the services that have two.
const (
	regionChina         = "china"
	regionInternational = "international"
)

func presetsOfChina() []preset {
	return []preset{deepSeek(), zhipu(), moonshot(), siliconFlow(), miniMax(), volcengine(), modelScope()}
}

// beijing is the time in which services of China say when a limit ends.
func beijing() *time.Location { return time.FixedZone("Beijing", 8*60*60) }

func deepSeek() preset {
	return preset{
		way: provider.Way{
			ID: "deepseek", Title: provider.Text{EN: "DeepSeek", ZH: "DeepSeek 深度求索"}, Prefix: "deepseek",
			Help:       provider.Text{EN: "DeepSeek's own models, with code completion.", ZH: "DeepSeek 官方模型，支持代码补全。"},
			Credential: provider.CredentialKey, KeyPage: "https://platform.deepseek.com/api_keys",
		},
		bases: []base{{url: "https://api.deepseek.com/v1"}},
		quirks: openaichat.Quirks{
			MaxTokensField: "max_tokens", DeveloperRole: llm.RoleSystem, StopLimit: 16, NeedsReasoningContent: true,
			DropFor: []openaichat.ModelFields{{Models: []string{"deepseek-reasoner"}, Fields: []string{"logprobs", "top_logprobs"}}},
		},
		errors: []openaichat.ErrorRule{
			{Status: 402, Kind: llm.KindQuota, Account: true, Advice: "top up at https://platform.deepseek.com/top_up"},
			{Status: 400, Says: "model not exist", Kind: llm.KindNotFound},
			{Status: 400, Says: "maximum context length", Kind: llm.KindTooLarge},
			{Status: 400, Says: "content exists risk", Kind: llm.KindContent},
		},
		completions: "../beta/completions", completers: []string{"deepseek-chat"}, noEmbeddings: true,
	}
}

func zhipu() preset {
	return preset{
		way: provider.Way{
			ID: "zhipu", Title: provider.Text{EN: "Zhipu GLM / Z.ai", ZH: "智谱 GLM / Z.ai"}, Prefix: "zhipu",
			Help: provider.Text{
				EN: "GLM models and CodeGeeX-4 with a key of bigmodel.cn or z.ai; the supported way for CodeGeeX.",
				ZH: "使用 bigmodel.cn 或 z.ai 的密钥访问 GLM 与 CodeGeeX-4；这是 CodeGeeX 的官方支持方式。",
			},
			Notices: []provider.Text{{
				EN: "The addresses of the coding plan are for its subscribers and meant for coding tools; its terms say where it may be used.",
				ZH: "编程套餐的地址仅供订阅者使用，且面向编程工具；可用范围以其条款为准。",
			}},
			Credential: provider.CredentialKey, KeyPage: "https://open.bigmodel.cn/usercenter/apikeys",
		},
		bases: []base{
			{id: regionChina, url: "https://open.bigmodel.cn/api/paas/v4"},
			{id: regionInternational, url: "https://api.z.ai/api/paas/v4", keyPage: "https://z.ai/manage-apikey/apikey-list"},
			{id: "china-coding-plan", url: "https://open.bigmodel.cn/api/coding/paas/v4"},
			{id: "international-coding-plan", url: "https://api.z.ai/api/coding/paas/v4", keyPage: "https://z.ai/manage-apikey/apikey-list"},
		},
		separate: true,
		quirks: openaichat.Quirks{
			MaxTokensField: "max_tokens", NoStreamOptions: true, DeveloperRole: llm.RoleSystem, NoStrict: true, ContentNeverNull: true,
			OnlyAuto: true, StopLimit: 4, ThinkingSwitch: true,
			// An open interval: the vendor's own SDK sends these for its ends.
			Clamp: []openaichat.Range{{Field: "temperature", Low: 0.01, High: 0.99}, {Field: "top_p", Low: 0.01, High: 0.99}},
			Drop: []string{
				"frequency_penalty", "presence_penalty", "logit_bias", "logprobs", "top_logprobs", "n", "parallel_tool_calls", "user", "store", "metadata",
				"service_tier", "modalities", "audio", "prediction", "verbosity", "prompt_cache_key", "safety_identifier", "web_search_options",
			},
			DropInMessages: []string{"name"},
		},
		errors:      zhipuErrors(),
		models:      modelsOf("glm-5", "glm-4.7", "glm-4.6", "glm-4.5-air", "glm-4.7-flash"),
		also:        modelsOf("codegeex-4"),
		completions: "/chat/completions",
	}
}

// zhipuErrors are the rows of the vendor's error page. Its codes are digits, and
// 429 is for limits of speed, of money and of plans alike.
func zhipuErrors() []openaichat.ErrorRule {
	const topUp = "top up or see the plan at https://open.bigmodel.cn/finance-center (bigmodel.cn) or https://z.ai/manage-apikey/subscription (z.ai)"
	return []openaichat.ErrorRule{
		{Codes: []string{"1000", "1001", "1002", "1003", "1004"}, Kind: llm.KindAuth},
		{Codes: []string{"1113"}, Kind: llm.KindQuota, Account: true, Advice: topUp},
		{Codes: []string{"1110", "1111", "1112", "1120", "1121"}, Kind: llm.KindForbidden, Account: true, Advice: "see the state of the account on the service's own pages"},
		{Codes: []string{"1211"}, Kind: llm.KindNotFound},
		{Codes: []string{"1220"}, Kind: llm.KindForbidden},
		{Codes: []string{"1261"}, Kind: llm.KindTooLarge, Advice: "shorten the conversation"},
		{Codes: []string{"1210", "1212", "1213", "1214", "1215"}, Kind: llm.KindBadRequest},
		{Codes: []string{"1301"}, Kind: llm.KindContent},
		{Codes: []string{"1302", "1303"}, Kind: llm.KindRate},
		{Codes: []string{"1304"}, Kind: llm.KindQuota, Zone: beijing()},
		{Codes: []string{"1308", "1310"}, Kind: llm.KindQuota, Account: true, Zone: beijing()}, // the plan's hours and weeks
		{Codes: []string{"1305", "1312"}, Kind: llm.KindOverloaded},
		{Codes: []string{"1309"}, Kind: llm.KindQuota, Account: true, Advice: topUp},
		{Codes: []string{"1311", "1313"}, Kind: llm.KindForbidden, Advice: "the plan does not cover this model or this use"},
	}
}

func moonshot() preset {
	return preset{
		way: provider.Way{
			ID: "moonshot", Title: provider.Text{EN: "Moonshot (Kimi)", ZH: "月之暗面 Moonshot（Kimi）"}, Prefix: "moonshot",
			Help:       provider.Text{EN: "Kimi models, with a key of platform.moonshot.cn or platform.moonshot.ai.", ZH: "使用 platform.moonshot.cn 或 platform.moonshot.ai 的密钥访问 Kimi 模型。"},
			Notices:    []provider.Text{keysAreSeparate()},
			Credential: provider.CredentialKey, KeyPage: "https://platform.moonshot.cn/console/api-keys",
		},
		bases: []base{
			{id: regionChina, url: "https://api.moonshot.cn/v1"},
			{id: regionInternational, url: "https://api.moonshot.ai/v1", keyPage: "https://platform.moonshot.ai/console/api-keys"},
		},
		separate: true,
		quirks: openaichat.Quirks{
			MaxTokensField: "max_tokens", DeveloperRole: llm.RoleSystem, StopLimit: 5, NeedsReasoningContent: true, NeedsParameters: true,
			Clamp: []openaichat.Range{{Field: "temperature", Low: 0, High: 1}},
			// The newer models have one temperature and refuse any other.
			DropFor: []openaichat.ModelFields{{
				Models: []string{"kimi-k2.*", "kimi-k3*"}, Fields: []string{"temperature", "top_p", "n", "presence_penalty", "frequency_penalty"},
			}},
		},
		errors: []openaichat.ErrorRule{
			{Codes: []string{"exceeded_current_quota_error"}, Kind: llm.KindQuota, Account: true, Advice: "top up on the platform's page of the account"},
			{Codes: []string{"engine_overloaded_error"}, Kind: llm.KindOverloaded},
			{Codes: []string{"rate_limit_reached_error"}, Kind: llm.KindRate},
			{Codes: []string{"invalid_authentication_error", "incorrect_api_key_error"}, Kind: llm.KindAuth},
			{Codes: []string{"resource_not_found_error"}, Kind: llm.KindNotFound},
			{Codes: []string{"permission_denied_error"}, Kind: llm.KindForbidden},
			{Status: 400, Says: "exceeded model token limit", Kind: llm.KindTooLarge},
		},
		noEmbeddings: true,
	}
}

func siliconFlow() preset {
	return preset{
		way: provider.Way{
			ID: "siliconflow", Title: provider.Text{EN: "SiliconFlow", ZH: "硅基流动 SiliconFlow"}, Prefix: "siliconflow",
			Help:       provider.Text{EN: "Open models of many makers; some are free.", ZH: "托管多家开放模型，部分免费。"},
			Notices:    []provider.Text{keysAreSeparate()},
			Credential: provider.CredentialKey, KeyPage: "https://cloud.siliconflow.cn/account/ak",
		},
		bases: []base{
			{id: regionChina, url: "https://api.siliconflow.cn/v1"},
			{id: regionInternational, url: "https://api.siliconflow.com/v1", keyPage: "https://cloud.siliconflow.com/account/ak"},
		},
		separate: true,
		quirks:   openaichat.Quirks{MaxTokensField: "max_tokens", DeveloperRole: llm.RoleSystem, StopLimit: 4},
		errors: []openaichat.ErrorRule{
			{Codes: []string{"30001"}, Kind: llm.KindQuota, Account: true, Advice: "top up on the platform's page of expenses"},
			{Status: 403, Says: "balance", Kind: llm.KindQuota, Account: true, Advice: "top up on the platform's page of expenses"},
			{Codes: []string{"20012"}, Kind: llm.KindNotFound},
			{Codes: []string{"30003"}, Kind: llm.KindNotFound},
			{Codes: []string{"50505"}, Kind: llm.KindOverloaded},
			{Status: 400, Says: "max_seq_len", Kind: llm.KindTooLarge},
		},
		completions: "/completions",
	}
}

func miniMax() preset {
	return preset{
		way: provider.Way{
			ID: "minimax", Title: provider.Text{EN: "MiniMax", ZH: "MiniMax 稀宇"}, Prefix: "minimax",
			Help:       provider.Text{EN: "MiniMax models, with a key of minimaxi.com or minimax.io.", ZH: "使用 minimaxi.com 或 minimax.io 的密钥访问 MiniMax 模型。"},
			Notices:    []provider.Text{keysAreSeparate()},
			Credential: provider.CredentialKey, KeyPage: "https://platform.minimaxi.com/user-center/basic-information/interface-key",
		},
		bases: []base{
			{id: regionChina, url: "https://api.minimaxi.com/v1"},
			{id: regionInternational, url: "https://api.minimax.io/v1", keyPage: "https://platform.minimax.io/user-center/basic-information/interface-key"},
		},
		separate: true,
		quirks: openaichat.Quirks{
			MaxTokensField: "max_tokens", DeveloperRole: llm.RoleSystem, MergeSystem: true, NeedsParameters: true, ContentNeverNull: true, ThinkTags: true,
			Clamp: []openaichat.Range{{Field: "temperature", Low: 0.01, High: 1}},
			Drop:  []string{"n", "logit_bias", "logprobs", "top_logprobs"},
		},
		errors: []openaichat.ErrorRule{
			{Codes: []string{"1004", "2049", "authorized_error"}, Kind: llm.KindAuth},
			{Codes: []string{"1008", "insufficient_balance_error"}, Kind: llm.KindQuota, Account: true, Advice: "top up on the platform's page of the account"},
			{Codes: []string{"2056"}, Kind: llm.KindQuota},
			{Codes: []string{"1002", "1039", "1041"}, Kind: llm.KindRate},
			{Codes: []string{"1026", "1027"}, Kind: llm.KindContent},
			{Codes: []string{"2013", "1042"}, Kind: llm.KindBadRequest},
			{Codes: []string{"1000", "1001", "1013", "1024", "1033"}, Kind: llm.KindTransient},
		},
		models:       modelsOf("MiniMax-M3", "MiniMax-M2.5", "MiniMax-M2.1", "MiniMax-M2"),
		noEmbeddings: true,
	}
}

func volcengine() preset {
	return preset{
		way: provider.Way{
			ID: "volcengine", Title: provider.Text{EN: "Volcengine Ark (Doubao)", ZH: "火山方舟（豆包）"}, Prefix: "volcengine",
			Help: provider.Text{
				EN: "Doubao and others; a model must be activated in the Ark console first. List models or endpoint ids (ep-…) by hand if the list is not what you use.",
				ZH: "豆包等模型；须先在方舟控制台开通模型。若列表与您使用的不符，可手动填写模型名或接入点 ID（ep-…）。",
			},
			Credential: provider.CredentialKey, KeyPage: "https://console.volcengine.com/ark/region:ark+cn-beijing/apiKey",
		},
		bases: []base{
			{id: "api", url: "https://ark.cn-beijing.volces.com/api/v3"},
			{id: "coding-plan", url: "https://ark.cn-beijing.volces.com/api/coding/v3"},
		},
		quirks: openaichat.Quirks{MaxTokensField: "max_tokens", DeveloperRole: llm.RoleSystem},
		errors: []openaichat.ErrorRule{
			{Codes: []string{"accountoverdueerror", "operationdenied.serviceoverdue"}, Kind: llm.KindQuota, Account: true, Advice: "top up at https://console.volcengine.com/finance"},
			{Codes: []string{"setlimitexceeded", "quotaexceeded*"}, Kind: llm.KindQuota, Advice: "see the limits of the model in the Ark console"},
			{Codes: []string{"modelnotopen", "operationdenied.servicenotopen"}, Kind: llm.KindNotFound, Advice: "activate the model at https://console.volcengine.com/ark"},
			{Codes: []string{"invalidendpointormodel*", "invalidendpoint.notfound", "unsupportedmodel"}, Kind: llm.KindNotFound},
			{Codes: []string{"sensitivecontentdetected*", "inputtextsensitivecontentdetected*", "inputimagesensitivecontentdetected*", "outputtextsensitivecontentdetected*"}, Kind: llm.KindContent},
			{Codes: []string{"serveroverloaded"}, Kind: llm.KindOverloaded},
			{Codes: []string{"ratelimitexceeded*", "modelaccount*"}, Kind: llm.KindRate},
		},
	}
}

func modelScope() preset {
	return preset{
		way: provider.Way{
			ID: "modelscope", Title: provider.Text{EN: "ModelScope", ZH: "魔搭 ModelScope"}, Prefix: "modelscope",
			Help: provider.Text{EN: "Open models with a free number of calls a day.", ZH: "开放模型，每天有免费调用次数。"},
			Notices: []provider.Text{{
				EN: "An Alibaba Cloud account must be bound to the ModelScope account before the key works.",
				ZH: "须先在 ModelScope 账户中绑定阿里云账号，密钥才可使用。",
			}},
			Credential: provider.CredentialKey, KeyPage: "https://modelscope.cn/my/myaccesstoken",
		},
		bases:  []base{{url: "https://api-inference.modelscope.cn/v1"}},
		quirks: openaichat.Quirks{MaxTokensField: "max_tokens", DeveloperRole: llm.RoleSystem},
		errors: []openaichat.ErrorRule{
			{Says: "bind your", Kind: llm.KindForbidden, Advice: "bind an Alibaba Cloud account at https://modelscope.cn/my/accountsettings"},
			{Status: 429, Says: "today's quota", Kind: llm.KindQuota},
			{Status: 400, Says: "has no provider supported", Kind: llm.KindNotFound},
		},
		openList: true,
	}
}

func keysAreSeparate() provider.Text {
	return provider.Text{
		EN: "A key works in the region it was made in alone: choose that one.",
		ZH: "密钥仅在创建它的区域有效：请选择对应的区域。",
	}
}

func modelsOf(ids ...string) []llm.Model {
	out := make([]llm.Model, 0, len(ids))
	for _, id := range ids {
		out = append(out, llm.Model{ID: id})
	}
	return out
}
