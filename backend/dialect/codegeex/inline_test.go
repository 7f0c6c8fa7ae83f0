package codegeex_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/codegeex"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/completions"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/dialecttest"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

func inlineReplies(tb testing.TB) []dialecttest.Reply {
	tb.Helper()
	type out = dialecttest.Outcome
	failed := func(k llm.Kind) out { return out{Failed: true, Error: k} }
	return []dialecttest.Reply{
		{Name: "the recorded one", Body: miscs(tb)["inline_completion"], Want: out{Text: "return a + b", Reason: "stop"}},
		{Name: "cut at the limit", Body: []byte(`{"inline_completions":[{"text":"a\nb","finish_reason":"length"}]}`), Want: out{Text: "a\nb", Reason: "length"}},
		{Name: "several", Body: []byte(`{"inline_completions":[{"text":"a"},{"text":"b"}]}`), Want: out{Text: "a", Reason: "stop"}},
		{Name: "in an envelope", Body: []byte(`{"code":200,"data":{"inline_completions":[{"text":"a","finish_reason":"stop"}]}}`), Want: out{Text: "a", Reason: "stop"}},
		{Name: "nothing belongs there", Body: []byte(`{"inline_completions":[]}`), Want: out{Reason: "stop"}},
		{Name: "an empty text", Body: []byte(`{"inline_completions":[{"text":"","finish_reason":"stop"}]}`), Want: out{Reason: "stop"}},
		{Name: "B08 error under success", Body: vector(tb, "codegeex_auth_error.json"), Want: failed(llm.KindAuth)},
		{Name: "no completion", Body: []byte(`{"text":"a"}`), Want: failed(llm.KindProtocol)},
		{Name: "half a JSON", Body: []byte(`{"inline_completions":[`), Want: failed(llm.KindProtocol)},
		{Name: "a stream", Body: []byte("event: add\ndata: {\"text\":\"a\"}\n\n"), Want: failed(llm.KindProtocol)},
		{Name: "web page", Body: []byte("<!doctype html><title>Sign in</title>"), Want: failed(llm.KindProtocol)},
		{Name: "no byte", Body: nil, Want: failed(llm.KindProtocol)},
	}
}

func TestInline_GivesWhatTheSiteMeant(t *testing.T) {
	t.Parallel()
	dialecttest.Upstream(t, codegeex.Inline{}, inlineReplies(t))
}

func TestInline_AsInTheGoldenFiles(t *testing.T) {
	t.Parallel()
	inline := codegeex.Inline{Upstream: upstream(false)}
	dialecttest.Golden(t, completions.Client{}, inline, "codegeex-lite", "testdata/inline")
}

func TestInline_ReachesCompletionClients(t *testing.T) {
	t.Parallel()
	dialecttest.Translated(t, completions.Client{}, completions.Upstream{}, codegeex.Inline{}, inlineReplies(t))
	dialecttest.Translated(t, completions.Client{FIM: true}, completions.Upstream{FIM: true}, codegeex.Inline{}, inlineReplies(t))
}

func TestInline_IsTheRequestOfTheVector(t *testing.T) {
	t.Parallel()
	var list struct {
		Cases []struct {
			Name    string
			Request map[string]any
		}
	}
	if err := json.Unmarshal(vector(t, "codegeex_misc.json"), &list); err != nil {
		t.Fatal(err)
	}
	most := 64
	out, warnings, failed := codegeex.Inline{Upstream: upstream(false)}.EncodeRequest(&llm.Request{
		MaxTokens: &most, Completion: &llm.Completion{Prompt: "func Add(a, b int) int {\n\t", Suffix: "\n}"},
	}, "codegeex-lite")
	if failed != nil || len(warnings) != 0 {
		t.Fatal(warnings, failed)
	}
	var got map[string]any
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	for _, c := range list.Cases {
		if c.Name != "inline_completion" {
			continue
		}
		// Nobody tells us the file's name.
		document(t, c.Request)["path"] = document(t, got)["path"]
		if diff := cmp.Diff(c.Request, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		return
	}
	t.Fatal("the vector is gone")
}

func document(t *testing.T, body map[string]any) map[string]any {
	t.Helper()
	list, _ := body["context"].([]any)
	one, _ := list[0].(map[string]any)
	d, ok := one["active_document"].(map[string]any)
	if !ok {
		t.Fatalf("no document in %v", body)
	}
	return d
}

func TestInline_Completes(t *testing.T) {
	t.Parallel()
	for model, want := range map[string]bool{"codegeex-lite": true, "CodeGeeX-Pro": true, "codegeex-4": false, "codegeex-chat-lite": false} {
		for _, gap := range []bool{false, true} {
			if got := (codegeex.Inline{}).Completes(model, gap); got != want {
				t.Errorf("%s, a gap %v: %v", model, gap, got)
			}
		}
	}
}

func TestInline_RefusesWhatItCannotDo(t *testing.T) {
	t.Parallel()
	asked := func(edit func(*llm.Request)) *llm.Request {
		r := &llm.Request{Completion: &llm.Completion{Prompt: "a"}}
		edit(r)
		return r
	}
	for param, r := range map[string]*llm.Request{
		"messages":        asked(func(r *llm.Request) { r.Completion = nil }),
		"n":               asked(func(r *llm.Request) { r.Choices = 2 }),
		"logprobs":        asked(func(r *llm.Request) { r.Logprobs = true }),
		"response_format": asked(func(r *llm.Request) { r.Format.Kind = llm.FormatJSON }),
	} {
		if _, _, err := (codegeex.Inline{}).EncodeRequest(r, "codegeex-lite"); err == nil || err.Kind != llm.KindUnsupported || err.Param != param {
			t.Errorf("%s: %+v", param, err)
		}
	}
}

// The site takes no stop words, so that they are looked for here.
func TestInline_EndsAtAStopWord(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		stop   []string
		text   string
		reason llm.Reason
	}{
		{nil, "return a\n\nfunc b", llm.ReasonLength},
		{[]string{"nowhere", ""}, "return a\n\nfunc b", llm.ReasonLength},
		{[]string{"func", "\n\n"}, "return a", llm.ReasonStop},
		{[]string{"return"}, "", llm.ReasonStop},
	} {
		u := codegeex.Inline{}
		body := `{"inline_completions":[{"text":"return a\n\nfunc b","finish_reason":"length"}]}`
		got := dialecttest.Of(u.Restore(&llm.Request{Stop: c.stop, Completion: &llm.Completion{}}, u.DecodeReply("", strings.NewReader(body))))
		if diff := dialecttest.Diff(dialecttest.Outcome{Text: c.text, Reason: c.reason}, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", c.stop, diff)
		}
	}
}

func TestInline_NamesTheLanguage(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{
		"package a\n\nfunc b() {\n": "Go", "from os import path\n\ndef f(x):\n    return ": "Python", "use std::fs;\n\nfn main() {\n": "Rust",
		"import { a } from 'b';\nconst c = ": "JavaScript", "export interface A {\n  b: string;\n}\n\nexport type C = ": "TypeScript",
		"package a.b;\n\nimport java.util.List;\n\npublic class C {\n": "Java", "#include <stdio.h>\n\nint main(void) {\n": "C",
		"#include <iostream>\nusing namespace std;\n": "C++", "using System;\n\nnamespace A {\n  public class B {\n": "C#",
		"#!/bin/sh\nif true; then\n": "Shell", "SELECT a FROM ": "SQL", "<?php\n": "PHP", "<!doctype html>\n<html>\n": "HTML", "Once upon a time": "", "": "",
	} {
		out, _, failed := codegeex.Inline{}.EncodeRequest(&llm.Request{Completion: &llm.Completion{Prompt: code}}, "codegeex-lite")
		var body map[string]any
		if err := json.Unmarshal(out, &body); err != nil || failed != nil {
			t.Fatal(err, failed)
		}
		if body["lang"] != want || document(t, body)["lang"] != want {
			t.Errorf("%q is taken for %q", code, body["lang"])
		}
	}
}

func FuzzInline(f *testing.F) {
	for _, r := range inlineReplies(f) {
		f.Add(r.Body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		dialecttest.Ordered(t, codegeex.Inline{}.DecodeReply("", bytes.NewReader(body)))
		want := dialecttest.Of(codegeex.Inline{}.DecodeReply("", bytes.NewReader(body)))
		got := dialecttest.Of(codegeex.Inline{}.DecodeReply("", iotest.OneByteReader(bytes.NewReader(body))))
		if diff := dialecttest.Diff(want, got); diff != "" {
			t.Errorf("%q (-whole +pieces):\n%s", body, diff)
		}
	})
}
