package connect

// qwenCode is Qwen Code, with an endpoint that speaks OpenAI's protocol.
func qwenCode() Client {
	folder := func(s System) string { return s.moved("QWEN_HOME", s.home(".qwen")) }
	variables := func(t Target) []Variable {
		return []Variable{{"OPENAI_BASE_URL", t.BaseURL}, {"OPENAI_API_KEY", t.Key}, {"OPENAI_MODEL", t.Model}}
	}
	return Client{
		ID: "qwen-code", Title: "Qwen Code", Names: []string{"qwen-code"},
		Source: "https://qwenlm.github.io/qwen-code-docs/en/users/configuration/settings", Checked: "2026-11-23",
		Marks: func(s System) []string { return []string{folder(s)} },
		Files: []File{
			{
				Format: Env, HoldsKey: true,
				Paths: func(s System) []string { return under(folder(s), ".env") },
				Sets:  func(t Target) []Set { return assignments(variables(t)) },
			},
			{
				Format: JSON,
				Paths:  func(s System) []string { return under(folder(s), "settings.json") },
				Sets: func(Target) []Set {
					return []Set{{Path: []string{"security", "auth", "selectedType"}, Value: "openai"}}
				},
			},
		},
		Variables: variables,
		Steps: []Text{
			{EN: "Start qwen again. In a project that has a .env file of its own, that one is read first.", ZH: "重新启动 qwen。如果项目自带 .env 文件，则会优先读取该文件。"},
		},
	}
}
