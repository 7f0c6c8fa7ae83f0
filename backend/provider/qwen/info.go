package qwen

import "github.com/WenChunTech/OpenAICompatible/backend/provider"

// Info describes the three ways, the supported one first.
func (Provider) Info() provider.Info {
	return provider.Info{
		Kind:   "qwen",
		Title:  provider.Text{EN: "Qwen", ZH: "通义千问 Qwen"},
		Prefix: "qwen",
		Notices: []provider.Text{{
			EN: "What you send goes to Alibaba, in the region or to the site that you choose, and is kept there under its terms.",
			ZH: "您发送的内容会传到阿里云所选的地域或所选的网站，并按其条款保存。",
		}},
		Ways: []provider.Way{studioWay(), webWay(), codeWay()},
	}
}

func studioWay() provider.Way {
	w := provider.Way{
		ID:         wayStudio,
		Title:      provider.Text{EN: "Model Studio (DashScope), API key", ZH: "百炼 Model Studio（DashScope）API 密钥"},
		Help:       provider.Text{EN: "The supported way: an API key of Alibaba Cloud, billed by use or by a Coding Plan.", ZH: "官方支持的方式：阿里云 API 密钥，按量计费或使用 Coding Plan。"},
		Credential: provider.CredentialKey,
		KeyPage:    "https://bailian.console.aliyun.com/?tab=model#/api-key",
		Notices: []provider.Text{
			{
				EN: "A key is known in the region that it was made in alone. Keys for regions outside China are made at modelstudio.console.alibabacloud.com.",
				ZH: "密钥只在创建它的地域有效。中国内地以外地域的密钥请在 modelstudio.console.alibabacloud.com 创建。",
			},
			{
				EN: "The Coding Plan (keys sk-sp-…) is meant for coding tools; its terms may not allow other use, and the service may refuse it. It does not list its models, so the names that its documentation gives are shown.",
				ZH: "Coding Plan（密钥以 sk-sp- 开头）仅供编程工具使用；其条款可能不允许其他用途，服务也可能拒绝。它不提供模型列表，因此显示其文档中列出的名称。",
			},
		},
		Fields: []provider.Field{
			{
				Key: fieldRegion, Kind: provider.FieldChoice, Default: regions()[0].id,
				Label: provider.Text{EN: "Region or plan", ZH: "地域或套餐"},
				Help: provider.Text{
					EN: "Where the key was made. A key of another region is found when the account is tested.",
					ZH: "创建密钥的地域。测试账号时会自动识别密钥所属地域。",
				},
			},
			{
				Key: fieldBaseURL, Kind: provider.FieldURL, Advanced: true,
				Label: provider.Text{EN: "Base URL", ZH: "基础地址"},
				Help: provider.Text{
					EN: "A workspace's own address, or a gateway's; it takes the place of the region. Empty: the region's.",
					ZH: "业务空间的专属地址或网关地址，代替所选地域；留空则使用该地域的地址。",
				},
			},
		},
	}
	w.Fields[0].Words = map[string]provider.Text{}
	for _, r := range regions() {
		w.Fields[0].Choices = append(w.Fields[0].Choices, r.id)
		w.Fields[0].Words[r.id] = provider.Text{EN: r.name, ZH: r.nameZH}
	}
	return w
}

func webWay() provider.Way {
	return provider.Way{
		ID:         wayWeb,
		Title:      provider.Text{EN: "chat.qwen.ai, web token", ZH: "chat.qwen.ai 网页令牌"},
		Help:       provider.Text{EN: "The free page, with the token of your own sign-in: text only, and only while the site lets programs in.", ZH: "免费网页版，使用您自己登录后的令牌：仅支持文本，且仅在网站允许程序访问时可用。"},
		Credential: provider.CredentialKey,
		KeyPage:    webBase,
		Notices: []provider.Text{
			{
				EN: "This uses the page's private interface, which is not documented, may change any day and stands behind protection against bots. The site's terms may not allow it, and your account may be limited. Model Studio with an API key is the supported way.",
				ZH: "此方式使用网页的私有接口：没有公开文档，随时可能变化，并有防机器人保护。网站条款可能不允许这样使用，您的账号可能受到限制。官方支持的方式是百炼 API 密钥。",
			},
			{
				EN: "When the site wants to see a browser, this program does not pretend to be one: it tells you to open the site, pass the check and copy the token again.",
				ZH: "当网站要求验证浏览器时，本程序不会冒充浏览器：它会提示您打开网站完成验证，然后重新复制令牌。",
			},
			{
				EN: "Where to find it: sign in at chat.qwen.ai, open the developer tools (F12), Application, Local Storage, and copy the value of token. It ends after some weeks.",
				ZH: "获取方法：登录 chat.qwen.ai，打开开发者工具（F12）→ 应用 → 本地存储，复制 token 的值。令牌数周后失效。",
			},
			{
				EN: "Each request leaves a chat in your history at chat.qwen.ai; delete them there. Pictures are not possible, and sampling settings have no effect.",
				ZH: "每次请求都会在 chat.qwen.ai 的历史记录中留下一个对话，请在网站上删除。不支持图片，采样参数不起作用。",
			},
		},
		Fields: []provider.Field{
			{
				Key: fieldEmulateTools, Kind: provider.FieldSwitch, Default: "false",
				Label: provider.Text{EN: "Emulate tools", ZH: "模拟工具调用"},
				Help: provider.Text{
					EN: "The site has no tools. Off: requests with tools are refused. On: the tools are described in the prompt and the calls are taken out of the answer; how well that works is up to the model.",
					ZH: "该网站没有工具功能。关闭时拒绝带工具的请求；开启时在提示词中描述工具，并从回答中提取调用，效果取决于模型。",
				},
			},
			{
				Key: fieldCookie, Kind: provider.FieldSecret, Advanced: true,
				Label: provider.Text{EN: "Cookie", ZH: "Cookie 请求头"},
				Help: provider.Text{
					EN: "Your own browser's Cookie header for chat.qwen.ai, sent as it is. Try without it first.",
					ZH: "您自己的浏览器访问 chat.qwen.ai 时的 Cookie 请求头，原样发送。请先尝试不填。",
				},
			},
			{
				Key: fieldHeaders, Kind: provider.FieldSecret, Advanced: true,
				Label: provider.Text{EN: "Extra headers", ZH: "附加请求头"},
				Help: provider.Text{
					EN: "Headers of your own browser as Name: value, one a line or with | between, sent as they are. Try without them first.",
					ZH: "您自己浏览器的请求头，格式为 名称: 值，每行一个或用 | 分隔，原样发送。请先尝试不填。",
				},
			},
			{
				Key: fieldBaseURL, Kind: provider.FieldURL, Advanced: true,
				Label: provider.Text{EN: "Site address", ZH: "网站地址"},
				Help:  provider.Text{EN: "Empty: https://chat.qwen.ai. The token goes to this address.", ZH: "留空为 https://chat.qwen.ai。令牌会发送到此地址。"},
			},
		},
		Instead: []provider.Reference{{Provider: "qwen", Way: wayStudio}},
	}
}

func codeWay() provider.Way {
	address := func(key string, label, usual provider.Text) provider.Field {
		return provider.Field{
			Key: key, Kind: provider.FieldURL, Advanced: true, Label: label,
			Help: provider.Text{EN: "Empty: " + usual.EN, ZH: "留空：" + usual.ZH},
		}
	}
	return provider.Way{
		ID:         wayCode,
		Title:      provider.Text{EN: "Qwen Code sign-in (ended)", ZH: "Qwen Code 登录（已停止）"},
		Help:       provider.Text{EN: "Credentials of Qwen Code, imported or by a new sign-in.", ZH: "Qwen Code 的凭据，可导入或重新登录。"},
		Prefix:     "qwen_code",
		Credential: provider.CredentialSignIn,
		SignIns:    []provider.SignInMethod{provider.SignInDevice},
		Notices: []provider.Text{{
			EN: "The sign-in was made for the Qwen Code program; its terms may not allow use by others. This program says its own name there.",
			ZH: "该登录方式是为 Qwen Code 程序提供的，其条款可能不允许其他程序使用。本程序会以自己的名称访问。",
		}},
		Fields: []provider.Field{
			address(fieldBaseURL, provider.Text{EN: "Base URL", ZH: "基础地址"}, provider.Text{
				EN: "the address that the token names, or " + codeBase, ZH: "令牌中的地址，或 " + codeBase,
			}),
			address(fieldAuthURL, provider.Text{EN: "Address for codes", ZH: "设备码地址"}, provider.Text{EN: codeAuthURL, ZH: codeAuthURL}),
			address(fieldTokenURL, provider.Text{EN: "Address for tokens", ZH: "令牌地址"}, provider.Text{EN: codeTokenURL, ZH: codeTokenURL}),
		},
		Ended: &provider.Text{
			EN: "The free tier of Qwen Code's sign-in ended on 2026-04-15, and the service refuses its tokens. Stored credentials are still tried when they are used.",
			ZH: "Qwen Code 登录的免费额度已于 2026-04-15 停止，服务会拒绝其令牌。已保存的凭据在使用时仍会尝试。",
		},
		Instead: []provider.Reference{{Provider: "qwen", Way: wayStudio}},
	}
}
