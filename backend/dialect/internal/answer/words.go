package answer

import (
	"html"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// maxMessage is how much of a service's words is passed on.
const maxMessage = 1000

// Excerpt is the beginning of s that a message has room for, in valid UTF-8.
func Excerpt(s string) string {
	s = strings.ToValidUTF8(strings.TrimSpace(s), "�")
	if len(s) <= maxMessage {
		return s
	}
	return strings.ToValidUTF8(s[:maxMessage], "") + "…"
}

// Page is the title or the first words of a web page, as a sentence; "" for one
// without words.
func Page(page []byte) string {
	text := page
	if title := regexp.MustCompile(`(?is)<(?:title|h1)[^>]*>(.*?)</`).FindSubmatch(page); title != nil {
		text = title[1]
	}
	text = regexp.MustCompile(`(?is)<(script|style)[^>]*>.*?</(script|style)>|<[^>]*>`).ReplaceAll(text, []byte(" "))
	words := strings.Join(strings.Fields(html.UnescapeString(string(text))), " ")
	if words == "" {
		return ""
	}
	if len(words) > 200 {
		words = words[:200] + "…"
	}
	return "the upstream answered with a web page: " + strings.ToValidUTF8(words, "")
}

// Status is a status as a sentence, for an answer without words of its own.
func Status(status int) string {
	return "the upstream answered " + strings.TrimSpace(strconv.Itoa(status)+" "+http.StatusText(status))
}

// KindOf is what a status means where the body says nothing better.
func KindOf(status int) llm.Kind {
	switch status {
	case http.StatusUnauthorized:
		return llm.KindAuth
	case http.StatusPaymentRequired:
		return llm.KindQuota
	case http.StatusForbidden:
		return llm.KindForbidden
	case http.StatusNotFound:
		return llm.KindNotFound
	case http.StatusMethodNotAllowed:
		return llm.KindForbidden // our method is right: it is how a plan refuses callers
	case http.StatusRequestTimeout, http.StatusGatewayTimeout:
		return llm.KindTimeout
	case http.StatusRequestEntityTooLarge:
		return llm.KindTooLarge
	case http.StatusTooManyRequests:
		return llm.KindRate
	case http.StatusServiceUnavailable, 529:
		return llm.KindOverloaded
	}
	if status >= 500 || status < 400 {
		return llm.KindTransient
	}
	return llm.KindBadRequest
}

// RetryAfter is the wait that a service asks for, in milliseconds, seconds or as
// a date; 0 is none.
func RetryAfter(h http.Header, at time.Time) time.Duration {
	if ms, err := strconv.ParseFloat(h.Get("Retry-After-Ms"), 64); err == nil && ms > 0 {
		return Seconds(ms / 1000)
	}
	v := h.Get("Retry-After")
	if s, err := strconv.ParseFloat(v, 64); err == nil {
		return Seconds(s)
	}
	if t, err := http.ParseTime(v); err == nil {
		return max(0, t.Sub(at))
	}
	return 0
}

// Seconds is a duration that no hostile number can overflow: a year at most, and
// 0 for what is not above 0.
func Seconds(s float64) time.Duration {
	const most = 366 * 24 * 60 * 60
	if !(s > 0) {
		return 0
	}
	return time.Duration(min(s, most) * float64(time.Second))
}
