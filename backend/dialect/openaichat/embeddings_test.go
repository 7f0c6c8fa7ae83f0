package openaichat_test

import (
	"bytes"
	"encoding/json"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openaichat"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

func embedHead(t *testing.T, raw string) dialect.Head {
	t.Helper()
	h, err := openaichat.Embeddings{}.Head(nil, []byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestEmbeddings_ReadEveryField(t *testing.T) {
	t.Parallel()
	const raw = ` {"model":"m","input":["a","b\n"],"encoding_format":"base64","dimensions":8,"user":"u","input_type":"query","truncate":null}`
	h := embedHead(t, raw)
	if h.Operation != dialect.Embed || h.Model != "m" || h.Stream {
		t.Errorf("the head is %+v", h)
	}
	r, _, err := openaichat.Embeddings{}.DecodeEmbed(h, []byte(raw))
	if err != nil || !slices.Equal(r.Inputs, []string{"a", "b\n"}) || !r.Base64 || r.Dimensions != 8 || r.User != "u" || len(r.Extra) != 1 {
		t.Fatalf("got %+v, %v", r, err)
	}
	out, w, err := openaichat.EmbeddingsUpstream{Refused: []string{"user"}}.EncodeEmbed(r, "up")
	if want := `{"model":"up","input":["a","b\n"],"dimensions":8,"encoding_format":"base64","input_type":"query"}`; err != nil || string(out) != want || len(w) != 1 {
		t.Errorf("sent %s, %v, %v", out, w, err)
	}
	r.Task, r.Minter = "RETRIEVAL_QUERY", "gemini"
	out, w, err = openaichat.EmbeddingsUpstream{FloatOnly: true}.EncodeEmbed(r, "up")
	if want := `{"model":"up","input":["a","b\n"],"dimensions":8,"encoding_format":"float","user":"u"}`; err != nil || string(out) != want || len(w) != 2 {
		t.Errorf("sent %s, %v, %v", out, w, err)
	}
	if _, _, err = (openaichat.EmbeddingsUpstream{Refused: []string{"dimensions"}}).EncodeEmbed(r, "up"); err == nil || err.Param != "dimensions" {
		t.Errorf("another length of vectors: %v", err)
	}
}

func TestEmbeddings_RefuseWhatTheyCannotRead(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		``: "no body", `{`: "not valid JSON", `{}`: "input is missing", `{"input":null}`: "input is missing", `{"model":1,"input":"a"}`: "model must be",
		`{"input":[]}`: "not empty", `{"input":1}`: "not empty", `{"input":[1,2]}`: "token numbers", `{"input":[[1]]}`: "token numbers",
		`{"input":"a","encoding_format":"hex"}`: "float or base64", `{"input":"a","dimensions":"x"}`: "dimensions must be",
	} {
		h, err := openaichat.Embeddings{}.Head(nil, []byte(raw))
		if err == nil {
			_, _, err = openaichat.Embeddings{}.DecodeEmbed(h, []byte(raw))
		}
		if err == nil || !strings.Contains(err.Message, want) {
			t.Errorf("%s: got %v, want %q", raw, err, want)
		}
	}
	if _, _, err := (openaichat.Embeddings{}).DecodeRequest(dialect.Head{}, nil); err == nil || err.Kind != llm.KindUnsupported {
		t.Errorf("a conversation: %v", err)
	}
}

const numbers = `{"object":"list","data":[{"object":"embedding","index":1,"embedding":[1,2e-3]},{"object":"embedding","index":0,"embedding":[-0.5,0]}],"model":"up","usage":{"prompt_tokens":4,"total_tokens":4}}`

func TestEmbeddings_AreReadInEitherFormAndInOrder(t *testing.T) {
	t.Parallel()
	e, err := openaichat.EmbeddingsUpstream{}.DecodeEmbeddings([]byte(numbers))
	want := [][]float32{{-0.5, 0}, {1, 0.002}}
	if err != nil || !slices.EqualFunc(e.Vectors, want, slices.Equal) || e.Model != "up" || e.Usage.Input != 4 {
		t.Fatalf("got %+v, %v", e, err)
	}
	var out bytes.Buffer
	h := embedHead(t, `{"input":"a","encoding_format":"base64"}`)
	if err := (openaichat.Embeddings{}).EncodeEmbeddings(&out, e, "asked", h); err != nil {
		t.Fatal(err)
	}
	again, err := openaichat.EmbeddingsUpstream{}.DecodeEmbeddings(out.Bytes())
	if err != nil || !slices.EqualFunc(again.Vectors, want, slices.Equal) || again.Model != "asked" {
		t.Errorf("got %+v, %v of %s", again, err, &out)
	}
	for _, bad := range []string{
		"x", "{}", `{"data":{}}`, `{"data":[{"index":0}]}`, `{"data":[{"index":-1,"embedding":[1]}]}`, `{"data":[{"index":9999999,"embedding":[1]}]}`,
		`{"data":[{"index":1,"embedding":[1]}]}`, `{"data":[{"embedding":"!"}]}`, `{"data":[{"embedding":"AAA="}]}`, `{"data":[{"embedding":["x"]}]}`,
	} {
		if e, err := (openaichat.EmbeddingsUpstream{}).DecodeEmbeddings([]byte(bad)); err == nil || err.Kind != llm.KindProtocol {
			t.Errorf("%s: got %+v, %v", bad, e, err)
		}
	}
	if _, err := (openaichat.EmbeddingsUpstream{}).DecodeEmbeddings([]byte(`{"error":{"message":"slow","code":"429"}}`)); err == nil || err.Kind != llm.KindRate {
		t.Errorf("an error inside: %v", err)
	}
	out.Reset()
	_ = openaichat.Embeddings{}.EncodeEmbeddings(&out, &llm.Embeddings{Vectors: [][]float32{{float32(math.NaN()), float32(math.Inf(1))}}}, "m", dialect.Head{})
	if !json.Valid(out.Bytes()) {
		t.Errorf("what is no number makes %s", &out)
	}
}

func TestEmbeddings_AreCarried(t *testing.T) {
	t.Parallel()
	const raw = `{"model":"m","input":[1,2],"encoding_format":"base64","user":"u"}`
	h := embedHead(t, raw)
	out, w, err := openaichat.EmbeddingsUpstream{}.CarryRequest(nil, []byte(raw), h, "up")
	if err != nil || string(out) != strings.Replace(raw, `"m"`, `"up"`, 1) || len(w) != 0 {
		t.Errorf("carried as %s, %v, %v", out, w, err)
	}
	out, w, err = openaichat.EmbeddingsUpstream{FloatOnly: true, Refused: []string{"user"}}.CarryRequest(nil, []byte(raw), h, "up")
	if want := `{"model":"up","input":[1,2],"encoding_format":"float","user":null}`; err != nil || string(out) != want || len(w) != 2 {
		t.Errorf("carried as %s, %v, %v", out, w, err)
	}
	// A service that ignores base64 must not reach a client that decodes it.
	out, seen, err := openaichat.EmbeddingsUpstream{}.CarryReply(nil, []byte(numbers), h, "asked")
	if err != nil || !strings.Contains(string(out), `"embedding":"AAAAvwAAAAA="`) || len(seen.Notes) != 1 || seen.Usage.Input != 4 {
		t.Errorf("passed on as %s, %+v, %v", out, seen, err)
	}
	out, seen, err = openaichat.EmbeddingsUpstream{}.CarryReply(nil, []byte(" "+numbers), embedHead(t, `{"input":"a"}`), "asked")
	if err != nil || string(out) != " "+strings.Replace(numbers, `"up"`, `"asked"`, 1) || len(seen.Notes) != 0 {
		t.Errorf("passed on as %s, %+v, %v", out, seen, err)
	}
	if _, _, err := (openaichat.EmbeddingsUpstream{Refused: []string{"dimensions"}}).CarryRequest(nil, []byte(`{"input":"a","dimensions":3}`), embedHead(t, `{"input":"a","dimensions":3}`), "up"); err == nil {
		t.Error("another length of vectors is carried")
	}
}

func FuzzEmbeddings(f *testing.F) {
	f.Add([]byte(`{"model":"m","input":["a",""],"encoding_format":"base64","x":[1]}`))
	f.Add([]byte(numbers))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if !shallow(raw) {
			return
		}
		u := openaichat.EmbeddingsUpstream{FloatOnly: true, Refused: []string{"user"}}
		if e, err := u.DecodeEmbeddings(raw); err == nil {
			var out bytes.Buffer
			_ = openaichat.Embeddings{}.EncodeEmbeddings(&out, e, "m", dialect.Head{})
			if !json.Valid(out.Bytes()) {
				t.Errorf("%q became %q", raw, &out)
			}
		}
		h, err := openaichat.Embeddings{}.Head(&http.Request{}, raw)
		if err != nil {
			return
		}
		if !json.Valid(raw) || !utf8.Valid(raw) {
			t.Fatalf("%q is accepted", raw)
		}
		if out, _, err := u.CarryRequest(nil, raw, h, "up"); err == nil && !json.Valid(out) {
			t.Errorf("%q is carried as %q", raw, out)
		}
		if r, _, err := (openaichat.Embeddings{}).DecodeEmbed(h, raw); err == nil {
			if out, _, err := u.EncodeEmbed(r, "up"); err != nil || !json.Valid(out) {
				t.Errorf("%q is sent as %q, %v", raw, out, err)
			}
		}
	})
}
