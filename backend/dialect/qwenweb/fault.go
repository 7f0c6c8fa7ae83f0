package qwenweb

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/sse"
)

// CodeChallenge is the code of an error that means: the site wants to see a
// browser.
const CodeChallenge = "upstream_challenge"

// DecodeError reads an answer whose status is not 2xx.
func (u Upstream) DecodeError(status int, h http.Header, body []byte) *llm.Error {
	if status/100 == 3 && marked(h.Get("Location"), true) {
		return challenge(status)
	}
	err := u.Fault(status, body)
	if err == nil || err.Kind == llm.KindProtocol && err.Code == "" {
		err = &llm.Error{Kind: kindOf(status), Status: status, Message: "chat.qwen.ai answered " + strings.TrimSpace(strconv.Itoa(status)+" "+http.StatusText(status)) + advice(kindOf(status))}
	}
	if wait, failed := strconv.Atoi(h.Get("Retry-After")); failed == nil && wait > 0 && err.RetryAfter == 0 {
		err.RetryAfter = time.Duration(min(wait, 7*24*3600)) * time.Second
	}
	return err
}

// Fault finds the error in an answer that is not a stream: the site mostly
// answers errors under the status 200. Nil is an answer without one.
func (Upstream) Fault(status int, body []byte) *llm.Error {
	body = bytes.TrimSpace(body)
	switch {
	case len(body) == 0:
		return notChat(status, "nothing")
	case body[0] == '<':
		if marked(string(body), true) {
			return challenge(status)
		}
		return notChat(status, "a web page")
	case bytes.HasPrefix(body, []byte("data:")):
		for e, err := range sse.Events(bytes.NewReader(body), 0) {
			if err == nil && gjson.ValidBytes(e.Data) {
				return faultIn(status, gjson.ParseBytes(e.Data))
			}
		}
		return notChat(status, "half an event")
	case !gjson.ValidBytes(body):
		if marked(string(body), false) {
			return challenge(status)
		}
		return notChat(status, "something that is not JSON")
	}
	return faultIn(status, gjson.ParseBytes(body))
}

// faultIn reads the three forms of an error object, and the challenge's; nil is
// an object without an error.
func faultIn(status int, v gjson.Result) *llm.Error {
	inner := v.Get("error")
	switch {
	case v.Get("ret").IsArray() || marked(v.Get("data.url").String(), true):
		return challenge(status)
	case inner.IsObject():
	case inner.Type == gjson.String:
		return fault{status: status, details: inner.Str}.error()
	case v.Get("success").Type == gjson.False:
		inner = v.Get("data")
	case status/100 != 2 && (v.Get("code").Exists() || v.Get("detail").Exists()):
		inner = v
	default:
		return nil
	}
	f := fault{status: status, code: inner.Get("code").String(), details: first(inner, "details", "detail", "message"), hours: inner.Get("num").Float()}
	if f.code == "" && f.details == "" {
		f.details = first(v, "message", "msg", "detail")
	}
	return f.error()
}

// first is the first of the fields that is text.
func first(v gjson.Result, names ...string) string {
	for _, n := range names {
		if f := v.Get(n); f.Type == gjson.String && f.Str != "" {
			return f.Str
		}
	}
	return ""
}

// fault is what the site said of a failure.
type fault struct {
	status  int
	code    string
	details string
	hours   float64
}

// verdict is what a code means and what a person can do.
type verdict struct {
	mark string
	kind llm.Kind
	// code is sent on instead of the site's own; "" leaves it.
	code string
	say  string
}

// verdicts are found by a word of the code or, for the site uses Bad_Request for
// many things, of the details. The first that fits counts.
func verdicts() []verdict {
	const again = "sign in at chat.qwen.ai in your browser and copy the token again"
	return []verdict{
		{mark: "ratelimited", kind: llm.KindQuota, say: "the limit of this account for the model is reached"},
		{mark: "too_many_requests", kind: llm.KindRate, say: "too many requests: wait a little"},
		{mark: "unauthorized", kind: llm.KindAuth, say: "the token is not taken any more: " + again},
		{mark: "invalid_token", kind: llm.KindAuth, say: "the token is not taken any more: " + again},
		{mark: "token has expired", kind: llm.KindAuth, say: "the token has expired: " + again},
		{mark: "contextlength", kind: llm.KindBadRequest, code: "context_length_exceeded", say: "the conversation is too long for this model"},
		{mark: "inspection", kind: llm.KindContent, say: "the site's content filter stopped the answer"},
		{mark: "content_filter", kind: llm.KindContent, say: "the site's content filter stopped the answer"},
		{mark: "sensitive", kind: llm.KindContent, say: "the site's content filter stopped the answer"},
		{mark: "chat is in progress", kind: llm.KindTransient, say: "the chat still answers another request: try again"},
		{mark: "too many messages", kind: llm.KindProtocol, say: "the site refuses the form of the request; it may have changed"},
		{mark: "requestvalidationerror", kind: llm.KindProtocol, say: "the site refuses the form of the request; it may have changed"},
		{mark: "model", kind: llm.KindNotFound, say: "the site does not serve this model to this account"},
		{mark: "not_found", kind: llm.KindTransient, say: "the chat that was just opened is gone: try again"},
		{mark: "bad_request", kind: llm.KindProtocol, say: "the site refuses the request; it may have changed"},
	}
}

func (f fault) error() *llm.Error {
	e := &llm.Error{Kind: kindOf(f.status), Status: f.status, Code: f.code}
	words := strings.ToLower(f.code + " " + f.details)
	said := "the site reports an error"
	for _, v := range verdicts() {
		if v.mark == "model" && !strings.HasPrefix(strings.ToLower(f.code), "not_found") {
			continue // the word is in many texts
		}
		if !strings.Contains(words, v.mark) {
			continue
		}
		e.Kind, said = v.kind, v.say
		if v.code != "" {
			e.Code = v.code
		}
		break
	}
	e.Message = "chat.qwen.ai: " + said
	if f.details != "" {
		e.Message += " (" + excerpt(f.details) + ")"
	} else if f.code != "" {
		e.Message += " (" + excerpt(f.code) + ")"
	}
	if e.Kind == llm.KindQuota {
		f.limit(e)
	}
	return e
}

// limit says when a limit ends. Without a time it is one of the minute.
func (f fault) limit(e *llm.Error) {
	if f.hours <= 0 {
		e.Kind = llm.KindRate
		return
	}
	hours := min(f.hours, 7*24)
	e.RetryAfter = time.Duration(hours * float64(time.Hour))
	e.Message += "; it ends in " + strconv.FormatFloat(hours, 'g', 3, 64) + " h"
}

func kindOf(status int) llm.Kind {
	switch {
	case status == http.StatusUnauthorized:
		return llm.KindAuth
	case status == http.StatusForbidden, status == http.StatusMethodNotAllowed:
		return llm.KindForbidden
	case status == http.StatusNotFound:
		return llm.KindNotFound
	case status == http.StatusTooManyRequests:
		return llm.KindRate
	case status == http.StatusServiceUnavailable:
		return llm.KindOverloaded
	case status == http.StatusRequestTimeout, status == http.StatusGatewayTimeout:
		return llm.KindTimeout
	case status == http.StatusRequestEntityTooLarge:
		return llm.KindTooLarge
	case status/100 == 3, status/100 == 4:
		return llm.KindProtocol // our request is not what the site wants today
	default:
		return llm.KindTransient
	}
}

func advice(k llm.Kind) string {
	switch k { //nolint:exhaustive // the others speak for themselves
	case llm.KindAuth:
		return ": sign in at chat.qwen.ai in your browser and copy the token again"
	case llm.KindForbidden:
		return ": open chat.qwen.ai in your browser and see whether it still serves you"
	default:
		return ""
	}
}

// challenge is the page by which the site tells browsers from programs. It is
// shown, never got around.
func challenge(status int) *llm.Error {
	return &llm.Error{
		Kind: llm.KindForbidden, Status: status, Code: CodeChallenge, Account: true,
		Message: "chat.qwen.ai wants to see a browser: open chat.qwen.ai in your browser, pass the check, copy the token again" +
			" (and its cookie, if you entered one), or use an API key of Model Studio instead",
	}
}

// marked finds the words of the site's bot protection. Some are everyday words,
// and count only where no answer of a model can stand.
func marked(s string, weak bool) bool {
	for _, m := range []string{"FAIL_SYS_USER_VALIDATE", "RGV587", "_____tmd_____", "x5sec", "aliyun_waf"} {
		if strings.Contains(s, m) {
			return true
		}
	}
	for _, m := range []string{"punish", "baxia", "captcha"} {
		if weak && strings.Contains(s, m) {
			return true
		}
	}
	return false
}

// notChat is an answer that is none of this protocol's.
func notChat(status int, what string) *llm.Error {
	return &llm.Error{Kind: llm.KindProtocol, Status: status, Message: "chat.qwen.ai sent " + what + " instead of an answer"}
}

// excerpt bounds the site's words.
func excerpt(s string) string {
	const most = 500
	s = strings.ToValidUTF8(strings.TrimSpace(s), "�")
	if len(s) > most {
		return strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}
