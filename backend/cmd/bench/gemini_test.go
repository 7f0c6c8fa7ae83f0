package main

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestMeaning_RefusesWhatTheAnswerDoesNotSay(t *testing.T) {
	w := work{name: "x", stream: true, words: words(5, 3), service: geminiAPI}
	want := w.answer("gemini/x", true)
	want.text.stamp(number(7))
	text := string(want.text.text)
	event := func(i int) string { return text[want.ends[i-1]:want.ends[i]] }
	joined := strings.Replace(text, event(2)+event(3), strings.Replace(event(2), quote(w.words[1]), quote(w.words[1]+w.words[2]), 1), 1)
	for name, c := range map[string]struct {
		body string
		ok   bool
	}{
		"the same":            {text, true},
		"words in one event":  {joined, w.words[1] != w.words[2]},
		"another id before":   {strings.ReplaceAll(text, "chatcmpl-", "gemini-"), true},
		"a word is lost":      {strings.Replace(text, event(3), "", 1), false},
		"another's number":    {strings.ReplaceAll(text, number(7), number(8)), false},
		"the upstream's name": {strings.ReplaceAll(text, `"gemini/x"`, `"x"`), false},
		"no end":              {strings.Replace(text, "data: [DONE]\n\n", "", 1), false},
		"more after the end":  {text + event(2), false},
		"no usage":            {strings.Replace(text, `"prompt_tokens":0`, `"prompt_tokens":1`, 1), false},
		"another finish":      {strings.Replace(text, `"stop"`, `"length"`, 1), false},
	} {
		if err := meaning(want, []byte(c.body)); (err == nil) != c.ok {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestVerify_ReadsARequestInTheOtherProtocol(t *testing.T) {
	w := works()["gemini-3-small"]
	right := `{"contents":[{"role":"user","parts":[{"text":"Name three rivers."},{"text":"This is request ` + number(3) + `."}]}],` +
		`"systemInstruction":{"parts":[{"text":"You are terse."}]},"generationConfig":{"temperature":0.2}}`
	if !json.Valid([]byte(right)) {
		t.Fatal("the test's request is not JSON")
	}
	for name, c := range map[string]struct {
		body string
		ok   bool
	}{
		"right":          {right, true},
		"a text is lost": {strings.Replace(right, `{"text":"Name three rivers."},`, "", 1), false},
		"no system text": {strings.Replace(right, `"systemInstruction"`, `"system"`, 1), false},
		"no temperature": {strings.Replace(right, `"temperature":0.2`, `"topP":0.2`, 1), false},
		"the wrong role": {strings.Replace(right, `"role":"user"`, `"role":"model"`, 1), false},
		"cut":            {right[:len(right)-1], false},
	} {
		s := session{upstream: &upstream{}, body: []byte(c.body)}
		at := strings.Index(c.body, markedRequest) + len(markedRequest)
		if err := s.verify(w, at, saidGemini); (err == nil) != c.ok {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
