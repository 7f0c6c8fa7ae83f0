package openaichat

import (
	"bytes"
	"cmp"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/answer"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/sse"
)

// DecodeError reads the many forms in which services say no.
func (u Upstream) DecodeError(status int, h http.Header, body []byte) *llm.Error {
	err := u.failure(findFault(body), status, answer.Status(status))
	if wait := answer.RetryAfter(h, now(u.Now)); wait > 0 {
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
	if passes(err.Kind) {
		err.RetryAfter = cmp.Or(f.wait, waitIn(f.message))
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
type fault struct {
	message, kind, code, param string
	// detail is what a gateway's own upstream said.
	detail string
	// http is the status that the body names beside its code; 0 is none.
	http int
	wait time.Duration
}

func (f fault) found() bool { return f.message != "" || f.code != "" || f.kind != "" }

// findFault looks for an error in a body of any form.
func findFault(body []byte) fault {
	body = bytes.TrimSpace(body)
	switch {
	case len(body) == 0:
		return fault{}
	case body[0] == '{' || body[0] == '[' || body[0] == '"':
		if rawjson.Valid(body) {
			return readFault(body)
		}
	case body[0] == '<':
		return fault{message: answer.Page(body)}
	default:
		if f := faultEvent(body); f.found() {
			return f
		}
	}
	return fault{message: answer.Excerpt(string(body))}
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
	if f.detail != "" && f.detail != f.message {
		f.message = strings.TrimPrefix(f.message+": "+f.detail, ": ")
	}
	f.message = answer.Excerpt(f.message)
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
		f.member(string(m.Key), m.Value, depth)
	}
}

func (f *fault) member(key string, v []byte, depth int) {
	switch key {
	case "error", "err", "errors", "header", "response", "detail", "base_resp", "error_msg", "message", "msg", "status_msg":
		f.read(v, depth+1)
	case "type":
		if s := rawjson.Text(v); f.kind == "" && s != "error" {
			f.kind = s
		}
	case "http_code", "status_code", "raw_status_code", "code", "error_code":
		n, err := strconv.Atoi(rawjson.Loose(v))
		switch {
		case err == nil && isFailure(n) && strings.Contains(key, "_") && key != "error_code":
			f.http = n
		case f.code == "" && !empty(v) && string(v) != "0":
			f.code = rawjson.Loose(v)
		}
	case "param":
		f.param = rawjson.Text(v)
	case "metadata":
		f.detail = looseText(rawjson.Get(v, "raw"))
	case "retry_after", "retry_after_seconds":
		if s, err := strconv.ParseFloat(rawjson.Loose(v), 64); err == nil {
			f.wait = answer.Seconds(s)
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
	if n, err := strconv.Atoi(f.code); err == nil && isFailure(n) {
		return n
	}
	return f.http
}

func isFailure(status int) bool { return status >= 400 && status <= 599 }

// error gives a failure its kind. The marker in the body beats the status,
// where the two are known to disagree (B08).
func (f fault) error(status int) *llm.Error {
	kind := answer.KindOf(status)
	if k, ok := f.marked(); ok && !settled(kind) {
		kind = k
	}
	code := f.code
	if _, err := strconv.Atoi(code); err == nil && strconv.Itoa(status) == code {
		code = ""
	}
	return &llm.Error{Kind: kind, Message: f.message, Status: status, Code: code, Param: f.param, Account: f.spent()}
}

// spent says that what the account may use is used up, whatever the model: the
// code for it is about a plan, where insufficient_quota is a model's at some
// services.
func (f fault) spent() bool {
	return strings.Contains(strings.ToLower(f.code+" "+f.kind), usageLimit)
}

// usageLimit is the code of a plan that is used up.
const usageLimit = "usage_limit_reached"

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
		{usageLimit, llm.KindQuota},
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
