package openaicompat_test

import (
	"bytes"
	"context"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/dialecttest"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openaichat"
	"github.com/WenChunTech/OpenAICompatible/backend/fake"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
	"github.com/WenChunTech/OpenAICompatible/backend/provider/openaicompat"
	"github.com/WenChunTech/OpenAICompatible/backend/provider/providertest"
)

// of is an account of a preset.
func of(kind, key string, settings map[string]string) *account.Account {
	all := map[string]string{"kind": kind}
	maps.Copy(all, settings)
	return account.New(account.Account{
		ID: 1, Provider: "openaicompat", Name: "mine", Enabled: true, Settings: all, HTTP: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}},
	}, func(context.Context) (account.Secret, error) { return account.NewSecret(key), nil })
}

// known are the presets with an address of their own.
func known(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, w := range openaicompat.New().Info().Ways {
		if w.ID != "custom" {
			out = append(out, w.ID)
		}
	}
	if len(out) < 16 {
		t.Fatalf("only %v", out)
	}
	return out
}

// addressOf is where a preset's chats go.
func addressOf(t *testing.T, kind string) *url.URL {
	t.Helper()
	return chat(t, of(kind, "", nil), provider.Call{}).URL
}

// at puts a preset's own path onto another host.
func at(t *testing.T, kind, server string) map[string]string {
	t.Helper()
	return map[string]string{"kind": kind, "baseUrl": server + strings.TrimSuffix(addressOf(t, kind).Path, "/chat/completions")}
}

func TestPresets_PassTheSuiteAgainstTheirOwnService(t *testing.T) {
	if diff := slices.Compare(slices.Sorted(slices.Values(known(t))), fake.Services()); diff != 0 {
		t.Errorf("the presets %v are not the stand-ins %v", known(t), fake.Services())
	}
	for _, kind := range known(t) {
		t.Run(kind, func(t *testing.T) {
			model := "usage"
			if kind == "minimax" {
				model = "MiniMax-M2" // it has no list to find another in
			}
			providertest.Run(t, providertest.Subject{
				Provider: openaicompat.New(),
				Service:  fake.NewOpenAI(fake.Options{Key: providertest.Canary, Strict: true, As: kind}),
				Settings: func(base string) map[string]string { return at(t, kind, base) },
				Model:    model,
				Body:     `{"model":"` + model + `","messages":[{"role":"user","content":"hi"}],"stream":true}`,
				Lists:    slices.Contains([]string{"minimax", "zhipu", "mistral"}, kind),
			})
		})
	}
}

// demanding is a request that uses all that services take offence at.
const demanding = `{"model":"m","stream":true,"stream_options":{"include_usage":true},
"messages":[{"role":"developer","content":"be brief"},{"role":"user","name":"ann","content":"hi"},{"role":"system","content":"in French"},
{"role":"assistant","content":null,"reasoning_content":"hm","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]},
{"role":"tool","tool_call_id":"a","content":"1"},
{"role":"assistant","content":null,"tool_calls":[{"id":"b","type":"function","function":{"name":"g","arguments":"{}"}}]},
{"role":"tool","tool_call_id":"b","content":"2"}],
"tools":[{"type":"function","function":{"name":"f","strict":true,"parameters":{}}},{"type":"function","function":{"name":"g"}}],
"tool_choice":{"type":"function","function":{"name":"g"}},"parallel_tool_calls":true,
"max_tokens":50,"temperature":2,"top_p":1,"seed":1,"n":1,"user":"u","stop":["1","2","3","4","5","6"],"frequency_penalty":1,"presence_penalty":1,
"logit_bias":{},"logprobs":false,"top_logprobs":0,"store":false,"metadata":{},"service_tier":"auto","reasoning_effort":"low","verbosity":"low",
"prompt_cache_key":"k","safety_identifier":"s"}`

// bodies are a request as both lanes send it with an account.
func bodies(t *testing.T, a *account.Account, raw string) map[string][]byte {
	t.Helper()
	client, upstream := openaichat.Client{}, openaicompat.New().Dialect(a, "")
	h, e := client.Head(httptest.NewRequest(http.MethodPost, "/v1/chat/completions", http.NoBody), []byte(raw))
	if e != nil {
		t.Fatal(e)
	}
	carrier, ok := upstream.(dialect.Carrier)
	if !ok {
		t.Fatal("the dialect carries nothing")
	}
	carried, _, e := carrier.CarryRequest(nil, []byte(raw), h, "m")
	if e != nil {
		t.Fatal(e)
	}
	request, _, e := client.DecodeRequest(h, []byte(raw))
	if e != nil {
		t.Fatal(e)
	}
	translated, _, e := upstream.EncodeRequest(request, "m")
	if e != nil {
		t.Fatal(e)
	}
	return map[string][]byte{"carried": carried, "translated": translated}
}

func TestB40_EveryPresetSendsWhatItsServiceTakes(t *testing.T) {
	for _, kind := range known(t) {
		service := fake.NewOpenAI(fake.Options{As: kind})
		server := httptest.NewServer(service)
		defer server.Close()
		post := func(a *account.Account, body []byte) (int, string) {
			r := chat(t, a, provider.Call{Body: body, Stream: true})
			resp, err := a.HTTP.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			said, _ := io.ReadAll(resp.Body)
			return resp.StatusCode, string(said)
		}
		a := of(kind, "", at(t, kind, server.URL))
		for lane, body := range bodies(t, a, demanding) {
			if status, said := post(a, body); status != http.StatusOK {
				t.Errorf("%s, %s: %d %s\n%s", kind, lane, status, said, body)
			}
		}
		plain := of("custom", "", map[string]string{"baseUrl": a.Setting("baseUrl")})
		if status, _ := post(plain, bodies(t, plain, demanding)["carried"]); status == http.StatusOK && kind != "openrouter" {
			t.Errorf("%s takes a request that no preset has mended: the stand-in is too kind", kind)
		}
	}
}

func TestPresets_Addresses(t *testing.T) {
	for _, c := range []struct {
		kind, region string
		op           dialect.Operation
		want         string
	}{
		{"openai", "", dialect.Chat, "https://api.openai.com/v1/chat/completions"},
		{"openai", "", dialect.Embed, "https://api.openai.com/v1/embeddings"},
		{"deepseek", "", dialect.Chat, "https://api.deepseek.com/v1/chat/completions"},
		{"deepseek", "", dialect.Complete, "https://api.deepseek.com/beta/completions"},
		{"mistral", "", dialect.Complete, "https://api.mistral.ai/v1/fim/completions"},
		{"mistral", "codestral", dialect.Complete, "https://codestral.mistral.ai/v1/fim/completions"},
		{"zhipu", "", dialect.Chat, "https://open.bigmodel.cn/api/paas/v4/chat/completions"},
		{"zhipu", "", dialect.Complete, "https://open.bigmodel.cn/api/paas/v4/chat/completions"},
		{"zhipu", "international", dialect.Chat, "https://api.z.ai/api/paas/v4/chat/completions"},
		{"zhipu", "china-coding-plan", dialect.Chat, "https://open.bigmodel.cn/api/coding/paas/v4/chat/completions"},
		{"zhipu", "international-coding-plan", dialect.Chat, "https://api.z.ai/api/coding/paas/v4/chat/completions"},
		{"zhipu", "moon", dialect.Chat, "https://open.bigmodel.cn/api/paas/v4/chat/completions"},
		{"moonshot", "", dialect.Chat, "https://api.moonshot.cn/v1/chat/completions"},
		{"moonshot", "international", dialect.Chat, "https://api.moonshot.ai/v1/chat/completions"},
		{"siliconflow", "international", dialect.Chat, "https://api.siliconflow.com/v1/chat/completions"},
		{"minimax", "international", dialect.Chat, "https://api.minimax.io/v1/chat/completions"},
		{"volcengine", "", dialect.Chat, "https://ark.cn-beijing.volces.com/api/v3/chat/completions"},
		{"openrouter", "", dialect.Chat, "https://openrouter.ai/api/v1/chat/completions"},
		{"groq", "", dialect.Chat, "https://api.groq.com/openai/v1/chat/completions"},
		{"ollama", "", dialect.Complete, "http://127.0.0.1:11434/v1/completions"},
		{"vllm", "", dialect.Complete, "http://127.0.0.1:8000/v1/completions"},
		{"llamacpp", "", dialect.Complete, "http://127.0.0.1:8080/v1/completions"},
	} {
		r := chat(t, of(c.kind, "", map[string]string{"region": c.region}), provider.Call{Operation: c.op, Body: []byte(`{}`)})
		if got := r.URL.String(); got != c.want {
			t.Errorf("%s %s: got %s, want %s", c.kind, c.region, got, c.want)
		}
	}
}

func TestPresets_TheAccountsOwnSettingsComeFirst(t *testing.T) {
	own := of("zhipu", "", map[string]string{
		"baseUrl": "http://127.0.0.1:9/glm/v4", "region": "international", "noStrict": "false", "contentNeverNull": "false", "noDeveloperRole": "false",
		"onlyAutoToolChoice": "false", "maxTokensField": "asSent", "stopLimit": "0", "drop": "seed", "dropInMessages": "none", "noStreamOptions": "false",
	})
	if got := chat(t, own, provider.Call{}).URL.String(); got != "http://127.0.0.1:9/glm/v4/chat/completions" {
		t.Errorf("the requests go to %s", got)
	}
	body := bodies(t, own, strings.Replace(demanding, `"max_tokens"`, `"max_completion_tokens"`, 1))["carried"]
	for _, kept := range []string{`"developer"`, `"strict":true`, `"content":null`, `"max_completion_tokens"`, `"6"`, `"name":"ann"`, `stream_options`, `"frequency_penalty"`, `"tool_choice":{`} {
		if !bytes.Contains(body, []byte(kept)) {
			t.Errorf("%s is not there: %s", kept, body)
		}
	}
	if bytes.Contains(body, []byte(`"seed"`)) {
		t.Errorf("seed is there: %s", body)
	}
}

func TestPresets_AccountsOfBeforeGoWhereTheySay(t *testing.T) {
	i := openaicompat.New().Info()
	if i.Way("").ID != "custom" || i.Ways[0].ID != "openai" || i.Ways[len(i.Ways)-1].ID != "custom" || i.Prefix != "openai" || i.Way("").Prefix != "" {
		t.Errorf("the way of an account without a kind is %q of %d, the prefix %q", i.Way("").ID, len(i.Ways), i.Prefix)
	}
	before := account.New(account.Account{Settings: map[string]string{"baseUrl": "https://api.example.com/v1"}}, nil)
	if got := string(bodies(t, before, demanding)["carried"]); got != demanding {
		t.Errorf("the request of an account without a kind was changed:\n%s", got)
	}
}

// A form that is sent as it was proposed changes nothing.
func TestPresets_TheDefaultsOfTheFormAreThePresets(t *testing.T) {
	for _, w := range openaicompat.New().Info().Ways {
		if w.ID == "custom" {
			continue
		}
		filled := map[string]string{}
		for _, f := range w.Fields {
			filled[f.Key] = f.Default
		}
		for lane, want := range bodies(t, of(w.ID, "", nil), demanding) {
			if got := bodies(t, of(w.ID, "", filled), demanding)[lane]; !bytes.Equal(got, want) {
				t.Errorf("%s, %s:\n got %s\nwant %s", w.ID, lane, got, want)
			}
		}
		if got, want := chat(t, of(w.ID, "", filled), provider.Call{}).URL.String(), addressOf(t, w.ID).String(); got != want {
			t.Errorf("%s goes to %s, want %s", w.ID, got, want)
		}
		if w.Prefix == "" {
			t.Errorf("%s has no prefix of its own", w.ID)
		}
	}
}

func TestPresets_WhatTheyDoNotHaveIsSaid(t *testing.T) {
	for kind, op := range map[string]dialect.Operation{"deepseek": dialect.Embed, "moonshot": dialect.Complete, "groq": dialect.CountTokens} {
		_, err := openaicompat.New().NewRequest(t.Context(), of(kind, "", nil), provider.Call{Operation: op})
		if err == nil || !strings.Contains(err.Error(), "not") && !strings.Contains(err.Error(), "no ") {
			t.Errorf("%s: got %v", kind, err)
		}
	}
}

// The recorded answers of bigmodel.cn, through the preset.
func TestZhipu_ItsAnswersAreRead(t *testing.T) {
	server := httptest.NewServer(fake.NewOpenAI(fake.Options{As: "zhipu", Key: "id.secret"}))
	defer server.Close()
	a := of("zhipu", "id.secret", at(t, "zhipu", server.URL))
	upstream := openaicompat.New().Dialect(a, "")
	for name, want := range map[string]dialecttest.Outcome{
		"auth_401":            {Failed: true, Error: llm.KindAuth},
		"rate_429":            {Failed: true, Error: llm.KindRate},
		"arrears_429":         {Failed: true, Error: llm.KindQuota},
		"role_400":            {Failed: true, Error: llm.KindBadRequest},
		"model_400":           {Failed: true, Error: llm.KindNotFound},
		"stream_error_inband": {Text: "par", Failed: true, Error: llm.KindOverloaded},
		"stream_ok":           {Thought: "think", Text: "done", Reason: "stop", Usage: llm.Usage{Known: true, Input: 3, Output: 2}},
		"codegeex4_fim":       {Text: "return a + b", Reason: "stop", Usage: llm.Usage{Known: true, Input: 42, Output: 5}},
	} {
		r := chat(t, a, provider.Call{Body: []byte(`{"model":"case-` + name + `","messages":[{"role":"user","content":"hi"}],"stream":true}`), Stream: true})
		resp, err := a.HTTP.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		got := dialecttest.Outcome{Failed: true}
		if body, _ := io.ReadAll(resp.Body); resp.StatusCode == http.StatusOK {
			got = dialecttest.Of(upstream.DecodeReply(resp.Header.Get("Content-Type"), bytes.NewReader(body)))
		} else {
			got.Error = upstream.DecodeError(resp.StatusCode, resp.Header, body).Kind
		}
		resp.Body.Close()
		if diff := dialecttest.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
