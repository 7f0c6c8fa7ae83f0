package fim_test

import (
	"strings"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/fim"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// pieces is an answer in pieces of a size.
func pieces(answer string, size int) llm.Stream {
	return func(yield func(llm.Event, error) bool) {
		if !yield(llm.Start{Model: "m"}, nil) {
			return
		}
		for len(answer) > 0 {
			n := min(size, len(answer))
			if !yield(llm.TextDelta{Text: answer[:n]}, nil) {
				return
			}
			answer = answer[n:]
		}
		yield(llm.Finish{Reason: llm.ReasonStop, Usage: llm.Usage{Known: true, Output: 5}}, nil)
	}
}

func request(prompt, suffix string, stop ...string) *llm.Request {
	return &llm.Request{Completion: &llm.Completion{Prompt: prompt, Suffix: suffix}, Stop: stop}
}

// cleaned is what becomes of an answer, however it arrives.
func cleaned(t *testing.T, r *llm.Request, answer string) string {
	t.Helper()
	first := ""
	for i, size := range []int{1, 2, 3, 7, 64, len(answer) + 1} {
		reply, err := llm.Collect(fim.Clean(r, pieces(answer, size)))
		if err != nil {
			t.Fatalf("%q: %v", answer, err)
		}
		var text strings.Builder
		for _, p := range reply.Parts {
			text.WriteString(p.(llm.Text).Text)
		}
		got := text.String()
		if i > 0 && got != first {
			t.Errorf("%q came out as %q in pieces of 1, and as %q in pieces of %d", answer, first, got, size)
		}
		if i == 0 {
			first = got
		}
	}
	return first
}

func TestClean_LeavesTheTextOfTheFileAlone(t *testing.T) {
	t.Parallel()
	const (
		add    = "func add(a, b int) int {\n\treturn "
		addEnd = "\n}\n"
		loop   = "def total(items):\n    "
		end    = "\n\nprint(total([1, 2]))\n"
	)
	for name, c := range map[string]struct{ prompt, suffix, answer, want string }{
		"as it should be":                {add, addEnd, "a + b", "a + b"},
		"a fence":                        {add, addEnd, "```go\na + b\n```", "a + b"},
		"a fence without a language":     {add, addEnd, "```\na + b\n```\n", "a + b"},
		"a fence that is not closed":     {add, addEnd, "```go\na + b\n", "a + b"},
		"a fence after space":            {add, addEnd, "\n\n  ```go\na + b\n```", "a + b"},
		"words before a fence":           {add, addEnd, "Here is the missing code:\n\n```go\na + b\n```", "a + b"},
		"more words before a fence":      {add, addEnd, "Sure! Here's the completed code:\n```go\na + b\n```\nThis adds.", "a + b"},
		"words behind a fence":           {add, addEnd, "```go\na + b\n```\n\nThis code adds two numbers.", "a + b"},
		"words without a fence":          {add, addEnd, "Here is the code to insert:\na + b", "a + b"},
		"words in Chinese":               {add, addEnd, "以下是补全的代码：\n```go\na + b\n```\n说明：相加。", "a + b"},
		"a remark behind":                {loop, end, "return sum(items)\n\nThis code sums the items.", "return sum(items)"},
		"an explanation behind":          {loop, end, "return sum(items)\n\n**Explanation:** it sums.", "return sum(items)"},
		"nothing but a fence":            {add, addEnd, "```go\n```", ""},
		"nothing":                        {add, addEnd, "", ""},
		"a refusal":                      {"x = 1\n", "\ny = 2\n", "I'm sorry, but I can't help with that.", ""},
		"words that there is nothing":    {"x = 1\n", "\ny = 2\n", "There is nothing missing at the cursor.", ""},
		"the line again":                 {add, addEnd, "return a + b", "a + b"},
		"the line again, indented":       {add, addEnd, "\treturn a + b", "a + b"},
		"all before again":               {add, addEnd, "func add(a, b int) int {\n\treturn a + b", "a + b"},
		"all of the file":                {add, addEnd, "func add(a, b int) int {\n\treturn a + b\n}\n", "a + b"},
		"all of the file in a fence":     {add, addEnd, "```go\nfunc add(a, b int) int {\n\treturn a + b\n}\n```", "a + b"},
		"the file with its marks":        {add, addEnd, "<|FILE|>" + add + "a + b" + addEnd + "<|END_OF_FILE|>", "a + b"},
		"the mark of the cursor":         {add, addEnd, "<|CURSOR|>a + b", "a + b"},
		"what stands behind again":       {loop, end, "return sum(items)\n\nprint(total([1, 2]))\nprint(3)\n", "return sum(items)"},
		"its own brackets":               {"func f() {\n", "\n}\n", "\tif x {\n\t\ty()\n\t}\n", "\tif x {\n\t\ty()\n\t}"},
		"a bracket that is there":        {"foo(", ")\n", "a, bar(b))", "a, bar(b)"},
		"a bracket of its own":           {"foo(", ")\n", "a, bar(b)", "a, bar(b)"},
		"a quote that is there":          {`x = "`, `"` + "\n", `hello"`, "hello"},
		"a word that begins alike":       {"x = ", "total = 5\n", "t", "t"},
		"an indentation that is there":   {loop, end, "    return sum(items)", "return sum(items)"},
		"a newline that is there":        {"a = 1\n", "c = 3\n", "\nb = 2\n", "b = 2\n"},
		"a line like the one before":     {"a = 1\n", "b = 2\n", "a = 1\nc = 2\n", "a = 1\nc = 2\n"},
		"a file with fences":             {"Use it:\n\n```go\n", "", "a()\n```\n\nDone.", "a()\n```\n\nDone."},
		"a fence in a file with fences":  {"Use:\n```sh\nls\n```\n", "\nEnd.", "```sh\nmore\n```", "more"},
		"text that goes on":              {"Once upon a time", "", " there was a king.\n\nHe lived.", " there was a king.\n\nHe lived."},
		"characters of several bytes":    {"s := \"", "\"\n", "中文 é 😀", "中文 é 😀"},
		"a comment that speaks of code":  {"// add ", "\nfunc add() {}\n", "completes the code of two numbers", "completes the code of two numbers"},
		"a start that looks like words":  {loop, end, "the_total = sum(items)\n    return the_total", "the_total = sum(items)\n    return the_total"},
		"one letter":                     {"x", "y", "z", "z"},
		"a tick that is no fence":        {"x := ", "\n", "`raw`", "`raw`"},
		"the rest of the line again":     {"func add(", ") int {\n\treturn a + b\n}\n", "a, b int) int {\n\treturn a + b\n}", "a, b int"},
		"space that stands there":        {"x = ", "\n", " 1", "1"},
		"a fence in the middle of words": {add, addEnd, "a + b ```", "a + b"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := cleaned(t, request(c.prompt, c.suffix), c.answer); got != c.want {
				t.Errorf("%q became %q, want %q", c.answer, got, c.want)
			}
		})
	}
}

func TestClean_EndsAtStopWordsOfTheText(t *testing.T) {
	t.Parallel()
	if got := cleaned(t, request("a = ", "", "\n"), "```py\n1\nb = 2\n```"); got != "1" {
		t.Errorf("got %q, want the one line", got)
	}
	if got := cleaned(t, request("a", "", "<END>", ""), " b <EN <END> c"); got != " b <EN " {
		t.Errorf("got %q", got)
	}
}

func TestClean_IgnoresThoughtsAlsoWhereTheyAreTheWholeAnswer(t *testing.T) {
	t.Parallel()
	s := func(yield func(llm.Event, error) bool) {
		_ = yield(llm.ThoughtDelta{Text: "I must "}, nil) && yield(llm.ThoughtDelta{Text: "add"}, nil) &&
			yield(llm.TextDelta{Text: "I must add"}, nil) && yield(llm.Finish{Reason: llm.ReasonLength}, nil)
	}
	reply, err := llm.Collect(fim.Clean(request("a", "b"), s))
	if err != nil || len(reply.Parts) != 0 || reply.Finish.Reason != llm.ReasonLength {
		t.Errorf("got %+v, %v", reply, err)
	}
}

func TestClean_TakesAnEmptyAnswerAsNothingToInsert(t *testing.T) {
	t.Parallel()
	for cause, want := range map[error]bool{llm.ErrEmpty: true, nil: false} {
		s := func(yield func(llm.Event, error) bool) {
			yield(nil, &llm.Error{Kind: llm.KindProtocol, Message: "it broke", Cause: cause})
		}
		if _, err := llm.Collect(fim.Clean(request("a", "b"), s)); (err == nil) != want {
			t.Errorf("%v: got %v", cause, err)
		}
	}
}

func TestAsk_HasBothTextsAndKeepsTheLimits(t *testing.T) {
	t.Parallel()
	n := 64
	r := request("before", "behind", "\n")
	r.MaxTokens, r.Extra = &n, []llm.Field{{Name: "logit_bias"}}
	ask, warnings := fim.Ask(r)
	if ask.Completion != nil || len(ask.Stop) != 0 || *ask.MaxTokens != 64 || len(warnings) != 2 || len(ask.Messages) != 2 {
		t.Fatalf("got %+v, %v", ask, warnings)
	}
	if text := ask.Messages[1].Parts[0].(llm.Text).Text; !strings.Contains(text, "before<|CURSOR|>behind") {
		t.Errorf("asked %q", text)
	}
	if r.Completion == nil || len(r.Stop) != 1 {
		t.Error("the request itself was changed")
	}
	ask, _ = fim.Ask(request("go on", ""))
	if text := ask.Messages[1].Parts[0].(llm.Text).Text; text != "go on" {
		t.Errorf("asked %q", text)
	}
}

func FuzzClean(f *testing.F) {
	f.Add("func f() {\n\t", "\n}\n", "Here is the code:\n```go\nreturn 1\n```\nDone.", "")
	f.Add("a = ", "", "<|CURSOR|>1\n\nThis code is a number", "\n")
	f.Add("中", "文", "中```文", "```")
	f.Fuzz(func(t *testing.T, prompt, suffix, answer, stop string) {
		if len(prompt)+len(suffix)+len(answer) > 2000 {
			return
		}
		got := cleaned(t, request(prompt, suffix, stop), answer)
		if !strings.Contains(prompt+suffix, "```") && strings.Contains(got, "```") && !strings.Contains(prompt+"\x00"+suffix, "`") {
			t.Errorf("%q left a fence: %q", answer, got)
		}
		for _, mark := range []string{"<|CURSOR|>", "<|END_OF_FILE|>", "<|FILE|>"} {
			if strings.Contains(got, mark) && !strings.Contains(prompt+suffix, mark) {
				t.Errorf("%q left a mark: %q", answer, got)
			}
		}
		if stop != "" && strings.Contains(got, stop) {
			t.Errorf("%q went on behind %q: %q", answer, stop, got)
		}
	})
}
