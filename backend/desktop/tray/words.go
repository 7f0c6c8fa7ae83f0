package tray

import "strings"

// words are the texts of the tray in one language.
type words struct {
	running, accounts, none, stopped, failed, config string
	resting, signIn                                  string
	start, stop, copyURL, copyKey                    string
	open, requests, quit                             string
}

// wordsOf takes a tag as zh-CN or zh_CN.UTF-8.
func wordsOf(language string) words {
	if strings.HasPrefix(strings.ToLower(language), "zh") {
		return words{
			running: "运行于 %s", accounts: "%d/%d 个账号就绪", none: "还没有账号", stopped: "已停止", failed: "错误：%s", config: "配置文件有误",
			resting: "%d 个暂停中", signIn: "%d 个需要登录",
			start: "启动监听", stop: "停止监听", copyURL: "复制基础地址", copyKey: "复制 API 密钥",
			open: "打开窗口", requests: "打开请求列表", quit: "退出",
		}
	}
	return words{
		running: "Running on %s", accounts: "%d of %d accounts ready", none: "no account yet", stopped: "Stopped", failed: "Error: %s", config: "configuration has an error",
		resting: "resting: %d", signIn: "to sign in: %d",
		start: "Start listener", stop: "Stop listener", copyURL: "Copy base URL", copyKey: "Copy API key",
		open: "Open window", requests: "Open requests", quit: "Quit",
	}
}
