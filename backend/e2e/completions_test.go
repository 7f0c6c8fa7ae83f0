package e2e_test

import (
	"encoding/base64"
	little "encoding/binary"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/tidwall/gjson"
)

// before and behind are what stands round the cursor.
const (
	before = "func answer() int {\n\treturn "
	behind = "\n}\n"
)

// text is a service that says the same to everybody, as a completion where it has
// that, and in a chat.
type text struct {
	says string
	// completes says that it has /v1/completions, fim /v1/fim/completions.
	completes, fim bool
	// most is how many texts it embeds at a time.
	most int

	mu   sync.Mutex
	sent []string
}

func (s *text) bodies() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sent
}

func (s *text) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet {
		_, _ = io.WriteString(w, `{"object":"list","data":[{"id":"some-chat","object":"model"}]}`)
		return
	}
	raw, _ := io.ReadAll(r.Body)
	q := gjson.ParseBytes(raw)
	s.mu.Lock()
	s.sent = append(s.sent, r.URL.Path+" "+string(raw))
	s.mu.Unlock()
	quoted := strings.ReplaceAll(strings.ReplaceAll(s.says, "\n", `\n`), "\t", `\t`)
	object := "chat.completion"
	form := `{"index":0,"delta":{"content":"` + quoted + `"},"finish_reason":null}`
	end := `{"index":0,"delta":{},"finish_reason":"stop"}`
	switch {
	case strings.HasSuffix(r.URL.Path, "/embeddings"):
		s.embed(w, q)
		return
	case strings.HasSuffix(r.URL.Path, "/chat/completions"), strings.HasSuffix(r.URL.Path, "/fim/completions") && s.fim:
	case strings.HasSuffix(r.URL.Path, "/v1/completions") && s.completes:
		object = "text_completion"
		form = `{"index":0,"text":"` + quoted + `","finish_reason":null}`
		end = `{"index":0,"text":"","finish_reason":"stop"}`
	default:
		http.Error(w, `{"error":{"message":"no such path"}}`, http.StatusNotFound)
		return
	}
	if !q.Get("stream").Bool() {
		w.Header().Set("Content-Type", "application/json")
		whole := strings.Replace(strings.Replace(form, "delta", "message", 1), "null", `"stop"`, 1)
		_, _ = io.WriteString(w, `{"id":"1","object":"`+object+`","created":1,"model":"up","choices":[`+whole+`],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}`)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	head := `data: {"id":"1","object":"` + object + `","created":1,"model":"up","choices":[`
	_, _ = io.WriteString(w, head+form+"]}\n\n"+head+end+"]}\n\n"+head+`],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}`+"\n\ndata: [DONE]\n\n")
}

// embed answers with a vector that says where each text stood, as numbers alone.
func (s *text) embed(w http.ResponseWriter, q gjson.Result) {
	list := q.Get("input").Array()
	if len(list) > s.most || q.Get("encoding_format").String() == "base64" {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"error":{"message":"too many texts, or no such format"}}`)
		return
	}
	data := make([]string, 0, len(list))
	for _, one := range list {
		data = append(data, `{"object":"embedding","index":`+strconv.Itoa(len(data))+`,"embedding":[0.5,-0.25,`+one.String()+`]}`)
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, `{"object":"list","model":"up","data":[`+strings.Join(data, ",")+`],"usage":{"prompt_tokens":`+strconv.Itoa(len(list))+`,"total_tokens":1}}`)
}

// beside adds an account of a way at a service of the test's.
func beside(t *testing.T, name, provider, kind string, service http.Handler) func(map[string]any) {
	t.Helper()
	srv := httptest.NewServer(service)
	t.Cleanup(srv.Close)
	return func(config map[string]any) {
		accounts, _ := config["accounts"].([]any)
		config["accounts"] = append(accounts, map[string]any{
			"id": 100 + len(accounts), "provider": provider, "name": name, "prefix": name, "key": upstreamKey,
			"settings": map[string]string{"kind": kind, "baseUrl": srv.URL + "/v1"},
		})
	}
}

// completed asks both ways, whole and streamed, and wants the same of them.
func completed(t *testing.T, c openai.Client, q openai.CompletionNewParams) string {
	t.Helper()
	whole, err := c.Completions.New(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	s := c.Completions.NewStreaming(t.Context(), q)
	defer s.Close()
	var said strings.Builder
	var reason openai.CompletionChoiceFinishReason
	for s.Next() {
		for _, choice := range s.Current().Choices {
			said.WriteString(choice.Text)
			if choice.FinishReason != "" {
				reason = choice.FinishReason
			}
		}
	}
	if err := s.Err(); err != nil {
		t.Fatal(err)
	}
	streamed := said.String()
	if got := whole.Choices[0].Text; got != streamed || reason != "stop" || string(whole.Object) != "text_completion" {
		t.Errorf("whole %q, streamed %q, ended by %q, a %s", got, streamed, reason, whole.Object)
	}
	if whole.Model != string(q.Model) {
		t.Errorf("the answer names the model %s (B46)", whole.Model)
	}
	return streamed
}

func gap(model string) openai.CompletionNewParams {
	return openai.CompletionNewParams{
		Model: openai.CompletionNewParamsModel(model), Prompt: openai.CompletionNewParamsPromptUnion{OfString: openai.String(before)},
		Suffix: openai.String(behind), MaxTokens: openai.Int(64),
	}
}

// A gap is filled natively, with the marks of a family, in Mistral's protocol and
// in a conversation: what the editor reads is the same.
func TestCompletions_FillAGapInEveryLane(t *testing.T) {
	fenced := &text{says: "Here is the missing code:\n\n```go\n\treturn 42\n}\n```\nThis code returns 42."}
	marked, mistral := &text{says: "42", completes: true}, &text{says: "42", fim: true}
	p := start(t, beside(t, "fenced", "openaicompat", "custom", fenced), beside(t, "marked", "openaicompat", "vllm", marked),
		beside(t, "mistral", "openaicompat", "mistral", mistral))
	for _, to := range []struct{ model, lane, note string }{
		{"demo/fast", "carried", ""},
		{"fenced/some-chat", "translated", "asked for in a conversation"},
		{"fenced/qwen2.5-coder", "translated", "completes no text"},
		{"marked/qwen2.5-coder", "carried", "with the model's marks"},
		{"mistral/codestral-latest", "translated", ""},
	} {
		t.Run(to.model, func(t *testing.T) {
			if got := completed(t, p.sdk(), gap(to.model)); got != "42" {
				t.Errorf("the editor inserts %q", got)
			}
			row := p.last(t)
			if row.Lane != to.lane || !strings.Contains(strings.Join(row.Notes, "\n"), to.note) || row.Path != "/v1/completions" {
				t.Errorf("the row says %s at %s, with the notes %q", row.Lane, row.Path, row.Notes)
			}
		})
	}
	if got := marked.bodies()[0]; !strings.Contains(got, `"prompt":"<|fim_prefix|>func answer`) || !strings.Contains(got, `"suffix":null`) {
		t.Errorf("the marks went out as %s", got)
	}
	if got := mistral.bodies()[0]; !strings.HasPrefix(got, "/v1/fim/completions") || strings.Contains(got, "stream_options") {
		t.Errorf("Mistral got %s", got)
	}
}

func TestCompletions_AnswerMistralsProtocolToo(t *testing.T) {
	mistral := &text{says: "42", fim: true}
	p := start(t, beside(t, "mistral", "openaicompat", "mistral", mistral))
	for _, model := range []string{"demo/fast", "mistral/codestral-latest"} {
		body := `{"model":"` + model + `","prompt":"return ","suffix":"\n}"}`
		status, raw := p.do(t, http.MethodPost, "/v1/fim/completions", body)
		if got := gjson.GetBytes(raw, "choices.0.message.content").String(); status != http.StatusOK || got != "42" {
			t.Errorf("%s: got %d %s", model, status, raw)
		}
		status, raw = p.do(t, http.MethodPost, "/v1/fim/completions", strings.Replace(body, "{", `{"stream":true,`, 1))
		if status != http.StatusOK || !strings.Contains(string(raw), `"content":"42"`) || !strings.HasSuffix(string(raw), "data: [DONE]\n\n") {
			t.Errorf("%s: streamed %d %s", model, status, raw)
		}
	}
	if row := p.last(t); row.Lane != "carried" {
		t.Errorf("Mistral's own protocol went by the %s lane", row.Lane)
	}
}

func TestCompletions_GoOnWithAText(t *testing.T) {
	p := start(t)
	c := p.sdk()
	q := openai.CompletionNewParams{Model: "demo/fast", Prompt: openai.CompletionNewParamsPromptUnion{OfString: openai.String("Once upon a time")}}
	if got := completed(t, c, q); got != " and so on" {
		t.Errorf("got %q", got)
	}
	q.Echo = openai.Bool(true)
	if got := completed(t, c, q); got != "Once upon a time and so on" {
		t.Errorf("echoed %q", got)
	}
	q.Model, q.N = "translated/usage", openai.Int(2)
	_, err := c.Completions.New(t.Context(), q)
	if status(err) != http.StatusBadRequest || !strings.Contains(wordsOf(err), "n is more than 1") {
		t.Errorf("two answers of a chat model: %v, %s", err, wordsOf(err))
	}
	for body, want := range map[string]string{
		`{"model":"demo/fast"}`:                              "prompt is missing",
		`{"model":"translated/usage","prompt":[1,2]}`:        "token numbers",
		`{"model":"translated/usage","prompt":["a","b"]}`:    "one at a time",
		`{"model":"demo/fast","prompt":"a","stream":"many"}`: "stream must be",
		`{`:                                   "not valid JSON",
		`{"model":"nobody/none","prompt":""}`: "nobody/none",
	} {
		if code, raw := p.do(t, http.MethodPost, "/v1/completions", body); code/100 != 4 || !strings.Contains(gjson.GetBytes(raw, "error.message").String(), want) {
			t.Errorf("%s: got %d %s, want %q", body, code, raw, want)
		}
	}
}

func wordsOf(err error) string {
	if e, ok := err.(*openai.Error); ok { //nolint:errorlint // The SDK returns it as it is.
		return e.RawJSON()
	}
	return ""
}

func status(err error) int {
	if e, ok := err.(*openai.Error); ok { //nolint:errorlint // The SDK returns it as it is.
		return e.StatusCode
	}
	return 0
}

// embedded are the vectors of texts, in the form that was asked for.
func embedded(t *testing.T, c openai.Client, model string, format openai.EmbeddingNewParamsEncodingFormat, texts ...string) (vectors [][]float64) {
	t.Helper()
	var raw []byte
	_, err := c.Embeddings.New(t.Context(), openai.EmbeddingNewParams{
		Model: model, EncodingFormat: format, Input: openai.EmbeddingNewParamsInputUnion{OfArrayOfStrings: texts},
	}, option.WithResponseBodyInto(&raw))
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range gjson.GetBytes(raw, "data.#.embedding").Array() {
		var v []float64
		for _, f := range one.Array() {
			v = append(v, f.Float())
		}
		if format == "base64" {
			bits, err := base64.StdEncoding.DecodeString(one.String())
			if err != nil {
				t.Fatal(err)
			}
			for v = nil; len(bits) > 0; bits = bits[4:] {
				v = append(v, float64(math.Float32frombits(little.LittleEndian.Uint32(bits))))
			}
		}
		vectors = append(vectors, v)
	}
	return vectors
}

func TestEmbeddings_AreTheSameAsNumbersAndAsBase64(t *testing.T) {
	studio := &text{most: 10}
	p := start(t, beside(t, "studio", "qwen", "studio", studio))
	c := p.sdk()
	many := strings.Fields("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23")
	for _, model := range []string{"demo/embed", "studio/text-embedding-v4"} {
		numbers := embedded(t, c, model, "float", many...)
		bits := embedded(t, c, model, "base64", many...)
		if len(numbers) != len(many) || len(bits) != len(many) {
			t.Fatalf("%s: %d texts, %d and %d vectors", model, len(many), len(numbers), len(bits))
		}
		for i := range numbers {
			for k := range numbers[i] {
				if math.Abs(numbers[i][k]-bits[i][k]) > 1e-6 {
					t.Fatalf("%s: %g as a number, %g as base64", model, numbers[i][k], bits[i][k])
				}
			}
		}
		if model[0] == 's' && (numbers[22][2] != 23 || numbers[10][2] != 11) {
			t.Errorf("the parts were joined as %v", numbers)
		}
	}
	if row := p.last(t); row.TokensIn == nil || *row.TokensIn != 23 || !strings.Contains(strings.Join(row.Notes, "\n"), "in several parts") || row.Lane != "translated" {
		t.Errorf("the row has %v tokens, the %s lane and the notes %q", row.TokensIn, row.Lane, row.Notes)
	}
	if n := len(studio.bodies()); n != 6 {
		t.Errorf("23 texts twice took %d requests, want 3 each", n)
	}
	one := embedded(t, c, "studio/text-embedding-v4", "base64", "7")
	if row := p.last(t); row.Lane != "carried" || one[0][2] != 7 {
		t.Errorf("one text went by the %s lane and came as %v", row.Lane, one)
	}
	for body, want := range map[string]string{
		`{"model":"demo/embed"}`:                                          "input is missing",
		`{"model":"demo/error-429","input":"a"}`:                          "error you asked for",
		`{"model":"demo/embed","input":`:                                  "not valid JSON",
		`{"model":"mistral-x","input":"a"}`:                               "mistral-x",
		`{"model":"demo/embed","input":"a","stream":true,"dimensions":0}`: "",
	} {
		code, raw := p.do(t, http.MethodPost, "/v1/embeddings", body)
		if got := gjson.GetBytes(raw, "error.message").String(); (code == http.StatusOK) != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%s: got %d %s, want %q", body, code, raw, want)
		}
	}
	_, err := c.Chat.Completions.New(t.Context(), ask("demo/fast", "hi"))
	if err != nil {
		t.Errorf("a chat behind an error of embeddings: %v", err)
	}
}

func TestB40_CountsSayThatTheyAreEstimates(t *testing.T) {
	p := start(t)
	body := `{"model":"demo/fast","messages":[{"role":"user","content":"hello world"}]}`
	resp := p.send(t.Context(), t, http.MethodPost, "/v1/messages/count_tokens", body, "anthropic-version", "2023-06-01")
	defer resp.Body.Close()
	raw, _ := io.ReadAll(resp.Body)
	if n := gjson.GetBytes(raw, "input_tokens").Int(); resp.StatusCode != http.StatusOK || n < 2 || n > 16 {
		t.Fatalf("got %d %s", resp.StatusCode, raw)
	}
	if got := resp.Header.Get("X-OpenAICompatible-Estimated"); !strings.HasPrefix(got, "o200k_base") {
		t.Errorf("the answer does not name the tokenizer: %q", got)
	}
	row := p.last(t)
	if !strings.Contains(strings.Join(row.Notes, "\n"), "estimated the tokens") || len(row.Attempts) != 0 {
		t.Errorf("the row has %d attempts and the notes %q", len(row.Attempts), row.Notes)
	}
}
