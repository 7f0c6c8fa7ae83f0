package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func TestUpstream_AnswersEveryProtocol(t *testing.T) {
	for _, w := range foreign() {
		t.Run(w.name, func(t *testing.T) {
			b, upstream := local(t)
			c := newCrowd(upstream, b.works[w.name], 2)
			c.run(t.Context(), b, 50*time.Millisecond)
			if sum := c.leave(b); sum.wrong > 0 || sum.answers < 2 {
				t.Errorf("got %d answers and %d wrong ones: %v", sum.answers, sum.wrong, sum.why)
			}
		})
	}
}

func TestForeign_RequestsAreJSON(t *testing.T) {
	for _, w := range foreign() {
		if body := w.ask(prefix + w.name); !json.Valid([]byte(body)) || strings.Count(body, blank) != 1 {
			t.Errorf("request %s is not JSON with one number: %s", w.name, clip([]byte(body)))
		}
	}
}

func TestMeaning_RefusesWhatAForeignAnswerDoesNotSay(t *testing.T) {
	for _, w := range foreign() {
		if !w.translated() {
			continue
		}
		right := w.answer("plain/x", false)
		right.translated = true
		right.text.stamp(number(7))
		text := string(right.text.text)
		edit := func(from, to string) string {
			if !strings.Contains(text, from) {
				t.Fatalf("no %q in the answer of %s", from, w.name)
			}
			return strings.Replace(text, from, to, 1)
		}
		bad := map[string]string{
			"another's number": strings.ReplaceAll(text, number(7), number(8)), "the upstream's name": strings.ReplaceAll(text, `"plain/x"`, `"x"`),
			"a word changed": edit("river", "rivers"), "cut": text[:len(text)-20], "nothing": "",
			"another end": strings.NewReplacer(`"end_turn"`, `"max_tokens"`, `"completed"`, `"incomplete"`, `"stop"`, `"length"`).Replace(text),
			"other usage": strings.NewReplacer(`"output_tokens":`, `"output_tokens":9`, `"eval_count":`, `"eval_count":9`).Replace(text),
			"twice":       text + text,
		}
		if w.stream {
			lost := right.text.text[right.ends[2]:right.ends[3]]
			bad["a word is lost"] = strings.Replace(text, string(lost), "", 1)
		}
		for name, body := range bad {
			if err := checked(right, body); err == nil {
				t.Errorf("%s, %s: the checker accepts it", w.name, name)
			}
		}
		if err := checked(right, text); err != nil {
			t.Errorf("%s: %v", w.name, err)
		}
	}
}

func TestFamiliar_KnowsAnAnswerButForItsIDs(t *testing.T) {
	answer := func(n uint64, id, text string) []byte {
		return []byte(`{"id":"msg_` + id + `","text":"` + number(n) + ` ` + text + `"}`)
	}
	var f familiar
	f.learn(answer(1, "aaBB", "river"), number(1))
	f.learn(answer(2, "aacc", "river"), number(2))
	for name, c := range map[string]struct {
		body []byte
		want bool
	}{
		"another id":       {answer(3, "zyx9", "river"), true},
		"a changed word":   {answer(3, "aacc", "rivet"), false},
		"another's number": {answer(2, "aacc", "river"), false},
		"an id that ends":  {answer(3, `a","`, "river"), false},
		"more":             {append(answer(3, "aacc", "river"), ' '), false},
		"nothing":          {nil, false},
	} {
		f.text.stamp(number(3))
		if got := f.knows(c.body); got != c.want {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

func TestTimeless_LeavesAllButTheClocks(t *testing.T) {
	a := []byte(`{"created_at":"2026-01-02T03:04:05.6Z","text":"x","total_duration":123,"eval_count":4}`)
	b := []byte(`{"created_at":"2026-01-02T03:04:06Z","text":"x","total_duration":9,"eval_count":4}`)
	if got, want := timeless(a), timeless(b); !bytes.Equal(got, want) || !bytes.Contains(got, []byte(`"eval_count":4`)) {
		t.Errorf("got %s and %s", got, want)
	}
}
