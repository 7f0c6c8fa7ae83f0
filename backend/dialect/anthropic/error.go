package anthropic

import (
	"bytes"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/answer"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// DecodeError reads a refusal, in this protocol's form and in those of the
// gateways and services around it.
func (u Upstream) DecodeError(status int, h http.Header, body []byte) *llm.Error {
	f := fault{}
	switch body = bytes.TrimSpace(body); {
	case len(body) == 0:
	case body[0] == '<':
		f.message = answer.Page(body)
	case body[0] == '{' && rawjson.Valid(body):
		f = readFault(body)
	default:
		f.message = answer.Excerpt(string(body))
	}
	if f.message == "" {
		f.message = answer.Status(status)
	}
	err := f.error(status)
	err.Status = status
	if err.RetryAfter = answer.RetryAfter(h, u.now()); err.RetryAfter == 0 && err.Kind == llm.KindRate {
		err.RetryAfter = untilReset(h, u.now())
	}
	return err
}

// untilReset is how long the longest of the limits that are used up stays so.
func untilReset(h http.Header, now time.Time) time.Duration {
	var wait time.Duration
	for _, limit := range [...]string{"requests", "tokens", "input-tokens", "output-tokens"} {
		name := "Anthropic-Ratelimit-" + limit
		reset, err := time.Parse(time.RFC3339, h.Get(name+"-Reset"))
		if err == nil && h.Get(name+"-Remaining") == "0" {
			wait = max(wait, reset.Sub(now))
		}
	}
	return wait
}

// faultIn reads an error that came with a status of success.
func faultIn(data []byte) *llm.Error {
	f := readFault(data)
	if f.message == "" {
		f.message = "the upstream reported an error without a message"
	}
	return f.error(0)
}

// fault is what a body says of a failure.
type fault struct{ kind, message string }

func readFault(data []byte) fault {
	v := rawjson.Get(data, "error")
	if len(v) == 0 || v[0] != '{' {
		f := fault{message: answer.Excerpt(rawjson.Text(v))}
		for _, field := range [...]string{"message", "msg", "detail"} {
			if f.message == "" {
				f.message = answer.Excerpt(rawjson.Text(rawjson.Get(data, field)))
			}
		}
		f.kind = rawjson.Text(rawjson.Get(data, "code"))
		return f
	}
	f := fault{kind: rawjson.Text(rawjson.Get(v, "type")), message: answer.Excerpt(rawjson.Text(rawjson.Get(v, "message")))}
	if f.kind == "" {
		f.kind = rawjson.Text(rawjson.Get(v, "code"))
	}
	return f
}

// error gives a failure its kind and says what a person can do. The service's
// own words come first: clients look for some of them.
func (f fault) error(status int) *llm.Error {
	err := &llm.Error{Kind: f.kindOf(status), Message: f.message, Code: f.kind, Account: f.kind == "billing_error"}
	lower := strings.ToLower(f.message)
	switch {
	case strings.Contains(lower, "credit balance"), strings.Contains(lower, "usage limits"), strings.Contains(lower, "spend limit"):
		err.Kind, err.Account = llm.KindQuota, true
	case strings.Contains(lower, "prompt is too long"), strings.Contains(lower, "exceed context limit"):
		err.Code = "context_length_exceeded"
	}
	if hint := hintOf(err.Kind); hint != "" {
		err.Message += " — " + hint
	}
	if err.Kind == llm.KindBadRequest {
		err.Param = paramIn(f.message)
	}
	return err
}

// paramIn is the field that a message names in front, as "messages.0.content: …".
func paramIn(message string) string {
	if m := regexp.MustCompile(`^([a-z_]+(?:\.[a-z0-9_]+)*): `).FindStringSubmatch(message); m != nil {
		return m[1]
	}
	return ""
}

func hintOf(k llm.Kind) string {
	switch k {
	case llm.KindAuth:
		return "the key is not accepted: enter one that is valid"
	case llm.KindForbidden:
		return "the key may not do this: check its rights and the model's"
	case llm.KindQuota:
		return "the account's money or its limit is used up: see its billing page"
	case llm.KindNotFound:
		return "check the model's name and the base URL"
	case llm.KindTooLarge:
		return "send less: fewer or smaller pictures and files"
	case llm.KindInternal, llm.KindBadRequest, llm.KindMethod, llm.KindUnsupported, llm.KindRate, llm.KindOverloaded, llm.KindTransient,
		llm.KindTimeout, llm.KindNetwork, llm.KindProtocol, llm.KindContent, llm.KindUnavailable, llm.KindCanceled:
	}
	return ""
}

// kindOf asks the type, which a proxy before the service cannot confuse, and
// then the status.
func (f fault) kindOf(status int) llm.Kind {
	switch f.kind {
	case "authentication_error":
		return llm.KindAuth
	case "billing_error":
		return llm.KindQuota
	case "permission_error":
		return llm.KindForbidden
	case "not_found_error":
		return llm.KindNotFound
	case "request_too_large":
		return llm.KindTooLarge
	case "rate_limit_error":
		return llm.KindRate
	case "timeout_error":
		return llm.KindTimeout
	case "overloaded_error":
		return llm.KindOverloaded
	case "api_error", "conflict_error":
		return llm.KindTransient
	}
	if f.kind == "invalid_request_error" && (status == 0 || status == http.StatusBadRequest) {
		return llm.KindBadRequest
	}
	if status == http.StatusConflict {
		return llm.KindTransient
	}
	return answer.KindOf(status)
}
