package fake

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
)

// generate answers a request for an answer.
func (g *Google) generate(w http.ResponseWriter, r *http.Request, a ask) *googleError {
	if e := g.check(a); e != nil {
		return e
	}
	if e, done := g.scripted(w, r, a); done {
		return e
	}
	g.sendChunks(w, a, g.converse(a), 0, false)
	return nil
}

// scripted answers a model whose name is a script:
//
//	replay-NAME[.crlf][.N]  a recorded answer, with CRLF, in pieces of N bytes
//	error-NAME              a recorded error, with its status
//	flaky                   429 with RetryInfo, then an answer, and so on
//	capacity                503, no capacity
//	hang, silent, cut       begins and stops; never begins; breaks off
//	html, nothing, empty    a portal's page; no bytes; no candidates
//	echo-key                repeats the credential in its error
//	long                    ten thousand words, or until the caller leaves
func (g *Google) scripted(w http.ResponseWriter, r *http.Request, a ask) (*googleError, bool) {
	if name, ok := strings.CutPrefix(a.model, "error-"); ok {
		return recorded("error_" + name + ".json"), true
	}
	if name, ok := strings.CutPrefix(a.model, "replay-"); ok {
		g.replayGemini(w, a, name)
		return nil, true
	}
	switch a.model {
	case "flaky":
		g.mu.Lock()
		g.calls[a.model]++
		first := g.calls[a.model]%2 == 1
		g.mu.Unlock()
		return recorded("error_429_rate_limit.json"), first
	case "capacity":
		return recorded("error_503_capacity.json"), true
	case "silent":
		<-r.Context().Done()
		return nil, true
	case "hang":
		open(w)
		w.Write(g.eventOf(a, g.converse(a)[0], false))
		flush(w)
		<-r.Context().Done()
		return nil, true
	case "cut":
		open(w)
		whole := g.eventOf(a, g.converse(a)[0], false)
		w.Write(whole)
		w.Write(whole[:len(whole)/2])
		flush(w)
		panic(http.ErrAbortHandler)
	case "html":
		showHTML(w, "<!doctype html><html><head><title>Welcome</title></head><body>Sign in to the network</body></html>", nil)
		return nil, true
	case "nothing":
		w.WriteHeader(http.StatusOK)
		return nil, true
	case "empty":
		g.sendChunks(w, a, []string{`{"usageMetadata":{"promptTokenCount":3,"totalTokenCount":3}}`}, 0, false)
		return nil, true
	case "echo-key":
		return invalid("API key not valid: " + r.Header.Get("x-goog-api-key") + r.Header.Get("Authorization")), true
	case "long":
		g.longAnswer(w, r, a)
		return nil, true
	}
	return nil, false
}

func (g *Google) longAnswer(w http.ResponseWriter, r *http.Request, a ask) {
	open(w)
	word := g.eventOf(a, chunk([]any{map[string]any{"text": "word "}}, ""), false)
	for range 10_000 {
		if _, err := w.Write(word); err != nil || r.Context().Err() != nil {
			return
		}
		flush(w)
	}
	w.Write(g.eventOf(a, chunk(nil, "STOP"), false))
}

// replayGemini sends a recorded answer, whichever wrapping it was recorded in.
func (g *Google) replayGemini(w http.ResponseWriter, a ask, name string) {
	name, options, _ := strings.Cut(name, ".")
	crlf := strings.HasPrefix(options, "crlf")
	size, _ := strconv.Atoi(strings.TrimPrefix(strings.TrimPrefix(options, "crlf"), "."))
	if !strings.HasPrefix(name, "stream_") && !strings.HasPrefix(name, "public_stream") {
		g.sendChunks(w, a, []string{unwrap(Vector("gemini/" + name + ".json"))}, size, crlf)
		return
	}
	raw := Vector("gemini/" + name + ".sse")
	if a.stream && a.wrapped && !strings.HasPrefix(name, "public_") {
		// As it was recorded: with its comments, cuts and many lines.
		lf := bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n"))
		if crlf {
			lf = bytes.ReplaceAll(lf, []byte("\n"), []byte("\r\n"))
		}
		open(w)
		pieces(w, lf, size)
		return
	}
	var chunks []string
	for _, event := range events(raw) {
		if d := data(event); len(bytes.TrimSpace(d)) > 0 {
			chunks = append(chunks, unwrap(d))
		}
	}
	g.sendChunks(w, a, chunks, size, crlf)
}

// unwrap takes Code Assist's envelope off an answer that has one.
func unwrap(raw []byte) string {
	q := gjson.ParseBytes(raw)
	switch {
	case q.Get("response").Exists():
		return q.Get("response").Raw
	case q.Get("candidates").Exists(), q.Get("error").Exists(), q.Get("promptFeedback").Exists():
		return q.Raw
	default:
		return "{}"
	}
}

// eventOf is one chunk as an event, in the envelope where there is one.
func (*Google) eventOf(a ask, chunk string, crlf bool) []byte {
	if a.wrapped && !strings.HasPrefix(chunk, `{"error"`) {
		chunk = `{"response":` + chunk + `,"traceId":"fake-trace"}`
	}
	var one bytes.Buffer
	if json.Compact(&one, []byte(chunk)) != nil {
		one.WriteString(chunk) // a recorded half of an event
	}
	end := "\n\n"
	if crlf {
		end = "\r\n\r\n"
	}
	return []byte("data: " + one.String() + end)
}

// sendChunks streams, or to who wants none sends the whole.
func (g *Google) sendChunks(w http.ResponseWriter, a ask, chunks []string, size int, crlf bool) {
	if !a.stream {
		whole := foldGemini(chunks)
		if a.wrapped {
			whole = `{"response":` + whole + `,"traceId":"fake-trace"}`
		}
		writeRaw(w, []byte(whole))
		return
	}
	open(w)
	for _, c := range chunks {
		pieces(w, g.eventOf(a, c, crlf), size)
	}
}

// pieces writes raw in pieces of size bytes, each flushed; 0 is all at once.
func pieces(w http.ResponseWriter, raw []byte, size int) {
	if size <= 0 {
		size = max(len(raw), 1)
	}
	for len(raw) > 0 {
		n := min(size, len(raw))
		w.Write(raw[:n])
		flush(w)
		raw = raw[n:]
	}
}

// foldGemini is the whole answer that the chunks amount to.
func foldGemini(chunks []string) string {
	whole := map[string]any{}
	var parts []any
	candidate := map[string]any{"index": 0}
	for _, c := range chunks {
		gjson.Parse(c).ForEach(func(key, value gjson.Result) bool {
			if key.String() != "candidates" {
				whole[key.String()] = value.Value()
			}
			return true
		})
		first := gjson.Get(c, "candidates.0")
		for _, p := range first.Get("content.parts").Array() {
			parts = append(parts, p.Value())
		}
		first.ForEach(func(key, value gjson.Result) bool {
			if key.String() != "content" {
				candidate[key.String()] = value.Value()
			}
			return true
		})
	}
	if len(parts) > 0 || candidate["finishReason"] != nil {
		candidate["content"] = map[string]any{"role": "model", "parts": parts}
		whole["candidates"] = []any{candidate}
	}
	raw, _ := json.Marshal(whole)
	return string(raw)
}

// converse is what a model without a script says, in chunks: it quotes the
// results of tools, calls the first tool it is offered (two at once when the
// user's text says PAR), answers JSON with {"city":"Paris","celsius":18}, counts
// pictures, and otherwise says Hello. Asked to think, it thinks.
func (g *Google) converse(a ask) []string {
	turns := a.request.Get("contents").Array()
	last := turns[len(turns)-1]
	declared := a.request.Get("tools.#.functionDeclarations|@flatten").Array()
	var parts []any
	if a.request.Get("generationConfig.thinkingConfig.includeThoughts").Bool() {
		parts = append(parts, map[string]any{"text": "Let me think.", "thought": true})
	}
	images := len(members(last, "inlineData")) + len(members(last, "fileData"))
	switch responses := members(last, "functionResponse"); {
	case len(responses) > 0:
		said := responses[0].Get("response.output")
		if !said.Exists() {
			said = responses[0].Get("response")
		}
		parts = append(parts, map[string]any{"text": "The tool said: "}, map[string]any{"text": said.String()})
	case a.request.Get("generationConfig.responseMimeType").String() == "application/json":
		parts = append(parts, map[string]any{"text": `{"city":"Paris",`}, map[string]any{"text": `"celsius":18}`})
	case len(declared) > 0 && a.request.Get("toolConfig.functionCallingConfig.mode").String() != "NONE":
		parts = append(parts, g.callsOf(a, declared, last)...)
	case images > 0:
		parts = append(parts, map[string]any{"text": fmt.Sprintf("I see %d image.", images)})
	default:
		parts = append(parts, map[string]any{"text": "Hel"}, map[string]any{"text": "lo!"})
	}
	var out []string
	for _, p := range parts {
		out = append(out, chunk([]any{p}, ""))
	}
	return append(out, chunk([]any{map[string]any{"text": ""}}, "STOP"))
}

// callsOf calls the first tool, or two times the first. The first call of a
// step is signed.
func (g *Google) callsOf(a ask, declared []gjson.Result, last gjson.Result) []any {
	n := 1
	if strings.Contains(last.Get("parts.#.text").Raw, "PAR") {
		n = 2
	}
	var parts []any
	for i := range n {
		call := map[string]any{"name": declared[0].Get("name").String(), "args": map[string]any{"path": fmt.Sprintf("%c.txt", 'a'+i)}}
		if !a.vertex {
			call["id"] = "call-" + rand.Text()[:8]
		}
		part := map[string]any{"functionCall": call}
		if i == 0 {
			s := base64.StdEncoding.EncodeToString([]byte("signature " + rand.Text()))
			g.mu.Lock()
			g.signatures[s] = true
			g.mu.Unlock()
			part["thoughtSignature"] = s
		}
		parts = append(parts, part)
	}
	return parts
}

// chunk is one piece of an answer; a finish brings the usage.
func chunk(parts []any, finish string) string {
	candidate := map[string]any{"index": 0, "content": map[string]any{"role": "model", "parts": parts}}
	body := map[string]any{"candidates": []any{candidate}, "modelVersion": "gemini-fake", "responseId": "fake-response"}
	if finish != "" {
		candidate["finishReason"] = finish
		body["usageMetadata"] = map[string]any{"promptTokenCount": 9, "candidatesTokenCount": 5, "thoughtsTokenCount": 2, "totalTokenCount": 16}
	}
	raw, _ := json.Marshal(body)
	return string(raw)
}
