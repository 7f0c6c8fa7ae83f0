package qwenweb_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/qwenweb"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// TestB08_ErrorsAreWhatTheyMean reads each error as an answer that is not 2xx
// and, where the site says it under the status 200, as one of success.
func TestB08_ErrorsAreWhatTheyMean(t *testing.T) {
	t.Parallel()
	const page = "<html><body>x5sec punish captcha</body></html>"
	for _, c := range []struct {
		name   string
		status int
		header http.Header
		body   string
		kind   llm.Kind
		code   string
		wait   time.Duration
		says   string
	}{
		{"limit of the day", 200, nil, `{"success":false,"data":{"code":"RateLimited","details":"You have reached the limit","num":3}}`, llm.KindQuota, "RateLimited", 3 * time.Hour, "ends in 3 h"},
		{"limit of half an hour, as text", 429, nil, `{"success":false,"data":{"code":"RateLimited","num":"0.5"}}`, llm.KindQuota, "RateLimited", 30 * time.Minute, "ends in 0.5 h"},
		{"limit without a time", 429, nil, `{"success":false,"data":{"code":"RateLimited"}}`, llm.KindRate, "RateLimited", 0, "limit of this account"},
		{"absurd limit", 200, nil, `{"success":false,"data":{"code":"RateLimited","num":1e99}}`, llm.KindQuota, "RateLimited", 7 * 24 * time.Hour, "168 h"},
		{"too many", 200, nil, `{"error":{"code":"Too_Many_Requests","details":"slow down"}}`, llm.KindRate, "Too_Many_Requests", 0, "slow down"},
		{"unauthorized", 401, nil, `{"success":false,"data":{"code":"unauthorized","details":"token expired"}}`, llm.KindAuth, "unauthorized", 0, "copy the token again"},
		{"invalid token under 200", 200, nil, `{"success":false,"data":{"code":"invalid_token"}}`, llm.KindAuth, "invalid_token", 0, "copy the token again"},
		{"detail of another framework", 401, nil, `{"detail":"Your session has expired"}`, llm.KindAuth, "", 0, "Your session has expired"},
		{"bare 401", 401, nil, ``, llm.KindAuth, "", 0, "copy the token again"},
		{"bare 403", 403, nil, `no`, llm.KindForbidden, "", 0, "403 Forbidden"},
		{"bare 429", 429, http.Header{"Retry-After": {"17"}}, ``, llm.KindRate, "", 17 * time.Second, "429"},
		{"bare 404", 404, nil, `404 page not found`, llm.KindNotFound, "", 0, "404"},
		{"bare 400", 400, nil, ``, llm.KindProtocol, "", 0, "400"},
		{"broken", 502, nil, `<html>bad gateway</html>`, llm.KindTransient, "", 0, "502"},
		{"busy", 503, nil, ``, llm.KindOverloaded, "", 0, "503"},
		{"slow", 504, nil, ``, llm.KindTimeout, "", 0, "504"},
		{"context", 200, nil, `{"error":{"code":"ContextLengthExceeded","details":"x"}}`, llm.KindBadRequest, "context_length_exceeded", 0, "too long"},
		{"content", 200, nil, `{"success":false,"data":{"code":"data_inspection_failed","details":"x"}}`, llm.KindContent, "data_inspection_failed", 0, "content filter"},
		{"busy chat", 200, nil, `{"success":false,"data":{"code":"Bad_Request","details":"The chat is in progress!"}}`, llm.KindTransient, "Bad_Request", 0, "in progress"},
		{"our form is refused", 200, nil, `{"success":false,"data":{"code":"Bad_Request","details":"Invalid input too many messages."}}`, llm.KindProtocol, "Bad_Request", 0, "may have changed"},
		{"validation", 422, nil, `{"success":false,"data":{"code":"RequestValidationError","details":"field required"}}`, llm.KindProtocol, "RequestValidationError", 0, "field required"},
		{"no such model", 200, nil, `{"success":false,"data":{"code":"Not_Found","details":"Model not found"}}`, llm.KindNotFound, "Not_Found", 0, "does not serve this model"},
		{"no such chat", 200, nil, `{"success":false,"data":{"code":"Not_Found","details":"chat does not exist"}}`, llm.KindTransient, "Not_Found", 0, "try again"},
		{"fault of the site", 200, nil, `{"success":false,"data":{"code":"Internal_Server_Error","details":"oops"}}`, llm.KindTransient, "Internal_Server_Error", 0, "oops"},
		{"error as a text", 500, nil, `{"error":"oops"}`, llm.KindTransient, "", 0, "oops"},
		{"SSE-framed", 400, nil, "data: {\"error\":{\"code\":\"unauthorized\"}}\n\n", llm.KindAuth, "unauthorized", 0, "copy the token"},
		{"page of a check", 200, nil, page, llm.KindForbidden, qwenweb.CodeChallenge, 0, "open chat.qwen.ai in your browser, pass the check, copy the token again"},
		{"page of a check, 403", 403, nil, page, llm.KindForbidden, qwenweb.CodeChallenge, 0, "pass the check"},
		{"script of a check", 200, nil, `window.location="/_____tmd_____/punish?x5secdata=1"`, llm.KindForbidden, qwenweb.CodeChallenge, 0, "pass the check"},
		{"JSON of a check", 200, nil, `{"ret":["FAIL_SYS_USER_VALIDATE","RGV587_ERROR::SM"],"data":{"url":"https://example.test/punish"}}`, llm.KindForbidden, qwenweb.CodeChallenge, 0, "pass the check"},
		{"redirect to a check", 302, http.Header{"Location": {"https://example.test/punish?x5secdata=1"}}, ``, llm.KindForbidden, qwenweb.CodeChallenge, 0, "pass the check"},
	} {
		u := qwenweb.Upstream{}
		err := u.Fault(c.status, []byte(c.body))
		if c.status/100 != 2 {
			h := c.header
			if h == nil {
				h = http.Header{}
			}
			err = u.DecodeError(c.status, h, []byte(c.body))
		}
		if err == nil {
			t.Errorf("%s: is no error", c.name)
			continue
		}
		if err.Kind != c.kind || err.Code != c.code || err.RetryAfter != c.wait || err.Status != c.status || !strings.Contains(err.Message, c.says) {
			t.Errorf("%s: got %v %q %v %d %q\nwant %v %q %v, that says %q", c.name, err.Kind, err.Code, err.RetryAfter, err.Status, err.Message, c.kind, c.code, c.wait, c.says)
		}
	}
}

func TestFault_IsNoneInAnAnswerThatIsRight(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{"success":true,"request_id":"r","data":{"id":"c"}}`,
		`{"data":[{"id":"qwen3.7-plus","name":"captcha punish"}]}`,
	} {
		if err := (qwenweb.Upstream{}).Fault(200, []byte(body)); err != nil {
			t.Errorf("%s: %v", body, err)
		}
	}
}
