package qwen_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/account/oauth"
	"github.com/WenChunTech/OpenAICompatible/backend/fake"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
	"github.com/WenChunTech/OpenAICompatible/backend/provider/qwen"
)

func TestCode_TheTokenSaysWhere(t *testing.T) {
	t.Parallel()
	for resource, want := range map[string]string{
		``:                          "https://portal.qwen.ai/v1/chat/completions",
		`portal.qwen.ai`:            "https://portal.qwen.ai/v1/chat/completions",
		`https://portal.qwen.ai`:    "https://portal.qwen.ai/v1/chat/completions",
		`https://portal.qwen.ai/v1`: "https://portal.qwen.ai/v1/chat/completions",
		`portal.qwen.ai/v1/`:        "https://portal.qwen.ai/v1/chat/completions",
		`dashscope.aliyuncs.com/compatible-mode/v1`: "https://dashscope.aliyuncs.com/compatible-mode/v1/chat/completions",
	} {
		secret := `{"access_token":"test-access-1","refresh_token":"r","resource_url":"` + resource + `","expiry":""}`
		a := atHosts(nil, secret, map[string]string{"kind": "code"})
		r, err := qwen.Provider{}.NewRequest(t.Context(), a, provider.Call{Body: []byte(`{}`)})
		if err != nil || r.URL.String() != want || r.Header.Get("Authorization") != "Bearer test-access-1" {
			t.Errorf("%q: %v\n got %v\nwant %s", resource, err, r, want)
			continue
		}
		for name := range r.Header {
			if strings.HasPrefix(name, "X-Dashscope") || strings.HasPrefix(name, "X-Stainless") {
				t.Errorf("pretends to be Qwen Code by %s", name)
			}
		}
	}
	for _, secret := range []string{`{"access_token":""}`, `{"access`, ``, `{"access_token":"a\nb"}`} {
		_, err := qwen.Provider{}.NewRequest(t.Context(), atHosts(nil, secret, map[string]string{"kind": "code"}), provider.Call{Body: []byte(`{}`)})
		if e := llm.AsError(err); e == nil || e.Kind != llm.KindAuth || !strings.Contains(e.Message, "Model Studio") {
			t.Errorf("%q: got %v", secret, err)
		}
	}
}

func TestCode_LeavesOutWhatThePortalRefuses(t *testing.T) {
	t.Parallel()
	u := qwen.Provider{}.Dialect(atHosts(nil, "", map[string]string{"kind": "code"}), "")
	body := `{"model":"m","messages":[{"role":"user","content":"a"},{"role":"developer","content":"b"}],"stream":true,"seed":1,"user":"u","n":1,"logprobs":false,"service_tier":"x","presence_penalty":0,"frequency_penalty":0,"logit_bias":{},"max_completion_tokens":7}`
	want := `{"model":"coder-model","messages":[{"role":"system","content":"b"},{"role":"user","content":"a"}],"stream":true,"max_tokens":7`
	for name, l := range lanes(t, u, body, "coder-model") {
		var got map[string]any
		if l.err != nil || json.Unmarshal([]byte(l.body), &got) != nil {
			t.Fatalf("%s: %v", name, l.err)
		}
		for _, field := range []string{"seed", "user", "n", "logprobs", "service_tier", "presence_penalty", "frequency_penalty", "logit_bias", "max_completion_tokens"} {
			if _, ok := got[field]; ok || !strings.Contains(l.notes()+"\ndropped logprobs", field) {
				t.Errorf("%s: %s is still there, or nobody says that it went:\n%s", name, field, l.notes())
			}
		}
		if got["max_tokens"] != 7.0 || !strings.Contains(l.body, `[{"role":"system","content":"b"},{"role":"user","content":"a"}]`) {
			t.Errorf("%s: got %s\nwant %s", name, l.body, want)
		}
	}
}

// TestB21_WhatThePortalRefusesNamesTheWaysThatRemain are the errors of the
// ended service.
func TestB21_WhatThePortalRefusesNamesTheWaysThatRemain(t *testing.T) {
	t.Parallel()
	a := signedIn(t, fake.NewDashScope(fake.DashScopeOptions{}), `{"access_token":"test-access-1"}`, map[string]string{"kind": "code"})
	for name, want := range map[string]struct {
		kind llm.Kind
		says string
	}{
		"portal_token_expired": {llm.KindAuth, "What remains: an API key of Model Studio"},
		"portal_quota":         {llm.KindQuota, "used up"},
	} {
		err := refused(t, qwen.Provider{}, a, "case-"+name, `{"model":"case-`+name+`"}`)
		if err.Kind != want.kind || !strings.Contains(err.Message, want.says) {
			t.Errorf("%s: got %v %q", name, err.Kind, err.Message)
		}
	}
	u := qwen.Provider{}.Dialect(a, "")
	for _, c := range []struct {
		status int
		body   string
		kind   llm.Kind
	}{
		{403, `{"error":{"code":"insufficient_quota","message":"x"}}`, llm.KindQuota},
		{403, `{"error":{"message":"Free allocated quota exceeded."}}`, llm.KindQuota},
		{403, `{"error":{"message":"no"}}`, llm.KindAuth},
		{401, ``, llm.KindAuth},
		{429, `{"error":{"code":"limit_requests","message":"x"}}`, llm.KindRate},
		{504, ``, llm.KindTimeout},
	} {
		if got := u.DecodeError(c.status, http.Header{}, []byte(c.body)); got.Kind != c.kind {
			t.Errorf("%d %s: got %v, want %v", c.status, c.body, got.Kind, c.kind)
		}
	}
	way := qwen.Provider{}.Info().Way("code")
	if way.Ended == nil || !strings.Contains(way.Ended.EN, "2026-04-15") || way.Instead[0] != (provider.Reference{Provider: "qwen", Way: "dashscope"}) || way.Prefix != "qwen_code" {
		t.Errorf("the way says %+v", way)
	}
}

// TestB12_CodeIsProbedByARealChat: a list that anybody can read proves nothing.
func TestB12_CodeIsProbedByARealChat(t *testing.T) {
	t.Parallel()
	const secret = `{"access_token":"test-access-1","email":"ann@example.test"}`
	f := fake.NewDashScope(fake.DashScopeOptions{Key: "test-access-1"})
	a := signedIn(t, f, secret, map[string]string{"kind": "code"})
	found, err := qwen.Provider{}.Probe(t.Context(), a)
	if err != nil || found.Identity != "ann@example.test" || !strings.HasSuffix(f.Last().Path, "/chat/completions") {
		t.Errorf("got %+v, %v after %s", found, err, f.Last().Path)
	}
	open := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			http.NotFound(w, r)
			return
		}
		fake.NewDashScope(fake.DashScopeOptions{Key: "another"}).ServeHTTP(w, r)
	})
	found, err = qwen.Provider{}.Probe(t.Context(), signedIn(t, open, secret, map[string]string{"kind": "code"}))
	if e := llm.AsError(err); e == nil || e.Kind != llm.KindAuth || !strings.Contains(e.Message, "ended on 2026-04-15") || found.Identity == "" {
		t.Errorf("got %+v, %v", found, err)
	}
}

func TestCode_SignsInByACode(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &fake.QwenOAuth{Polls: []string{"pending", "slow_down_429"}}
		s, err := qwen.Provider{Version: "1.2.3"}.SignIn(t.Context(), provider.SignInOptions{
			Way: "code", Method: provider.SignInDevice, HTTP: &http.Client{Transport: hosts{"chat.qwen.ai": f}},
		})
		if err != nil {
			t.Fatal(err)
		}
		signed, err := s.Wait(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range f.Received() {
			if r.Refused != "" || r.Header.Get("User-Agent") != "OpenAICompatible/1.2.3" {
				t.Errorf("%s by %s: %s", r.Path, r.Header.Get("User-Agent"), r.Refused)
			}
		}
		a := account.New(account.Account{Settings: map[string]string{"kind": "code"}}, nil)
		if got := (qwen.Provider{}).Expires(a, signed.Secret); time.Until(got).Round(time.Minute) != 6*time.Hour {
			t.Errorf("it ends at %v", got)
		}
	})
	for _, o := range []provider.SignInOptions{{Way: "dashscope"}, {Way: "web"}, {}, {Way: "code", Method: provider.SignInBrowser}} {
		if _, err := (qwen.Provider{}).SignIn(t.Context(), o); llm.AsError(err) == nil || llm.AsError(err).Kind != llm.KindBadRequest {
			t.Errorf("%+v: got %v", o, err)
		}
	}
}

func TestCode_ARefreshKeepsWhatTheAnswerLeavesOut(t *testing.T) {
	t.Parallel()
	f := &fake.QwenOAuth{}
	a := signedIn(t, f, "", map[string]string{"kind": "code", "tokenUrl": "base/api/v1/oauth2/token"})
	old := account.NewSecret(`{"access_token":"a","refresh_token":"mine","resource_url":"portal.example.test","expiry_date":1760021600000,"own":{"kept":1}}`)
	fresh, err := qwen.Provider{}.Refresh(t.Context(), a, old)
	if err != nil {
		t.Fatal(err)
	}
	token, err := oauth.ParseToken(fresh)
	if err != nil || token.Access.Reveal() != "test-access-1" || token.Refresh.Reveal() != "mine" || token.Resource != "portal.example.test" || !strings.Contains(fresh.Reveal(), `"own":{"kept":1}`) {
		t.Errorf("%v: got %q, %q, %q", err, token.Access.Reveal(), token.Refresh.Reveal(), token.Resource)
	}
	if until := time.Until(token.Expiry); until < 5*time.Hour || until > 7*time.Hour {
		t.Errorf("it ends in %v", until)
	}
	rotating := &fake.QwenOAuth{Rotates: true}
	a = signedIn(t, rotating, "", map[string]string{"kind": "code", "tokenUrl": "base/api/v1/oauth2/token"})
	fresh, err = qwen.Provider{}.Refresh(t.Context(), a, old)
	if err != nil || !strings.Contains(fresh.Reveal(), `"refresh_token":"test-refresh-1"`) || !strings.Contains(fresh.Reveal(), `"resource_url":"portal.qwen.ai"`) {
		t.Errorf("%v: a rotated token was not kept", err)
	}
}

func TestCode_ARefreshThatFails(t *testing.T) {
	t.Parallel()
	old := account.NewSecret(`{"access_token":"a","refresh_token":"mine"}`)
	for script, kind := range map[string]llm.Kind{
		"refresh_rejected": llm.KindAuth, "expired_device_401": llm.KindAuth, "503": llm.KindTransient, "429": llm.KindRate,
	} {
		f := &fake.QwenOAuth{Refreshes: []string{script}}
		a := signedIn(t, f, "", map[string]string{"kind": "code", "tokenUrl": "base/api/v1/oauth2/token"})
		_, err := qwen.Provider{}.Refresh(t.Context(), a, old)
		e := llm.AsError(err)
		if e == nil || e.Kind != kind || (kind == llm.KindAuth) != strings.Contains(e.Message, "What remains") {
			t.Errorf("%s: got %v, want %v", script, err, kind)
		}
	}
	for kind, secret := range map[string]string{"web": jwt(time.Now()), "dashscope": "sk-test", "code": "{"} {
		a := account.New(account.Account{Settings: map[string]string{"kind": kind}}, nil)
		_, err := qwen.Provider{}.Refresh(t.Context(), a, account.NewSecret(secret))
		if e := llm.AsError(err); e == nil || e.Kind != llm.KindAuth {
			t.Errorf("%s: got %v", kind, err)
		}
		if end := (qwen.Provider{}).Expires(a, account.NewSecret(secret)); !end.IsZero() {
			t.Errorf("%s ends at %v", kind, end)
		}
	}
}

func TestWay_IsRecognizedByTheSecret(t *testing.T) {
	t.Parallel()
	for secret, want := range map[string]string{
		jwt(time.Now().Add(time.Hour)):                    "chat.qwen.ai",
		string(fake.Vector("qwen/qwen_oauth_creds.json")): "portal.qwen.ai",
		string(fake.Vector("qwen/qwen_token.json")):       "portal.qwen.ai",
		"sk-0123456789abcdef":                             "dashscope.aliyuncs.com",
		"sk-sp-abc.def.ghi":                               "dashscope.aliyuncs.com",
	} {
		reached := ""
		a := account.New(account.Account{HTTP: &http.Client{Transport: notes{&reached}}}, atHosts(nil, secret, nil).Credential)
		_, _ = qwen.Provider{}.Models(t.Context(), a)
		if reached != want {
			t.Errorf("%.12s… went to %q, want %q", secret, reached, want)
		}
	}
}

// notes remembers the host that was asked.
type notes struct{ host *string }

func (n notes) RoundTrip(r *http.Request) (*http.Response, error) {
	*n.host = r.URL.Host
	return nil, http.ErrServerClosed
}
