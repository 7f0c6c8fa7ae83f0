package gemini

import (
	"sort"
	"strconv"
	"unicode/utf8"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/answer"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// End reads the end of the answer.
func (r *reader) End() *llm.Error {
	r.recount()
	finish := llm.Finish{Usage: usageOf(r.usage)}
	switch {
	case r.blocked != "":
		finish.Reason = llm.ReasonContent
		r.withhold(r.blocked, "Google's filter blocked the request")
	case r.finish == "" && !r.done:
		return answer.Cut()
	default:
		reason, err := r.reason()
		if err != nil {
			return err
		}
		finish.Reason = reason
	}
	finish.Citations = r.sources.citations(&r.text)
	r.Put(finish)
	return nil
}

// reason is why the answer ended, in the words that all clients know. An answer
// that a client could take for a whole one and is none is an error.
func (r *reader) reason() (llm.Reason, *llm.Error) {
	called := len(r.ids) > 0
	switch r.finish {
	case "MAX_TOKENS", "CONTINUATION":
		if !r.spoken && !called && r.thoughts.Len() == 0 {
			return "", answer.Empty(llm.ReasonLength)
		}
		return llm.ReasonLength, nil
	case "SAFETY", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "RECITATION", "LANGUAGE",
		"IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION":
		r.withhold(r.finish, first(r.finishMessage, "Google's filter withheld the answer"))
		return llm.ReasonContent, nil
	case "MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "MALFORMED_RESPONSE":
		if !called {
			return "", r.malformed()
		}
	}
	switch {
	case called:
		return llm.ReasonToolCalls, nil
	case r.spoken:
		return llm.ReasonStop, nil
	case r.thoughts.Len() > 0 && r.finish == "STOP":
		// The model has said its answer in its thoughts (B38).
		r.Put(llm.TextDelta{Block: r.at(openText), Text: r.thoughts.String()})
		return llm.ReasonStop, nil
	}
	message := "Gemini's answer is empty"
	if r.finish != "" && r.finish != "STOP" {
		message = first(r.finishMessage, "Gemini ended without an answer ("+r.finish+")")
	}
	return "", &llm.Error{Kind: llm.KindTransient, Code: r.finish, Message: message}
}

// withhold says why there is nothing to read. What was said before stands.
func (r *reader) withhold(reason, message string) {
	if !r.spoken && len(r.ids) == 0 {
		r.Put(llm.RefusalDelta{Block: r.alone(), Text: message + " (" + reason + ")"})
	}
}

// malformed is a call that the model did not manage to write. Tried once more it
// usually does (B36).
func (r *reader) malformed() *llm.Error {
	message := "Gemini did not manage to write a tool call (" + r.finish + "); ask again"
	if r.finishMessage != "" {
		message += ": " + answer.Excerpt(r.finishMessage)
	}
	return &llm.Error{Kind: llm.KindTransient, Code: r.finish, Message: message}
}

// usageOf reads a usage, in which Google counts the thinking beside the answer
// and OpenAI within it.
func usageOf(raw []byte) llm.Usage {
	if len(raw) == 0 {
		return llm.Usage{}
	}
	u := llm.Usage{Known: true}
	var tools, said, total int
	for m := range rawjson.Inside(raw) {
		n, _ := rawjson.Int(m.Value)
		switch string(m.Key) {
		case "promptTokenCount":
			u.Input = n
		case "toolUsePromptTokenCount":
			tools = n
		case "cachedContentTokenCount":
			u.Cached = n
		case "candidatesTokenCount":
			said = n
		case "thoughtsTokenCount":
			u.Reasoning = n
		case "totalTokenCount":
			total = n
		}
	}
	u.Input += tools
	u.Output = said + u.Reasoning
	if u.Reasoning > 0 && said >= u.Reasoning && total == u.Input+said {
		u.Output = said // this model counts them within
	}
	return u
}

// places tells characters from Google's bytes without keeping the text: it
// remembers where characters of another width begin.
type places struct {
	bytes, chars int
	runs         []run
	parts        []int // where each part of the latest chunk begins
	whole        bool  // the answer is one chunk
}

// run is a stretch of characters that are equally wide.
type run struct{ byte, char, width int }

func (p *places) begin() { p.parts = p.parts[:0] }

// part takes the text of the next part.
func (p *places) part(text string) {
	if p.whole {
		p.parts = append(p.parts, p.bytes)
	}
	for i := 0; i < len(text); {
		width, n := 1, 1 // of n characters
		if text[i] >= utf8.RuneSelf {
			_, width = utf8.DecodeRuneInString(text[i:])
		} else {
			for i+n < len(text) && text[i+n] < utf8.RuneSelf {
				n++
			}
		}
		p.stretch(width)
		i += n * width
		p.bytes += n * width
		p.chars += n
	}
}

// stretch begins a run where the characters change their width.
func (p *places) stretch(width int) {
	const usual = 32
	switch n := len(p.runs); {
	case n == 0:
		p.runs = make([]run, 0, usual)
	case p.runs[n-1].width == width:
		return
	}
	p.runs = append(p.runs, run{p.bytes, p.chars, width})
}

// characters turns a byte of a part into a character of the text.
func (p *places) characters(part, at int) int {
	if p.whole && part > 0 && part < len(p.parts) {
		at += p.parts[part]
	}
	at = max(0, min(at, p.bytes))
	i := sort.Search(len(p.runs), func(i int) bool { return p.runs[i].byte > at })
	if i == 0 {
		return 0
	}
	r := p.runs[i-1]
	return r.char + (at-r.byte)/r.width
}

// sources are the grounding and the citations of an answer, the latest of each.
type sources struct{ grounding, cited []byte }

func (s *sources) keep(c *chunk) {
	if c.grounding != nil {
		s.grounding = append(s.grounding[:0], c.grounding...)
	}
	if c.citations != nil {
		s.cited = append(s.cited[:0], c.citations...)
	}
}

// citations are the sources with what they prove.
func (s *sources) citations(text *places) []llm.Citation {
	var chunks, out []llm.Citation
	for _, e := range rawjson.Elements(rawjson.Get(s.grounding, "groundingChunks")) {
		var found llm.Citation
		for m := range rawjson.Inside(e) { // web, maps, retrievedContext
			found.URL = first(rawjson.Text(rawjson.Get(m.Value, "uri")), found.URL)
			found.Title = first(rawjson.Text(rawjson.Get(m.Value, "title")), found.Title)
		}
		chunks = append(chunks, found)
	}
	used := make([]bool, len(chunks))
	for _, e := range rawjson.Elements(rawjson.Get(s.grounding, "groundingSupports")) {
		segment := rawjson.Get(e, "segment")
		part := intOf(segment, "partIndex")
		from, to := text.characters(part, intOf(segment, "startIndex")), text.characters(part, intOf(segment, "endIndex"))
		for _, v := range rawjson.Elements(rawjson.Get(e, "groundingChunkIndices")) {
			if n, ok := rawjson.Int(v); ok && n >= 0 && n < len(chunks) && chunks[n].URL != "" {
				used[n] = true
				out = append(out, llm.Citation{URL: chunks[n].URL, Title: chunks[n].Title, Start: from, End: to})
			}
		}
	}
	for i, c := range chunks {
		if !used[i] && c.URL != "" {
			out = append(out, c)
		}
	}
	for _, name := range [...]string{"citations", "citationSources"} {
		for _, e := range rawjson.Elements(rawjson.Get(s.cited, name)) {
			if uri := rawjson.Text(rawjson.Get(e, "uri")); uri != "" {
				out = append(out, llm.Citation{
					URL: uri, Title: rawjson.Text(rawjson.Get(e, "title")),
					Start: text.characters(0, intOf(e, "startIndex")), End: text.characters(0, intOf(e, "endIndex")),
				})
			}
		}
	}
	return out
}

func intOf(object []byte, name string) int {
	n, _ := rawjson.Int(rawjson.Get(object, name))
	return n
}

// logprobsOf turns the log probabilities into OpenAI's form: one entry a token,
// with its alternatives and its bytes.
func logprobsOf(raw []byte) llm.RawJSON {
	out := []byte(`{"content":[`)
	var tops [][]byte
	for _, e := range rawjson.Elements(rawjson.Get(raw, "topCandidates")) {
		tops = append(tops, rawjson.Get(e, "candidates"))
	}
	step := 0
	for _, e := range rawjson.Elements(rawjson.Get(raw, "chosenCandidates")) {
		if step > 0 {
			out = append(out, ',')
		}
		out = appendToken(out, e)
		out = append(out, `,"top_logprobs":[`...)
		if step < len(tops) {
			n := 0
			for _, t := range rawjson.Elements(tops[step]) {
				if n > 0 {
					out = append(out, ',')
				}
				n++
				out = append(appendToken(out, t), '}')
			}
		}
		out = append(out, ']', '}')
		step++
	}
	return append(out, `],"refusal":null}`...)
}

// appendToken writes a token; the object stays open.
func appendToken(out, raw []byte) []byte {
	token := rawjson.Text(rawjson.Get(raw, "token"))
	out = append(out, `{"token":`...)
	out = rawjson.AppendString(out, token)
	out = append(out, `,"logprob":`...)
	if v := rawjson.Get(raw, "logProbability"); v != nil {
		out = append(out, v...)
	} else {
		out = append(out, '0')
	}
	out = append(out, `,"bytes":[`...)
	for i := range len(token) {
		if i > 0 {
			out = append(out, ',')
		}
		out = strconv.AppendInt(out, int64(token[i]), 10)
	}
	return append(out, ']')
}
