package qwen_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openaichat"
	"github.com/WenChunTech/OpenAICompatible/backend/fake"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
	"github.com/WenChunTech/OpenAICompatible/backend/provider/qwen"
)

func head(t *testing.T, body string) dialect.Head {
	t.Helper()
	h, err := openaichat.Client{}.Head(httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/chat/completions", http.NoBody), []byte(body))
	if err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	return h
}

// lanes encode a client's body in both lanes.
func lanes(t *testing.T, u dialect.Upstream, body, model string) map[string]lane {
	t.Helper()
	c, ok := u.(dialect.Carrier)
	if !ok {
		t.Fatal("the dialect carries nothing")
	}
	h := head(t, body)
	out := map[string]lane{}
	before := []byte("before")
	raw, warnings, err := c.CarryRequest(before, []byte(body), h, model)
	if err == nil && !strings.HasPrefix(string(raw), "before") {
		t.Fatalf("what stood before the body is gone: %s", raw)
	}
	out["carried"] = lane{strings.TrimPrefix(string(raw), "before"), warnings, err}
	r, first, err := openaichat.Client{}.DecodeRequest(h, []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	translated, more, err := u.EncodeRequest(r, model)
	out["translated"] = lane{string(translated), append(first, more...), err}
	return out
}

type lane struct {
	body     string
	warnings []llm.Warning
	err      *llm.Error
}

func (l lane) notes() string {
	var lines []string
	for _, w := range l.warnings {
		lines = append(lines, w.String())
	}
	return strings.Join(lines, "\n")
}

// TestB40_RequestsAreWhatModelStudioTakes sends what clients send, in both
// lanes, to a service that refuses what is not right, and reads the answer.
func TestB40_RequestsAreWhatModelStudioTakes(t *testing.T) {
	t.Parallel()
	f := fake.NewDashScope(fake.DashScopeOptions{})
	a := signedIn(t, f, "sk-test", map[string]string{"kind": "dashscope"})
	p := qwen.Provider{}
	const tool = `"tools":[{"type":"function","function":{"name":"read_file","parameters":{"type":"object"}}}]`
	for _, model := range []string{"qwen-plus", "qwen3-coder-plus", "qwen3.7-plus", "qwen3.8-max", "qwq-plus"} {
		for _, fields := range []string{
			``, `"stream":true`, `"stream":false`, `"stream":true,"stream_options":{"include_usage":true}`, `"stream_options":{"include_usage":true}`,
			`"reasoning_effort":"none"`, `"reasoning_effort":"minimal"`, `"reasoning_effort":"low"`, `"reasoning_effort":"high"`, `"reasoning_effort":"max","stream":true`,
			`"reasoning_effort":"medium","thinking_budget":100,"enable_thinking":true`, `"enable_thinking":false`,
			`"max_completion_tokens":50`, `"max_tokens":50,"temperature":2,"top_p":0`, `"n":1`,
			tool, tool + `,"tool_choice":"auto"`, tool + `,"tool_choice":"sideways"`, tool + `,"tool_choice":"required","reasoning_effort":"high"`,
			tool + `,"tool_choice":{"type":"function","function":{"name":"read_file"}}`,
			`"response_format":{"type":"json_object"}`, `"response_format":{"type":"json_schema","json_schema":{"name":"a","schema":{"type":"object"}}},"reasoning_effort":"low"`,
		} {
			always := model == "qwq-plus"
			own := strings.Contains(fields, "enable_thinking") && (always || model == "qwen3-coder-plus")
			if always && strings.Contains(fields, "response_format") || own {
				continue // the client's own fields, or what such a model never does: the service's answer is the answer
			}
			body := `{"model":"qwen/` + model + `","messages":[{"role":"developer","content":"json"},{"role":"user","content":"hi"}]` + strings.TrimSuffix(","+fields, ",") + `}`
			forced := strings.Contains(fields, "required") || strings.Contains(fields, `"tool_choice":{`)
			for name, l := range lanes(t, p.Dialect(a, ""), body, model) {
				if always && forced {
					if l.err == nil || l.err.Kind != llm.KindUnsupported || l.err.Param != "tool_choice" {
						t.Errorf("%s %s: a thinking model was forced: %v", name, body, l.err)
					}
					continue
				}
				if l.err != nil {
					t.Errorf("%s %s: %v", name, body, l.err)
					continue
				}
				answered(t, p, a, name, body, model, l)
			}
		}
	}
}

// answered sends a body and wants an answer of it.
func answered(t *testing.T, p qwen.Provider, a *account.Account, name, body, model string, l lane) {
	t.Helper()
	r, err := p.NewRequest(t.Context(), a, provider.Call{Model: model, Body: []byte(l.body)})
	if err != nil {
		t.Fatal(err)
	}
	resp, err := a.HTTP.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != http.StatusOK {
		t.Errorf("%s\n asked %s\n sent %s\n refused %s", name, body, l.body, raw)
		return
	}
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "text/event-stream") != strings.Contains(r.Header.Get("Accept"), "event-stream") {
		t.Errorf("%s: accepted %s, got %s", l.body, r.Header.Get("Accept"), resp.Header.Get("Content-Type"))
	}
	if reply, err := llm.Collect(p.Dialect(a, "").DecodeReply("", strings.NewReader(string(raw)))); err != nil || len(reply.Parts) == 0 {
		t.Errorf("%s: the answer %s: %v", name, raw, err)
	}
}

// TestB40_EachChangeIsNoted is what becomes of a body and what is said of it.
func TestB40_EachChangeIsNoted(t *testing.T) {
	t.Parallel()
	u := qwen.Provider{}.Dialect(account.New(account.Account{Settings: map[string]string{"kind": "dashscope"}}, nil), "")
	for _, c := range []struct{ name, model, fields, want, notes string }{
		{"a stream goes on as it is", "qwen-plus", `"stream":true,"stream_options":{"include_usage":true},"enable_search":true`, `"stream":true,"stream_options":{"include_usage":true},"enable_search":true`, ``},
		{"a whole answer of a model that may think", "qwen-plus", `"top_k":7`, `"top_k":7,"stream":true,"stream_options":{"include_usage":true}`, "set, as a model that thinks gives no whole answers: stream\nadded stream_options"},
		{"a whole answer of one that does not", "qwen3-coder-plus", `"top_k":7`, `"top_k":7`, ``},
		{"a whole answer without thinking", "qwen-plus", `"stream":false,"enable_thinking":false`, `"stream":false,"enable_thinking":false`, ``},
		{"two whole answers", "qwen-plus", `"n":2`, `"n":2,"enable_thinking":false`, `set to false for n without a stream, which is refused while a model thinks: enable_thinking`},
		{"an omni model", "qwen3-omni-flash", `"enable_thinking":false`, `"enable_thinking":false,"stream":true,"stream_options":{"include_usage":true}`, "set, as a model that thinks gives no whole answers: stream\nadded stream_options"},
		{"effort", "qwen3.7-plus", `"stream":true,"stream_options":{"include_usage":true},"reasoning_effort":"low"`, `"stream":true,"stream_options":{"include_usage":true},"enable_thinking":true,"thinking_budget":1024`, "written as enable_thinking true: reasoning_effort\nwritten as thinking_budget 1024: reasoning_effort"},
		{"no effort", "qwen3.7-plus", `"reasoning_effort":"none"`, `"enable_thinking":false`, `written as enable_thinking false: reasoning_effort`},
		{"graded effort", "qwen3.8-max", `"stream":true,"stream_options":{"include_usage":true},"reasoning_effort":"high"`, `"stream":true,"stream_options":{"include_usage":true},"reasoning_effort":"xhigh"`, `replaced high by xhigh in reasoning_effort`},
		{"effort of a model that does not think", "qwen3-coder-plus", `"reasoning_effort":"high"`, ``, `dropped reasoning_effort`},
		{"no effort of a model that always thinks", "qwq-plus", `"stream":true,"stream_options":{"include_usage":true},"reasoning_effort":"none"`, `"stream":true,"stream_options":{"include_usage":true}`, `dropped reasoning_effort`},
		{"the service's own field wins", "qwen3.8-max", `"stream":true,"stream_options":{"include_usage":true},"reasoning_effort":"low","thinking_budget":9`, `"stream":true,"stream_options":{"include_usage":true},"thinking_budget":9`, `dropped reasoning_effort`},
		{"a forced call", "qwen3.7-plus", `"stream":true,"stream_options":{"include_usage":true},"tools":[],"tool_choice":"required","thinking_budget":9`, `"stream":true,"stream_options":{"include_usage":true},"tools":[],"tool_choice":"required","enable_thinking":false`, "dropped thinking_budget\nset to false for tool_choice, which is refused while a model thinks: enable_thinking"},
		{"roles, names and ranges", "qwen3-coder-plus", `"max_completion_tokens":5,"temperature":2`, `"max_tokens":5,"temperature":1.99`, "renamed max_completion_tokens\nreplaced 2 by 1.99 in temperature"},
		{"escaped names", "qwen-plus", `"stream":true,"stream_options":{"include_usage":true},"\u0072easoning_effort":"none"`, `"stream":true,"stream_options":{"include_usage":true},"enable_thinking":false`, `written as enable_thinking false: reasoning_effort`},
	} {
		body := `{"model":"a","messages":[{"role":"user","content":"<b> & \u00e9"}],` + c.fields + `}`
		want := `{"model":"` + c.model + `","messages":[{"role":"user","content":"<b> & \u00e9"}]` + strings.TrimSuffix(","+c.want, ",") + `}`
		got := lanes(t, u, body, c.model)["carried"]
		if got.err != nil || got.body != want || got.notes() != c.notes || !json.Valid([]byte(got.body)) {
			t.Errorf("%s: %v\n got %s\nwant %s\nnotes %s", c.name, got.err, got.body, want, cmp.Diff(c.notes, got.notes()))
		}
	}
}

func TestThinking_OfOtherProtocolsIsABudget(t *testing.T) {
	t.Parallel()
	u := qwen.Provider{}.Dialect(account.New(account.Account{}, nil), "")
	n, zero := 4000, 0
	for want, ask := range map[string]llm.Reasoning{
		`"enable_thinking":true,"thinking_budget":4000`: {BudgetTokens: &n},
		`"enable_thinking":false`:                       {BudgetTokens: &zero},
	} {
		r := &llm.Request{Messages: []llm.Message{{Role: llm.RoleUser, Parts: []llm.Part{llm.Text{Text: "hi"}}}}, Reasoning: ask}
		raw, _, err := u.EncodeRequest(r, "qwen-plus")
		if err != nil || !strings.Contains(string(raw), want) || strings.Contains(string(raw), "reasoning_effort") {
			t.Errorf("%v: got %s, want %s", err, raw, want)
		}
	}
}

// TestB08_ModelStudioErrors are the errors of its documentation: what they are,
// and what to do.
func TestB08_ModelStudioErrors(t *testing.T) {
	t.Parallel()
	a := account.New(account.Account{Settings: map[string]string{"kind": "dashscope", "region": "intl"}}, nil)
	u := qwen.Provider{}.Dialect(a, "")
	wrap := func(code string) string {
		return fmt.Sprintf(`{"error":{"message":"test: why","type":%q,"param":null,"code":%q},"request_id":"r"}`, code, code)
	}
	say := func(message, code string) string {
		return fmt.Sprintf(`{"error":{"message":%q,"type":"x","param":null,"code":%q},"request_id":"r"}`, message, code)
	}
	for _, c := range []struct {
		status int
		body   string
		kind   llm.Kind
		code   string
		says   string
	}{
		{400, wrap("invalid_parameter_error"), llm.KindBadRequest, "invalid_parameter_error", "test: why"},
		{400, wrap("InvalidParameter"), llm.KindBadRequest, "InvalidParameter", "test: why"},
		{400, wrap("Arrearage"), llm.KindQuota, "Arrearage", "pay the overdue bill"},
		{400, wrap("data_inspection_failed"), llm.KindContent, "data_inspection_failed", "content filter"},
		{400, wrap("DataInspectionFailed"), llm.KindContent, "DataInspectionFailed", "content filter"},
		{401, wrap("invalid_api_key"), llm.KindAuth, "invalid_api_key", "set to International (Singapore) (intl), and a key is known in the region that it was made in alone"},
		{401, ``, llm.KindAuth, "", "check the key and the region"},
		{403, say("invalid api-key", "access_denied"), llm.KindAuth, "access_denied", "check the key"},
		{403, wrap("access_denied"), llm.KindForbidden, "access_denied", "allow the model"},
		{403, wrap("AccessDenied.Unpurchased"), llm.KindForbidden, "AccessDenied.Unpurchased", "activate Model Studio"},
		{403, wrap("Model.AccessDenied"), llm.KindForbidden, "Model.AccessDenied", "allow the model"},
		{403, wrap("AllocationQuota.FreeTierOnly"), llm.KindQuota, "AllocationQuota.FreeTierOnly", "free quota is used up"},
		{404, wrap("model_not_found"), llm.KindNotFound, "model_not_found", "see the account's list"},
		{404, wrap("model_not_supported"), llm.KindNotFound, "model_not_supported", "see the account's list"},
		{405, wrap("access_denied"), llm.KindForbidden, "access_denied", "coding tools alone"},
		{429, wrap("limit_requests"), llm.KindRate, "limit_requests", "wait a little"},
		{429, wrap("Throttling.RateQuota"), llm.KindRate, "Throttling.RateQuota", "wait a little"},
		{429, wrap("limit_burst_rate"), llm.KindRate, "limit_burst_rate", "wait a little"},
		{429, wrap("insufficient_quota"), llm.KindRate, "insufficient_quota", "tokens a minute"},
		{429, wrap("Throttling.AllocationQuota"), llm.KindRate, "Throttling.AllocationQuota", "tokens a minute"},
		{429, wrap("CommodityNotPurchased"), llm.KindForbidden, "CommodityNotPurchased", "buy the plan"},
		{429, wrap("PrepaidBillOverdue"), llm.KindQuota, "PrepaidBillOverdue", "pay the overdue bill"},
		{429, wrap("PostpaidBillOverdue"), llm.KindQuota, "PostpaidBillOverdue", "pay the overdue bill"},
		{429, say("hour allocated quota exceeded", "insufficient_quota"), llm.KindQuota, "insufficient_quota", "comes back by itself"},
		{429, say("week allocated quota exceeded.", "x"), llm.KindQuota, "x", "comes back by itself"},
		{429, say("month allocated quota exceeded", "x"), llm.KindQuota, "x", "comes back by itself"},
		{500, wrap("internal_error"), llm.KindTransient, "internal_error", "test: why"},
		{500, wrap("SystemError"), llm.KindTransient, "SystemError", "test: why"},
		{500, wrap("RequestTimeOut"), llm.KindTimeout, "RequestTimeOut", "test: why"},
		{503, wrap("ModelServingError"), llm.KindOverloaded, "ModelServingError", "test: why"},
		{503, wrap("ModelUnavailable"), llm.KindOverloaded, "ModelUnavailable", "test: why"},
		{400, "data: " + wrap("Arrearage") + "\n\n", llm.KindQuota, "Arrearage", "pay the overdue bill"},
	} {
		got := u.DecodeError(c.status, http.Header{}, []byte(c.body))
		if got.Kind != c.kind || got.Code != c.code || got.Status != c.status || !strings.Contains(got.Message, c.says) {
			t.Errorf("%d %s\n got %v %q %q\nwant %v %q, that says %q", c.status, c.body, got.Kind, got.Code, got.Message, c.kind, c.code, c.says)
		}
		// The same under the status of success, as the first event of a stream.
		if c.body == "" || strings.HasPrefix(c.body, "data:") || c.status == 405 || strings.Contains(c.body, "api-key") {
			continue
		}
		_, err := llm.Collect(u.DecodeReply("", strings.NewReader("data: "+c.body+"\n\n")))
		if e := llm.AsError(err); c.kind != llm.KindBadRequest && (e == nil || e.Kind != c.kind) {
			t.Errorf("in a stream, %s is %v, want %v", c.body, e, c.kind)
		}
	}
	if got := u.DecodeError(429, http.Header{"Retry-After": {"9"}}, []byte(wrap("limit_requests"))); got.RetryAfter.Seconds() != 9 {
		t.Errorf("the wait is %v", got.RetryAfter)
	}
}

// TestB08_ModelStudioCases asks the fake for each recorded error.
func TestB08_ModelStudioCases(t *testing.T) {
	t.Parallel()
	a := signedIn(t, fake.NewDashScope(fake.DashScopeOptions{}), "sk-test", map[string]string{"kind": "dashscope"})
	want := map[string]llm.Kind{
		"rate_429": llm.KindRate, "burst_429": llm.KindRate, "tpm_429": llm.KindRate, "bad_key_401": llm.KindAuth, "arrears_400": llm.KindQuota,
		"model_404": llm.KindNotFound, "thinking_nonstream_400": llm.KindBadRequest, "stream_only_400": llm.KindBadRequest,
		"developer_role_400": llm.KindBadRequest, "developer_role_400_sse_framed": llm.KindBadRequest, "coding_plan_405": llm.KindForbidden,
	}
	for name, kind := range want {
		err := refused(t, qwen.Provider{}, a, "case-"+name, `{"model":"case-`+name+`"}`)
		if err.Kind != kind || err.Message == "" || strings.Contains(err.Message, "{") {
			t.Errorf("%s: got %v %q, want %v", name, err.Kind, err.Message, kind)
		}
	}
	var rate struct{ Error struct{ Code string } }
	raw := fake.Vector("qwen/dashscope_429.json")
	if err := json.Unmarshal(raw, &rate); err != nil {
		t.Fatal(err)
	}
	if got := (qwen.Provider{}).Dialect(a, "").DecodeError(429, http.Header{}, raw); got.Kind != llm.KindRate || got.Code != rate.Error.Code {
		t.Errorf("got %v", got)
	}
}

// refused makes a request that is refused.
func refused(t *testing.T, p qwen.Provider, a *account.Account, model, body string) *llm.Error {
	t.Helper()
	r, err := p.NewRequest(t.Context(), a, provider.Call{Model: model, Body: []byte(body), Stream: true})
	if err != nil {
		return llm.AsError(err)
	}
	resp, err := a.HTTP.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, _ := io.ReadAll(resp.Body)
	if resp.StatusCode/100 != 2 {
		return p.Dialect(a, "").DecodeError(resp.StatusCode, resp.Header, raw)
	}
	_, err = llm.Collect(p.Dialect(a, "").DecodeReply(resp.Header.Get("Content-Type"), strings.NewReader(string(raw))))
	if err == nil {
		t.Fatalf("%s was answered: %s", model, raw)
	}
	return llm.AsError(err)
}

func TestRegions_AreAddresses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ region, base, want string }{
		{"", "", "https://dashscope.aliyuncs.com/compatible-mode/v1/chat/completions"},
		{"cn", "", "https://dashscope.aliyuncs.com/compatible-mode/v1/chat/completions"},
		{"intl", "", "https://dashscope-intl.aliyuncs.com/compatible-mode/v1/chat/completions"},
		{"us", "", "https://dashscope-us.aliyuncs.com/compatible-mode/v1/chat/completions"},
		{"hongkong", "", "https://cn-hongkong.dashscope.aliyuncs.com/compatible-mode/v1/chat/completions"},
		{"coding-cn", "", "https://coding.dashscope.aliyuncs.com/v1/chat/completions"},
		{"coding-intl", "", "https://coding-intl.dashscope.aliyuncs.com/v1/chat/completions"},
		{"us", "https://ws1.cn-beijing.maas.aliyuncs.com", "https://ws1.cn-beijing.maas.aliyuncs.com/compatible-mode/v1/chat/completions"},
		{"", "ws1.eu-central-1.maas.aliyuncs.com/compatible-mode/v1/", "https://ws1.eu-central-1.maas.aliyuncs.com/compatible-mode/v1/chat/completions"},
		{"", "https://coding.dashscope.aliyuncs.com", "https://coding.dashscope.aliyuncs.com/v1/chat/completions"},
		{"", "https://gateway.example.test/qwen/v1/chat/completions", "https://gateway.example.test/qwen/v1/chat/completions"},
	} {
		a := account.New(account.Account{Settings: map[string]string{"kind": "dashscope", "region": c.region, "baseUrl": c.base}}, nil)
		r, err := qwen.Provider{Version: "1.2.3"}.NewRequest(t.Context(), a, provider.Call{Body: []byte(`{}`)})
		if err != nil || r.URL.String() != c.want || r.UserAgent() != "OpenAICompatible/1.2.3" {
			t.Errorf("%q %q: %v\n got %v\nwant %s", c.region, c.base, err, r, c.want)
		}
	}
	_, err := qwen.Provider{}.NewRequest(t.Context(), account.New(account.Account{Settings: map[string]string{"kind": "dashscope", "baseUrl": "ftp://x"}}, nil), provider.Call{})
	if e := llm.AsError(err); e == nil || e.Param != "baseUrl" {
		t.Errorf("got %v", err)
	}
}

func TestFillInTheMiddle_IsATemplate(t *testing.T) {
	t.Parallel()
	f := fake.NewDashScope(fake.DashScopeOptions{})
	a := signedIn(t, f, "sk-test", map[string]string{"kind": "dashscope"})
	for body, want := range map[string]string{
		`{"model":"qwen-coder-turbo","prompt":"def add(a, b):\n    ","suffix":"\n","max_tokens":64}`: `{"model":"qwen-coder-turbo","prompt":"<|fim_prefix|>def add(a, b):\n    <|fim_suffix|>\n<|fim_middle|>","max_tokens":64}`,
		`{"model":"qwen-coder-turbo","prompt":["a"],"suffix":""}`:                                    `{"model":"qwen-coder-turbo","prompt":"<|fim_prefix|>a<|fim_suffix|><|fim_middle|>"}`,
		`{"model":"qwen-coder-turbo","suffix":"b","prompt":"a"}`:                                     `{"model":"qwen-coder-turbo","prompt":"<|fim_prefix|>a<|fim_suffix|>b<|fim_middle|>"}`,
		`{"model":"qwen-coder-turbo","prompt":"a","suffix":null}`:                                    `{"model":"qwen-coder-turbo","prompt":"a","suffix":null}`,
	} {
		r, err := qwen.Provider{}.NewRequest(t.Context(), a, provider.Call{Operation: dialect.Complete, Body: []byte(body)})
		if err != nil {
			t.Fatal(err)
		}
		resp, err := a.HTTP.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		raw, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		got := f.Last()
		if string(got.Body) != want || got.Refused != "" || got.Path != "/compatible-mode/v1/completions" || !strings.Contains(string(raw), "return a + b") {
			t.Errorf("%s\n got %s %s (%s)\nwant %s", body, got.Path, got.Body, got.Refused, want)
		}
	}
	elsewhere := account.New(account.Account{Settings: map[string]string{"kind": "dashscope", "region": "intl"}}, nil)
	for a, body := range map[*account.Account]string{elsewhere: `{"prompt":"a","suffix":"b"}`, a: `{"prompt":["a","b"],"suffix":"c"}`} {
		_, err := qwen.Provider{}.NewRequest(t.Context(), a, provider.Call{Operation: dialect.Complete, Body: []byte(body)})
		if e := llm.AsError(err); e == nil || e.Kind != llm.KindUnsupported {
			t.Errorf("%s: got %v", body, err)
		}
	}
}

func TestModels_OfAPlanAreBuiltIn(t *testing.T) {
	t.Parallel()
	a := signedIn(t, fake.NewDashScope(fake.DashScopeOptions{Plan: true}), "sk-sp-test", map[string]string{"kind": "dashscope", "region": "coding-cn", "baseUrl": "base/v1"})
	list, err := qwen.Provider{}.Models(t.Context(), a)
	if err != nil || len(list) == 0 || list[0].ID != "qwen3-coder-plus" || !list[0].Can.Tools || list[0].Can.Reasoning {
		t.Errorf("got %v, %v", list, err)
	}
	f, err := qwen.Provider{}.Probe(t.Context(), a)
	if err != nil || f.Tier != "Coding Plan" {
		t.Errorf("the probe found %+v, %v", f, err)
	}
}

func TestModels_SayWhatTheyCan(t *testing.T) {
	t.Parallel()
	a := signedIn(t, fake.NewDashScope(fake.DashScopeOptions{}), "sk-test", map[string]string{"kind": "dashscope"})
	list, err := qwen.Provider{}.Models(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]llm.Capabilities{}
	for _, m := range list {
		got[m.ID] = m.Can
	}
	want := map[string]llm.Capabilities{
		"qwen-plus": {Tools: true, Reasoning: true}, "qwen3-coder-plus": {Tools: true}, "qwen3.7-plus": {Tools: true, Vision: true, Reasoning: true},
		"qwen3.8-max": {Tools: true, Vision: false, Reasoning: true}, "qwq-plus": {Tools: true, Reasoning: true}, "qwen-coder-turbo": {Tools: true, FIM: true},
		"qwen-vl-plus": {Tools: true, Vision: true, Reasoning: true}, "text-embedding-v4": {Embeddings: true},
	}
	want["qwen3.8-max"] = llm.Capabilities{Tools: true, Vision: true, Reasoning: true}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestB12_AKeyOfAnotherRegionIsFound tests an account whose region is wrong.
func TestB12_AKeyOfAnotherRegionIsFound(t *testing.T) {
	t.Parallel()
	no := fake.NewDashScope(fake.DashScopeOptions{Key: "sk-other"})
	all := hosts{
		"dashscope.aliyuncs.com": no, "dashscope-us.aliyuncs.com": no, "cn-hongkong.dashscope.aliyuncs.com": no, "coding.dashscope.aliyuncs.com": no,
		"dashscope-intl.aliyuncs.com":        fake.NewDashScope(fake.DashScopeOptions{Key: "sk-mine"}),
		"coding-intl.dashscope.aliyuncs.com": fake.NewDashScope(fake.DashScopeOptions{Key: "sk-sp-mine", Plan: true}),
	}
	for _, c := range []struct{ key, region, found, tier string }{
		{"sk-mine", "", "intl", ""}, {"sk-mine", "intl", "", ""}, {"sk-sp-mine", "cn", "coding-intl", "Coding Plan"},
	} {
		f, err := qwen.Provider{}.Probe(t.Context(), atHosts(all, c.key, map[string]string{"kind": "dashscope", "region": c.region}))
		if err != nil || f.Settings["region"] != c.found || f.Tier != c.tier {
			t.Errorf("%s in %q: found %+v, %v; want %s", c.key, c.region, f, err, c.found)
		}
	}
	_, err := qwen.Provider{}.Probe(t.Context(), atHosts(all, "sk-nobody", map[string]string{"kind": "dashscope"}))
	var e *llm.Error
	if !errors.As(err, &e) || e.Kind != llm.KindAuth || !strings.Contains(e.Message, "check the key and the region") {
		t.Errorf("got %v", err)
	}
	if n := len(no.Received()); n == 0 {
		t.Error("nobody was asked")
	}
	for _, r := range no.Received() {
		if strings.HasPrefix(r.Host, "coding") && !strings.Contains(r.Header.Get("Authorization"), "sk-sp-") {
			t.Errorf("a key that is no plan's went to %s", r.Host)
		}
	}
}
