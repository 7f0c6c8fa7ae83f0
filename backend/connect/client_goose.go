package connect

// goose is Goose, which keeps keys in the system's keyring and ignores any that
// stand in its file.
func goose() Client {
	return Client{
		ID: "goose", Title: "Goose", Names: []string{"goose"},
		Source: "https://goose-docs.ai/docs/guides/config-files", Checked: "2026-11-23",
		Marks: func(s System) []string {
			if s.OS == "windows" {
				return []string{s.settings("Block", "goose")}
			}
			return []string{s.home(".config", "goose")}
		},
		Variables: func(t Target) []Variable {
			return []Variable{
				{"GOOSE_PROVIDER", "openai"},
				{"GOOSE_MODEL", t.Model},
				{"OPENAI_HOST", t.root()},
				{"OPENAI_BASE_PATH", "v1/chat/completions"},
				{"OPENAI_API_KEY", t.Key},
			}
		},
		Steps: []Text{
			{EN: "Goose keeps keys in the system's keyring, so its file is not changed from here. Run goose configure, Configure Providers, OpenAI.", ZH: "Goose 将密钥保存在系统密钥环中，因此这里不修改它的文件。运行 goose configure，选择 Configure Providers → OpenAI。"},
			{EN: "Enter the API key, and as OPENAI_HOST the base URL without /v1; then the model.", ZH: "填入 API 密钥，OPENAI_HOST 填不带 /v1 的基础地址，然后填模型。"},
			{EN: "Or set the variables below in the shell that starts goose.", ZH: "也可以在启动 goose 的 shell 中设置下面的变量。"},
		},
	}
}
