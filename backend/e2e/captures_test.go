package e2e_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/fake"
)

// capture is a request that a real client sent.
type capture struct {
	name, url string
	headers   [][2]string
	body      string
}

// captures are those of a client protocol; "" are chat completions.
func captures(t *testing.T, protocol string) []capture {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata/captures", protocol, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no captures of %q: %v", protocol, err)
	}
	var out []capture
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var c struct {
			URL     string
			Headers [][2]string
			Body    json.RawMessage
		}
		if err := json.Unmarshal(raw, &c); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		// The file is indented, the client's body was not.
		var body bytes.Buffer
		if err := json.Compact(&body, c.Body); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		out = append(out, capture{name: strings.TrimSuffix(filepath.Base(file), ".json"), url: c.URL, headers: c.Headers, body: body.String()})
	}
	return out
}

// flags are the fields that a lane may set as it needs them.
func flags() []string { return []string{"model", "stream", "stream_options"} }

func TestB40_CapturesLoseNothingThatTheLogDoesNotName(t *testing.T) {
	p := start(t)
	for _, lane := range []string{"plain", "translated"} {
		t.Run(lane, func(t *testing.T) {
			// All go out before the first row is looked up: the log writes in
			// batches.
			list := captures(t, "")
			ids := make([]string, len(list))
			got := make([]*fake.Received, len(list))
			for i, c := range list {
				ids[i], got[i] = p.replay(t, c, c.inLane(lane))
			}
			for i, c := range list {
				t.Run(c.name, func(t *testing.T) { p.compare(t, c, lane, got[i], p.row(t, ids[i]).Notes) })
			}
		})
	}
}

// inLane is the body with the model in a lane.
func (c capture) inLane(lane string) string {
	return strings.Replace(c.body, `"model":"fake-large"`, `"model":"`+lane+`/fake-large"`, 1)
}

// compare holds what the upstream got against what was sent.
func (p *program) compare(t *testing.T, c capture, lane string, got *fake.Received, notes []string) {
	t.Helper()
	p.headers(t, got, c)
	for _, path := range differences(t, c.body, string(got.Body)) {
		if !named(path, notes) {
			t.Errorf("%s is not as it was sent, and no note says so: %q", path, notes)
		}
	}
	if lane == "plain" && sameFlags(c.body) && c.body != string(got.Body) {
		t.Errorf("the carried body differs in its bytes:\n got %.300s\nwant %.300s", got.Body, c.body)
	}
}

// replay sends the capture with its client's own headers, checks the answer as
// far as every client needs it, and returns the exchange's id and what the
// upstream got.
func (p *program) replay(t *testing.T, c capture, body string) (string, *fake.Received) {
	t.Helper()
	if body == c.body {
		t.Fatalf("%s names another model", c.name)
	}
	p.fake.Reset()
	var header []string
	for _, h := range c.headers {
		switch http.CanonicalHeaderKey(h[0]) {
		case "Authorization", "Host", "Content-Length", "Connection", "Accept-Encoding":
		default:
			header = append(header, h[0], h[1])
		}
	}
	resp := p.send(t.Context(), t, http.MethodPost, "/v1/chat/completions", body, header...)
	var answer bytes.Buffer
	if _, err := answer.ReadFrom(resp.Body); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: status %d, %v: %s", c.name, resp.StatusCode, err, answer.String())
	}
	streamed := strings.Contains(body, `"stream":true`)
	switch contentType := resp.Header.Get("Content-Type"); {
	case streamed && (!strings.HasPrefix(contentType, "text/event-stream") || !strings.HasSuffix(answer.String(), "data: [DONE]\n\n")):
		t.Errorf("B28a: %s: the stream has type %q and ends with %q", c.name, contentType, tail(answer.String()))
	case streamed && strings.Count(answer.String(), `"finish_reason":"`) != 1:
		t.Errorf("B28a: %s: %d finish reasons in the stream", c.name, strings.Count(answer.String(), `"finish_reason":"`))
	case !streamed && contentType != "application/json":
		t.Errorf("B27: %s: the whole answer has type %q", c.name, contentType)
	}
	got := p.chats()
	if len(got) != 1 || got[0].Refused != "" {
		t.Fatalf("%s: the upstream got %d requests and refused: %s", c.name, len(got), refusals(got))
	}
	return resp.Header.Get("X-Request-Id"), got[0]
}

func tail(s string) string { return s[max(0, len(s)-80):] }

func refusals(all []*fake.Received) string {
	var out []string
	for _, r := range all {
		out = append(out, r.Refused)
	}
	return strings.Join(out, "; ")
}

// headers checks that the upstream sees our credential and nothing of the
// client's.
func (p *program) headers(t *testing.T, r *fake.Received, c capture) {
	t.Helper()
	if got := r.Header.Get("Authorization"); got != "Bearer "+upstreamKey {
		t.Error("the upstream did not get the account's key")
	}
	for name, values := range r.Header {
		if slices.ContainsFunc(values, func(v string) bool { return strings.Contains(v, p.key) }) {
			t.Errorf("the client's key went to the upstream in %s", name)
		}
	}
	for _, h := range c.headers {
		name := http.CanonicalHeaderKey(h[0])
		if (strings.HasPrefix(name, "X-") || name == "User-Agent" || name == "Cookie") && r.Header.Get(name) == h[1] {
			t.Errorf("the client's header %s went to the upstream", name)
		}
	}
	if len(r.Encoding) != 0 {
		t.Errorf("the body was sent %v: some services want its length", r.Encoding)
	}
}

// sameFlags says that nothing but the model needs to be changed in the carried
// lane.
func sameFlags(body string) bool {
	return !strings.Contains(body, `"stream":true`) || strings.Contains(body, `"include_usage":true`)
}

// named says that a note names the path, or something it is a part of; the
// flags need no note.
func named(path string, notes []string) bool {
	for _, flag := range flags() {
		if path == flag || strings.HasPrefix(path, flag+".") {
			return true
		}
	}
	for _, note := range notes {
		for _, word := range strings.FieldsFunc(note, func(r rune) bool { return r == ' ' || r == ',' || r == ';' }) {
			if word == path || strings.HasPrefix(path, word+".") || strings.HasPrefix(path, word+"[") {
				return true
			}
		}
	}
	return false
}

// differences lists the places where two JSON texts are not alike.
func differences(t *testing.T, sent, got string) []string {
	t.Helper()
	return compare("", parse(t, sent), parse(t, got))
}

func parse(t *testing.T, text string) any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber() // A float would hide a changed digit.
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

func compare(path string, a, b any) []string {
	switch x := a.(type) {
	case map[string]any:
		y, ok := b.(map[string]any)
		if !ok {
			return []string{path}
		}
		var out []string
		keys := slices.Collect(maps.Keys(x))
		for k := range y {
			if _, ok := x[k]; !ok {
				keys = append(keys, k)
			}
		}
		slices.Sort(keys)
		for _, k := range keys {
			at := strings.TrimPrefix(path+"."+k, ".")
			_, inX := x[k]
			_, inY := y[k]
			// A null says no more than an absent field, but for the content,
			// which some services want to see.
			if inX != inY && (x[k] != nil || y[k] != nil || k == "content") {
				out = append(out, at)
				continue
			}
			out = append(out, compare(at, x[k], y[k])...)
		}
		return out
	case []any:
		y, ok := b.([]any)
		if !ok || len(x) != len(y) {
			return []string{path}
		}
		var out []string
		for i := range x {
			out = append(out, compare(fmt.Sprintf("%s[%d]", path, i), x[i], y[i])...)
		}
		return out
	default:
		if a != b {
			return []string{path}
		}
		return nil
	}
}

func TestDifferences_AreSeen(t *testing.T) {
	got := differences(t, `{"a":[{"b":1},{"content":null}],"d":null,"e":[1]}`, `{"a":[{"b":1.0},{}],"e":[1,2],"f":{}}`)
	want := []string{"a[0].b", "a[1].content", "e", "f"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for path, want := range map[string]bool{"a[0].b": true, "model": true, "stream_options.include_usage": true, "a[1].content": false, "e": true, "models": false} {
		if got := named(path, []string{"dropped a[0]", "renamed e"}); got != want {
			t.Errorf("%s is named: %v, want %v", path, got, want)
		}
	}
}
