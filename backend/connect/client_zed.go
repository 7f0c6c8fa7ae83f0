package connect

// zed is the Zed editor, which takes keys from its environment or from the
// system's keychain, never from its settings.
func zed() Client {
	path := func(s System) string {
		if s.OS == "windows" {
			return s.settings("Zed", "settings.json")
		}
		if s.OS == "darwin" {
			return s.home(".config", "zed", "settings.json")
		}
		return s.config("zed", "settings.json")
	}
	return Client{
		ID: "zed", Title: "Zed", Names: []string{"zed"},
		Source: "https://zed.dev/docs/ai/use-api-access", Checked: "2026-11-23",
		Marks: func(s System) []string { return []string{path(s)} },
		Files: []File{{
			Format: JSON,
			Paths:  func(s System) []string { return []string{path(s)} },
			Sets: func(t Target) []Set {
				provider := []string{"language_models", "openai_compatible", Provider}
				return []Set{
					{Path: append(provider, "api_url"), Value: t.BaseURL},
					{Path: append(provider, "available_models"), Item: "name", Value: Fields{
						{"name", t.Model},
						{"display_name", t.Model},
						{"max_tokens", t.context()},
						{"max_output_tokens", t.output()},
					}},
				}
			},
		}},
		Variables: func(t Target) []Variable { return []Variable{{"OPENAICOMPATIBLE_API_KEY", t.Key}} },
		Steps: []Text{
			{EN: "Zed reads no key from a file: open Agent Settings, LLM Providers, OpenAICompatible, and paste the API key there; or set the variable below before Zed starts.", ZH: "Zed 不从文件读取密钥：打开 Agent 设置 → LLM Providers → OpenAICompatible，粘贴 API 密钥；或在启动 Zed 之前设置下面的变量。"},
			{EN: "Choose the model in the agent panel.", ZH: "在 Agent 面板中选择该模型。"},
		},
	}
}
