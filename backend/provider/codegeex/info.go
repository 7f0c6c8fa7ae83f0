package codegeex

import "github.com/WenChunTech/OpenAICompatible/backend/provider"

// The keys of the account's settings.
const (
	fieldEmulateTools  = "emulateTools"
	fieldLocale        = "locale"
	fieldUserID        = "userId"
	fieldUserRole      = "userRole"
	fieldIDE           = "ide"
	fieldIDEVersion    = "ideVersion"
	fieldPluginVersion = "pluginVersion"
	fieldMachineID     = "machineId"
	fieldTalkID        = "talkId"
	fieldUserAgent     = "userAgent"
	fieldBaseURL       = "baseUrl"
	fieldAuthURL       = "authUrl"
)

// The IDs of the ways.
const (
	wayToken   = "token"
	wayBrowser = "browser"
)

// Info describes the provider, its two ways and the fields of its form.
func (Provider) Info() provider.Info {
	official := []provider.Reference{{Provider: "openaicompat", Way: "zhipu"}}
	return provider.Info{
		Kind:    "codegeex",
		Title:   provider.Text{EN: "CodeGeeX", ZH: "CodeGeeX 代码助手"},
		Prefix:  "codegeex",
		Default: wayToken,
		Notices: []provider.Text{
			{
				EN: "This uses the address that the CodeGeeX editor extensions use. It is not a documented interface: it may change or stop at any time, and the site may limit or close an account that uses it from elsewhere. Read the site's terms, and use your own account.",
				ZH: "这里使用 CodeGeeX 编辑器插件所用的地址。它不是公开的接口：随时可能改变或停止，网站也可能限制或封停在别处使用的账号。请阅读网站条款，并使用您自己的账号。",
			},
			{
				EN: "The supported way is the paid interface of the same company at bigmodel.cn, with an API key: GLM models, and codegeex-4 as long as it is served there.",
				ZH: "官方支持的方式是同一公司 bigmodel.cn 的付费接口（API 密钥）：GLM 系列模型，以及仍在提供时的 codegeex-4。",
			},
			{
				EN: "What you send goes to codegeex.cn in China. It takes text only: pictures are refused; tools are refused too, unless you let this program describe them in the prompt.",
				ZH: "您发送的内容会传到中国的 codegeex.cn。它只接受文本：图片会被拒绝；工具调用也会被拒绝，除非您让本程序在提示词里描述它们。",
			},
		},
		Ways: []provider.Way{
			{
				ID:         wayBrowser,
				Title:      provider.Text{EN: "Sign in with the browser", ZH: "用浏览器登录"},
				Help:       provider.Text{EN: "Opens the site's sign-in page and waits until you are through, at most five minutes.", ZH: "打开网站的登录页并等待您完成登录，最多五分钟。"},
				Credential: provider.CredentialSignIn,
				SignIns:    []provider.SignInMethod{provider.SignInBrowser},
				Instead:    official,
			},
			{
				ID:         wayToken,
				Title:      provider.Text{EN: "Paste a token", ZH: "粘贴令牌"},
				Help:       provider.Text{EN: "The Code-Token that a signed-in CodeGeeX extension sends with its requests.", ZH: "已登录的 CodeGeeX 插件在请求中发送的 Code-Token。"},
				Credential: provider.CredentialKey,
				Instead:    official,
			},
		},
		Fields: append(fields(), callerFields()...),
	}
}

func fields() []provider.Field {
	return []provider.Field{
		{
			Key: fieldEmulateTools, Kind: provider.FieldSwitch, Default: "false",
			Label: provider.Text{EN: "Emulate tools", ZH: "模拟工具调用"},
			Help: provider.Text{
				EN: "Describe the tools in the prompt and look for calls in the answer. Less reliable than real tool calls; without it, requests with tools are refused.",
				ZH: "在提示词里描述工具，并在回答中查找调用。不如真正的工具调用可靠；不开启时，带工具的请求会被拒绝。",
			},
		},
		{
			Key: fieldLocale, Kind: provider.FieldChoice, Choices: []string{"", "zh", "en"},
			Words: map[string]provider.Text{"": {EN: "Not told", ZH: "不告知"}, "zh": {EN: "Chinese", ZH: "中文"}, "en": {EN: "English", ZH: "英文"}},
			Label: provider.Text{EN: "Language", ZH: "语言"},
			Help:  provider.Text{EN: "The language the site is told, if any.", ZH: "告诉网站的语言，可以不告知。"},
		},
		{
			Key: fieldUserAgent, Kind: provider.FieldText, Advanced: true,
			Label: provider.Text{EN: "User-Agent", ZH: "User-Agent 标头"},
			Help:  provider.Text{EN: "How the program introduces itself to the site; empty is its own name.", ZH: "程序向网站表明的身份；留空则使用程序自己的名称。"},
		},
		{
			Key: fieldBaseURL, Kind: provider.FieldURL, Default: usualBase, Advanced: true,
			Label: provider.Text{EN: "Base URL", ZH: "基础地址"},
			Help:  provider.Text{EN: "Where the site's interface is.", ZH: "网站接口所在的地址。"},
		},
		{
			Key: fieldAuthURL, Kind: provider.FieldURL, Default: usualAuth, Advanced: true,
			Label: provider.Text{EN: "Sign-in page", ZH: "登录页地址"},
			Help:  provider.Text{EN: "The page that the browser opens to sign in.", ZH: "登录时浏览器打开的页面。"},
		},
	}
}

// callerFields are what the original program sent of its user; the site works
// without them.
func callerFields() []provider.Field {
	text := func(key, en, zh, helpEN, helpZH string) provider.Field {
		return provider.Field{
			Key: key, Kind: provider.FieldText, Advanced: true,
			Label: provider.Text{EN: en, ZH: zh}, Help: provider.Text{EN: helpEN, ZH: helpZH},
		}
	}
	return []provider.Field{
		text(fieldUserID, "User ID", "用户 ID", "Your id at the site; found by the test of the account.", "您在网站的 ID；测试账号时会自动查到。"),
		text(fieldUserRole, "User role", "用户角色", "A whole number; empty is 0.", "整数；留空为 0。"),
		text(fieldIDE, "Editor", "编辑器", "The editor's name, as VSCode; may be empty.", "编辑器名称，例如 VSCode；可以留空。"),
		text(fieldIDEVersion, "Editor version", "编辑器版本", "May be empty.", "可以留空。"),
		text(fieldPluginVersion, "Extension version", "插件版本", "May be empty.", "可以留空。"),
		text(fieldMachineID, "Machine ID", "机器 ID", "An id of this computer, of your making; may be empty.", "由您自定的本机 ID；可以留空。"),
		text(fieldTalkID, "Conversation ID", "会话 ID", "Empty is a new one for each request, which is right for most.", "留空则每个请求使用新的会话，适合大多数情况。"),
	}
}
