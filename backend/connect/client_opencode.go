package connect

import "path/filepath"

// opencode is opencode, in the terminal.
func opencode() Client {
	return Client{
		ID: "opencode", Title: "opencode", Names: []string{"opencode"},
		Source: "https://opencode.ai/docs/providers", Checked: "2026-11-23",
		Marks: func(s System) []string { return []string{s.config("opencode")} },
		Files: []File{{
			Format: JSON, HoldsKey: true,
			Paths: func(s System) []string {
				if own := s.Env("OPENCODE_CONFIG"); filepath.IsAbs(own) {
					return []string{own}
				}
				// Both are read; the one with comments wins.
				return []string{s.config("opencode", "opencode.jsonc"), s.config("opencode", "opencode.json")}
			},
			Sets: func(t Target) []Set {
				return []Set{
					{Path: []string{"$schema"}, Value: "https://opencode.ai/config.json", Absent: true},
					{Path: []string{"model"}, Value: providerID + "/" + t.Model},
					{Path: []string{"provider", providerID}, Value: Fields{
						{"npm", "@ai-sdk/openai-compatible"},
						{"name", Provider},
						{"options", Fields{{"baseURL", t.BaseURL}, {"apiKey", t.Key}}},
						{"models", Fields{{t.Model, Fields{}}}},
					}},
				}
			},
		}},
		Steps: []Text{{EN: "Start opencode again. A project's own opencode.json counts more than this one.", ZH: "重新启动 opencode。项目自己的 opencode.json 优先于此文件。"}},
	}
}
