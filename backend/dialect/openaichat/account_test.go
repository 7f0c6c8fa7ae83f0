package openaichat_test

import (
	"net/http"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openaichat"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

func TestB02_ATablesLineSaysWhetherARefusalIsAboutTheAccount(t *testing.T) {
	u := openaichat.Upstream{Errors: []openaichat.ErrorRule{
		{Codes: []string{"1113"}, Kind: llm.KindQuota, Account: true}, {Codes: []string{"1304"}, Kind: llm.KindQuota},
	}}
	for code, want := range map[string]bool{"1113": true, "1304": false, "1302": false} {
		err := u.DecodeError(http.StatusTooManyRequests, http.Header{}, []byte(`{"error":{"code":"`+code+`","message":"no"}}`))
		if err.Account != want {
			t.Errorf("%s is about the account: %v", code, err.Account)
		}
	}
}

func TestB02_AUsedUpPlanIsAboutTheAccountInAnyService(t *testing.T) {
	for body, want := range map[string]llm.Error{
		`{"error":{"type":"usage_limit_reached","message":"The usage limit has been reached"}}`: {Kind: llm.KindQuota, Account: true},
		`{"error":{"code":"insufficient_quota","message":"no"}}`:                                {Kind: llm.KindQuota},
	} {
		err := openaichat.Upstream{}.DecodeError(http.StatusTooManyRequests, http.Header{}, []byte(body))
		if err.Kind != want.Kind || err.Account != want.Account {
			t.Errorf("%s is %v, about the account: %v", body, err.Kind, err.Account)
		}
	}
}
