package e2e_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/fake"
)

// listener is a service that says what it got.
type listener struct {
	name, model string
	// speaks is the protocol whose captures are carried to it.
	speaks string
	got    func() []*fake.Received
}

// everywhere is the running program with a service of each protocol behind it.
type everywhere struct {
	*program

	services []listener
}

func startEverywhere(t *testing.T) *everywhere {
	t.Helper()
	var accounts []any
	serve := func(name, provider string, h http.Handler, settings map[string]string) {
		s := httptest.NewServer(h)
		t.Cleanup(s.Close)
		settings["baseUrl"] = s.URL
		accounts = append(accounts, map[string]any{
			"id": 51 + len(accounts), "provider": provider, "name": name, "prefix": name, "key": upstreamKey, "settings": settings,
		})
	}
	answers, claude := fake.NewResponses(upstreamKey), fake.NewAnthropic(fake.Options{Key: upstreamKey})
	google := fake.NewGoogle(fake.GoogleOptions{Key: upstreamKey})
	serve("answers", "openaicompat", answers, map[string]string{"responses": "only"})
	serve("claude", "anthropic", claude, map[string]string{"kind": "key", "translate": "false"})
	serve("google", "gemini", google, map[string]string{"kind": "key"})
	p := start(t, func(config map[string]any) { config["accounts"] = append(config["accounts"].([]any), accounts...) })
	eventually(t, "the models of all accounts are known", func() bool {
		_, body := p.do(t, http.MethodGet, "/v1/models", "")
		return bytes.Contains(body, []byte(`"answers/usage"`)) && bytes.Contains(body, []byte(`"google/gemini-3-flash-preview"`)) && bytes.Contains(body, []byte(`"claude/claude-opus-4-7"`))
	})
	return &everywhere{p, []listener{
		{"chat", "plain/fake-large", "", p.fake.Received},
		{"responses", "answers/usage", "openai-responses", answers.Received},
		{"anthropic", "claude/claude-opus-4-7", "anthropic", claude.Received},
		{"gemini", "google/gemini-3-flash-preview", "gemini", google.Received},
	}}
}

// heard is what one service got of a capture.
type heard struct {
	capture

	carried bool
	// id is that of the exchange.
	id  string
	got *fake.Received
}

func TestB40_TheCapturesOfEveryProtocolDifferByWhatTheNotesSay(t *testing.T) {
	t.Parallel()
	p := startEverywhere(t)
	for _, to := range p.services {
		t.Run(to.name, func(t *testing.T) {
			t.Parallel()
			// All go out before the first row is looked up: the log writes in
			// batches.
			var all []heard
			for _, protocol := range []string{"", "openai-responses", "anthropic", "gemini", "ollama", "completions"} {
				for _, c := range captures(t, protocol) {
					if h := p.tell(t, c, to); h.got != nil {
						h.carried = protocol == to.speaks
						all = append(all, h)
					}
				}
			}
			for _, h := range all {
				t.Run(h.name, func(t *testing.T) { h.compare(t, p.row(t, h.id).Notes) })
			}
		})
	}
}

// tell replays a capture for a service, and gives what that got. It is nothing
// for a question that the program answers itself, as how many tokens there are.
func (p *everywhere) tell(t *testing.T, c capture, to listener) heard {
	t.Helper()
	before := len(to.got())
	var header []string
	for _, h := range c.headers {
		switch http.CanonicalHeaderKey(h[0]) {
		case "Authorization", "Host", "Content-Length", "Connection", "Accept-Encoding":
		default:
			header = append(header, h[0], h[1])
		}
	}
	const anyModel = "fake-large"
	resp := p.send(t.Context(), t, http.MethodPost, strings.Replace(c.url, anyModel, to.model, 1),
		strings.Replace(c.body, `"model":"`+anyModel+`"`, `"model":"`+to.model+`"`, 1), header...)
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	h := heard{capture: c, id: resp.Header.Get("X-Request-Id")}
	for _, r := range to.got()[before:] {
		if r.Method == http.MethodPost {
			h.got = r // the last: a service may have been asked first whether it has a path
		}
	}
	// The thoughts of the capture were signed by nobody.
	unsigned := h.got != nil && h.got.Refused == "Thought signature is not valid."
	if resp.StatusCode != http.StatusOK && !unsigned {
		t.Errorf("%s: status %d: %s", c.name, resp.StatusCode, answer)
	}
	return h
}

// compare holds what the service got against what was sent, and the notes
// against both.
func (h heard) compare(t *testing.T, notes []string) {
	t.Helper()
	sent, got := leavesOf("", parse(t, h.body)), leavesOf("", parse(t, string(h.got.Body)))
	lost, added := missing(sent, got), missing(got, sent)
	if h.carried {
		for _, path := range differences(t, h.body, string(h.got.Body)) {
			if !named(path, notes) {
				t.Errorf("%s is not as it was sent, and no note says so: %q", path, notes)
			}
		}
	}
	for what, leaves := range map[string][]leaf{"lost": lost, "added": added} {
		for _, l := range leaves {
			if !l.manner() && !slices.ContainsFunc(notes, func(n string) bool { return names(n, l) }) {
				t.Errorf("%s = %.60s is %s, and no note says so: %q\nsent %.2000s\ngot  %.2000s", l.path, l.value, what, notes, h.body, h.got.Body)
			}
		}
	}
	for _, n := range notes {
		if !slices.ContainsFunc(slices.Concat(lost, added), func(l leaf) bool { return names(n, l) }) && !about(n) {
			t.Errorf("the note %q is of nothing that differs\nsent %.2000s\ngot  %.2000s", n, h.body, h.got.Body)
		}
	}
}

// leaf is one value of a body, with its place.
type leaf struct{ path, value string }

// member is the name of the field, as all protocols would write it.
func (l leaf) member() string { return plainName(l.path[strings.LastIndexByte(l.path, '.')+1:]) }

func plainName(s string) string {
	name, _, _ := strings.Cut(s, "[")
	return strings.ToLower(strings.ReplaceAll(name, "_", ""))
}

// leavesOf lists the values that say something. Each protocol has words of its
// own for kinds and for who speaks; arguments and results are objects in one and
// text in another; a picture is an address here and two fields there.
func leavesOf(path string, v any) []leaf {
	switch x := v.(type) {
	case map[string]any:
		var out []leaf
		for _, k := range slices.Sorted(maps.Keys(x)) {
			if len(x) == 1 || k != "type" && k != "role" && k != "model" && k != "object" {
				out = append(out, leavesOf(path+"."+k, x[k])...)
			}
		}
		return out
	case []any:
		var out []leaf
		for i, one := range x {
			out = append(out, leavesOf(fmt.Sprintf("%s[%d]", path, i), one)...)
		}
		return out
	case string:
		var inner any
		if strings.HasPrefix(x, "{") && json.Unmarshal([]byte(x), &inner) == nil {
			return leavesOf(path, inner)
		}
		if head, data, ok := strings.Cut(x, ";base64,"); ok {
			return []leaf{{path + ".mimeType", strings.TrimPrefix(head, "data:")}, {path + ".data", data}}
		}
		if x == "" {
			return nil
		}
		return []leaf{{path, x}}
	case nil:
		return nil
	default:
		return []leaf{{path, fmt.Sprint(x)}}
	}
}

// missing are the leaves of a that b does not have, wherever it may have them.
// Texts may be joined; a truth needs its own name, for there are but two.
func missing(a, b []leaf) []leaf {
	return slices.DeleteFunc(slices.Clone(a), func(l leaf) bool {
		return slices.ContainsFunc(b, func(o leaf) bool {
			if l.value == "true" || l.value == "false" {
				return l.value == o.value && l.member() == o.member()
			}
			return strings.EqualFold(l.value, o.value) || strings.Contains(o.value, l.value) || strings.Contains(l.value, o.value) && len(o.value) > 20
		})
	})
}

// manner says that a leaf tells how an answer is to come, or is what a protocol
// wants of everybody, and nothing of what was asked.
func (l leaf) manner() bool {
	switch l.member() {
	case "stream", "includeusage", // the program streams, and counts
		"store", "strict", // where the protocol's default is another than everybody else's
		"includethoughts", "mimetype", "mediatype", "responsemimetype":
		return true
	case "id", "callid", "toolcallid", "tooluseid": // what belongs together; the services check that
		return true
	case "toolchoice", "paralleltoolcalls": // as it is where nothing is said
		return l.value == "auto" || l.value == "true"
	case "name": // of a schema, which some must have and others have no place for
		return strings.HasSuffix(l.path, ".json_schema.name") || strings.HasSuffix(l.path, ".format.name")
	case "$schema", "default": // what a generator of schemas adds (B31)
		return true
	case "description": // what Google's schemas have no word for (B31)
		return bounds().MatchString(l.value)
	case "thoughtsignature": // what Google takes of who has none
		return l.value == "skip_thought_signature_validator"
	}
	return false
}

// bounds are such as (minLength: 1) behind a description, or alone.
func bounds() *regexp.Regexp { return regexp.MustCompile(`(^| )\([a-zA-Z]+: [^()]+\)$`) }

// names says that a note is of a leaf: notes name fields as the conversation has
// them in the program.
func names(note string, l leaf) bool {
	if strings.HasPrefix(note, emulated) && strings.HasPrefix(l.value, "You continue a text.") {
		return true
	}
	for _, word := range strings.FieldsFunc(note, func(r rune) bool { return r == ' ' || r == ',' || r == ';' || r == ':' }) {
		last := plainName(word[strings.LastIndexByte(word, '.')+1:])
		if len(last) > 3 && (strings.HasSuffix(l.member(), last) || strings.Contains(strings.ToLower(strings.ReplaceAll(l.path, "_", "")), "."+last+".")) {
			return true
		}
	}
	return false
}

// emulated begins the note of a text that is continued by a conversation.
const emulated = "asked for in a conversation"

// about says that a note is of no field of the request: of the way to the
// service, or of its answer.
func about(note string) bool {
	return strings.HasPrefix(note, "the service completes no text") || strings.HasPrefix(note, "repaired ")
}

func TestMissing_IsSeen(t *testing.T) {
	of := func(text string) []leaf { return leavesOf("", parse(t, text)) }
	sent := of(`{"model":"m","system":"be brief","max_tokens":7,"tools":[{"name":"f","strict":true,"cache_control":{"type":"ephemeral"}}],"args":"{\"a\":\"b c\"}","top_k":3}`)
	got := of(`{"model":"n","contents":[{"text":"be brief"}],"maxTokens":7,"functions":[{"name":"f"}],"stream":true,"call":{"a":"b c"}}`)
	var paths []string
	for _, l := range missing(sent, got) {
		paths = append(paths, l.path)
	}
	if want := []string{".tools[0].cache_control.type", ".tools[0].strict", ".top_k"}; !slices.Equal(paths, want) {
		t.Errorf("got %q, want %q", paths, want)
	}
	lost := leaf{".tools[0].cache_control.type", "ephemeral"}
	for note, want := range map[string]bool{
		"dropped tools[0].cache_control": true, "dropped messages[2].content[0].cache_control": true, "dropped top_k": false, "added max_tokens": false,
	} {
		if names(note, lost) != want {
			t.Errorf("%q names it: %v", note, !want)
		}
	}
	if (leaf{".top_k", "3"}).manner() || (leaf{".description", "a text (as usual)"}).manner() || !(leaf{".a.description", "A text (minLength: 1)"}).manner() {
		t.Error("what is only a manner is not told from what was asked")
	}
}
