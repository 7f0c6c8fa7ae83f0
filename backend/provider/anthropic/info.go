package anthropic

import "github.com/WenChunTech/OpenAICompatible/backend/provider"

// The keys of the account's settings.
const (
	fieldBaseURL   = "baseUrl"
	fieldKeyHeader = "keyHeader"
	fieldBeta      = "beta"
	fieldMaxTokens = "maxTokens"
)

// The values of fieldKeyHeader.
const (
	headerKey    = "x-api-key"
	headerBearer = "authorization"
)

// The IDs of the ways.
const (
	wayKey    = "key"
	wayCustom = "custom"
)

// Info describes the provider, its two ways and the fields of their forms.
func (Provider) Info() provider.Info {
	return provider.Info{
		Kind:   "anthropic",
		Title:  provider.Text{EN: "Anthropic", ZH: "Anthropic（Claude）协议"},
		Prefix: "anthropic",
		Notices: []provider.Text{{
			EN: "What you send goes to the service behind the key, and is billed and kept there under its terms.",
			ZH: "您发送的内容会传到该密钥所属的服务，由其按条款计费和保存。",
		}},
		Ways: []provider.Way{
			{
				ID:         wayKey,
				Title:      provider.Text{EN: "API key of Anthropic", ZH: "Anthropic 的 API 密钥"},
				Help:       provider.Text{EN: "Claude models, billed by use. A subscription of Claude gives no key.", ZH: "Claude 系列模型，按用量计费。Claude 订阅不包含 API 密钥。"},
				Credential: provider.CredentialKey,
				KeyPage:    "https://console.anthropic.com/settings/keys",
				Notices: []provider.Text{{
					EN: "Anthropic permits its subscriptions (Pro, Max) in its own programs alone: this program takes keys, and imitates none of them. The API is not offered in every country.",
					ZH: "Anthropic 的订阅（Pro、Max）只允许在其自家程序中使用：本程序只接受密钥，不会冒充那些程序。该接口并非在所有国家和地区提供。",
				}},
				Fields: []provider.Field{baseURL(false)},
			},
			{
				ID:         wayCustom,
				Title:      provider.Text{EN: "Another service with this protocol", ZH: "使用此协议的其他服务"},
				Help:       provider.Text{EN: "A service that answers the Messages protocol, as bigmodel.cn, Z.ai or DashScope do.", ZH: "支持 Messages 协议的服务，例如 bigmodel.cn、Z.ai 或 DashScope。"},
				Credential: provider.CredentialOptionalKey,
				Fields: []provider.Field{baseURL(true), {
					Key: fieldKeyHeader, Kind: provider.FieldChoice, Choices: []string{headerKey, headerBearer}, Default: headerKey,
					Label: provider.Text{EN: "Header of the key", ZH: "密钥所在标头"},
					Help:  provider.Text{EN: "x-api-key as Anthropic has it, or authorization for services that want a Bearer token.", ZH: "x-api-key 与 Anthropic 相同；要求 Bearer 令牌的服务请选 authorization。"},
				}},
			},
		},
		Fields: []provider.Field{
			{
				Key: fieldMaxTokens, Kind: provider.FieldText, Advanced: true,
				Label: provider.Text{EN: "Longest answer", ZH: "最长回答"},
				Help:  provider.Text{EN: "In tokens, for clients that set no limit: the protocol demands one. Empty suits the model.", ZH: "以词元计，用于没有设置上限的客户端：此协议必须有上限。留空则按模型选择。"},
			},
			{
				Key: fieldBeta, Kind: provider.FieldText, Advanced: true,
				Label: provider.Text{EN: "Beta features", ZH: "测试功能"},
				Help:  provider.Text{EN: "Names for the anthropic-beta header, separated by commas.", ZH: "anthropic-beta 标头中的名称，用逗号分隔。"},
			},
		},
	}
}

func baseURL(required bool) provider.Field {
	f := provider.Field{
		Key: fieldBaseURL, Kind: provider.FieldURL, Required: required, Advanced: !required,
		Label: provider.Text{EN: "Base URL", ZH: "基础地址"},
		Help: provider.Text{
			EN: "Up to the path before /v1/messages, for example https://open.bigmodel.cn/api/anthropic.",
			ZH: "到 /v1/messages 之前为止，例如 https://open.bigmodel.cn/api/anthropic。",
		},
	}
	if !required {
		f.Default = usualBase
	}
	return f
}
