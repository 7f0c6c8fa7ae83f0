package connect

// rooCode is Roo Code, which keeps its key in VS Code's secret store.
func rooCode() Client {
	return Client{
		ID: "roo-code", Title: "Roo Code", Names: []string{"roo-code"},
		Source: "https://docs.roocode.com/providers/openai-compatible", Checked: "2026-11-23",
		Marks: func(s System) []string {
			return []string{vscodeUser(s, "globalStorage", "rooveterinaryinc.roo-cline"), s.home(".roo")}
		},
		Steps: []Text{
			{EN: "Open Roo Code's settings (the gear), section Providers.", ZH: "打开 Roo Code 的设置（齿轮），进入 Providers 部分。"},
			{EN: "Choose OpenAI Compatible as the API provider.", ZH: "API Provider 选择 OpenAI Compatible。"},
			{EN: "Enter the base URL, the API key and the model from below, then save.", ZH: "填入下面的基础地址、API 密钥和模型，然后保存。"},
		},
	}
}
