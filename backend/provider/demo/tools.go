package demo

import (
	"encoding/json"
	"fmt"
	"sort"
	"strings"
	"unicode"
)

// call is one tool call of an answer.
type call struct {
	id, name, arguments string
	custom              bool
}

// longestWish bounds the text in which a wish for a tool is looked for: agents
// wrap a question in pages of instructions that mention every tool, and a demo
// that then writes to a file would be no fun.
const longestWish = 2000

// chooseCalls decides whether tools are called, and which: the ones that
// tool_choice forces, else the ones the user's last text asks for.
func chooseCalls(r *request) []call {
	mode, forced := r.choice()
	if mode == "none" || len(r.Tools) == 0 {
		return nil
	}
	text := r.lastUser().text()
	var chosen []int
	switch {
	case mode == "tool":
		chosen = []int{r.toolIndex(forced)}
	case mode == "required" || r.Messages[len(r.Messages)-1].Role == "user":
		chosen = wished(r, text)
		if len(chosen) == 0 && mode == "required" {
			chosen = []int{0}
		}
	}
	if r.ParallelToolCalls != nil && !*r.ParallelToolCalls && len(chosen) > 1 {
		chosen = chosen[:1]
	}
	out := make([]call, 0, len(chosen))
	times := map[int]int{}
	for i, at := range chosen {
		c := newCall(r.Tools[at], text, times[at])
		c.id = fmt.Sprintf("call_demo_%s_%d", r.digest[:8], i)
		out = append(out, c)
		times[at]++
	}
	return out
}

// newCall calls t for the nth time in one answer.
func newCall(t tool, text string, nth int) call {
	spec := t.spec()
	c := call{name: spec.Name, custom: t.Type == "custom"}
	switch {
	case c.custom:
		c.arguments = shorten(text)
	case len(spec.Parameters) == 0:
		c.arguments = "{}"
	default:
		c.arguments = example(spec.Parameters, text, nth)
	}
	return c
}

// wished finds the tools that the text asks for, in the order of the text: the
// named ones, or for words as "call" and "weather" the one that fits best. A
// text that says "parallel" and fits one tool calls it twice.
func wished(r *request, text string) []int {
	if len(text) > longestWish {
		return nil
	}
	words := wordsOf(text)
	chosen := mentioned(r, strings.ToLower(text))
	if len(chosen) == 0 && (anyOf(words, "call", "calls", "tool", "tools", "weather") || strings.Contains(text, "调用") ||
		strings.Contains(text, "工具") || strings.Contains(text, "天气")) {
		chosen = []int{bestFit(r, words)}
	}
	if len(chosen) == 1 && (anyOf(words, "parallel", "par", "twice", "both") || strings.Contains(text, "同时")) {
		chosen = append(chosen, chosen[0])
	}
	return chosen
}

// mentioned finds the tools whose names stand in the text, once each.
func mentioned(r *request, text string) []int {
	at := map[int]int{}
	var found []int
	for i, t := range r.Tools {
		name := strings.ToLower(t.spec().Name)
		p := strings.Index(text, name)
		if p < 0 {
			p = strings.Index(text, strings.ReplaceAll(name, "_", " "))
		}
		if p >= 0 {
			at[i] = p
			found = append(found, i)
		}
	}
	sort.SliceStable(found, func(a, b int) bool { return at[found[a]] < at[found[b]] })
	return found
}

// bestFit is the tool whose name shares the most words with the text; the first
// of equals.
func bestFit(r *request, words map[string]bool) int {
	best, most := 0, 0
	for i, t := range r.Tools {
		n := 0
		for w := range wordsOf(t.spec().Name) {
			if words[w] {
				n++
			}
		}
		if n > most {
			best, most = i, n
		}
	}
	return best
}

// wordsOf are the words of a text or of a name as get_weather or getWeather.
func wordsOf(text string) map[string]bool {
	var b strings.Builder
	lower := false
	for _, r := range text {
		if lower && unicode.IsUpper(r) {
			b.WriteByte(' ')
		}
		lower = unicode.IsLower(r)
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			r = ' '
		}
		b.WriteRune(unicode.ToLower(r))
	}
	out := map[string]bool{}
	for w := range strings.FieldsSeq(b.String()) {
		out[w] = true
	}
	return out
}

func anyOf(words map[string]bool, wanted ...string) bool {
	for _, w := range wanted {
		if words[w] {
			return true
		}
	}
	return false
}

// quote is s as a JSON string.
func quote(s string) string {
	raw, err := json.Marshal(s)
	if err != nil {
		// A Go string always has a JSON form.
		return `""`
	}
	return string(raw)
}
