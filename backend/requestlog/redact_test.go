package requestlog_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
)

const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"

func TestB59_WhatLooksLikeASecretIsRedacted(t *testing.T) {
	r := requestlog.NewRedactor(nil)
	for in, want := range map[string]string{
		"Incorrect API key provided: sk-proj-abc123def456ghi789jkl.":                    "Incorrect API key provided: [redacted].",
		`{"error":"sk-oac-ABCDEFGHIJKLMNOP1234 is no key"}`:                             `{"error":"[redacted] is no key"}`,
		`"a\nsk-ABCDEFGHIJKLMNOP1234\n"`:                                                `"a\n[redacted]\n"`,
		"Authorization: Bearer abc.def-123":                                             "Authorization: [redacted]",
		"authorization: Basic dXNlcjpwYXNz\r\nHost: x":                                  "authorization: [redacted]\r\nHost: x",
		`{"Authorization":"Bearer abcdefgh1"}`:                                          `{"Authorization":"[redacted]"}`,
		`map[Authorization:[Bearer abcdefgh1]]`:                                         `map[Authorization:[[redacted]`,
		"sent Bearer abcdefgh12345 to it":                                               "sent Bearer [redacted] to it",
		"x-goog-api-key: abcd1234":                                                      "x-goog-api-key: [redacted]",
		"X-Api-Key:abcd1234, Host: x":                                                   "X-Api-Key:[redacted], Host: x",
		`{"api_key":"hunter2hunter2","model":"m"}`:                                      `{"api_key":"[redacted]","model":"m"}`,
		`{"apiKey": "hunter2"}`:                                                         `{"apiKey": "[redacted]"}`,
		`{\"openaiApiKey\": \"hunter2\"}`:                                               `{\"openaiApiKey\": \"[redacted]\"}`,
		"OPENAI_API_KEY=hunter2 make":                                                   "OPENAI_API_KEY=[redacted] make",
		`{"refresh_token":"1//0gabcdefghijklmnopqrstuvwxyz"}`:                           `{"refresh_token":"[redacted]"}`,
		`{"access_token":"ya29.a0Af_bcdefghijklmnop"}`:                                  `{"access_token":"[redacted]"}`,
		"token ya29.a0Af_bcdefghijklmnop.q expired":                                     "token [redacted] expired",
		`{"client_secret":"GOCSPX-abcdefgh"}`:                                           `{"client_secret":"[redacted]"}`,
		"Post \"https://h/v1beta/models/m:generate?key=AIzaSyA-1234567890abcdefghijk\"": "Post \"https://h/v1beta/models/m:generate?key=[redacted]\"",
		"/v1/models?pageSize=3&key=hunter2&alt=sse":                                     "/v1/models?pageSize=3&key=[redacted]&alt=sse",
		"AIzaSyA-1234567890abcdefghijk is wrong":                                        "[redacted] is wrong",
		"bad token " + jwt + ".":                                                        "bad token [redacted]",
		"proxyconnect http://user:pa55@proxy:3128/ failed":                              "proxyconnect http://[redacted]@proxy:3128/ failed",
		"Cookie: a=b; session=c\nx":                                                     "Cookie: [redacted]\nx",
		"gho_16C7e42F292c6912E7710c838347Ae178B4a":                                      "[redacted]",
		`[{"role":"user","content":"my password: hunter22"}]`:                           `[{"role":"user","content":"my password: [redacted]"}]`,
	} {
		if got := r.String(in); got != want {
			t.Errorf("String(%q)\n got %q\nwant %q", in, got, want)
		}
		if got := string(r.Bytes([]byte(in))); got != want {
			t.Errorf("Bytes(%q)\n got %q\nwant %q", in, got, want)
		}
		if got := r.String(want); got != want {
			t.Errorf("a second time %q became %q", want, got)
		}
	}
}

func TestRedactor_LeavesTheRestAlone(t *testing.T) {
	r := requestlog.NewRedactor(func() []string { return []string{"", "abc"} }) // too short to be looked for
	for _, s := range []string{
		"", "a", "/v1/chat/completions", "openai-go", "small", "the only one",
		"a task-list of 12345678901234567890 things", "sk-folding-cube-container", "disk-1234567890123456789",
		"Bearer authentication is required", "a basic understanding of the matter",
		`{"api_key":{"type":"string"}}`, `{"api_key":null}`, `"max_tokens": 4096`, `{"token":"Hello","logprob":-0.1}`,
		"the API key is missing", "api keys: none here", "sorted(a, key=itemgetter)", `{"key":"value of the key"}`,
		"https://example.com/a@b", "mail me@example.com", "http://127.0.0.1:8787/v1",
		"eyJhbGciOiJIUzI1NiJ9eyJzdWIiOiIxMjM0NTY3ODkw", "abc",
	} {
		if got := r.String(s); got != s {
			t.Errorf("String(%q) = %q, want it unchanged", s, got)
		}
	}
}

func TestB59_AConfiguredSecretIsRedactedInEveryForm(t *testing.T) {
	const secret = `p&ss/"wörd"<1>`
	secrets := []string{"canary-long", secret}
	r := requestlog.NewRedactor(func() []string { return secrets })
	inJSON, err := json.Marshal(map[string]string{"x": secret})
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]string{
		"a" + secret + "b":                   "a[redacted]b",
		string(inJSON):                       `{"x":"[redacted]"}`,
		"?q=" + url.QueryEscape(secret):      "?q=[redacted]",
		"canary-longcanary-long canary-long": "[redacted][redacted] [redacted]",
		"cut in its mid canary-lo":           "cut in its mid [redacted]",
	} {
		if got := r.String(in); got != want {
			t.Errorf("String(%q)\n got %q\nwant %q", in, got, want)
		}
	}

	secrets = []string{"another-one"} // the user changed it
	if got := r.String("another-one, canary-long"); got != "[redacted], canary-long" {
		t.Errorf("after a change got %q", got)
	}
}

// canary is not of a shape that anything could be known by.
const canary = "tweet tweet, says the bird"

func TestB59_ACanaryIsNowhereInARecord(t *testing.T) {
	r := requestlog.NewRedactor(func() []string { return []string{canary} })
	x := requestlog.Record{
		Exchange: requestlog.Exchange{
			ID: 1, Start: time.Now(), Client: canary, Path: "/v1/models?key=" + url.QueryEscape(canary), Asked: canary, Served: canary,
			Error:    "upstream said: " + canary,
			Attempts: []requestlog.Attempt{{Model: canary, Reason: canary, Error: "401: " + canary}},
			Notes:    []string{"dropped " + canary},
		},
		Body: &requestlog.Body{
			Request: []byte(`{"user":"` + canary + `"}`), Sent: []byte(canary), Response: []byte("data: " + canary + "\n\n"),
			ResponseType: "text/plain; x=" + canary,
		},
	}
	request := slices.Clone(x.Body.Request)
	shared := x.Body.Request
	r.Record(&x)

	written := fmt.Sprintf("%+v %s %s %s %s", x.Exchange, x.Body.Request, x.Body.Sent, x.Body.Response, x.Body.ResponseType)
	for _, form := range []string{canary, url.QueryEscape(canary), "tweet"} {
		if strings.Contains(written, form) {
			t.Errorf("%q is in %s", form, written)
		}
	}
	if d := cmp.Diff(string(request), string(shared)); d != "" {
		t.Errorf("the buffer of the request, which others read, was changed:\n%s", d)
	}
}

func FuzzRedactor(f *testing.F) {
	f.Add("Bearer abc123456", "secret-1")
	f.Add(`{"api_key":"x`, "://:@")
	f.Add(`\"authorization\": [\"`, "a\"bcdef")
	f.Fuzz(func(t *testing.T, text, secret string) {
		r := requestlog.NewRedactor(func() []string { return []string{secret} })
		got := r.String(text)
		if other := string(r.Bytes([]byte(text))); other != got {
			t.Fatalf("String gives %q, Bytes %q", got, other)
		}
		if s := strings.TrimSpace(secret); len(s) >= 6 && strings.Contains(got, s) && !strings.Contains("[redacted][redacted]", s) && //nolint:gocritic // in this order
			!strings.Contains(s, "redacted") {
			t.Fatalf("%q is still in %q", s, got)
		}
	})
}

func BenchmarkRedactor(b *testing.B) {
	var secrets []string
	for i := range 100 {
		secrets = append(secrets, fmt.Sprintf("sk-oac-%040d", i))
	}
	r := requestlog.NewRedactor(func() []string { return secrets })
	body := []byte(strings.Repeat(`{"role":"user","content":"the client said that a basic task can be asked of the key"},`, 3000))
	b.Run("path", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			r.String("/v1/chat/completions")
		}
	})
	b.Run("body", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(body)))
		for b.Loop() {
			r.Bytes(body)
		}
	})
}
