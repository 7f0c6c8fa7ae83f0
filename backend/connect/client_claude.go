package connect

// claudeCode is Claude Code, in the terminal and in editors.
func claudeCode() Client {
	folder := func(s System) string { return s.moved("CLAUDE_CONFIG_DIR", s.home(".claude")) }
	variables := func(t Target) []Variable {
		return []Variable{
			{"ANTHROPIC_BASE_URL", t.root()},
			{"ANTHROPIC_AUTH_TOKEN", t.Key},
			{"ANTHROPIC_MODEL", t.Model},
			{"ANTHROPIC_DEFAULT_OPUS_MODEL", t.Model},
			{"ANTHROPIC_DEFAULT_SONNET_MODEL", t.Model},
			{"ANTHROPIC_DEFAULT_HAIKU_MODEL", t.Model},
		}
	}
	return Client{
		ID: "claude-code", Title: "Claude Code", Names: []string{"claude-code"},
		Source: "https://code.claude.com/docs/en/llm-gateway", Checked: "2026-11-23",
		Marks: func(s System) []string { return []string{folder(s)} },
		Files: []File{{
			Format: JSON, HoldsKey: true,
			Paths: func(s System) []string { return under(folder(s), "settings.json") },
			Sets: func(t Target) []Set {
				var out []Set
				for _, v := range variables(t) {
					out = append(out, Set{Path: []string{"env", v.Name}, Value: v.Value})
				}
				return out
			},
		}},
		Variables: variables,
		Steps: []Text{
			{EN: "Start claude again; /status shows the base URL. If ANTHROPIC_API_KEY is set in the shell, unset it.", ZH: "重新启动 claude；/status 会显示基础地址。如果 shell 中设置了 ANTHROPIC_API_KEY，请取消。"},
		},
	}
}
