package demo

import (
	"encoding/base64"
	"fmt"
	"hash/fnv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// answer is what the demo has to say, complete before the first byte goes out.
type answer struct {
	id      string
	model   string
	thought []string
	words   []string
	calls   []call
	finish  string
	usage   usage
}

type usage struct {
	PromptTokens     int `json:"prompt_tokens"`
	CompletionTokens int `json:"completion_tokens"`
	TotalTokens      int `json:"total_tokens"`
	PromptDetails    struct {
		CachedTokens int `json:"cached_tokens"`
	} `json:"prompt_tokens_details"`
	CompletionDetails struct {
		ReasoningTokens int `json:"reasoning_tokens"`
	} `json:"completion_tokens_details"`
}

// compose makes the answer to r.
func compose(r *request, bytesIn int) *answer {
	a := &answer{id: "chatcmpl-demo-" + r.digest, model: r.Model, finish: "stop"}
	limit := r.limit()
	if r.ReasoningEffort != "" && r.ReasoningEffort != "none" {
		a.thought = split(thoughtOf(r))
		if limit > 0 {
			// At least a word of text must follow: an answer of thinking alone
			// is of no use to anybody.
			a.thought, _ = truncate(a.thought, limit/2)
		}
	}
	if a.calls = chooseCalls(r); len(a.calls) > 0 {
		a.finish = "tool_calls"
	} else {
		a.compose(r, limit)
	}
	a.count(r, bytesIn)
	return a
}

// compose says the text, within what stop sequences and the limit leave of it.
func (a *answer) compose(r *request, limit int) {
	text := textOf(r)
	for _, stop := range r.Stop {
		if i := strings.Index(text, stop); i >= 0 && stop != "" {
			text = text[:i]
		}
	}
	a.words = split(text)
	if limit > 0 {
		var cut bool
		if a.words, cut = truncate(a.words, max(1, limit-tokens(a.thought))); cut {
			a.finish = "length"
		}
	}
}

func (a *answer) count(r *request, bytesIn int) {
	a.usage.PromptTokens = max(1, bytesIn/4)
	a.usage.CompletionDetails.ReasoningTokens = tokens(a.thought)
	out := tokens(a.words)
	for _, c := range a.calls {
		out += estimate(c.name) + estimate(c.arguments)
	}
	if r.N != nil {
		out *= *r.N
	}
	a.usage.CompletionTokens = out + tokens(a.thought)
	a.usage.TotalTokens = a.usage.PromptTokens + a.usage.CompletionTokens
}

// textOf chooses what to say: JSON where a shape was asked, a quotation where
// tools have answered, and otherwise a word about itself.
func textOf(r *request) string {
	if f := r.ResponseFormat; f != nil && f.Type == "json_schema" {
		return example(f.JSONSchema.Schema, r.lastUser().text(), 0)
	} else if f != nil && f.Type == "json_object" {
		return `{"answer":"This is the demo model.","question":` + quote(r.lastUser().text()) + `}`
	}
	if text := quoteResults(r); text != "" {
		return text
	}
	question := r.lastUser().text()
	opening := acknowledge(r.lastUser())
	if chinese(question) {
		return opening + "这是演示模型，它在本程序内部作答：不用网络，不用账号，也没有费用。你说的是：“" + shorten(question) +
			"”。这段文字会一个词一个词地流式输出，好让你在请求列表里看到它如何增长。你可以让它调用工具、按 JSON 模式作答、看图片，" +
			"或者试试 demo/slow、demo/error-429 等模型，看看客户端如何应对。接入真正的服务，请添加一个账号。"
	}
	return opening + "This is the demo model. It answers inside this program: no network, no account, no cost. You said: “" +
		shorten(question) + "”. The words of this answer are streamed one after another, so that you can watch the request grow in the list of " +
		"requests while it runs, with its tokens, its time to the first word and its state. Ask it to call a tool, ask for JSON after a schema, " +
		"show it a picture, or try demo/slow, demo/cut and demo/error-429 to see how a client copes. For answers that mean something, add an account."
}

func thoughtOf(r *request) string {
	return fmt.Sprintf("There are %d messages and %d tools. Effort %s is asked. A canned answer will do.",
		len(r.Messages), len(r.Tools), r.ReasoningEffort)
}

// quoteResults answers the tool results that end the conversation.
func quoteResults(r *request) string {
	names := map[string]string{}
	out := ""
	for i, m := range r.Messages {
		for _, c := range m.ToolCalls {
			names[c.ID] = c.Function.Name + c.Custom.Name
		}
		if m.Role != "tool" {
			out = ""
			continue
		}
		if out != "" {
			out += " "
		}
		out += fmt.Sprintf("The tool %s returned: %s.", names[m.ToolCallID], strings.TrimSuffix(r.Messages[i].text(), "."))
	}
	return out
}

// acknowledge says what was shown beside the text.
func acknowledge(m *message) string {
	if m == nil {
		return ""
	}
	var b strings.Builder
	for _, p := range m.Content {
		switch p.Type {
		case "image_url":
			fmt.Fprintf(&b, "I see an image (%s). ", describe(p.ImageURL.URL))
		case "input_audio":
			fmt.Fprintf(&b, "I hear a recording (%s, %d bytes). ", p.InputAudio.Format, decodedLen(p.InputAudio.Data))
		case "file":
			if p.File.FileID != "" {
				fmt.Fprintf(&b, "I see the file %s. ", p.File.FileID)
				continue
			}
			fmt.Fprintf(&b, "I see the file %s (%s). ", p.File.Filename, describe(p.File.FileData))
		}
	}
	return b.String()
}

// describe names the type and size of a data URL, or any other address itself.
func describe(url string) string {
	rest, ok := strings.CutPrefix(url, "data:")
	if !ok {
		return url
	}
	head, data, _ := strings.Cut(rest, ",")
	mime, _, _ := strings.Cut(head, ";")
	if !strings.HasSuffix(head, ";base64") {
		return fmt.Sprintf("%s, %d bytes", mime, len(data))
	}
	return fmt.Sprintf("%s, %d bytes", mime, decodedLen(data))
}

// decodedLen is the size of base64 data without decoding it.
func decodedLen(data string) int {
	return base64.RawStdEncoding.DecodedLen(len(strings.TrimRight(data, "=")))
}

// shorten keeps a quotation readable.
func shorten(s string) string {
	const most = 200
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most]) + "…"
}

func chinese(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

// split cuts a text into what is sent at a time: a word with the space after
// it, or two characters of a writing without spaces. Joined, the pieces are the
// text again.
func split(text string) []string {
	var out []string
	start, wide := 0, 0
	for i, r := range text {
		end := i + utf8.RuneLen(r)
		if r == utf8.RuneError {
			_, n := utf8.DecodeRuneInString(text[i:])
			end = i + n
		}
		if unicode.Is(unicode.Han, r) {
			wide++
		}
		if unicode.IsSpace(r) || wide == 2 {
			out = append(out, text[start:end])
			start, wide = end, 0
		}
	}
	if start < len(text) {
		out = append(out, text[start:])
	}
	return out
}

// estimate is the rule of thumb of four bytes a token.
func estimate(s string) int { return (len(s) + 3) / 4 }

func tokens(words []string) int {
	n := 0
	for _, w := range words {
		n += estimate(w)
	}
	return n
}

// truncate keeps the words that fit, and always the first.
func truncate(words []string, limit int) (kept []string, cut bool) {
	n := 0
	for i, w := range words {
		n += estimate(w)
		if n > limit && i > 0 {
			return words[:i], true
		}
	}
	return words, false
}

// digest tells requests apart.
func digest(raw []byte) string {
	h := fnv.New64a()
	_, _ = h.Write(raw)
	return fmt.Sprintf("%016x", h.Sum64())
}
