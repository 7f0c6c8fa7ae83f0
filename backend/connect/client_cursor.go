package connect

// cursor is the Cursor editor. Its requests come from Cursor's own servers, so
// that an address of this machine is out of their reach.
func cursor() Client {
	return Client{
		ID: "cursor", Title: "Cursor", Names: []string{"cursor"},
		Source: "https://forum.cursor.com/t/160995", Checked: "2026-11-23",
		Marks: func(s System) []string { return []string{s.settings("Cursor"), s.home(".cursor")} },
		Caution: &Text{
			EN: "Cursor sends requests through its own servers. They cannot reach an address of this machine: a public https address that leads here is needed, and whoever knows it can try keys. Your prompts pass through Cursor's servers as well.",
			ZH: "Cursor 的请求由它自己的服务器发出，无法访问本机地址：需要一个指向这里的公网 https 地址，而知道该地址的人都可以尝试密钥。您的提示词也会经过 Cursor 的服务器。",
		},
		Steps: []Text{
			{EN: "Open Cursor Settings, Models, API Keys.", ZH: "打开 Cursor 设置 → Models → API Keys。"},
			{EN: "Enter the API key as OpenAI API Key and turn it on.", ZH: "将 API 密钥填入 OpenAI API Key 并启用。"},
			{EN: "Turn on Override OpenAI Base URL and enter your public address with /v1 at its end.", ZH: "启用 Override OpenAI Base URL，填入以 /v1 结尾的公网地址。"},
			{EN: "Add the model by its name from below.", ZH: "按下面的名称添加模型。"},
		},
	}
}
