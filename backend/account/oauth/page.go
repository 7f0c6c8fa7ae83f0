package oauth

import (
	"html"
	"net/http"
	"strconv"
	"strings"
)

// page is what the browser shows at the end of its way.
type page uint8

const (
	pageDone page = iota
	pageDenied
	pageFailed
	pageStranger
	pageOver
)

// words are a page's title and text.
type words struct{ Lang, Title, Text string }

// in is the page in English, or with chinese in Chinese.
func (p page) in(chinese bool) words {
	en, zh := words{Lang: "en"}, words{Lang: "zh-CN"}
	switch p {
	case pageDone:
		en.Title, en.Text = "Signed in", "You can close this page and go back to OpenAICompatible."
		zh.Title, zh.Text = "登录成功", "可以关闭此页面，回到 OpenAICompatible。"
	case pageDenied:
		en.Title, en.Text = "Not signed in", "The access was declined. To try again, start the sign-in in OpenAICompatible."
		zh.Title, zh.Text = "未登录", "访问请求被拒绝。如需重试，请在 OpenAICompatible 中重新开始登录。"
	case pageFailed:
		en.Title, en.Text = "The sign-in did not work", "OpenAICompatible shows why, and what you can do."
		zh.Title, zh.Text = "登录失败", "请在 OpenAICompatible 中查看原因和解决办法。"
	case pageStranger:
		en.Title, en.Text = "This is not the sign-in that waits", "The page belongs to another or an older sign-in. The one in OpenAICompatible still waits: open its page again."
		zh.Title, zh.Text = "这不是正在等待的登录", "此页面属于另一次或更早的登录。OpenAICompatible 中的登录仍在等待：请从那里重新打开页面。"
	case pageOver:
		en.Title, en.Text = "The sign-in has ended", "You can close this page. OpenAICompatible shows how it ended."
		zh.Title, zh.Text = "登录已结束", "可以关闭此页面。结果请见 OpenAICompatible。"
	}
	if chinese {
		return zh
	}
	return en
}

const frame = `<!doctype html>
<html lang="LANG"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark"><title>TITLE · OpenAICompatible</title>
<style>body{font:16px/1.6 system-ui,sans-serif;max-width:32em;margin:18vh auto;padding:0 1.5em}h1{font-size:1.5em;font-weight:600}</style>
</head><body><main><h1>TITLE</h1><p>TEXT</p></main></body></html>
`

// showPage answers with a page that loads nothing, stays in no cache and tells
// nobody the address, which holds the code.
func showPage(w http.ResponseWriter, r *http.Request, status int, p page) {
	say := p.in(prefersChinese(r.Header.Get("Accept-Language")))
	text := strings.NewReplacer("LANG", say.Lang, "TITLE", html.EscapeString(say.Title), "TEXT", html.EscapeString(say.Text)).Replace(frame)
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text)) // a browser that left misses a page
}

// prefersChinese reads an Accept-Language header: the language with the highest
// weight of the two that there are.
func prefersChinese(accept string) bool {
	weights := map[string]float64{}
	for part := range strings.SplitSeq(accept, ",") {
		tag, parameter, _ := strings.Cut(strings.TrimSpace(part), ";")
		language, _, _ := strings.Cut(strings.ToLower(tag), "-")
		weight := 1.0
		if q, ok := strings.CutPrefix(strings.TrimSpace(parameter), "q="); ok {
			weight, _ = strconv.ParseFloat(q, 64) // what is no number weighs nothing
		}
		weights[language] = max(weights[language], weight)
	}
	return weights["zh"] > weights["en"]
}
