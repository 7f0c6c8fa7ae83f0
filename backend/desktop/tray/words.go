package tray

import "strings"

// words are the texts of the tray in one language.
type words struct {
	running, accounts, none, stopped, failed, config string
	resting, signIn                                  string
	start, stop, copyURL, copyKey                    string
	open, requests, login, quit                      string
	accountList, moreAccounts, left                  string
	account                                          map[string]string
}

// wordsOf takes a tag as zh-CN or zh_CN.UTF-8.
func wordsOf(language string) words {
	if strings.HasPrefix(strings.ToLower(language), "zh") {
		return words{
			running: "运行于 %s", accounts: "%d/%d 个账号就绪", none: "还没有账号", stopped: "已停止", failed: "错误：%s", config: "配置文件有误",
			resting: "%d 个暂停中", signIn: "%d 个需要登录",
			start: "启动监听", stop: "停止监听", copyURL: "复制基础地址", copyKey: "复制 API 密钥",
			open: "打开窗口", requests: "打开请求列表", login: "登录时启动", quit: "退出",
			accountList: "账号", moreAccounts: "更多账号…", left: "剩余 %d%%",
			account: map[string]string{
				"ready": "就绪", "checking": "检查中", "signIn": "需要登录", "refused": "被拒绝", "unreachable": "无法连接", "off": "已关闭",
				"resting": "冷却中", "trying": "重试中", "paced": "超出速率",
			},
		}
	}
	return words{
		running: "Running on %s", accounts: "%d of %d accounts ready", none: "no account yet", stopped: "Stopped", failed: "Error: %s", config: "configuration has an error",
		resting: "resting: %d", signIn: "to sign in: %d",
		start: "Start listener", stop: "Stop listener", copyURL: "Copy base URL", copyKey: "Copy API key",
		open: "Open window", requests: "Open requests", login: "Start at login", quit: "Quit",
		accountList: "Accounts", moreAccounts: "More accounts…", left: "%d%% left",
		account: map[string]string{
			"ready": "ready", "checking": "checking", "signIn": "sign in again", "refused": "refused", "unreachable": "unreachable", "off": "off",
			"resting": "rests", "trying": "being tried", "paced": "over its pace",
		},
	}
}
