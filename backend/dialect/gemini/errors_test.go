package gemini_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/gemini"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// errorCase is a refusal and what a client and the log must learn from it.
type errorCase struct {
	name   string
	status int
	header string // Retry-After
	body   string // or the vector called name
	kind   llm.Kind
	code   string
	wait   time.Duration
	says   string
	param  string
}

func errorCases() []errorCase {
	const day = `{"error":{"code":429,"message":"You exceeded your quota.","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":"GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]},{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"12s"}]}}`
	info := func(code, status, reason, metadata string) string {
		return `{"error":{"code":` + code + `,"message":"m","status":"` + status + `","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"` + reason + `","domain":"cloudcode-pa.googleapis.com","metadata":{` + metadata + `}}]}}`
	}
	return []errorCase{
		// The vectors.
		{name: "error_400_missing_thought_signature.json", status: 400, kind: llm.KindBadRequest, code: "INVALID_ARGUMENT", says: "thought_signature"},
		{name: "error_400_invalid_argument.json", status: 400, kind: llm.KindBadRequest, code: "INVALID_ARGUMENT", says: "Cannot find field", param: "request.generation_config"},
		{name: "error_400_api_key_invalid.json", status: 400, kind: llm.KindAuth, code: "invalid_api_key", says: "API key not valid"},
		{name: "error_401_unauthenticated.json", status: 401, kind: llm.KindAuth, code: "ACCESS_TOKEN_EXPIRED", says: "invalid authentication"},
		{name: "error_403_service_disabled.json", status: 403, kind: llm.KindForbidden, code: "SERVICE_DISABLED", says: "https://console.developers.google.com/apis/api/cloudaicompanion"},
		{name: "error_403_no_license.json", status: 403, kind: llm.KindForbidden, code: "PERMISSION_DENIED", says: "licence"},
		{name: "error_403_validation_required.json", status: 403, kind: llm.KindForbidden, code: "VALIDATION_REQUIRED", says: "Verify the account at https://accounts.google.com/signin/continue?example=1"},
		{name: "error_404_model.json", status: 404, kind: llm.KindNotFound, code: "model_not_found", says: "not found"},
		{name: "error_429_rate_limit.json", status: 429, kind: llm.KindRate, code: "rate_limit_exceeded", wait: 539477544 * time.Nanosecond, says: "capacity"},
		{name: "error_429_quota_exhausted.json", status: 429, kind: llm.KindQuota, code: "insufficient_quota", wait: 47960123456789 * time.Nanosecond, says: "13h19m20s"},
		{name: "error_429_as_array.json", status: 429, kind: llm.KindQuota, code: "insufficient_quota", says: "exhausted"},
		{name: "error_429_public_free_tier.json", status: 429, kind: llm.KindRate, code: "rate_limit_exceeded", wait: 56 * time.Second, says: "Please retry"},
		{name: "error_503_capacity.json", status: 503, kind: llm.KindOverloaded, code: "overloaded", wait: 9 * time.Second, says: "No capacity"},
		// The rows that no vector has.
		{name: "capacity as 429", status: 429, body: info("429", "RESOURCE_EXHAUSTED", "MODEL_CAPACITY_EXCEEDED", ""), kind: llm.KindOverloaded, code: "overloaded"},
		{name: "VPC service controls", status: 403, body: info("403", "PERMISSION_DENIED", "SECURITY_POLICY_VIOLATED", ""), kind: llm.KindForbidden, code: "SECURITY_POLICY_VIOLATED", says: "administrator"},
		{name: "validation link in the metadata", status: 403, body: info("403", "PERMISSION_DENIED", "VALIDATION_REQUIRED", `"validation_link":"https://v.example"`), kind: llm.KindForbidden, code: "VALIDATION_REQUIRED", says: "https://v.example"},
		{name: "activation link in the metadata alone", status: 403, body: info("403", "PERMISSION_DENIED", "SERVICE_DISABLED", `"activationUrl":"https://a.example"`), kind: llm.KindForbidden, code: "SERVICE_DISABLED", says: "Enable the API at https://a.example"},
		{name: "a client that is not served", status: 403, body: info("403", "PERMISSION_DENIED", "UNSUPPORTED_CLIENT", ""), kind: llm.KindForbidden, code: "UNSUPPORTED_CLIENT"},
		{name: "B08 a limit as 403", status: 403, body: info("403", "RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED", `"quotaResetDelay":"2s"`), kind: llm.KindRate, code: "rate_limit_exceeded", wait: 2 * time.Second},
		{name: "a long wait is a quota", status: 429, body: info("429", "RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED", `"quotaResetDelay":"13h19m20s"`), kind: llm.KindQuota, code: "insufficient_quota", wait: 13*time.Hour + 19*time.Minute + 20*time.Second},
		{name: "the time of the reset", status: 429, body: info("429", "RESOURCE_EXHAUSTED", "QUOTA_EXHAUSTED", `"quotaResetTimeStamp":"2026-08-01T11:00:00Z"`), kind: llm.KindQuota, code: "insufficient_quota", wait: time.Hour},
		{name: "a limit of the day", status: 429, body: day, kind: llm.KindQuota, code: "insufficient_quota", wait: 12 * time.Second},
		{name: "a limit of none", status: 429, body: `{"error":{"code":429,"message":"Quota exceeded, limit: 0, model: x","status":"RESOURCE_EXHAUSTED"}}`, kind: llm.KindQuota, code: "insufficient_quota"},
		{name: "the wait in words", status: 429, body: `{"error":{"code":429,"message":"Slow. Please retry in 56.18s.","status":"RESOURCE_EXHAUSTED"}}`, kind: llm.KindRate, code: "rate_limit_exceeded", wait: 56180 * time.Millisecond},
		{name: "the header's wait", status: 429, header: "7", body: `{"error":{"code":429,"message":"Slow.","status":"RESOURCE_EXHAUSTED"}}`, kind: llm.KindRate, code: "rate_limit_exceeded", wait: 7 * time.Second},
		{name: "too long a prompt", status: 400, body: `{"error":{"code":400,"message":"The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).","status":"INVALID_ARGUMENT"}}`, kind: llm.KindBadRequest, code: "context_length_exceeded"},
		{name: "a region that is not served", status: 400, body: `{"error":{"code":400,"message":"User location is not supported for the API use.","status":"FAILED_PRECONDITION"}}`, kind: llm.KindForbidden, code: "unsupported_location"},
		{name: "canceled", status: 499, body: `{"error":{"code":499,"message":"The operation was cancelled.","status":"CANCELLED"}}`, kind: llm.KindTransient, code: "CANCELLED"},
		{name: "internal", status: 500, body: `{"error":{"code":500,"message":"Internal error.","status":"INTERNAL"}}`, kind: llm.KindTransient, code: "INTERNAL"},
		{name: "overloaded", status: 503, body: `{"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}}`, kind: llm.KindOverloaded, code: "overloaded"},
		{name: "deadline", status: 504, body: `{"error":{"code":504,"message":"Deadline.","status":"DEADLINE_EXCEEDED"}}`, kind: llm.KindTimeout, code: "DEADLINE_EXCEEDED"},
		// The dirt.
		{name: "an error in the message", status: 400, body: `{"error":{"message":"{\"error\":{\"message\":\"[{\\\"error\\\":{\\\"code\\\":429,\\\"message\\\":\\\"deep\\\",\\\"status\\\":\\\"RESOURCE_EXHAUSTED\\\"}}]\",\"code\":429}}","code":400}}`, kind: llm.KindRate, code: "rate_limit_exceeded", says: "deep"},
		{name: "double commas and spaces that do not break", status: 403, body: "{\"error\":\u00a0{\"code\":403,,\"message\":\"a,, b\",\"details\":[{\" @type \":\"type.googleapis.com/google.rpc.ErrorInfo\",,\"reason\":\"SERVICE_DISABLED\"}]}}", kind: llm.KindForbidden, code: "SERVICE_DISABLED", says: "a,, b"},
		{name: "OAuth's own form", status: 400, body: `{"error":"invalid_grant","error_description":"Token has been expired or revoked."}`, kind: llm.KindBadRequest, code: "invalid_grant", says: "revoked"},
		{name: "a captive portal", status: 200, body: `<html><head><title>Hotel Wi-Fi</title></head></html>`, kind: llm.KindProtocol, says: "sign-in page of the network"},
		{name: "a proxy's page", status: 502, body: `<h1>Bad Gateway</h1>`, kind: llm.KindProtocol, says: "Bad Gateway"},
		{name: "plain text", status: 502, body: `upstream connect error`, kind: llm.KindTransient, says: "upstream connect error"},
		{name: "nothing", status: 403, body: ``, kind: llm.KindForbidden, says: "403 Forbidden"},
		{name: "half a JSON", status: 500, body: `{"error":{"message":"a`, kind: llm.KindTransient, says: `{"error"`},
	}
}

func TestB08_DecodeErrorTellsWhatHappened(t *testing.T) {
	t.Parallel()
	u := gemini.Upstream{Now: func() time.Time { return time.Date(2026, 8, 1, 10, 0, 0, 0, time.UTC) }}
	for _, test := range errorCases() {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			body := []byte(test.body)
			if strings.HasSuffix(test.name, ".json") {
				body = vector(t, test.name)
			}
			h := http.Header{}
			if test.header != "" {
				h.Set("Retry-After", test.header)
			}
			got := u.DecodeError(test.status, h, body)
			if got.Kind != test.kind || got.Code != test.code || got.RetryAfter != test.wait || got.Param != test.param || got.Status != test.status {
				t.Errorf("got %v %q after %v at %q with %d, want %v %q after %v at %q with %d",
					got.Kind, got.Code, got.RetryAfter, got.Param, got.Status, test.kind, test.code, test.wait, test.param, test.status)
			}
			if got.Message == "" || !strings.Contains(got.Message, test.says) {
				t.Errorf("got the message %q, want %q in it", got.Message, test.says)
			}
		})
	}
}
