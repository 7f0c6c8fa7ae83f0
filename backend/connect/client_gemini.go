package connect

// geminiCLI is Gemini CLI with an API key. It takes the address from its
// environment alone, which it also reads from a file.
func geminiCLI() Client {
	folder := func(s System) string { return under(s.moved("GEMINI_CLI_HOME", s.Home), ".gemini")[0] }
	variables := func(t Target) []Variable {
		return []Variable{{"GOOGLE_GEMINI_BASE_URL", t.root()}, {"GEMINI_API_KEY", t.Key}, {"GEMINI_MODEL", t.Model}}
	}
	return Client{
		ID: "gemini-cli", Title: "Gemini CLI", Names: []string{"gemini-cli"},
		Source: "https://geminicli.com/docs/reference/configuration", Checked: "2026-11-23",
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
					return []Set{{Path: []string{"security", "auth", "selectedType"}, Value: "gemini-api-key"}}
				},
			},
		},
		Variables: variables,
		Steps: []Text{
			{EN: "Start gemini again. In a project that has a .env file of its own, that one is read instead.", ZH: "重新启动 gemini。如果项目自带 .env 文件，则会改为读取该文件。"},
		},
	}
}
