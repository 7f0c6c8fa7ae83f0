package connect

// continueDev is Continue, in VS Code, JetBrains IDEs and the terminal (cn).
func continueDev() Client {
	folder := func(s System) string { return s.moved("CONTINUE_GLOBAL_DIR", s.home(".continue")) }
	return Client{
		ID: "continue", Title: "Continue", Names: []string{"continue"},
		Source: "https://docs.continue.dev/reference", Checked: "2026-11-23",
		Marks: func(s System) []string { return []string{folder(s)} },
		Files: []File{{
			Format: YAML, HoldsKey: true,
			Paths:   func(s System) []string { return under(folder(s), "config.yaml") },
			Shadows: func(s System) string { return under(folder(s), "config.json")[0] },
			Sets: func(t Target) []Set {
				return []Set{
					{Path: []string{"name"}, Value: "Local Config", Absent: true},
					{Path: []string{"version"}, Value: "1.0.0", Absent: true},
					{Path: []string{"schema"}, Value: "v1", Absent: true},
					{Path: []string{"models"}, Item: "name", Value: Fields{
						{"name", Provider},
						{"provider", "openai"},
						{"model", t.Model},
						{"apiBase", t.BaseURL},
						{"apiKey", t.Key},
						{"roles", []any{"chat", "edit", "apply"}},
					}},
				}
			},
		}},
		Steps: []Text{{
			EN: "Choose OpenAICompatible in Continue's list of models. Continue reads the file again when it changes.",
			ZH: "在 Continue 的模型列表中选择 OpenAICompatible。文件变化后 Continue 会自动重新读取。",
		}},
	}
}
