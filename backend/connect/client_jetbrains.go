package connect

// jetbrains is the AI Assistant of JetBrains IDEs, which keeps keys in the
// IDE's password store.
func jetbrains() Client {
	return Client{
		ID: "jetbrains", Title: "JetBrains AI", Names: []string{"jetbrains"},
		Source: "https://www.jetbrains.com/help/ai-assistant/use-custom-models.html", Checked: "2026-11-23",
		Marks: func(s System) []string { return []string{s.settings("JetBrains")} },
		Steps: []Text{
			{EN: "Open Settings | Tools | AI Assistant | Models & API keys (in some versions: Providers & API keys).", ZH: "打开 设置 | 工具 | AI Assistant | 模型与 API 密钥（部分版本为“提供商与 API 密钥”）。"},
			{EN: "Under third-party AI providers choose OpenAI-compatible.", ZH: "在第三方 AI 提供商中选择 OpenAI 兼容（OpenAI-compatible）。"},
			{EN: "Enter the base URL and the API key from below and press Test Connection.", ZH: "填入下面的基础地址和 API 密钥，点击“测试连接”。"},
			{EN: "Under Models Assignment choose the model for core features and instant helpers.", ZH: "在模型分配中，为核心功能和即时助手选择模型。"},
		},
	}
}
