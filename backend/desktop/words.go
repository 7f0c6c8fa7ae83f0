package desktop

import "strings"

// words are the texts outside the window's pages.
type words struct{ name, stays, noTray, crashed string }

func wordsOf(language string) words {
	if strings.HasPrefix(strings.ToLower(language), "zh") {
		return words{
			name:    "OpenAICompatible",
			stays:   "OpenAICompatible 仍在托盘中运行。要结束它，请在托盘菜单中选择“退出”。",
			noTray:  "此桌面不显示托盘图标，因此窗口将保持可用。要退出 OpenAICompatible 吗？选择“否”则最小化窗口。",
			crashed: "OpenAICompatible 意外结束，已重新启动。",
		}
	}
	return words{
		name:    "OpenAICompatible",
		stays:   "OpenAICompatible is still running in the tray. To end it, choose Quit in the tray's menu.",
		noTray:  "This desktop shows no tray icons, so the window stays. Quit OpenAICompatible? No minimises the window.",
		crashed: "OpenAICompatible ended unexpectedly and was started again.",
	}
}
