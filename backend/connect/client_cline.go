package connect

// cline is Cline, in VS Code, JetBrains IDEs and the terminal. Its extension
// keeps the key in the editor's secret store, and its command line writes its
// own files by "cline auth".
func cline() Client {
	return Client{
		ID: "cline", Title: "Cline", Names: []string{"cline"},
		Source: "https://docs.cline.bot/provider-config/openai-compatible", Checked: "2026-11-23",
		Marks: func(s System) []string {
			return []string{s.moved("CLINE_DIR", s.home(".cline")), vscodeUser(s, "globalStorage", "saoudrizwan.claude-dev")}
		},
		Command: func(t Target) string {
			return "cline auth -p openai-compatible -k " + shellWord(t.Key) + " -m " + shellWord(t.Model) + " -b " + shellWord(t.BaseURL)
		},
		Steps: []Text{
			{EN: "In the editor: open Cline's settings (the gear) and choose OpenAI Compatible as the API provider.", ZH: "在编辑器中：打开 Cline 的设置（齿轮），API 提供商选择 OpenAI Compatible。"},
			{EN: "Enter the base URL, the API key and the model ID from below, then save.", ZH: "填入下面的基础地址、API 密钥和模型 ID，然后保存。"},
			{EN: "In the terminal: run the command below instead.", ZH: "在终端中：改为运行下面的命令。"},
		},
	}
}
