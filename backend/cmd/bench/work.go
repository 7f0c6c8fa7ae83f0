package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// prefix stands before every model's name that a client asks for. The proxy
// under test takes it off on the way up and has to put it back into the answer;
// the yardsticks pass it through, and the upstream echoes what it was asked.
const prefix = "bench/"

// blank is where the number of a request goes, in it and in its answer. All
// numbers have its length, so that a prepared text needs no building per
// request.
const blank = "r~~~~~~~~~~"

// work is one kind of exchange: what is asked and what must come back. Both
// ends of the benchmark derive the same bytes from it.
type work struct {
	// name is the model's name at the upstream.
	name string
	// stream says that the answer is asked for as events.
	stream bool
	// prompt is the request's JSON from the messages on, without the flags.
	prompt string
	// words are the texts of the answer's events, or of the whole answer.
	words []string
	// wait is before the first word, pace between two.
	wait, pace time.Duration
	// client is the protocol that the client speaks, service the one in which the
	// proxy under test has to ask.
	client, service api
}

// translated says that the proxy under test has to ask in another protocol.
func (w work) translated() bool { return w.client != w.service }

// prefix stands before the work's name when the proxy under test is asked: each
// account has its own.
func (w work) prefix() string {
	switch {
	case w.service == geminiAPI:
		return geminiPrefix
	case w.service == anthropicAPI:
		return anthropicPrefix
	case w.translated():
		return plainPrefix
	}
	return prefix
}

// works are all kinds of exchanges. They are the same in every process.
func works() map[string]work {
	byName := map[string]work{}
	for _, w := range slices.Concat(plain(), translated(), foreign()) {
		byName[w.name] = w
	}
	return byName
}

// plain are the works that are asked for and answered in one protocol.
func plain() []work {
	return []work{
		{name: "small", prompt: chat("Name three rivers."), words: words(1, 60)},
		{name: "chunks", stream: true, prompt: chat("Tell me a story."), words: words(200, 1)},
		{name: "paced", stream: true, prompt: chat("Take your time."), words: words(20, 1), wait: 10 * time.Millisecond, pace: 10 * time.Millisecond},
		{name: "agent", prompt: agentPrompt(203_000, 30), words: words(1, 60)},
		{name: "image", prompt: imagePrompt(2_000_000), words: words(1, 60)},
		{name: "slow", stream: true, prompt: chat("Think, then answer."), words: words(10, 1), pace: time.Second},
		{name: "brief", stream: true, prompt: chat("Think, then answer."), words: words(5, 1), pace: time.Second},
		{name: "flood", stream: true, prompt: chat("Write a library."), words: repeat(words(16, 2000), 64)},
		{name: "endless", stream: true, prompt: chat("Count."), words: words(2000, 1), pace: 5 * time.Millisecond},
	}
}

// request is the JSON body that asks model for w. usage asks for the usage
// event of a stream.
func (w work) request(model string, usage bool) stamped {
	if w.client != chatAPI {
		return newStamped(w.ask(model))
	}
	var b strings.Builder
	fmt.Fprintf(&b, `{"model":%q,"user":%q,%s`, model, blank, w.prompt)
	if w.stream {
		b.WriteString(`,"stream":true`)
		if usage {
			b.WriteString(`,"stream_options":{"include_usage":true}`)
		}
	}
	b.WriteString("}")
	return newStamped(b.String())
}

// answer is what must come back, event by event for a stream.
type answer struct {
	stream bool
	client api
	// translated says that its meaning is checked, not its bytes.
	translated bool
	// text is the body, ends is where each of its events ends.
	text stamped
	ends []int
	// token is where the event with the first word ends, word is its text as
	// it stands in the JSON.
	token int
	word  string
}

// answer is the body that answers a request for model.
func (w work) answer(model string, usage bool) answer {
	if w.client != chatAPI {
		return w.own(model)
	}
	if !w.stream {
		text := fmt.Sprintf(`{"id":"chatcmpl-%s","object":"chat.completion","created":1760000000,"model":%q,"choices":[{"index":0,`+
			`"message":{"role":"assistant","content":%s,"refusal":null},"logprobs":null,"finish_reason":"stop"}],"usage":%s}`,
			blank, model, quote(strings.Join(w.words, "")), w.usage())
		return answer{text: newStamped(text), ends: []int{len(text)}, token: len(text)}
	}
	a := answer{stream: true, word: quote(w.words[0])}
	var b strings.Builder
	event := func(choices, rest string) {
		fmt.Fprintf(&b, `data: {"id":"chatcmpl-%s","object":"chat.completion.chunk","created":1760000000,"model":%q,"choices":%s%s}`+"\n\n",
			blank, model, choices, rest)
		a.ends = append(a.ends, b.Len())
	}
	event(`[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]`, "")
	for _, word := range w.words {
		event(`[{"index":0,"delta":{"content":`+quote(word)+`},"finish_reason":null}]`, "")
	}
	event(`[{"index":0,"delta":{},"finish_reason":"stop"}]`, "")
	if usage {
		event(`[]`, `,"usage":`+w.usage())
	}
	b.WriteString("data: [DONE]\n\n")
	a.ends = append(a.ends, b.Len())
	a.text, a.token = newStamped(b.String()), a.ends[1]
	return a
}

func (w work) usage() string {
	in, out := len(w.prompt)/4, len(w.words)
	return fmt.Sprintf(`{"prompt_tokens":%d,"completion_tokens":%d,"total_tokens":%d}`, in, out, in+out)
}

// stamped is a text with blanks for the number of one request.
type stamped struct {
	text []byte
	at   []int
}

func newStamped(text string) stamped {
	s := stamped{text: []byte(text)}
	for from := 0; ; {
		i := strings.Index(text[from:], blank)
		if i < 0 {
			return s
		}
		s.at = append(s.at, from+i)
		from += i + len(blank)
	}
}

// clone gives a copy that can be stamped by itself.
func (s stamped) clone() stamped { return stamped{text: bytes.Clone(s.text), at: s.at} }

// stamp writes a number, made by number, into every blank.
func (s stamped) stamp(number string) {
	for _, i := range s.at {
		copy(s.text[i:], number)
	}
}

// number is the text of a request's number, as long as the blank.
func number(n uint64) string { return fmt.Sprintf("r%0*d", len(blank)-1, n) }

func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string always marshals
	}
	return string(b)
}

// words are n texts of size words each, the same in every run. Among them are
// all that JSON and UTF-8 make hard.
func words(n, size int) []string {
	random := rand.New(rand.NewPCG(uint64(n), uint64(size))) //nolint:gosec // A repeatable sequence is wanted.
	list := make([]string, n)
	for i := range list {
		list[i] = prose(random, size)
	}
	return list
}

func repeat(list []string, times int) []string {
	all := make([]string, 0, len(list)*times)
	for range times {
		all = append(all, list...)
	}
	return all
}

func prose(random *rand.Rand, size int) string {
	vocabulary := []string{
		"river", "lantern", "quarry", "velvet", "ember", "orchard", "\"meadow\"", "harbor\n", "caf\u00e9", "\u6d41\u5f0f",
		"back\\slash", "tab\t", "\U0001F30A", "<b>", "a & b", "{\"x\":[1]}", "timber", "fathom", "juniper", "nickel",
	}
	var b strings.Builder
	for range size {
		b.WriteString(vocabulary[random.IntN(len(vocabulary))])
		b.WriteByte(' ')
	}
	return b.String()
}

func chat(text string) string {
	return `"messages":[{"role":"system","content":"You are terse."},{"role":"user","content":` + quote(text) + `}],"temperature":0.2`
}

// imagePrompt is a question about a picture whose base64 text has about size
// bytes.
func imagePrompt(size int) string {
	picture := make([]byte, size/4*3)
	_, _ = rand.NewChaCha8([32]byte{}).Read(picture) // It never fails.
	return `"messages":[{"role":"user","content":[{"type":"text","text":"What is this?"},{"type":"image_url","image_url":{"url":"data:image/png;base64,` +
		base64.StdEncoding.EncodeToString(picture) + `"}}]}]`
}

// agentPrompt is what a coding agent sends in the middle of its work: a long
// system text, turns with tool calls and their results, and tools with their
// schemas, of about size bytes together.
func agentPrompt(size, tools int) string {
	random := rand.New(rand.NewPCG(3, uint64(size))) //nolint:gosec // A repeatable sequence is wanted.
	offered := make([]string, tools)
	for i := range offered {
		offered[i] = agentTool(random, i)
	}
	offer := `"tools":[` + strings.Join(offered, ",") + `],"tool_choice":"auto"`
	var b strings.Builder
	b.WriteString(`"messages":[{"role":"system","content":` + quote(prose(random, 4000)) + `},{"role":"user","content":` + quote(prose(random, 100)) + `}`)
	for turn := 0; b.Len()+len(offer) < size; turn++ {
		arguments := quote(fmt.Sprintf(`{"path":"/src/%d.go","text":%s}`, turn, quote(prose(random, 60))))
		fmt.Fprintf(&b, `,{"role":"assistant","content":null,"tool_calls":[{"id":"call_%d","type":"function","function":{"name":"tool_%d","arguments":%s}}]}`,
			turn, turn%tools, arguments)
		left := max(1, min(400, (size-b.Len()-len(offer))/9))
		fmt.Fprintf(&b, `,{"role":"tool","tool_call_id":"call_%d","content":%s}`, turn, quote(prose(random, left)))
	}
	b.WriteString(`],` + offer + `,"temperature":0,"max_tokens":8192`)
	return b.String()
}

func agentTool(random *rand.Rand, i int) string {
	return fmt.Sprintf(`{"type":"function","function":{"name":"tool_%d","description":%s,"parameters":{"$schema":"http://json-schema.org/draft-07/schema#",`+
		`"type":"object","properties":{"path":{"type":"string","description":%s},"text":{"type":"string","description":%s},"mode":{"type":"string",`+
		`"enum":["read","write","append"]},"lines":{"type":"array","items":{"type":"object","properties":{"from":{"type":"integer","minimum":1},`+
		`"to":{"type":"integer"}},"required":["from"],"additionalProperties":false}}},"required":["path"],"additionalProperties":false}}}`,
		i, quote(prose(random, 90)), quote(prose(random, 15)), quote(prose(random, 25)))
}
