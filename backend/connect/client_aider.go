package connect

// aider is Aider. Its model names begin with the kind of the service.
func aider() Client {
	return Client{
		ID: "aider", Title: "Aider", Names: []string{"aider", "litellm"},
		Source: "https://aider.chat/docs/llms/openai-compat.html", Checked: "2026-11-23",
		Marks: func(s System) []string { return []string{s.home(".aider.conf.yml"), s.home(".aider")} },
		Files: []File{{
			Format: YAML, HoldsKey: true,
			Paths: func(s System) []string { return []string{s.home(".aider.conf.yml")} },
			Sets: func(t Target) []Set {
				return []Set{
					{Path: []string{"model"}, Value: "openai/" + t.Model},
					{Path: []string{"openai-api-base"}, Value: t.BaseURL},
					{Path: []string{"openai-api-key"}, Value: t.Key},
				}
			},
		}},
		Variables: func(t Target) []Variable {
			return []Variable{{"OPENAI_API_BASE", t.BaseURL}, {"OPENAI_API_KEY", t.Key}, {"AIDER_MODEL", "openai/" + t.Model}}
		},
		Steps: []Text{
			{EN: "Start aider again. A .aider.conf.yml in a project counts more than this one.", ZH: "重新启动 aider。项目中的 .aider.conf.yml 优先于此文件。"},
		},
	}
}
