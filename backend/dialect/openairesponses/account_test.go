package openairesponses_test

import (
	"net/http"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openairesponses"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

func TestB02_WhatIsUsedUpIsAboutTheAccountAndNotTheModel(t *testing.T) {
	for body, want := range map[string]llm.Error{
		`{"error":{"type":"usage_limit_reached","message":"The usage limit has been reached"}}`:     {Kind: llm.KindQuota, Account: true},
		`{"error":{"code":"insufficient_quota","type":"insufficient_quota","message":"no credit"}}`: {Kind: llm.KindQuota, Account: true},
		`{"error":{"code":"rate_limit_exceeded","message":"slow down"}}`:                            {Kind: llm.KindRate},
	} {
		err := openairesponses.Upstream{}.DecodeError(http.StatusTooManyRequests, http.Header{}, []byte(body))
		if err.Kind != want.Kind || err.Account != want.Account {
			t.Errorf("%s is %v, about the account: %v", body, err.Kind, err.Account)
		}
	}
}
