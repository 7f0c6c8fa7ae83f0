package openaicompat

import "github.com/WenChunTech/OpenAICompatible/backend/provider"

// The keys of the account's settings.
const (
	fieldRegion    = "region"
	fieldBaseURL   = "baseUrl"
	fieldTranslate = "translate"
)

// Info describes the provider, its services and the fields of their forms.
func (Provider) Info() provider.Info {
	all := presets()
	ways := make([]provider.Way, 0, len(all))
	for _, p := range all {
		way := p.way
		way.Fields = p.fields()
		ways = append(ways, way)
	}
	return provider.Info{
		Kind:   "openaicompat",
		Title:  provider.Text{EN: "OpenAI-compatible", ZH: "OpenAI 兼容"},
		Prefix: "openai",
		Notices: []provider.Text{
			{
				EN: "What you send goes to the address of the account, and is billed and kept there under that service's terms. Use a key that you are allowed to use.",
				ZH: "您发送的内容会传到账户的地址，由该服务按其条款计费和保存。请使用您有权使用的密钥。",
			},
			{
				EN: "An http:// address sends the key and the text unencrypted: fine on this computer, not across a network.",
				ZH: "http:// 地址会以明文发送密钥和内容：在本机上可以，跨网络请用 https://。",
			},
		},
		Ways:    ways,
		Default: custom,
		Fields: []provider.Field{{
			Key: fieldTranslate, Kind: provider.FieldSwitch, Default: "false", Advanced: true,
			Label: provider.Text{EN: "Always translate", ZH: "始终转换"},
			Help: provider.Text{
				EN: "Read and rewrite every request and answer instead of passing them on byte for byte. Slower; helps with a service that does not keep to the protocol.",
				ZH: "读懂并重写每个请求和回答，而不是逐字节转发。较慢；适合不完全遵守协议的服务。",
			},
		}},
	}
}

// regionWords are what a form shows for a region or plan.
func regionWords(id string) provider.Text {
	switch id {
	case regionChina:
		return provider.Text{EN: "China", ZH: "中国站"}
	case regionInternational:
		return provider.Text{EN: "International", ZH: "国际站"}
	case "china-coding-plan":
		return provider.Text{EN: "China, coding plan", ZH: "中国站编程套餐"}
	case "international-coding-plan":
		return provider.Text{EN: "International, coding plan", ZH: "国际站编程套餐"}
	case "coding-plan":
		return provider.Text{EN: "Coding plan", ZH: "编程套餐"}
	case "codestral":
		return provider.Text{EN: "Codestral's own address", ZH: "Codestral 专用地址"}
	default:
		return provider.Text{EN: "Usual API", ZH: "常规接口"}
	}
}

// fields are the settings of one service. What it wants differently is folded
// away, with what the preset knows of it as the defaults.
func (p preset) fields() []provider.Field {
	var out []provider.Field
	if len(p.bases) > 1 {
		region := provider.Field{
			Key: fieldRegion, Kind: provider.FieldChoice, Default: p.bases[0].id,
			Label: provider.Text{EN: "Region or plan", ZH: "区域或套餐"},
			Help:  provider.Text{EN: "Where the key was made.", ZH: "密钥所属的区域或套餐。"},
		}
		region.Words = map[string]provider.Text{}
		for _, b := range p.bases {
			region.Choices = append(region.Choices, b.id)
			region.Words[b.id] = regionWords(b.id)
		}
		out = append(out, region)
	}
	out = append(out, p.baseField(), p.responsesField())
	switches := quirkFields(p.quirks)
	for i := range switches {
		switches[i].Advanced = true
	}
	return append(out, switches...)
}

func (p preset) baseField() provider.Field {
	f := provider.Field{
		Key: fieldBaseURL, Kind: provider.FieldURL,
		Label: provider.Text{EN: "Base URL", ZH: "基础地址"},
		Help: provider.Text{
			EN: "Only for a gateway or another address of the service; empty is the service's own.",
			ZH: "仅在使用网关或其他地址时填写；留空则使用该服务自己的地址。",
		},
	}
	switch {
	case len(p.bases) == 0:
		f.Required = true
		f.Help = provider.Text{
			EN: "As the service's documentation gives it, for example https://api.example.com/v1. A local server: http://127.0.0.1:11434/v1.",
			ZH: "照服务文档填写，例如 https://api.example.com/v1；本机服务例如 http://127.0.0.1:11434/v1。",
		}
	case p.start != "":
		f.Default = p.bases[0].url
		f.Help = provider.Text{EN: "Where the server listens.", ZH: "服务器监听的地址。"}
	case len(p.bases) == 1:
		f.Default, f.Advanced = p.bases[0].url, true
	default:
		f.Advanced = true
	}
	return f
}
