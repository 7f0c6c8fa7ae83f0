package openaichat_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openaichat"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

func TestDecodeError_ReadsWhatServicesAnswer(t *testing.T) {
	t.Parallel()
	type want struct {
		kind          llm.Kind
		message, code string
	}
	all := map[string]want{
		"error_401":          {llm.KindAuth, "test: bad key", "invalid_api_key"},
		"error_string":       {llm.KindBadRequest, "test: plain string error", ""},
		"error_msg_only":     {llm.KindTransient, "test: msg field only", ""},
		"error_numeric_code": {llm.KindRate, "test: numeric code", "1302"},
		"error_html":         {llm.KindTransient, "the upstream answered with a web page: 502 Bad Gateway", ""},
		"empty_body_503":     {llm.KindOverloaded, "the upstream answered 503 Service Unavailable", ""},
		"rate_429":           {llm.KindRate, "test: rpm exceeded", "limit_requests"},
		"tpm_429":            {llm.KindQuota, "test: token allocation exceeded", "insufficient_quota"},
		"bad_key_401":        {llm.KindAuth, "test: incorrect key", "invalid_api_key"},
		"arrears_400":        {llm.KindQuota, "test: account overdue", "Arrearage"},
		"model_404":          {llm.KindNotFound, "test: no such model or no access", "model_not_found"},
		"coding_plan_405":    {llm.KindForbidden, "test: Coding Plan is currently only available for Coding Agents", "access_denied"},
		"developer_role_400_sse_framed": {
			llm.KindBadRequest, "developer is not one of ['system', 'assistant', 'user', 'tool', 'function'] - 'messages.['0].role'", "invalid_parameter_error",
		},
	}
	cases := miscs(t, "openai_misc.json")
	maps.Copy(cases, miscs(t, "dashscope_misc.json"))
	for name, w := range all {
		c := cases[name]
		h := http.Header{}
		for k, v := range c.Headers {
			h.Set(k, v)
		}
		got := openaichat.Upstream{}.DecodeError(c.Status, h, c.body())
		if got.Kind != w.kind || got.Message != w.message || got.Code != w.code || got.Status != c.Status {
			t.Errorf("%s: got %v %q %q, want %v %q %q", name, got.Kind, got.Message, got.Code, w.kind, w.message, w.code)
		}
		if name == "empty_body_503" && got.RetryAfter != 2*time.Second {
			t.Errorf("%s: got the wait %v", name, got.RetryAfter)
		}
	}
}

func TestDecodeError_FindsTheMessageInEveryForm(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{"error":{"message":"m"}}`, `{"error":"m"}`, `{"message":"m"}`, `{"msg":"m"}`, `{"err":"m"}`, `{"error_msg":"m"}`, `{"header":{"message":"m"}}`,
		`{"response":{"error":{"message":"m"}}}`, `[{"error":{"message":"m"}}]`, `{"detail":"m"}`, `{"detail":[{"msg":"m","loc":["body"]}]}`, `m`,
		"data: {\"error\":{\"message\":\"m\"}}\n\n", "event: error\r\ndata:{\"message\":\"m\"}", ` "m" `,
	} {
		got := openaichat.Upstream{}.DecodeError(400, http.Header{}, []byte(body))
		if strings.Trim(got.Message, `"`) != "m" {
			t.Errorf("%s: got %q", body, got.Message)
		}
	}
}

func TestDecodeError_KnowsTheKindOfEachStatus(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]llm.Kind{
		400: llm.KindBadRequest, 401: llm.KindAuth, 402: llm.KindQuota, 403: llm.KindForbidden, 404: llm.KindNotFound, 408: llm.KindTimeout, 413: llm.KindTooLarge,
		422: llm.KindBadRequest, 429: llm.KindRate, 500: llm.KindTransient, 502: llm.KindTransient, 503: llm.KindOverloaded, 504: llm.KindTimeout, 529: llm.KindOverloaded, 302: llm.KindTransient,
	} {
		if got := (openaichat.Upstream{}).DecodeError(status, http.Header{}, nil).Kind; got != want {
			t.Errorf("%d: got %v, want %v", status, got, want)
		}
	}
}

func TestDecodeError_ReadsEveryFormOfRetryAfter(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	u := openaichat.Upstream{Now: func() time.Time { return at }}
	for _, test := range []struct {
		name, value string
		want        time.Duration
	}{
		{"Retry-After", "7", 7 * time.Second},
		{"Retry-After", "0.5", 500 * time.Millisecond},
		{"Retry-After", "Mon, 23 Nov 2026 12:01:00 GMT", time.Minute},
		{"Retry-After-Ms", "1500", 1500 * time.Millisecond},
		{"Retry-After", "soon", 0},
		{"Retry-After", "-3", 0},
		{"Retry-After", "Mon, 23 Nov 2020 12:01:00 GMT", 0},
		{"Retry-After", "1e300", 366 * 24 * time.Hour},
		{"Retry-After", "NaN", 0},
	} {
		if got := u.DecodeError(429, http.Header{test.name: {test.value}}, nil).RetryAfter; got != test.want {
			t.Errorf("%s: %s: got %v, want %v", test.name, test.value, got, test.want)
		}
	}
}

func TestB05_TheTrueClassOfAFailurePassesThrough(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		err    llm.Error
		status int
		wait   string
	}{
		{llm.Error{Kind: llm.KindTransient, Status: 500}, 500, ""},
		{llm.Error{Kind: llm.KindTransient, Status: 520}, 520, ""},
		{llm.Error{Kind: llm.KindTransient}, 502, ""},
		{llm.Error{Kind: llm.KindOverloaded, Status: 529}, 529, ""},
		{llm.Error{Kind: llm.KindOverloaded, Status: 200, RetryAfter: 1500 * time.Millisecond}, 503, "2"},
		{llm.Error{Kind: llm.KindRate, RetryAfter: time.Second}, 429, "1"},
		{llm.Error{Kind: llm.KindQuota, RetryAfter: 9000 * time.Hour}, 429, "86400"},
		{llm.Error{Kind: llm.KindTimeout, Status: 408}, 504, ""},
		{llm.Error{Kind: llm.KindContent}, 400, ""},
		{llm.Error{Kind: llm.KindUnavailable}, 503, ""},
	} {
		w := httptest.NewRecorder()
		test.err.Message = "m"
		openaichat.Client{}.EncodeError(w, &test.err)
		if w.Code != test.status || w.Header().Get("Retry-After") != test.wait || w.Header().Get("Content-Type") != "application/json" {
			t.Errorf("%+v: got %d, %v", test.err, w.Code, w.Header())
		}
	}
	w := httptest.NewRecorder()
	openaichat.Client{}.EncodeError(w, &llm.Error{Kind: llm.KindCanceled})
	if w.Body.Len() > 0 {
		t.Errorf("a client that left is told %s", w.Body)
	}
}
