package openairesponses_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"unicode/utf8"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/dialecttest"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openairesponses"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// shallow says that a text cannot reach the bound of the nesting.
func shallow(b []byte) bool { return bytes.Count(b, []byte("["))+bytes.Count(b, []byte("{")) < 400 }

// FuzzRequest proves that what is carried and what is translated of a body is
// JSON again, with the upstream's model, and that an answer to it is.
func FuzzRequest(f *testing.F) {
	for _, seed := range []string{
		`{"model":"m","input":"hi","previous_response_id":null}`,
		` {"input":[{"type":"function_call","call_id":"c","name":"f","arguments":{}},{"role":"user","content":"x"},{"type":"function_call_output","call_id":"c","output":[{"type":"input_image","image_url":"data:image/png;base64,AA"}]}],"model":"a\"b"} `,
		`{"input":[{"type":"additional_tools","tools":[{"type":"namespace","name":"n","tools":[{"type":"custom","name":"x"}]}]},{"role":"user","content":"x"}],"tool_choice":{"type":"allowed_tools","tools":[{"type":"custom","name":"x"}]}}`,
		`{"input":[{"type":"tool_search_call","call_id":"c","arguments":{}},{"type":"tool_search_output","call_id":"c","tools":[{"type":"function","name":"f"}]}],"tools":[{"type":"shell"}],"reasoning":{"effort":"low"},"text":{"verbosity":"low"}}`,
	} {
		f.Add([]byte(seed))
	}
	files, _ := filepath.Glob("testdata/captures/*.json")
	for _, file := range files {
		if b, err := os.ReadFile(file); err == nil {
			f.Add(b)
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if !shallow(raw) {
			return
		}
		c := openairesponses.Client{}
		h, failed := c.Head(&http.Request{Header: http.Header{}}, raw)
		if failed != nil {
			return
		}
		if !json.Valid(raw) || !utf8.Valid(raw) {
			t.Fatalf("%q is accepted", raw)
		}
		u := openairesponses.Upstream{}
		carried, _, failed := u.CarryRequest(nil, raw, h, "up\"stream")
		sameModel(t, carried, failed)
		request, _, failed := c.DecodeRequest(h, raw)
		if failed != nil {
			return
		}
		translated, _, failed := u.EncodeRequest(request, "up\"stream")
		sameModel(t, translated, failed)
		var out bytes.Buffer
		if err := c.EncodeReply(&out, &llm.Reply{Parts: []llm.Part{llm.Text{Text: "x"}, llm.ToolCall{ID: "i", Name: "shell"}}}, "m", h); err != nil || !json.Valid(out.Bytes()) {
			t.Errorf("the answer to %q is %s", raw, out.Bytes())
		}
	})
}

func sameModel(t *testing.T, body []byte, failed *llm.Error) {
	t.Helper()
	var got struct {
		Model string `json:"model"`
	}
	if err := json.Unmarshal(body, &got); err != nil || failed != nil {
		t.Fatalf("%s: %v, %v", body, err, failed)
	}
	if got.Model != `up"stream` && !bytes.Contains(bytes.ToLower(body), []byte(`"\u`)) && bytes.Count(bytes.ToLower(body), []byte(`"model"`)) == 1 {
		t.Errorf("%s: the model is %q", body, got.Model)
	}
}

// FuzzReply proves that whatever a service sends becomes a stream that keeps the
// rules, that our own clients can read, and that the tap says the same of it.
func FuzzReply(f *testing.F) {
	for _, r := range append(append(replies(f), wholes(f)...), odd()...) {
		f.Add(r.Body, uint16(7))
	}
	f.Fuzz(func(t *testing.T, body []byte, size uint16) {
		if !shallow(body) || !utf8.Valid(body) {
			return
		}
		u := openairesponses.Upstream{}
		want := dialecttest.Of(u.DecodeReply("", bytes.NewReader(body)))
		dialecttest.Ordered(t, u.DecodeReply("", bytes.NewReader(body)))
		_, _, failed := dialecttest.Pass(u.Tap(dialect.Head{Stream: true}, "asked"), body, int(size)+1)
		if (failed != nil) != want.Failed {
			t.Errorf("passing on says %v, reading %+v", failed, want)
		}
		dialecttest.Repeats(t, func() dialect.Tap { return u.Tap(dialect.Head{Stream: true}, "asked") }, body, int(size)+1)
		var out bytes.Buffer
		if err := (openairesponses.Client{}).EncodeStream(&out, u.DecodeReply("", bytes.NewReader(body)), "asked", dialect.Head{Stream: true}); (err != nil) != want.Failed {
			t.Errorf("writing says %v, reading %+v", err, want)
		}
		got, err := strict(out.Bytes(), "asked")
		if err != nil || got.Text != want.Text && !want.Failed {
			t.Errorf("%v: %+v, want %+v\n%s", err, got, want, out.Bytes())
		}
	})
}

func FuzzError(f *testing.F) {
	f.Add(429, []byte(`{"error":{"message":"slow","type":"rate_limit_error","code":"rate_limit_exceeded"}}`))
	f.Add(502, []byte("<html><title>Bad</title></html>"))
	f.Add(400, []byte(`{"error":"text"}`))
	f.Add(500, []byte(`{"detail":[{"msg":"x"}]}`))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		err := openairesponses.Upstream{}.DecodeError(status, http.Header{}, body)
		if err.Message == "" || !utf8.ValidString(err.Message) || len(err.Message) > 1100 {
			t.Errorf("%q is read as %q", body, err.Message)
		}
	})
}
