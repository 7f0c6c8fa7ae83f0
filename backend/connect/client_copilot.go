package connect

// copilot is the chat of VS Code with a custom endpoint. A key that stands in
// the file is used as it is; one that is typed into VS Code goes to its secret
// store.
func copilot() Client {
	return Client{
		ID: "copilot", Title: "VS Code Copilot", Names: []string{"copilot-chat", "copilot"},
		Source: "https://github.com/microsoft/vscode/issues/316916", Checked: "2026-11-23",
		Marks: func(s System) []string { return []string{vscodeUser(s)} },
		Files: []File{{
			Format: JSON, HoldsKey: true,
			Paths: func(s System) []string { return []string{vscodeUser(s, "chatLanguageModels.json")} },
			Sets: func(t Target) []Set {
				return []Set{{Item: "name", Value: Fields{
					{"name", Provider},
					{"vendor", "customendpoint"},
					{"apiKey", t.Key},
					{"apiType", "chat-completions"},
					{"models", []any{Fields{
						{"id", t.Model},
						{"name", t.Model},
						{"url", t.BaseURL + "/chat/completions"},
						{"toolCalling", true},
						{"vision", true},
						{"maxInputTokens", t.context()},
						{"maxOutputTokens", t.output()},
					}}},
				}}}
			},
		}},
		Steps: []Text{
			{EN: "VS Code 1.122 or newer with GitHub Copilot Chat is needed.", ZH: "需要 VS Code 1.122 或更新版本，并安装 GitHub Copilot Chat。"},
			{EN: "Choose the model in the chat's model list. If it does not appear, restart VS Code.", ZH: "在聊天的模型列表中选择该模型。如果没有出现，请重启 VS Code。"},
		},
	}
}

// vscodeUser is a path in the folder of VS Code's user settings.
func vscodeUser(s System, parts ...string) string {
	user := s.settings("Code", "User")
	if dir := s.moved("VSCODE_PORTABLE", ""); dir != "" {
		user = under(dir, "user-data", "User")[0]
	}
	return under(user, parts...)[0]
}
