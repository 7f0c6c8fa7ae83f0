package openaicompat

import "github.com/WenChunTech/OpenAICompatible/backend/provider"

// The keys of the account's settings.
const (
	fieldBaseURL   = "baseUrl"
	fieldTranslate = "translate"
)

// Info describes the provider and the fields of its form.
func (Provider) Info() provider.Info {
	return provider.Info{
		Kind:   "openaicompat",
		Title:  provider.Text{EN: "OpenAI-compatible", ZH: "OpenAI 兼容"},
		Prefix: "openai",
		Notices: []provider.Text{
			{
				EN: "What you send goes to the address you enter, and is billed and kept there under that service's terms. Use a key that you are allowed to use.",
				ZH: "您发送的内容会传到您填写的地址，由该服务按其条款计费和保存。请使用您有权使用的密钥。",
			},
			{
				EN: "An http:// address sends the key and the text unencrypted: fine on this computer, not across a network.",
				ZH: "http:// 地址会以明文发送密钥和内容：在本机上可以，跨网络请用 https://。",
			},
		},
		Ways: []provider.Way{{
			ID:         "custom",
			Title:      provider.Text{EN: "Any address", ZH: "任意地址"},
			Help:       provider.Text{EN: "A service of your choice, by its base URL.", ZH: "按基础地址使用您选择的服务。"},
			Credential: provider.CredentialOptionalKey,
		}},
		Fields: append(fields(), quirks()...),
	}
}

func fields() []provider.Field {
	return []provider.Field{
		{
			Key: fieldBaseURL, Kind: provider.FieldURL, Required: true,
			Label: provider.Text{EN: "Base URL", ZH: "基础地址"},
			Help: provider.Text{
				EN: "As the service's documentation gives it, for example https://api.example.com/v1. A local server: http://127.0.0.1:11434/v1.",
				ZH: "照服务文档填写，例如 https://api.example.com/v1；本机服务例如 http://127.0.0.1:11434/v1。",
			},
		},
		{
			Key: fieldTranslate, Kind: provider.FieldSwitch, Default: "false",
			Label: provider.Text{EN: "Always translate", ZH: "始终转换"},
			Help: provider.Text{
				EN: "Read and rewrite every request and answer instead of passing them on byte for byte. Slower; helps with a service that does not keep to the protocol.",
				ZH: "读懂并重写每个请求和回答，而不是逐字节转发。较慢；适合不完全遵守协议的服务。",
			},
		},
	}
}
