package gemini_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/dialecttest"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/gemini"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openaichat"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/sse"
)

// FuzzRequest proves that whatever a client sends becomes JSON whose turns
// alternate, and that the fast way, with the texts as they were written, says
// the same as the plain one.
func FuzzRequest(f *testing.F) {
	files, _ := filepath.Glob("testdata/request/*/*.txtar")
	for _, file := range files {
		if a, err := txtar.ParseFile(file); err == nil {
			f.Add(a.Files[0].Data)
		}
	}
	f.Add(dialecttest.AgentPrompt(3000, 2))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if !utf8.Valid(raw) || bytes.Count(raw, []byte("["))+bytes.Count(raw, []byte("{")) > 400 {
			return
		}
		c := openaichat.Client{}
		h, failed := c.Head(&http.Request{Header: http.Header{}}, raw)
		if failed != nil {
			return
		}
		u := gemini.Upstream{IDs: true}
		var bodies [2]any
		var errs [2]*llm.Error
		for i := range bodies {
			h.Splice = i == 1
			r, _, failed := c.DecodeRequest(h, raw)
			if failed != nil {
				return
			}
			out, _, failed := u.EncodeRequest(r, "gemini-3-flash-preview")
			errs[i] = failed
			if failed != nil {
				continue
			}
			if err := json.Unmarshal(out, &bodies[i]); err != nil {
				t.Fatalf("%v in %s", err, out)
			}
			alternate(t, out)
		}
		if !reflect.DeepEqual(bodies[0], bodies[1]) || fmt.Sprint(errs[0]) != fmt.Sprint(errs[1]) {
			t.Errorf("%s\nplain   %v %v\nspliced %v %v", raw, bodies[0], errs[0], bodies[1], errs[1])
		}
	})
}

// alternate proves what Google wants of every conversation.
func alternate(t *testing.T, body []byte) {
	t.Helper()
	var got struct {
		Contents []struct {
			Role  string
			Parts []struct{ FunctionCall, FunctionResponse *struct{ ID, Name string } }
		}
	}
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatal(err)
	}
	role := "model"
	var waiting []string
	for i, c := range got.Contents {
		if c.Role == role || len(c.Parts) == 0 {
			t.Errorf("turn %d of %s is of the side that spoke before, or empty", i, body)
		}
		role = c.Role
		var answers []string
		for _, p := range c.Parts {
			if p.FunctionResponse != nil {
				answers = append(answers, p.FunctionResponse.ID+" "+p.FunctionResponse.Name)
			}
		}
		if strings.Join(answers, ",") != strings.Join(waiting, ",") {
			t.Errorf("turn %d of %s answers %q, want %q", i, body, answers, waiting)
		}
		waiting = nil
		for _, p := range c.Parts {
			if p.FunctionCall != nil {
				waiting = append(waiting, p.FunctionCall.ID+" "+p.FunctionCall.Name)
			}
		}
	}
	if waiting != nil {
		t.Errorf("%s ends with calls that wait", body)
	}
}

// FuzzReply proves that the one pass over a chunk finds the text that
// encoding/json finds, that the rules of a stream are kept, and that it matters
// not how the bytes are cut.
func FuzzReply(f *testing.F) {
	for _, r := range append(vectors(f), made()...) {
		f.Add(r.Body, uint16(7))
	}
	f.Fuzz(func(t *testing.T, body []byte, size uint16) {
		u := gemini.Upstream{}
		whole := dialecttest.Of(u.DecodeReply("", bytes.NewReader(body)))
		dialecttest.Ordered(t, u.DecodeReply("", bytes.NewReader(body)))
		cut := dialecttest.Of(u.DecodeReply("", dialecttest.Pieces(body, int(size)+1)))
		for i := range whole.Calls { // an id that is made up is another each time
			if i < len(cut.Calls) && strings.HasPrefix(whole.Calls[i].ID, "call_") {
				cut.Calls[i].ID = whole.Calls[i].ID
			}
		}
		if diff := dialecttest.Diff(whole, cut); diff != "" {
			t.Errorf("in pieces of %d (-whole +cut):\n%s", size+1, diff)
		}
		if want := oneByOne(body); want != "" && !whole.Failed && whole.Text != want {
			t.Errorf("%s: got the text %q, want %q as of each event alone", body, whole.Text, want)
		}
		if want, ok := plainText(body); ok && !whole.Failed && whole.Text != want {
			t.Errorf("%s: got the text %q, want %q", body, whole.Text, want)
		}
	})
}

// oneByOne is the text of the events of a stream, each read by a reader that has
// seen no other.
func oneByOne(body []byte) string {
	if !bytes.HasPrefix(body, []byte("data:")) || bytes.Contains(body, []byte("[DONE]")) || bytes.Contains(body, []byte("hought")) {
		return ""
	}
	var text strings.Builder
	for e, err := range sse.Events(bytes.NewReader(body), 0) {
		if err != nil {
			return ""
		}
		for e, err := range (gemini.Upstream{}).DecodeReply("", bytes.NewReader(bytes.Clone(e.Raw))) {
			if d, ok := e.(llm.TextDelta); ok && err == nil {
				text.WriteString(d.Text)
			}
		}
	}
	return text.String()
}

// plainText is the text of an answer that is one bare object, read the plain
// way; false is an answer of another form.
func plainText(body []byte) (string, bool) {
	if !json.Valid(body) || !utf8.Valid(body) || bytes.Contains(body, []byte(`\u`)) || bytes.TrimSpace(body)[0] != '{' {
		return "", false
	}
	for _, name := range []string{"response", "thought", "executableCode", "codeExecutionResult", "functionCall", "inlineData"} {
		if bytes.Contains(bytes.ToLower(body), bytes.ToLower([]byte(`"`+name+`"`))) {
			return "", false
		}
	}
	var got map[string]any
	if json.Unmarshal(body, &got) != nil {
		return "", false
	}
	var text strings.Builder
	candidates, _ := got["candidates"].([]any)
	if len(candidates) == 0 {
		return "", true
	}
	candidate, _ := candidates[0].(map[string]any)
	content, _ := candidate["content"].(map[string]any)
	parts, _ := content["parts"].([]any)
	for _, p := range parts {
		part, _ := p.(map[string]any)
		s, _ := part["text"].(string)
		text.WriteString(s)
	}
	return text.String(), duplicates(body) == 0
}

// duplicates counts the names that may stand twice in one object, where the two
// ways of reading need not agree.
func duplicates(body []byte) int {
	n := 0
	for _, name := range []string{`"candidates"`, `"content"`, `"parts"`} {
		if bytes.Count(body, []byte(name)) > 1 {
			n++
		}
	}
	if bytes.Count(body, []byte(`"text"`)) > 1 {
		n++
	}
	return n
}
