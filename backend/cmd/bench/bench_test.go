package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"
)

// busy makes the test's executable a process that only takes processor time.
const busy = "BENCH_TEST_BUSY"

func TestMain(m *testing.M) {
	if os.Getenv(busy) == "" {
		os.Exit(m.Run())
	}
	for begin := time.Now(); time.Since(begin) < 400*time.Millisecond; {
	}
	fmt.Println("done")
	_, _ = io.Copy(io.Discard, os.Stdin) // Until the test has looked.
}

func TestWork_IsAsBigAsItsNameSays(t *testing.T) {
	all := works()
	for _, c := range []struct {
		name        string
		least, most int
	}{
		{"agent", 200_000, 206_000},
		{"image", 2_000_000, 2_010_000},
		{"small", 150, 500},
	} {
		if n := len(all[c.name].request(prefix+c.name, false).text); n < c.least || n > c.most {
			t.Errorf("request %s has %d bytes, want %d to %d", c.name, n, c.least, c.most)
		}
	}
	if n := len(all["flood"].answer("flood", false).text.text); n < 16<<20 || n > 17<<20 {
		t.Errorf("answer flood has %d bytes, want 16 MB", n)
	}
}

func TestWork_RequestsAndAnswersAreJSON(t *testing.T) {
	all := works()
	delete(all, "flood") // It takes long and is made as the others are.
	for name, w := range all {
		for _, usage := range []bool{false, true} {
			if body := w.request(prefix+name, usage).text; !json.Valid(body) {
				t.Errorf("request %s is not JSON: %s", name, clip(body))
			}
			list := [][]byte{w.answer(name, usage).text.text}
			if w.stream {
				list, _ = events(list[0])
			}
			for i, event := range list {
				if !json.Valid(event) && (i < len(list)-1 || string(event) != "[DONE]") {
					t.Errorf("answer %s, event %d is not JSON: %s", name, i, clip(event))
				}
			}
		}
	}
}

func TestWork_AgentPromptOffersThirtyTools(t *testing.T) {
	var body struct {
		Messages []json.RawMessage
		Tools    []json.RawMessage
	}
	if err := json.Unmarshal(works()["agent"].request("agent", false).text, &body); err != nil {
		t.Fatal(err)
	}
	if len(body.Tools) != 30 || len(body.Messages) < 20 {
		t.Errorf("got %d tools and %d messages, want 30 and many", len(body.Tools), len(body.Messages))
	}
}

func TestChecker_RefusesWhatIsNotTheAnswer(t *testing.T) {
	w := work{name: "x", stream: true, words: words(5, 3)}
	right := w.answer("bench/x", false)
	right.text.stamp(number(7))
	text := string(right.text.text)
	event := func(i int) string { return text[right.ends[i-1]:right.ends[i]] }
	edit := func(from, to string) string {
		if !strings.Contains(text, from) {
			t.Fatalf("no %q in the answer", from)
		}
		return strings.Replace(text, from, to, 1)
	}
	withUsage := w.answer("bench/x", true)
	withUsage.text.stamp(number(7))
	otherNumber := w.answer("bench/x", false)
	otherNumber.text.stamp(number(8))
	for name, body := range map[string]string{
		"corrupt word":        edit(event(3), strings.Replace(event(3), `"content":"`, `"content":"x`, 1)),
		"lost event":          edit(event(3), ""),
		"event twice":         edit(event(3), event(3)+event(3)),
		"events swapped":      edit(event(3)+event(4), event(4)+event(3)),
		"cut":                 text[:right.ends[4]],
		"cut in an event":     text[:right.ends[4]-9],
		"no end mark":         edit("data: [DONE]\n\n", ""),
		"something after it":  text + "data: {}\n\n",
		"no finish":           edit(`"finish_reason":"stop"`, `"finish_reason":null`),
		"other finish":        edit(`"finish_reason":"stop"`, `"finish_reason":"length"`),
		"usage nobody wanted": string(withUsage.text.text),
		"upstream's model":    edit(`"model":"bench/x"`, `"model":"x"`),
		"another's answer":    string(otherNumber.text.text),
		"not an event":        "<html>",
		"nothing":             "",
	} {
		t.Run(name, func(t *testing.T) {
			if err := checked(w.answer("bench/x", false), body); err == nil {
				t.Error("the checker accepts it")
			}
		})
	}
}

func TestChecker_RefusesWrongUsage(t *testing.T) {
	w := work{name: "x", stream: true, words: words(5, 3)}
	right := w.answer("bench/x", true)
	right.text.stamp(number(7))
	text := string(right.text.text)
	for name, body := range map[string]string{
		"wrong count": strings.Replace(text, `"completion_tokens":5`, `"completion_tokens":6`, 1),
		"no usage":    strings.Replace(text, text[right.ends[6]:right.ends[7]], "", 1),
	} {
		if err := checked(w.answer("bench/x", true), body); err == nil || body == text {
			t.Errorf("%s: the checker accepts it", name)
		}
	}
}

func TestChecker_AcceptsTheAnswerInAnyForm(t *testing.T) {
	w := work{name: "x", stream: true, words: words(5, 3)}
	right := w.answer("bench/x", true)
	right.text.stamp(number(7))
	text := string(right.text.text)
	for name, body := range map[string]string{
		"as it is":            text,
		"with a keep-alive":   strings.Replace(text, "\n\n", "\n\n: keep-alive\n\n", 1),
		"with other spaces":   strings.ReplaceAll(text, `,"object"`, `, "object"`),
		"with other newlines": strings.ReplaceAll(text, "data: {", "data:{"),
	} {
		if err := checked(w.answer("bench/x", true), body); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// checked feeds body in pieces to a checker of want.
func checked(want answer, body string) error {
	c := newChecker(want)
	c.begin(number(7))
	const piece = 100
	for len(body) > 0 {
		n := min(piece, len(body))
		if err := c.feed([]byte(body[:n])); err != nil {
			return err
		}
		body = body[n:]
	}
	return c.end()
}

func TestUpstream_AnswersEveryWork(t *testing.T) {
	for _, name := range []string{"small", "chunks", "paced", "agent", "image"} {
		t.Run(name, func(t *testing.T) {
			b, upstream := local(t)
			c := newCrowd(upstream, b.works[name], 4)
			c.run(t.Context(), b, 100*time.Millisecond)
			if sum := c.leave(b); sum.wrong > 0 || sum.answers < 4 {
				t.Errorf("got %d answers and %d wrong ones: %v", sum.answers, sum.wrong, sum.why)
			}
		})
	}
}

func TestUpstream_RefusesAChangedRequest(t *testing.T) {
	b, upstream := local(t)
	j := newJob(upstream, b.works["agent"], false)
	j.request.text[len(j.request.text)/2]++
	c, err := j.dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.exchange(b.next(), time.Now().Add(patience)); err == nil || !strings.Contains(err.Error(), "changed") {
		t.Errorf("got %v, want an error that says what was changed", err)
	}
}

func TestUpstream_LetsAProxyAskForUsage(t *testing.T) {
	w := works()["chunks"]
	_, sent, _ := strings.Cut(string(w.request("chunks", false).text), blank)
	for _, got := range []string{
		sent,
		strings.TrimSuffix(sent, "}") + `,"stream_options":{"include_usage":true}}`,
		strings.Replace(sent, `"messages"`, `"stream_options":{"include_usage":true},"messages"`, 1),
	} {
		if err := compare([]byte(sent), []byte(got)); err != nil {
			t.Error(err)
		}
	}
}

func TestUpstream_SeesAHangUp(t *testing.T) {
	b, upstream := local(t)
	d, err := b.hangUp(t.Context(), upstream)
	if err != nil || d < 0 || d > time.Second {
		t.Errorf("got %v and %v, want a moment", d, err)
	}
}

// local is a run whose upstream is in this process.
func local(t *testing.T) (*bench, *target) {
	t.Helper()
	var c net.ListenConfig
	l, err := c.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go (&upstream{works: works()}).serve(l)
	b := newBench(options{short: true}, t.TempDir())
	b.upstreamAddr = l.Addr().String()
	return b, &target{name: direct, addr: b.upstreamAddr}
}
