package e2e_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/genai"
)

// googleSDK is Google's own client.
func (p *program) googleSDK(t *testing.T, key string) *genai.Client {
	t.Helper()
	c, err := genai.NewClient(t.Context(), &genai.ClientConfig{
		APIKey: key, Backend: genai.BackendGeminiAPI, HTTPClient: p.client, HTTPOptions: genai.HTTPOptions{BaseURL: p.url},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// googleTargets are the demo and a service of another protocol, both translated,
// and Google's own, carried to its API and to Vertex AI.
func googleTargets() []target {
	list := targets()[:2]
	list[0].lane, list[1].lane = "translated", "translated"
	const chat = "gemini/gemini-3-flash-preview"
	google := target{
		name: "google", lane: "carried", chat: chat, tools: chat, hang: "gemini/hang", text: "Hello", parallelAsk: "PAR", image: "I see 1 image",
	}
	vertex := google
	vertex.name, vertex.chat, vertex.tools, vertex.hang = "vertex", "vertex/gemini-2.5-flash", "vertex/gemini-2.5-flash", "vertex/hang"
	return append(list, google, vertex)
}

// eachGoogle runs a scenario against every target.
func eachGoogle(t *testing.T, scenario func(t *testing.T, p *program, c *genai.Client, to target)) {
	t.Helper()
	p := newCloud(t).start(t)
	for _, to := range googleTargets() {
		t.Run(to.name, func(t *testing.T) { scenario(t, p, p.googleSDK(t, p.key), to) })
	}
}

func weatherFunction() *genai.GenerateContentConfig {
	return &genai.GenerateContentConfig{Tools: []*genai.Tool{{FunctionDeclarations: []*genai.FunctionDeclaration{{
		Name: "get_weather", Description: "The weather in a city",
		Parameters: &genai.Schema{Type: genai.TypeObject, Properties: map[string]*genai.Schema{"city": {Type: genai.TypeString}}, Required: []string{"city"}},
	}}}}}
}

func TestB47a_GenAI_List(t *testing.T) {
	p := newCloud(t).start(t)
	c := p.googleSDK(t, p.key)
	names := map[string]*genai.Model{}
	for m, err := range c.Models.All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		names[m.Name] = m
	}
	for _, want := range []string{"models/demo/chat", "models/gemini/gemini-3-flash-preview", "models/plain/usage"} {
		if m := names[want]; m == nil || len(m.SupportedActions) == 0 {
			t.Errorf("%s: got %+v among %d", want, m, len(names))
		}
	}
	if one, err := c.Models.Get(t.Context(), "demo/chat", nil); err != nil || one.Name != "models/demo/chat" {
		t.Errorf("one model: %v, %+v", err, one)
	}
	// The path of OpenAI's list, asked as Google's JavaScript SDK does.
	if status, body := p.do(t, http.MethodGet, "/v1/models", "", "X-Goog-Api-Client", "google-genai-sdk/3.1.0"); status != 200 || !strings.Contains(string(body), `"name":"models/demo/chat"`) {
		t.Errorf("got %d %.200s", status, body)
	}
}

func TestGenAI_Chat(t *testing.T) {
	eachGoogle(t, func(t *testing.T, p *program, c *genai.Client, to target) {
		got, err := c.Models.GenerateContent(t.Context(), to.chat, genai.Text("hello"), nil)
		if err != nil {
			t.Fatal(err)
		}
		u := got.UsageMetadata
		if !strings.Contains(got.Text(), to.text) || got.Candidates[0].FinishReason != "STOP" || u == nil || u.TotalTokenCount == 0 || got.ModelVersion == "" || got.ResponseID == "" {
			t.Errorf("got %q, finish %v, usage %+v, version %q", got.Text(), got.Candidates[0].FinishReason, u, got.ModelVersion)
		}
		row := p.last(t)
		if row.Lane != to.lane || row.Asked != to.chat || row.Status != 200 || row.Finish != "stop" || row.TokensOut == nil || row.Dialect != "gemini" {
			t.Errorf("the log row is %+v", row)
		}
	})
}

func TestGenAI_Stream(t *testing.T) {
	eachGoogle(t, func(t *testing.T, p *program, c *genai.Client, to target) {
		var said strings.Builder
		var finish genai.FinishReason
		var last *genai.GenerateContentResponse
		for r, err := range c.Models.GenerateContentStream(t.Context(), to.chat, genai.Text("hello"), nil) {
			if err != nil {
				t.Fatal(err)
			}
			said.WriteString(r.Text())
			finish, last = r.Candidates[0].FinishReason, r
		}
		text := said.String()
		if !strings.Contains(text, to.text) || finish != "STOP" || last.UsageMetadata == nil || last.UsageMetadata.TotalTokenCount == 0 {
			t.Errorf("got %q, finish %v, %+v", text, finish, last)
		}
		if row := p.last(t); row.Lane != to.lane || !row.Stream || row.FirstTokenMs == nil || row.TokensOut == nil || *row.TokensOut == 0 {
			t.Errorf("the log row is %+v", row)
		}
		// Without alt=sse the stream is a list, and for /v1 as for /v1beta.
		status, body := p.do(t, http.MethodPost, "/v1/models/"+to.chat+":streamGenerateContent", `{"contents":[{"role":"user","parts":[{"text":"hello"}]}]}`)
		var list []genai.GenerateContentResponse
		if err := json.Unmarshal(body, &list); err != nil || status != 200 || len(list) == 0 {
			t.Errorf("the list: %d, %v: %s", status, err, body)
		}
	})
}

func TestB34_GenAI_ToolLoop(t *testing.T) {
	eachGoogle(t, func(t *testing.T, _ *program, c *genai.Client, to target) {
		contents := genai.Text(to.parallelAsk)
		first, err := c.Models.GenerateContent(t.Context(), to.tools, contents, weatherFunction())
		if err != nil {
			t.Fatal(err)
		}
		calls := first.FunctionCalls()
		// Vertex AI knows no ids: there results are matched by their order.
		matched := to.name != "vertex"
		if len(calls) != 2 || matched && (calls[0].ID == "" || calls[0].ID == calls[1].ID) || calls[0].Name != "get_weather" || first.Candidates[0].FinishReason != "STOP" {
			t.Fatalf("calls %+v, finish %v", calls, first.Candidates[0].FinishReason)
		}
		// The results go back in the other order: they are matched by id.
		results := &genai.Content{Role: "user"}
		if matched {
			slices.Reverse(calls)
		}
		for i, call := range calls {
			results.Parts = append(results.Parts, &genai.Part{FunctionResponse: &genai.FunctionResponse{
				ID: call.ID, Name: call.Name, Response: map[string]any{"output": []string{"one result", "another result"}[i]},
			}})
		}
		reply, err := c.Models.GenerateContent(t.Context(), to.tools, append(contents, first.Candidates[0].Content, results), weatherFunction())
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(reply.Text(), "result") || len(reply.FunctionCalls()) != 0 {
			t.Errorf("got %q with %+v", reply.Text(), reply.FunctionCalls())
		}
	})
}

func TestGenAI_StreamedCall(t *testing.T) {
	eachGoogle(t, func(t *testing.T, _ *program, c *genai.Client, to target) {
		var calls []*genai.FunctionCall
		for r, err := range c.Models.GenerateContentStream(t.Context(), to.tools, genai.Text("get_weather for Paris"), weatherFunction()) {
			if err != nil {
				t.Fatal(err)
			}
			calls = append(calls, r.FunctionCalls()...)
		}
		if len(calls) == 0 || calls[0].Name != "get_weather" || calls[0].Args == nil {
			t.Errorf("got %+v", calls)
		}
	})
}

func TestGenAI_JSONSchemaAndImage(t *testing.T) {
	eachGoogle(t, func(t *testing.T, _ *program, c *genai.Client, to target) {
		got, err := c.Models.GenerateContent(t.Context(), to.tools, genai.Text("Where and how warm?"), &genai.GenerateContentConfig{
			ResponseMIMEType: "application/json", ResponseSchema: &genai.Schema{
				Type: genai.TypeObject, Required: []string{"city", "celsius"},
				Properties: map[string]*genai.Schema{"city": {Type: genai.TypeString}, "celsius": {Type: genai.TypeInteger, Minimum: new(-90.0)}},
			},
		})
		var place struct {
			City    string
			Celsius *int
		}
		if err != nil || json.Unmarshal([]byte(got.Text()), &place) != nil || place.City == "" || place.Celsius == nil {
			t.Errorf("%v: %+v", err, got)
		}
		data, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(pixel, "data:image/png;base64,"))
		if err != nil {
			t.Fatal(err)
		}
		ask := []*genai.Content{{Role: "user", Parts: []*genai.Part{genai.NewPartFromText("What is this?"), genai.NewPartFromBytes(data, "image/png")}}}
		if got, err = c.Models.GenerateContent(t.Context(), to.tools, ask, nil); err != nil || !strings.Contains(got.Text(), to.image) {
			t.Errorf("%v: %+v; want %q", err, got, to.image)
		}
	})
}

func TestB05_GenAI_ErrorsKeepTheirClass(t *testing.T) {
	p := newCloud(t).start(t)
	c := p.googleSDK(t, p.key)
	for model, want := range map[string]genai.APIError{
		"demo/error-404":                    {Code: 404, Status: "NOT_FOUND"},
		"demo/error-429":                    {Code: 429, Status: "RESOURCE_EXHAUSTED"},
		"demo/error-500":                    {Code: 500, Status: "INTERNAL"},
		"demo/error-503":                    {Code: 503, Status: "UNAVAILABLE"},
		"plain/error-503":                   {Code: 503, Status: "UNAVAILABLE"},
		"gemini/error-404_model":            {Code: 404, Status: "NOT_FOUND"},
		"gemini/error-429_rate_limit":       {Code: 429, Status: "RESOURCE_EXHAUSTED"},
		"gemini/error-503_capacity":         {Code: 503, Status: "UNAVAILABLE"},
		"gemini/error-400_invalid_argument": {Code: 400, Status: "INVALID_ARGUMENT"},
		"nobody/knows":                      {Code: 404, Status: "NOT_FOUND"},
	} {
		for _, streamed := range []bool{false, true} {
			var err error
			if streamed {
				for _, e := range c.Models.GenerateContentStream(t.Context(), model, genai.Text("hello"), nil) {
					err = e
				}
			} else {
				_, err = c.Models.GenerateContent(t.Context(), model, genai.Text("hello"), nil)
			}
			var e genai.APIError
			if !errors.As(err, &e) || e.Code != want.Code || e.Status != want.Status || e.Message == "" {
				t.Errorf("%s (stream %v): got %v, want %d %s", model, streamed, err, want.Code, want.Status)
			}
		}
	}
	for _, key := range []string{"sk-wrong"} {
		var e genai.APIError
		_, err := p.googleSDK(t, key).Models.GenerateContent(t.Context(), "demo/fast", genai.Text("hello"), nil)
		if !errors.As(err, &e) || e.Code != 401 || e.Status != "UNAUTHENTICATED" {
			t.Errorf("a wrong key: got %v", err)
		}
	}
	if status, body := p.do(t, http.MethodPost, "/v1beta/models/demo/fast:mineBitcoin", `{}`); status/100 != 4 || !strings.Contains(string(body), `{"error":{"code":4`) {
		t.Errorf("B41: an unknown method: %d %s", status, body)
	}
}

func TestB28_GenAI_CancelReachesTheUpstream(t *testing.T) {
	eachGoogle(t, func(t *testing.T, p *program, c *genai.Client, to target) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		for _, err := range c.Models.GenerateContentStream(ctx, to.hang, genai.Text("hello"), nil) {
			if err != nil && ctx.Err() == nil {
				t.Fatal(err)
			}
			at := time.Now()
			cancel()
			if all := p.chats(); to.name == "plain" {
				p.left(t, all[len(all)-1], at)
			}
			break
		}
		if row := p.last(t); row.Status != 499 || row.ErrorKind != "canceled" {
			t.Errorf("the log row is %+v", row)
		}
	})
}

func TestGenAI_CountAndEmbed(t *testing.T) {
	eachGoogle(t, func(t *testing.T, _ *program, c *genai.Client, to target) {
		n, err := c.Models.CountTokens(t.Context(), to.chat, genai.Text("hello there"), nil)
		if err != nil || n.TotalTokens == 0 {
			t.Errorf("count: %v, %+v", err, n)
		}
	})
	p := newCloud(t).start(t)
	for _, model := range []string{"gemini/gemini-embedding-001", "vertex/text-embedding-005", "vertex/gemini-embedding-001"} {
		got, err := p.googleSDK(t, p.key).Models.EmbedContent(t.Context(), model, append(genai.Text("one"), genai.Text("two")...), nil)
		if err != nil || len(got.Embeddings) != 2 || len(got.Embeddings[0].Values) == 0 {
			t.Errorf("%s: %v, %+v", model, err, got)
		}
	}
}

// TestCodeAssist_GeminiCLIOnOurPort asks as Gemini CLI does when
// CODE_ASSIST_ENDPOINT names us: it starts, and talks.
func TestCodeAssist_GeminiCLIOnOurPort(t *testing.T) {
	p := newCloud(t).start(t)
	for path, want := range map[string]string{
		":loadCodeAssist": `"cloudaicompanionProject"`, ":retrieveUserQuota": `"modelId":"gemini-`, ":listExperiments": `"flags":[]`, ":recordCodeAssistMetrics": `{}`,
	} {
		if status, body := p.do(t, http.MethodPost, "/v1internal"+path, `{}`); status != 200 || !strings.Contains(string(body), want) {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	for model, lane := range map[string]string{"gemini_cli/gemini-2.5-pro": "carried", "demo/fast": "translated", "gemini/gemini-3-flash-preview": "translated"} {
		body := `{"model":"` + model + `","project":"openaicompatible","user_prompt_id":"p","request":{"contents":[{"role":"user","parts":[{"text":"hello"}]}],"session_id":"s"}}`
		status, raw := p.do(t, http.MethodPost, "/v1internal:streamGenerateContent?alt=sse", body)
		if status != 200 || !strings.Contains(string(raw), `{"response":{"candidates":[{`) || !strings.Contains(string(raw), `"finishReason":"STOP"`) {
			t.Errorf("%s: %d %s", model, status, raw)
		}
		if row := p.last(t); row.Lane != lane || row.Asked != model || row.Finish != "stop" {
			t.Errorf("%s: the log row is %+v", model, row)
		}
		if status, raw = p.do(t, http.MethodPost, "/v1internal:countTokens", `{"request":{"model":"models/`+model+`","contents":[{"role":"user","parts":[{"text":"hello"}]}]}}`); status != 200 || !strings.Contains(string(raw), "totalTokens") {
			t.Errorf("%s: count %d %s", model, status, raw)
		}
	}
}
