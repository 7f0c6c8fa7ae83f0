package gemini

import "github.com/WenChunTech/OpenAICompatible/backend/provider"

// The keys of the account's settings.
const (
	fieldProject      = "projectId"
	fieldLocation     = "location"
	fieldClientID     = "clientId"
	fieldClientSecret = "clientSecret"
	fieldBase         = "baseUrl"
	fieldAuth         = "authUrl"
	fieldToken        = "tokenUrl"
)

const (
	usualLocation = "global"
	keyPage       = "https://aistudio.google.com/apikey"
)

// Info describes the provider and its ways.
func (Provider) Info() provider.Info {
	return provider.Info{
		Kind:   "gemini",
		Title:  provider.Text{EN: "Google Gemini", ZH: "谷歌 Gemini"},
		Prefix: "gemini",
		Notices: []provider.Text{{
			EN: "What you send goes to Google, under the terms of the way you choose.",
			ZH: "您发送的内容会传到 Google，适用您所选方式的条款。",
		}},
		Ways: []provider.Way{keyWay(), vertexWay(), vertexFileWay(), vertexADCWay(), cliWay()},
	}
}

func keyWay() provider.Way {
	return provider.Way{
		ID:    wayKey,
		Title: provider.Text{EN: "Gemini API key", ZH: "Gemini API 密钥"},
		Help: provider.Text{
			EN: "For everybody: a key from Google AI Studio, made in a minute.",
			ZH: "适合所有人：在 Google AI Studio 中一分钟即可创建密钥。",
		},
		Notices: []provider.Text{{
			EN: "Without billing Google may use what you send to improve its products, and gives some 250 requests a day, of Flash models only. With billing you pay by use.",
			ZH: "未启用结算时，Google 可能会将您发送的内容用于改进产品，且每天约 250 次请求，仅限 Flash 模型；启用结算后按用量付费。",
		}},
		Credential: provider.CredentialKey, KeyPage: keyPage,
		Fields: []provider.Field{baseField(publicURL)},
	}
}

func vertexWay() provider.Way {
	return provider.Way{
		ID: wayVertex, Prefix: "vertex",
		Title: provider.Text{EN: "Vertex AI, by Google sign-in", ZH: "Vertex AI（Google 登录）"},
		Help: provider.Text{
			EN: "For owners of a Google Cloud project with the Vertex AI API enabled.",
			ZH: "适合拥有 Google Cloud 项目并已启用 Vertex AI API 的用户。",
		},
		Notices:    []provider.Text{vertexNotice()},
		Credential: provider.CredentialSignIn,
		SignIns:    []provider.SignInMethod{provider.SignInBrowser, provider.SignInCode},
		Fields:     append(vertexFields(), signInFields()...),
		Instead:    []provider.Reference{reference(wayKey)},
	}
}

func vertexFileWay() provider.Way {
	return provider.Way{
		ID: wayVertexFile, Prefix: "vertex",
		Title: provider.Text{EN: "Vertex AI, by a service account's file", ZH: "Vertex AI（服务账号文件）"},
		Help: provider.Text{
			EN: "For servers: the JSON key file of a service account with the role Vertex AI User.",
			ZH: "适合服务器：具有 Vertex AI User 角色的服务账号 JSON 密钥文件。",
		},
		Notices:    []provider.Text{vertexNotice()},
		Credential: provider.CredentialFile, KeyPage: "https://console.cloud.google.com/iam-admin/serviceaccounts",
		Fields:  vertexFields(),
		Instead: []provider.Reference{reference(wayKey)},
	}
}

func vertexADCWay() provider.Way {
	return provider.Way{
		ID: wayVertexADC, Prefix: "vertex",
		Title: provider.Text{EN: "Vertex AI, by this computer's credentials", ZH: "Vertex AI（本机默认凭据）"},
		Help: provider.Text{
			EN: "Uses the application default credentials: those of gcloud, of GOOGLE_APPLICATION_CREDENTIALS, or of the cloud server it runs on.",
			ZH: "使用应用默认凭据：gcloud、GOOGLE_APPLICATION_CREDENTIALS，或所在云服务器的凭据。",
		},
		Notices:    []provider.Text{vertexNotice()},
		Credential: provider.CredentialNone,
		Fields:     vertexFields(),
		Instead:    []provider.Reference{reference(wayKey)},
	}
}

func vertexNotice() provider.Text {
	return provider.Text{
		EN: "Google bills the project by use, under the terms of Google Cloud.",
		ZH: "Google 按用量向该项目计费，适用 Google Cloud 条款。",
	}
}

func cliWay() provider.Way {
	return provider.Way{
		ID: wayCLI, Prefix: "gemini_cli",
		Title: provider.Text{EN: "Gemini Code Assist, by Google sign-in", ZH: "Gemini Code Assist（Google 登录）"},
		Help: provider.Text{
			EN: "For accounts with a Gemini Code Assist Standard or Enterprise license from their organization.",
			ZH: "仅适合由组织授予 Gemini Code Assist 标准版或企业版许可的账号。",
		},
		Notices: []provider.Text{
			{
				EN: "Personal Google accounts, also with AI Pro or Ultra, have not been served this way since 2026-06-18: they can sign in, and are refused then.",
				ZH: "自 2026-06-18 起，个人 Google 账号（包括 AI Pro 和 Ultra）不再能以此方式使用：可以登录，但随后会被拒绝。",
			},
			{
				EN: "Google's terms do not allow other programs to use Code Assist through Gemini CLI's sign-in: Google may suspend the account. A Gemini API key or Vertex AI is what Google recommends instead.",
				ZH: "Google 的条款不允许其他程序借用 Gemini CLI 的登录来使用 Code Assist：账号可能被停用。Google 建议改用 Gemini API 密钥或 Vertex AI。",
			},
			{
				EN: "Licenses end too: no new subscriptions after 2026-10-09, no added licenses after 2027-01-31, and the last monthly renewals on 2027-12-31.",
				ZH: "许可也将停止：2026-10-09 后不再接受新订阅，2027-01-31 后不再增加许可，最后一次按月续订为 2027-12-31。",
			},
		},
		Credential: provider.CredentialSignIn,
		SignIns:    []provider.SignInMethod{provider.SignInBrowser, provider.SignInCode},
		Fields: append([]provider.Field{{
			Key: fieldProject, Kind: provider.FieldText,
			Label: provider.Text{EN: "Google Cloud project ID", ZH: "Google Cloud 项目 ID"},
			Help: provider.Text{
				EN: "The project that the license is in, as my-project-123. Empty: Google is asked.",
				ZH: "许可所在的项目，例如 my-project-123；留空则向 Google 查询。",
			},
		}, baseField(codeAssistURL)}, signInFields()...),
		Instead: []provider.Reference{reference(wayKey), reference(wayVertex)},
	}
}

func reference(way string) provider.Reference {
	return provider.Reference{Provider: "gemini", Way: way}
}

func vertexFields() []provider.Field {
	return []provider.Field{
		{
			Key: fieldProject, Kind: provider.FieldText, Required: true,
			Label: provider.Text{EN: "Google Cloud project ID", ZH: "Google Cloud 项目 ID"},
			Help: provider.Text{
				EN: "As my-project-123, not the number; its Vertex AI API must be enabled.",
				ZH: "例如 my-project-123（不是项目编号），并已启用 Vertex AI API。",
			},
		},
		{
			Key: fieldLocation, Kind: provider.FieldText, Default: usualLocation,
			Label: provider.Text{EN: "Location", ZH: "位置"},
			Help: provider.Text{
				EN: "global, or a region as us-central1 or europe-west4, where what you send is to stay.",
				ZH: "global，或您希望数据所在的区域，例如 us-central1、europe-west4。",
			},
		},
		baseField("https://aiplatform.googleapis.com/v1"),
	}
}

func baseField(usual string) provider.Field {
	return provider.Field{
		Key: fieldBase, Kind: provider.FieldURL, Advanced: true,
		Label: provider.Text{EN: "API address", ZH: "接口地址"},
		Help:  provider.Text{EN: "For a gateway of your own. Empty: " + usual, ZH: "用于自建网关；留空则为 " + usual},
	}
}

// signInFields are those of an OAuth client of one's own.
func signInFields() []provider.Field {
	return []provider.Field{
		{
			Key: fieldClientID, Kind: provider.FieldText, Advanced: true,
			Label: provider.Text{EN: "OAuth client ID", ZH: "OAuth 客户端 ID"},
			Help: provider.Text{
				EN: "A client of your own, of the type Desktop app. Empty: the one that Google publishes in Gemini CLI.",
				ZH: "您自己的“桌面应用”类型客户端；留空则使用 Google 在 Gemini CLI 中公开的客户端。",
			},
		},
		{
			Key: fieldClientSecret, Kind: provider.FieldSecret, Advanced: true,
			Label: provider.Text{EN: "OAuth client secret", ZH: "OAuth 客户端密钥"},
			Help:  provider.Text{EN: "Belongs to the client ID above.", ZH: "与上面的客户端 ID 对应。"},
		},
		{
			Key: fieldAuth, Kind: provider.FieldURL, Advanced: true,
			Label: provider.Text{EN: "Sign-in page", ZH: "登录页面地址"},
			Help:  provider.Text{EN: "Empty: Google's own.", ZH: "留空则为 Google 的地址。"},
		},
		{
			Key: fieldToken, Kind: provider.FieldURL, Advanced: true,
			Label: provider.Text{EN: "Token address", ZH: "令牌地址"},
			Help:  provider.Text{EN: "Empty: Google's own.", ZH: "留空则为 Google 的地址。"},
		},
	}
}
