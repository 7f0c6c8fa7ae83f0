package codegeex

import (
	"bytes"
	"net/http"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/answer"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// DecodeError reads a refusal. The status decides; what a body looks like is not
// known for sure.
func (u Upstream) DecodeError(status int, h http.Header, body []byte) *llm.Error {
	message := ""
	switch body = bytes.TrimSpace(body); {
	case len(body) == 0:
	case body[0] == '<':
		message = answer.Page(body)
	case body[0] == '{' && rawjson.Valid(body):
		message = words(body)
	default:
		message = answer.Excerpt(string(body))
	}
	err := fault(status, message)
	err.Status, err.RetryAfter = status, answer.RetryAfter(h, u.now())
	return err
}

// faultIn finds the error in a body whose status said success: an envelope whose
// code is not 200. Nil is none.
func faultIn(data []byte) *llm.Error {
	v := rawjson.Get(data, "code")
	code, ok := rawjson.Int(v)
	if s := rawjson.Text(v); s != "" {
		code, ok = rawjson.Int([]byte(s))
	}
	switch {
	case rawjson.IsNull(v) || ok && (code == 200 || code == 0):
		return nil
	case !ok:
		return unnamed(data)
	}
	err := fault(code, words(data))
	err.Code = string(v)
	if s := rawjson.Text(v); s != "" {
		err.Code = s
	}
	return err
}

// unnamed is an error without a code that says anything.
func unnamed(data []byte) *llm.Error { return fault(http.StatusInternalServerError, words(data)) }

// silent is the third way to say no: a stream without any text.
func silent(events int) *llm.Error {
	message := "CodeGeeX sent an empty answer; test the account: its token may have ended"
	if events > 0 {
		message = "CodeGeeX ended its answer before the first word; test the account: its token may have ended"
	}
	return &llm.Error{Kind: llm.KindProtocol, Message: message}
}

// words is what a body says of itself.
func words(data []byte) string {
	for _, field := range [...]string{"msg", "message", "error", "detail"} {
		v := rawjson.Get(data, field)
		if s := rawjson.Text(v); s != "" {
			return answer.Excerpt(s)
		}
		if s := rawjson.Text(rawjson.Get(v, "message")); s != "" {
			return answer.Excerpt(s)
		}
	}
	return ""
}

// fault gives a failure its kind by a status, or by the code that stands for
// one, and says what a person can do.
func fault(status int, said string) *llm.Error {
	kind := kindOf(status, said)
	message := map[llm.Kind]string{
		llm.KindAuth:       "CodeGeeX refuses the token: sign in again, or paste a new one",
		llm.KindRate:       "CodeGeeX has had too many requests of this account; it passes",
		llm.KindOverloaded: "CodeGeeX is overloaded",
		llm.KindNotFound:   "CodeGeeX does not know this model or address",
		llm.KindBadRequest: "CodeGeeX does not take this request",
		llm.KindTooLarge:   "the conversation is too long for CodeGeeX",
		llm.KindTransient:  "CodeGeeX reports an error of its own",
		llm.KindTimeout:    "CodeGeeX did not answer in time",
	}[kind]
	if said != "" {
		message += " (" + said + ")"
	}
	return &llm.Error{Kind: kind, Message: message}
}

func kindOf(status int, said string) llm.Kind {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return llm.KindAuth // how the site's other callers read both
	case http.StatusTooManyRequests:
		return llm.KindRate
	case http.StatusNotFound:
		return llm.KindNotFound
	case http.StatusRequestEntityTooLarge:
		return llm.KindTooLarge
	case http.StatusRequestTimeout, http.StatusGatewayTimeout:
		return llm.KindTimeout
	case http.StatusServiceUnavailable:
		return llm.KindOverloaded
	}
	switch {
	case status >= 500 && status < 600:
		return llm.KindTransient
	case aboutToken(said):
		return llm.KindAuth
	case status >= 400 && status < 500:
		return llm.KindBadRequest
	}
	return llm.KindTransient
}

// aboutToken finds a bad token behind a code that nobody has explained.
func aboutToken(said string) bool {
	said = strings.ToLower(said)
	for _, mark := range [...]string{"token invalid", "invalid token", "token expired", "expired token", "not logged in", "login", "登录"} {
		if strings.Contains(said, mark) {
			return true
		}
	}
	return false
}
