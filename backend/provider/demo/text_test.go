package demo_test

import (
	"encoding/json"
	"io"
	"math"
	"net/http"
	"strings"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/provider/demo"
)

func post(t *testing.T, path, body string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://demo.invalid/v1"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := demo.New().Transport().RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(raw)
}

func TestText_FitsWhereTheCursorIs(t *testing.T) {
	t.Parallel()
	for prompt, want := range map[string]string{
		`func f() int {\n\treturn `: `"text":"42"`,
		`x =`:                       `"text":" 42"`,
		`func f() int {`:            `"text":"\n\treturn 42"`,
		`def f():`:                  `"text":"\n    return 42"`,
		`foo(`:                      `"text":"42"`,
	} {
		status, got := post(t, "/completions", `{"model":"fast","prompt":"`+prompt+`","suffix":"\n"}`)
		if status != http.StatusOK || !strings.Contains(got, want) {
			t.Errorf("%s: got %d %s, want %s", prompt, status, got, want)
		}
	}
	_, got := post(t, "/completions", `{"model":"fast","prompt":"Once","max_tokens":1,"stream":true,"stream_options":{"include_usage":true},"echo":true}`)
	for _, want := range []string{`"text":"Once"`, `"finish_reason":"length"`, `"choices":[],"usage"`, "data: [DONE]"} {
		if !strings.Contains(got, want) {
			t.Errorf("the stream has no %s: %s", want, got)
		}
	}
	for _, bad := range []string{"{", `{"model":"fast"}`, `{"model":"fast","prompt":["a","b"]}`} {
		if status, got := post(t, "/completions", bad); status != http.StatusBadRequest {
			t.Errorf("%s: got %d %s", bad, status, got)
		}
	}
	if status, _ := post(t, "/completions", `{"model":"error-503","prompt":"a"}`); status != http.StatusServiceUnavailable {
		t.Errorf("got %d, want the error that was asked for", status)
	}
}

func TestEmbeddings_AreUnitVectorsNearerForWordsInCommon(t *testing.T) {
	t.Parallel()
	status, got := post(t, "/embeddings", `{"model":"embed","input":["the cat sat","the cat ran","quarterly figures"],"dimensions":64}`)
	var reply struct {
		Data []struct{ Embedding []float64 } `json:"data"`
	}
	if err := json.Unmarshal([]byte(got), &reply); err != nil || status != http.StatusOK || len(reply.Data) != 3 {
		t.Fatalf("got %d %s, %v", status, got, err)
	}
	dot := func(i, j int) float64 {
		sum := 0.0
		for k, x := range reply.Data[i].Embedding {
			sum += x * reply.Data[j].Embedding[k]
		}
		return sum
	}
	if len(reply.Data[0].Embedding) != 64 || math.Abs(dot(0, 0)-1) > 1e-5 {
		t.Errorf("a vector of %d numbers and the length %f", len(reply.Data[0].Embedding), dot(0, 0))
	}
	if dot(0, 1) <= dot(0, 2) {
		t.Errorf("words in common give %f, others %f", dot(0, 1), dot(0, 2))
	}
	if _, again := post(t, "/embeddings", `{"model":"embed","input":["the cat sat","the cat ran","quarterly figures"],"dimensions":64}`); again != got {
		t.Error("the same texts have other vectors")
	}
	for _, bad := range []string{"{", `{"model":"embed"}`, `{"model":"embed","input":"a","dimensions":-1}`} {
		if status, got := post(t, "/embeddings", bad); status != http.StatusBadRequest {
			t.Errorf("%s: got %d %s", bad, status, got)
		}
	}
}
