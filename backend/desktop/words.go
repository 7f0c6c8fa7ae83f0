package desktop

import "strings"

// words are the texts outside the window's pages.
type words struct {
	name, stays, noTray, crashed string
	// needsSignIn names the account; allRest stands alone, allRestUntil names a
	// time of day.
	needsSignIn, allRest, allRestUntil string
	// newVersion names it.
	newVersion string
}

func wordsOf(language string) words {
	if strings.HasPrefix(strings.ToLower(language), "zh") {
		return words{
			name:    "OpenAICompatible",
			stays:   "OpenAICompatible 仍在托盘中运行。要结束它，请在托盘菜单中选择“退出”。",
			noTray:  "此桌面不显示托盘图标，因此窗口将保持可用。要退出 OpenAICompatible 吗？选择“否”则最小化窗口。",
			crashed: "OpenAICompatible 意外结束，已重新启动。",

			needsSignIn:  "账号“%s”需要重新登录或更换密钥。",
			allRest:      "所有账号都在暂停中，目前无法回答请求。",
			allRestUntil: "所有账号都在暂停中，%s 之前无法回答请求。",
			newVersion:   "新版本 %s 已发布。详情见“设置 → 关于”。",
		}
	}
	return words{
		name:    "OpenAICompatible",
		stays:   "OpenAICompatible is still running in the tray. To end it, choose Quit in the tray's menu.",
		noTray:  "This desktop shows no tray icons, so the window stays. Quit OpenAICompatible? No minimises the window.",
		crashed: "OpenAICompatible ended unexpectedly and was started again.",

		needsSignIn:  "The account %q needs a new sign-in or key.",
		allRest:      "All accounts rest: no request can be answered now.",
		allRestUntil: "All accounts rest: no request can be answered before %s.",
		newVersion:   "Version %s is out. Settings, About says what is new.",
	}
}
