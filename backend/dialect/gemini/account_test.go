package gemini_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/gemini"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

func TestB02_ARefusalSaysWhetherItIsAboutTheAccount(t *testing.T) {
	reason := func(code, reason string) string {
		return `{"error":{"code":` + code + `,"message":"no","status":"X","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"` + reason + `"},{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"3600s"}]}}`
	}
	for _, c := range []struct {
		status  int
		body    string
		kind    llm.Kind
		account bool
	}{
		{403, reason("403", "SERVICE_DISABLED"), llm.KindForbidden, true},
		{403, reason("403", "VALIDATION_REQUIRED"), llm.KindForbidden, true},
		{429, reason("429", "INSUFFICIENT_G1_CREDITS_BALANCE"), llm.KindQuota, true},
		{403, reason("403", "QUOTA_EXHAUSTED"), llm.KindQuota, false},
		{0, reason("429", "RATE_LIMIT_EXCEEDED"), llm.KindQuota, false},
		{403, reason("403", "ACCESS_DENIED"), llm.KindForbidden, false},
		{429, reason("429", "MODEL_CAPACITY_EXHAUSTED"), llm.KindOverloaded, false},
	} {
		err := gemini.Upstream{}.DecodeError(c.status, http.Header{}, []byte(c.body))
		if err.Kind != c.kind || err.Account != c.account || err.RetryAfter != time.Hour {
			t.Errorf("%d %s: got %s, account %v, after %s", c.status, c.body, err.Kind, err.Account, err.RetryAfter)
		}
	}
}
