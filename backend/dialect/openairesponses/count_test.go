package openairesponses_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openairesponses"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

func TestCount_AsksForNothingButACount(t *testing.T) {
	t.Parallel()
	body := []byte(`{"model":"m","instructions":"Be terse.","input":"hi","tools":[{"type":"function","name":"f","parameters":{"type":"object"}}],"stream":true,"max_output_tokens":9,"temperature":1,"store":true}`)
	c := openairesponses.Client{}
	h, err := c.Head(httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/responses/input_tokens", nil), body)
	if err != nil || h.Operation != dialect.CountTokens || h.Stream {
		t.Fatalf("%+v, %v", h, err)
	}
	r, _, err := c.DecodeRequest(h, body)
	if err != nil {
		t.Fatal(err)
	}
	out, _, err := openairesponses.Counter{}.EncodeCount(r, "up")
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"stream", "store", "max_output_tokens", "temperature"} {
		if bytes.Contains(out, []byte(word)) {
			t.Errorf("%s went out: %s", word, out)
		}
	}
	for _, word := range []string{`"model":"up"`, "Be terse.", `"hi"`, `"name":"f"`} {
		if !bytes.Contains(out, []byte(word)) {
			t.Errorf("%s is missing: %s", word, out)
		}
	}
	var answer bytes.Buffer
	if err := c.EncodeCount(&answer, 7, "m", h); err != nil || answer.String() != `{"object":"response.input_tokens","input_tokens":7}` {
		t.Errorf("%v: %s", err, &answer)
	}
	if h, err = c.Head(httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/responses", nil), body); err != nil || h.Operation != dialect.Chat || !h.Stream {
		t.Errorf("a request for an answer: %+v, %v", h, err)
	}
}

func TestCount_ReadsWhatServicesAnswer(t *testing.T) {
	t.Parallel()
	u := openairesponses.Counter{Upstream: openairesponses.Upstream{Errors: func(int, http.Header, []byte) *llm.Error {
		return &llm.Error{Kind: llm.KindRate, Message: "slow"}
	}}}
	if n, err := u.DecodeCount([]byte(`{"object":"response.input_tokens","input_tokens":11}`)); n != 11 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	for body, want := range map[string]llm.Kind{
		`{"input_tokens":-1}`: llm.KindProtocol, `{}`: llm.KindProtocol, `<html>`: llm.KindProtocol, ``: llm.KindProtocol, `{"error":{"message":"x"}}`: llm.KindRate,
	} {
		if _, err := u.DecodeCount([]byte(body)); err == nil || err.Kind != want {
			t.Errorf("%s: %v", body, err)
		}
	}
}

func FuzzCount(f *testing.F) {
	for _, s := range []string{`{"input_tokens":11}`, `{"input_tokens":1e999}`, `{"error":null}`, `[1]`, "\xff", ``} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if n, err := (openairesponses.Counter{}).DecodeCount(body); err == nil && n < 0 {
			t.Errorf("%q is read as %d", body, n)
		}
	})
}
