package qwen_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/fake"
	"github.com/WenChunTech/OpenAICompatible/backend/provider/providertest"
	"github.com/WenChunTech/OpenAICompatible/backend/provider/qwen"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const chatBody = `{"model":"%s","messages":[{"role":"user","content":"hi"}],"stream":true,"stream_options":{"include_usage":true}}`

func at(kind string) func(base string) map[string]string {
	return func(base string) map[string]string { return map[string]string{"kind": kind, "baseUrl": base} }
}

func TestModelStudio_PassesTheSuite(t *testing.T) {
	providertest.Run(t, providertest.Subject{
		Provider: qwen.Provider{},
		Service:  fake.NewDashScope(fake.DashScopeOptions{Key: providertest.Canary}),
		Settings: at("dashscope"), Model: "qwen3.7-plus", Body: fmt.Sprintf(chatBody, "qwen3.7-plus"),
	})
}

func TestWeb_PassesTheSuite(t *testing.T) {
	providertest.Run(t, providertest.Subject{
		Provider: qwen.Provider{},
		Service:  fake.NewQwenWeb(fake.QwenWebOptions{Token: providertest.Canary}),
		Settings: at("web"), Model: "qwen3.7-plus", Body: webBody("qwen3.7-plus"), Wraps: true,
		Opens: func(r *http.Request) bool { return r.URL.Path == "/api/v2/chats/new" },
	})
}

func TestCode_PassesTheSuite(t *testing.T) {
	providertest.Run(t, providertest.Subject{
		Provider: qwen.Provider{},
		Service:  fake.NewDashScope(fake.DashScopeOptions{Key: providertest.Canary}),
		Settings: at("code"), Model: "qwen3-coder-plus", Body: fmt.Sprintf(chatBody, "qwen3-coder-plus"), Lists: true,
	})
}

// webBody is a request as the page's codec writes it.
func webBody(model string) string {
	const id = "11111111-1111-4111-8111-111111111111"
	return fmt.Sprintf(`{"stream":true,"version":"2.1","incremental_output":true,"chat_mode":"normal","model":%[1]q,"parent_id":null,`+
		`"messages":[{"fid":%[2]q,"parentId":null,"childrenIds":[%[2]q],"role":"user","content":"hi","user_action":"chat","files":[],"timestamp":1760000000,`+
		`"models":[%[1]q],"chat_type":"t2t","feature_config":{"thinking_enabled":false,"output_schema":"phase","thinking_mode":"Fast"},`+
		`"extra":{"meta":{"subChatType":"t2t"}},"sub_chat_type":"t2t","parent_id":null}],"timestamp":1760000000}`, model, id)
}

// signedIn is an account at h; "base" among the settings is replaced by its
// address.
func signedIn(t *testing.T, h http.Handler, secret string, settings map[string]string) *account.Account {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	own := map[string]string{"baseUrl": s.URL}
	for k, v := range settings {
		own[k] = strings.ReplaceAll(v, "base", s.URL)
	}
	return account.New(account.Account{
		ID: 1, Provider: "qwen", Name: "mine", Enabled: true, Settings: own, HTTP: s.Client(),
	}, func(context.Context) (account.Secret, error) { return account.NewSecret(secret), nil })
}

// hosts sends requests to the handlers by their hosts, and fails for others.
type hosts map[string]http.Handler

func (h hosts) RoundTrip(r *http.Request) (*http.Response, error) {
	to, ok := h[r.URL.Host]
	if !ok {
		return nil, fmt.Errorf("nobody is at %s", r.URL.Host)
	}
	w := httptest.NewRecorder()
	to.ServeHTTP(w, r)
	return w.Result(), nil
}

func atHosts(h hosts, secret string, settings map[string]string) *account.Account {
	return account.New(account.Account{
		ID: 1, Provider: "qwen", Name: "mine", Enabled: true, Settings: settings, HTTP: &http.Client{Transport: h},
	}, func(context.Context) (account.Secret, error) { return account.NewSecret(secret), nil })
}

// jwt is a token that nobody signed.
func jwt(expires time.Time) string {
	part := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	return part(`{"alg":"none"}`) + "." + part(fmt.Sprintf(`{"id":"u","exp":%d}`, expires.Unix())) + "." + part("no signature")
}
