package connect

// anything is every other program that speaks OpenAI's protocol.
func anything() Client {
	return Client{
		ID: "openai", Title: "OpenAI SDK",
		Source: "https://platform.openai.com/docs/libraries", Checked: "2026-11-23",
		Marks: func(s System) []string { return []string{s.Home} },
		Variables: func(t Target) []Variable {
			return []Variable{{"OPENAI_BASE_URL", t.BaseURL}, {"OPENAI_API_KEY", t.Key}, {"OPENAI_MODEL", t.Model}}
		},
		Command: func(t Target) string {
			return "curl " + shellWord(t.BaseURL+"/chat/completions") + " -H " + shellWord("Authorization: Bearer "+t.Key) +
				" -H 'Content-Type: application/json' -d " +
				shellWord(`{"model":`+quote(t.Model)+`,"messages":[{"role":"user","content":"Hello"}]}`)
		},
		Steps: []Text{
			{EN: "Any program that lets you set an OpenAI base URL works: enter the base URL, the API key and the model from below.", ZH: "任何可以设置 OpenAI 基础地址的程序都能使用：填入下面的基础地址、API 密钥和模型。"},
			{EN: "OpenAI's own libraries read the variables below.", ZH: "OpenAI 官方库会读取下面的变量。"},
		},
	}
}
