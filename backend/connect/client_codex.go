package connect

// codex is Codex, in the terminal and in editors.
func codex() Client {
	folder := func(s System) string { return s.moved("CODEX_HOME", s.home(".codex")) }
	return Client{
		ID: "codex", Title: "Codex", Names: []string{"codex"},
		Source: "https://developers.openai.com/codex/config-reference", Checked: "2026-11-23",
		Marks: func(s System) []string { return []string{folder(s)} },
		Files: []File{{
			Format: TOML, HoldsKey: true,
			Paths: func(s System) []string { return under(folder(s), "config.toml") },
			Sets: func(t Target) []Set {
				return []Set{
					{Path: []string{"model"}, Value: t.Model},
					{Path: []string{"model_provider"}, Value: providerID},
					{Path: []string{"model_providers", providerID}, Value: Fields{
						{"name", Provider},
						{"base_url", t.BaseURL},
						{"wire_api", "responses"},
						{"experimental_bearer_token", t.Key},
					}},
				}
			},
		}},
		Steps: []Text{{EN: "Start codex again: it reads the file when it starts.", ZH: "重新启动 codex：它只在启动时读取该文件。"}},
	}
}
