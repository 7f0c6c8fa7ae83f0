package openaichat_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

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

// answered is what a client of this protocol reads of a failure.
type answered struct {
	status           int
	kind, code, wait string
}

func answerOf(t *testing.T, err *llm.Error) (answered, string) {
	t.Helper()
	w := httptest.NewRecorder()
	openaichat.Client{}.EncodeError(w, err)
	object := gjson.Get(w.Body.String(), "error")
	if w.Body.Len() > 0 && errorObject(w.Body.Bytes()) != nil {
		t.Errorf("%+v: got %s", err, w.Body)
	}
	return answered{w.Code, object.Get("type").String(), object.Get("code").String(), w.Header().Get("Retry-After")}, object.Get("message").String()
}

func TestB48_EveryKindHasItsStatusAndItsWords(t *testing.T) {
	t.Parallel()
	table := map[llm.Kind]answered{
		llm.KindInternal:    {500, "server_error", "internal_error", "8"},
		llm.KindBadRequest:  {400, "invalid_request_error", "", "8"},
		llm.KindAuth:        {401, "invalid_request_error", "invalid_api_key", "8"},
		llm.KindForbidden:   {403, "permission_error", "forbidden", "8"},
		llm.KindNotFound:    {404, "invalid_request_error", "not_found", "8"},
		llm.KindMethod:      {405, "invalid_request_error", "method_not_allowed", "8"},
		llm.KindTooLarge:    {413, "invalid_request_error", "request_too_large", "8"},
		llm.KindUnsupported: {400, "invalid_request_error", "unsupported", "8"},
		llm.KindRate:        {429, "rate_limit_error", "rate_limit_exceeded", "8"},
		llm.KindQuota:       {429, "insufficient_quota", "insufficient_quota", "8"},
		llm.KindOverloaded:  {503, "server_error", "overloaded", "8"},
		llm.KindTransient:   {502, "server_error", "upstream_error", "8"},
		llm.KindTimeout:     {504, "server_error", "timeout", "8"},
		llm.KindNetwork:     {502, "server_error", "upstream_unreachable", "8"},
		llm.KindProtocol:    {502, "server_error", "upstream_protocol", "8"},
		llm.KindContent:     {400, "invalid_request_error", "content_filter", "8"},
		llm.KindUnavailable: {503, "server_error", "no_account_available", "8"},
		llm.KindCanceled:    {200, "", "", ""}, // nobody is there to be told
	}
	for _, k := range llm.Kinds() {
		want, ok := table[k]
		if !ok {
			t.Errorf("%v has no row", k)
		}
		got, message := answerOf(t, &llm.Error{Kind: k, Message: "m <1>", RetryAfter: 7100 * time.Millisecond})
		if got != want || k != llm.KindCanceled && message != "m <1>" {
			t.Errorf("%v: got %+v %q, want %+v", k, got, message, want)
		}
		event := string(openaichat.Client{}.AppendStreamError(nil, &llm.Error{Kind: k, Message: "m"}))
		if !strings.HasPrefix(event, `data: {"error":{"message":"m",`) || !strings.HasSuffix(event, "\n\ndata: [DONE]\n\n") {
			t.Errorf("%v in a stream: got %s", k, event)
		}
	}
}

// From a service's refusal to what the client reads: the service's own words,
// class, code and wait pass through (B05).
func TestB05_WhatAServiceRefusesIsWhatTheClientReads(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	u := openaichat.Upstream{
		Now: func() time.Time { return at },
		Errors: []openaichat.ErrorRule{
			{Codes: []string{"insufficient_quota"}, Says: "allocation", Kind: llm.KindRate},
			{Codes: []string{"1308"}, Kind: llm.KindQuota, Zone: time.FixedZone("", 8*60*60)},
			{Codes: []string{"1113"}, Kind: llm.KindQuota, Advice: "top up"},
			{Codes: []string{"13*"}, Kind: llm.KindRate},
			{Status: 403, Says: "quota exceeded", Not: []string{"region"}, Kind: llm.KindQuota},
		},
	}
	for _, c := range []struct {
		status int
		header string
		body   string
		want   answered
		says   string
	}{
		// providers.md 1.3
		{401, "", `{"error":{"code":"1002","message":"authorization token invalid"}}`, answered{401, "invalid_request_error", "1002", ""}, "authorization token invalid"},
		{429, "", `{"error":{"code":"1302","message":"rate limit reached"}}`, answered{429, "rate_limit_error", "1302", ""}, "rate limit reached"},
		{429, "", `{"error":{"code":"1308","message":"Your limit will reset at 2026-11-23 21:30:00"}}`, answered{429, "insufficient_quota", "1308", "5400"}, "reset at"},
		{429, "", `{"error":{"code":"1308","message":"Your limit will reset at 2026-11-23 10:00:00"}}`, answered{429, "insufficient_quota", "1308", ""}, "reset at"},
		{429, "", `{"error":{"code":"1308","message":"Your limit will reset at 2027-11-23 10:00:00"}}`, answered{429, "insufficient_quota", "1308", "86400"}, "reset at"},
		{429, "", `{"error":{"code":"1113","message":"account in arrears."}}`, answered{429, "insufficient_quota", "1113", ""}, "account in arrears; top up"},
		{400, "", `{"error":{"code":"1214","message":"Incorrect role information"}}`, answered{400, "invalid_request_error", "1214", ""}, "Incorrect role"},
		// 3.4
		{401, "", `{"error":{"message":"invalid access token or token expired","type":"invalid_request_error","code":"invalid_api_key"}}`, answered{401, "invalid_request_error", "invalid_api_key", ""}, "token expired"},
		{403, "", `{"error":{"message":"Free allocated quota exceeded.","code":"insufficient_quota"}}`, answered{429, "insufficient_quota", "insufficient_quota", ""}, "quota exceeded"},
		{403, "", `{"error":{"message":"quota exceeded in this region","code":"x"}}`, answered{403, "permission_error", "x", ""}, "region"},
		// 4.7
		{429, "", `{"error":{"message":"token allocation exceeded","type":"insufficient_quota","param":null,"code":"insufficient_quota"},"request_id":"r"}`, answered{429, "rate_limit_error", "insufficient_quota", ""}, "allocation"},
		{429, "3", `{"error":{"message":"rpm","type":"limit_requests","code":"limit_requests"}}`, answered{429, "rate_limit_error", "limit_requests", "3"}, "rpm"},
		{429, "", `{"error":{"message":"burst","type":"limit_burst_rate","code":"limit_burst_rate"}}`, answered{429, "rate_limit_error", "limit_burst_rate", ""}, "burst"},
		{400, "", `{"error":{"message":"bad","type":"invalid_request_error","code":"invalid_parameter_error","param":"n"}}`, answered{400, "invalid_request_error", "invalid_parameter_error", ""}, "bad"},
		{400, "", `{"error":{"message":"overdue","type":"Arrearage","code":"Arrearage"}}`, answered{429, "insufficient_quota", "Arrearage", ""}, "overdue"},
		{400, "", `{"error":{"message":"inspected","code":"data_inspection_failed"}}`, answered{400, "invalid_request_error", "data_inspection_failed", ""}, "inspected"},
		{403, "", `{"error":{"message":"no access","code":"access_denied"}}`, answered{403, "permission_error", "access_denied", ""}, "no access"},
		{404, "", `{"error":{"message":"no model","code":"model_not_found"}}`, answered{404, "invalid_request_error", "model_not_found", ""}, "no model"},
		{405, "", `{"error":{"message":"for Coding Agents","code":"access_denied"}}`, answered{403, "permission_error", "access_denied", ""}, "Coding Agents"},
		{500, "", `{"error":{"message":"broken","code":"internal_error"}}`, answered{500, "server_error", "internal_error", ""}, "broken"},
		{503, "2", ``, answered{503, "server_error", "overloaded", "2"}, "503 Service Unavailable"},
		{503, "0.2", `{"error":{"message":"m","code":"ModelServingError"}}`, answered{503, "server_error", "ModelServingError", "1"}, "m"},
		{529, "Mon, 23 Nov 2026 12:01:00 GMT", `{"error":{"message":"m","type":"overloaded_error"}}`, answered{529, "server_error", "overloaded", "60"}, "m"},
		{302, "", `<html><title>Hotel Wi-Fi</title></html>`, answered{502, "server_error", "upstream_error", ""}, "web page: Hotel Wi-Fi"},
		{413, "", `request entity too large`, answered{413, "invalid_request_error", "request_too_large", ""}, "too large"},
		{504, "", ``, answered{504, "server_error", "timeout", ""}, "504 Gateway Timeout"},
	} {
		h := http.Header{}
		if c.header != "" {
			h.Set("Retry-After", c.header)
		}
		got, message := answerOf(t, u.DecodeError(c.status, h, []byte(c.body)))
		if got != c.want || !strings.Contains(message, c.says) {
			t.Errorf("%d %s\n got %+v %q\nwant %+v that says %q", c.status, c.body, got, message, c.want, c.says)
		}
	}
}
