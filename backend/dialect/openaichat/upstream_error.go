package openaichat

import (
	"bytes"
	"html"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/sse"
)

// DecodeError reads the many forms in which services say no.
func (u Upstream) DecodeError(status int, h http.Header, body []byte) *llm.Error {
	err := u.failure(findFault(body), status, "the upstream answered "+strings.TrimSpace(strconv.Itoa(status)+" "+http.StatusText(status)))
	if wait := retryAfter(h, now(u.Now)); wait > 0 {
		err.RetryAfter = wait
	}
	return err
}

// faultIn reads an error object that came with a status of success.
func (u Upstream) faultIn(object []byte) *llm.Error {
	f := readFault(object)
	return u.failure(f, f.status(), "the upstream reported an error without a message")
}

// failure is what is known of a fault; mute is said where the service says
// nothing.
func (u Upstream) failure(f fault, status int, mute string) *llm.Error {
	err := f.error(status)
	if err.Message == "" {
		err.Message = mute
	}
	for _, r := range u.Errors {
		if r.fits(f, status) {
			r.apply(err, now(u.Now))
			break
		}
	}
	return err
}

// fault is what could be found out about a failure.
type fault struct{ message, kind, code, param string }

func (f fault) found() bool { return f.message != "" || f.code != "" || f.kind != "" }

// findFault looks for an error in a body of any form.
func findFault(body []byte) fault {
	body = bytes.TrimSpace(body)
	switch {
	case len(body) == 0:
		return fault{}
	case body[0] == '{' || body[0] == '[':
		if rawjson.Valid(body) {
			return readFault(body)
		}
	case body[0] == '<':
		return fault{message: pageText(body)}
	default:
		if f := faultEvent(body); f.found() {
			return f
		}
	}
	return fault{message: excerpt(string(body))}
}

// faultEvent finds the error in a body that is framed as an event.
func faultEvent(body []byte) fault {
	for e, err := range sse.Events(bytes.NewReader(body), 0) {
		if err == nil && len(e.Data) > 0 && e.Data[0] == '{' && rawjson.Valid(e.Data) {
			return readFault(e.Data)
		}
	}
	return fault{}
}

// readFault reads an error value: the object itself, or one that has it in a
// field, however deep.
func readFault(v []byte) fault {
	var f fault
	f.read(v, 0)
	f.message = excerpt(f.message)
	return f
}

func (f *fault) read(v []byte, depth int) {
	if rawjson.IsText(v) {
		f.say(rawjson.Text(v))
		return
	}
	if len(v) > 0 && v[0] == '[' {
		for _, e := range rawjson.Elements(v) {
			f.read(e, depth+1)
			return
		}
	}
	if depth > 4 {
		return
	}
	for m := range rawjson.Inside(v) {
		switch string(m.Key) {
		case "error", "err", "errors", "header", "response", "detail", "error_msg", "message", "msg":
			f.read(m.Value, depth+1)
		case "type":
			if f.kind == "" {
				f.kind = rawjson.Text(m.Value)
			}
		case "code", "error_code":
			if f.code == "" && !empty(m.Value) {
				f.code = looseArguments(m.Value)
			}
		case "param":
			f.param = rawjson.Text(m.Value)
		}
	}
}

func (f *fault) say(s string) {
	if f.message == "" {
		f.message = s
	}
}

// status is the HTTP status that a body names; 0 is none.
func (f fault) status() int {
	if n, err := strconv.Atoi(f.code); err == nil && n >= 400 && n <= 599 {
		return n
	}
	return 0
}

// error gives a failure its kind. The marker in the body beats the status,
// where the two are known to disagree (B08).
func (f fault) error(status int) *llm.Error {
	kind := kindOf(status)
	if k, ok := f.marked(); ok && !settled(kind) {
		kind = k
	}
	code := f.code
	if _, err := strconv.Atoi(code); err == nil && strconv.Itoa(status) == code {
		code = ""
	}
	return &llm.Error{Kind: kind, Message: f.message, Status: status, Code: code, Param: f.param}
}

// settled says that a status alone is sure about the kind.
func settled(k llm.Kind) bool { return k == llm.KindAuth || k == llm.KindTimeout }

// marked finds the kind in the words of the body.
func (f fault) marked() (llm.Kind, bool) {
	words := strings.ToLower(f.code + " " + f.kind)
	for _, m := range [...]struct {
		mark string
		kind llm.Kind
	}{
		{"insufficient_quota", llm.KindQuota},
		{"quota_exceeded", llm.KindQuota},
		{"billing", llm.KindQuota},
		{"insufficient_balance", llm.KindQuota},
		{"arrearage", llm.KindQuota},
		{"rate_limit", llm.KindRate},
		{"limit_requests", llm.KindRate},
		{"limit_burst_rate", llm.KindRate},
		{"too_many_requests", llm.KindRate},
		{"overloaded", llm.KindOverloaded},
		{"model_not_found", llm.KindNotFound},
		{"invalid_api_key", llm.KindAuth},
		{"authentication_error", llm.KindAuth},
		{"context_length_exceeded", llm.KindBadRequest},
		{"content_filter", llm.KindContent},
		{"content_policy", llm.KindContent},
		{"data_inspection_failed", llm.KindContent},
		{"permission_error", llm.KindForbidden},
	} {
		if strings.Contains(words, m.mark) {
			return m.kind, true
		}
	}
	return 0, false
}

func kindOf(status int) llm.Kind {
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
	switch {
	case status >= 500, status < 400:
		return llm.KindTransient
	default:
		return llm.KindBadRequest
	}
}

// retryAfter is the wait that a service asks for, in one of the three forms.
func retryAfter(h http.Header, at time.Time) time.Duration {
	if ms, err := strconv.ParseFloat(h.Get("Retry-After-Ms"), 64); err == nil && ms > 0 {
		return seconds(ms / 1000)
	}
	v := h.Get("Retry-After")
	if s, err := strconv.ParseFloat(v, 64); err == nil {
		return seconds(s)
	}
	if t, err := http.ParseTime(v); err == nil {
		return max(0, t.Sub(at))
	}
	return 0
}

// seconds is a duration that no hostile number can overflow.
func seconds(s float64) time.Duration {
	const most = 366 * 24 * 60 * 60
	if !(s > 0) {
		return 0
	}
	return time.Duration(min(s, most) * float64(time.Second))
}

// maxMessage is how much of a service's words is passed on.
const maxMessage = 1000

// excerpt is one readable line of s.
func excerpt(s string) string {
	s = strings.ToValidUTF8(strings.TrimSpace(s), "�")
	if len(s) <= maxMessage {
		return s
	}
	return strings.ToValidUTF8(s[:maxMessage], "") + "…"
}

// pageText is the title or the first words of an HTML page.
func pageText(page []byte) string {
	title := regexp.MustCompile(`(?is)<(?:title|h1)[^>]*>(.*?)</`).FindSubmatch(page)
	text := page
	if title != nil {
		text = title[1]
	}
	text = regexp.MustCompile(`(?is)<(script|style)[^>]*>.*?</(script|style)>|<[^>]*>`).ReplaceAll(text, []byte(" "))
	words := strings.Join(strings.Fields(html.UnescapeString(string(text))), " ")
	if len(words) > 200 {
		words = strings.ToValidUTF8(words[:200], "") + "…"
	}
	if words == "" {
		return ""
	}
	return "the upstream answered with a web page: " + words
}
