package gemini

import (
	"bytes"
	"net/http"
	"strings"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/answer"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// longWait is the wait beyond which a limit is a budget that is used up, as
// Google's own client sees it.
const longWait = 5 * time.Minute

// DecodeError reads Google's errors, and what stands in their place when
// something between answers. A status of 0 is that in the body, for an error
// inside an answer.
func (u Upstream) DecodeError(status int, h http.Header, body []byte) *llm.Error {
	body = bytes.TrimSpace(body)
	if len(body) > 0 && body[0] == '<' {
		return webPage(status, body)
	}
	var f fault
	if v := cleaned(body); v != nil {
		f.read(v, 0)
	} else {
		f.message = answer.Excerpt(string(body))
	}
	if status == 0 {
		status = f.code
	}
	err := f.error(status)
	if err.Message == "" {
		err.Message = answer.Status(status)
	}
	err.RetryAfter = f.wait(u.now())
	if wait := answer.RetryAfter(h, u.now()); wait > 0 {
		err.RetryAfter = wait
	}
	if err.Kind == llm.KindRate && err.RetryAfter > longWait {
		err.Kind, err.Code = llm.KindQuota, "insufficient_quota"
	}
	return err
}

// webPage is an answer that is not Google's interface: a captive portal, a
// company's proxy, or a wrong address.
func webPage(status int, page []byte) *llm.Error {
	message := "a web page came instead of Gemini's answer; a sign-in page of the network or a proxy may stand between, or the base URL is wrong"
	if words := answer.Page(page); words != "" {
		message += ": " + words
	}
	return &llm.Error{Kind: llm.KindProtocol, Status: status, Message: message}
}

// cleaned is a body as JSON, after the dirt that Google's servers are known for
// was taken off it; nil is none.
func cleaned(body []byte) []byte {
	if len(body) == 0 || body[0] != '{' && body[0] != '[' {
		return nil
	}
	if rawjson.Valid(body) {
		return body
	}
	out := make([]byte, 0, len(body))
	quoted, comma := false, false
	for i := 0; i < len(body); i++ {
		c := body[i]
		switch {
		case quoted && c == '\\' && i+1 < len(body):
			out = append(out, c)
			i++
			c = body[i]
		case c == '"':
			quoted = !quoted
			comma = false
		case quoted:
		case c == 0xc2 && i+1 < len(body) && body[i+1] == 0xa0: // a space that does not break
			i++
			continue
		case c == ',' && comma:
			continue
		case c == ',':
			comma = true
		case c != ' ' && c != '\n' && c != '\r' && c != '\t':
			comma = false
		}
		out = append(out, c)
	}
	if rawjson.Valid(out) {
		return out
	}
	return nil
}

// fault is what could be found out about a failure.
type fault struct {
	code            int
	status, message string
	reason, domain  string
	links           []string
	param           string
	quotaID         string
	delay           time.Duration
	reset           time.Time
	activation      string
}

// maxNested is how deep errors are looked for in the messages of others.
const maxNested = 10

func (f *fault) read(v []byte, depth int) {
	if depth > maxNested || len(v) == 0 {
		return
	}
	if v[0] == '[' {
		for _, e := range rawjson.Elements(v) {
			f.read(e, depth+1)
			return
		}
	}
	if inner := rawjson.Get(v, "error"); len(inner) > 0 && (inner[0] == '{' || inner[0] == '[') {
		f.read(inner, depth+1)
		return
	} else if rawjson.IsText(inner) { // as of Google's token endpoint
		f.status = rawjson.Text(inner)
		f.say(rawjson.Text(rawjson.Get(v, "error_description")), depth)
		return
	}
	for m := range rawjson.Inside(v) {
		switch strings.TrimSpace(string(m.Key)) {
		case "code":
			if n, ok := rawjson.Int(m.Value); ok {
				f.code = n
			}
		case "status":
			f.status = rawjson.Text(m.Value)
		case "message":
			f.say(rawjson.Text(m.Value), depth)
		case "details":
			for _, d := range rawjson.Elements(m.Value) {
				f.detail(d)
			}
		}
	}
}

// say takes the message, which may be another error as text.
func (f *fault) say(message string, depth int) {
	if v := cleaned([]byte(strings.TrimSpace(message))); v != nil {
		f.read(v, depth+1)
		return
	}
	f.message = answer.Excerpt(message)
}

// detail reads one of Google's typed details.
func (f *fault) detail(v []byte) {
	kind := ""
	for m := range rawjson.Inside(v) {
		if strings.TrimSpace(string(m.Key)) == "@type" {
			kind = strings.TrimSpace(rawjson.Text(m.Value))
		}
	}
	switch kind[strings.LastIndexByte(kind, '.')+1:] {
	case "ErrorInfo":
		f.reason = first(f.reason, strings.TrimSpace(rawjson.Text(rawjson.Get(v, "reason"))))
		f.domain = first(f.domain, rawjson.Text(rawjson.Get(v, "domain")))
		f.metadata(rawjson.Get(v, "metadata"))
	case "RetryInfo":
		if d := duration(rawjson.Text(rawjson.Get(v, "retryDelay"))); d > 0 {
			f.delay = d
		}
	case "QuotaFailure":
		for _, e := range rawjson.Elements(rawjson.Get(v, "violations")) {
			f.quotaID += " " + rawjson.Text(rawjson.Get(e, "quotaId"))
		}
	case "Help":
		for _, e := range rawjson.Elements(rawjson.Get(v, "links")) {
			if link := rawjson.Text(rawjson.Get(e, "url")); link != "" {
				f.links = append(f.links, link)
			}
		}
	case "BadRequest":
		for _, e := range rawjson.Elements(rawjson.Get(v, "fieldViolations")) {
			f.param = first(f.param, rawjson.Text(rawjson.Get(e, "field")))
		}
	}
}

func (f *fault) metadata(v []byte) {
	for m := range rawjson.Inside(v) {
		s := rawjson.Text(m.Value)
		switch string(m.Key) {
		case "quotaResetDelay":
			if f.delay == 0 {
				f.delay = duration(s)
			}
		case "quotaResetTimeStamp":
			f.reset, _ = time.Parse(time.RFC3339, s) // the zero time is none
		case "validation_link":
			f.links = append(f.links, s)
		case "activationUrl":
			f.activation = s
		case "quota_limit":
			f.quotaID += " " + s
		}
	}
}

// duration reads Google's "0.5s", "539ms" and Go's "13h19m20s"; 0 is none.
func duration(s string) time.Duration {
	d, err := time.ParseDuration(strings.TrimSpace(s))
	if err != nil || d < 0 {
		return 0
	}
	return d
}

// wait is how long to wait: as a detail says, as the message says, or until the
// reset.
func (f *fault) wait(now time.Time) time.Duration {
	if f.delay > 0 {
		return f.delay
	}
	for _, mark := range [...]string{"lease retry in ", "reset after ", "retry after "} {
		if _, rest, ok := strings.Cut(f.message, mark); ok {
			word, _, _ := strings.Cut(rest, " ")
			if d := duration(strings.TrimRight(word, ".,;")); d > 0 {
				return d
			}
		}
	}
	if !f.reset.IsZero() && f.reset.After(now) {
		return f.reset.Sub(now)
	}
	return 0
}

// error gives a failure its kind. What the body says beats the status: limits
// arrive as 403, capacity as 429 (B08).
func (f *fault) error(status int) *llm.Error {
	err := &llm.Error{Status: status, Message: f.message, Param: f.param}
	err.Kind, err.Code = f.kind(status)
	if err.Code == "" {
		err.Code = first(f.reason, f.status)
	}
	err.Account = f.aboutAccount()
	switch {
	case f.reason == "VALIDATION_REQUIRED" && len(f.links) > 0:
		err.Message = link(err.Message, "Verify the account at ", f.links[0])
	case f.reason == "SERVICE_DISABLED" && f.activation != "":
		err.Message = link(err.Message, "Enable the API at ", f.activation)
	case f.reason == "SECURITY_POLICY_VIOLATED":
		err.Message += " (an administrator's VPC Service Controls forbid it)"
	}
	return err
}

// aboutAccount says whether it is the person, the money or the project that is
// refused, and so every model of the account.
func (f *fault) aboutAccount() bool {
	switch f.reason {
	case "INSUFFICIENT_G1_CREDITS_BALANCE", "VALIDATION_REQUIRED", "SERVICE_DISABLED", "BILLING_DISABLED", "CONSUMER_SUSPENDED", "CONSUMER_INVALID",
		"USER_PROJECT_DENIED", "SECURITY_POLICY_VIOLATED", "UNSUPPORTED_CLIENT", "UNSUPPORTED_LOCATION":
		return true
	}
	return strings.Contains(f.message, "location is not supported")
}

// link appends an address, unless the message has it already.
func link(message, what, address string) string {
	if strings.Contains(message, address) {
		return message
	}
	return strings.TrimSpace(message + " " + what + address)
}

func (f *fault) kind(status int) (kind llm.Kind, code string) {
	limited := status == http.StatusTooManyRequests || f.status == "RESOURCE_EXHAUSTED"
	switch f.reason {
	case "API_KEY_INVALID", "API_KEY_EXPIRED":
		return llm.KindAuth, "invalid_api_key"
	case "ACCESS_TOKEN_EXPIRED", "CREDENTIALS_MISSING", "ACCESS_TOKEN_TYPE_UNSUPPORTED":
		return llm.KindAuth, ""
	case "MODEL_CAPACITY_EXHAUSTED", "MODEL_CAPACITY_EXCEEDED":
		return llm.KindOverloaded, "overloaded"
	case "INSUFFICIENT_G1_CREDITS_BALANCE", "QUOTA_EXHAUSTED":
		return llm.KindQuota, "insufficient_quota"
	case "RATE_LIMIT_EXCEEDED":
		if f.daily() {
			return llm.KindQuota, "insufficient_quota"
		}
		return llm.KindRate, "rate_limit_exceeded"
	}
	switch {
	case limited && (f.daily() || strings.Contains(f.message, "limit: 0")):
		return llm.KindQuota, "insufficient_quota"
	case limited:
		return llm.KindRate, "rate_limit_exceeded"
	case strings.Contains(f.message, "API key not valid"), strings.Contains(f.message, "API key expired"):
		return llm.KindAuth, "invalid_api_key"
	case strings.Contains(f.message, "location is not supported"):
		return llm.KindForbidden, "unsupported_location"
	case status == http.StatusBadRequest && strings.Contains(f.message, "exceeds the maximum number of tokens"):
		return llm.KindBadRequest, "context_length_exceeded"
	}
	return f.byStatus(status)
}

// daily says whether a limit is that of a day.
func (f *fault) daily() bool {
	return strings.Contains(f.quotaID, "PerDay") || strings.Contains(f.quotaID, "Daily")
}

func (f *fault) byStatus(status int) (kind llm.Kind, code string) {
	switch status {
	case http.StatusUnauthorized:
		return llm.KindAuth, ""
	case http.StatusForbidden:
		return llm.KindForbidden, ""
	case http.StatusNotFound:
		return llm.KindNotFound, "model_not_found"
	case http.StatusRequestEntityTooLarge:
		return llm.KindTooLarge, ""
	case http.StatusRequestTimeout, http.StatusGatewayTimeout:
		return llm.KindTimeout, ""
	case http.StatusServiceUnavailable:
		return llm.KindOverloaded, "overloaded"
	case 499: // Google canceled it, not the client
		return llm.KindTransient, ""
	}
	if status >= 400 && status < 500 {
		return llm.KindBadRequest, ""
	}
	return llm.KindTransient, ""
}
