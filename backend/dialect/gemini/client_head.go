package gemini

import (
	"net/http"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/request"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// The methods of a model, as the end of a path names them.
const (
	methodGenerate = "generateContent"
	methodStream   = "streamGenerateContent"
	methodCount    = "countTokens"
	methodEmbed    = "embedContent"
	methodBatch    = "batchEmbedContents"
)

// watch is the name that a picture has in it.
const watch = "inlineData"

// scanned is what Head leaves to the rest of the codec.
type scanned struct {
	method string
	// thoughts says that the client wants to see the model's thinking: to who
	// did not ask, a thought would look like the answer.
	thoughts bool
	// logprobs says that it wants the probabilities of the answer's tokens.
	logprobs bool
	// list says that it wants a stream as one JSON list.
	asList bool
	// talk is where the contents stand, if nothing else in the body may need a
	// mending for the Gemini API.
	talk dialect.Span
	// long are the body's long strings.
	long []rawjson.Long
}

// scannedOf is what Head left; nothing when there was none.
func scannedOf(h dialect.Head) scanned {
	s, _ := h.Scanned.(scanned)
	return s
}

// Head reads the model and the method from the path, and proves the body to be
// JSON in the same pass that finds what routing needs.
func (Client) Head(r *http.Request, raw []byte) (dialect.Head, *llm.Error) {
	model, method := inPath(r.URL.Path)
	s := headScan{scanned: scanned{method: method, asList: wantsList(r)}}
	s.Head.Model, s.Head.Stream = model, method == methodStream
	if err := s.operation(method); err != nil {
		return dialect.Head{}, err
	}
	long, err := request.Prove(raw, watch, s.member)
	if err != nil {
		return dialect.Head{}, request.NotJSON(raw, err, "contents")
	}
	s.long = long
	return s.finish(r, raw)
}

// Head is as of [Client], but for the model, which stands in the envelope.
func (CodeAssistClient) Head(r *http.Request, raw []byte) (dialect.Head, *llm.Error) {
	_, method, _ := strings.Cut(r.URL.Path, ":")
	s := headScan{scanned: scanned{method: method, asList: wantsList(r)}, envelope: true}
	s.Head.Stream = method == methodStream
	if err := s.operation(method); err != nil {
		return dialect.Head{}, err
	}
	if s.Head.Operation == dialect.Embed {
		return dialect.Head{}, noMethod(method)
	}
	long, err := request.Prove(raw, watch, s.outer)
	if err != nil {
		return dialect.Head{}, request.NotJSON(raw, err, "contents")
	}
	s.long = long
	if s.Head.Model == "" && s.Err == nil {
		s.Refuse("model", "model is missing; name one of GET /v1beta/models")
	}
	return s.finish(r, raw)
}

// inPath are the model and the method of a path as
// /v1beta/models/NAME:generateContent. A name may hold slashes and colons.
func inPath(path string) (model, method string) {
	const before = "/models/"
	if i := strings.Index(path, before); i >= 0 {
		path = path[i+len(before):]
	}
	i := strings.LastIndexByte(path, ':')
	if i < 0 {
		return path, ""
	}
	return path[:i], path[i+1:]
}

// headScan gathers the head of one request.
type headScan struct {
	scanned
	request.Scan

	envelope bool
	// has says that there is something to work on: contents, texts to embed.
	has bool
	// mixed says that there is more than one place to mend.
	mixed bool
}

func (s *headScan) operation(method string) *llm.Error {
	switch method {
	case methodGenerate, methodStream:
		s.Head.Operation = dialect.Chat
	case methodCount:
		s.Head.Operation = dialect.CountTokens
	case methodEmbed, methodBatch:
		s.Head.Operation = dialect.Embed
	default:
		return noMethod(method)
	}
	return nil
}

func noMethod(method string) *llm.Error {
	return &llm.Error{
		Kind: llm.KindNotFound, Code: "METHOD_NOT_FOUND",
		Message: "there is no method " + method + " here; " + methodGenerate + ", " + methodStream + ", " + methodCount + ", " +
			methodEmbed + " and " + methodBatch + " are served",
	}
}

// outer reads a member of Code Assist's envelope.
func (s *headScan) outer(m rawjson.Member, watched bool) {
	switch camel(m.Key) {
	case "model":
		s.Head.Model = strings.TrimPrefix(rawjson.Text(m.Value), "models/")
		s.Head.ModelAt = dialect.Span{From: m.At, To: m.At + len(m.Value)}
	case "request":
		for inner := range rawjson.Inside(m.Value) {
			s.member(inner, watched)
		}
	}
}

// member reads a member of the request.
func (s *headScan) member(m rawjson.Member, watched bool) {
	switch camel(m.Key) {
	case "contents":
		s.contents(m.Value)
		s.Head.Images = watched
		s.mixed = s.mixed || s.talk.Found()
		s.talk = dialect.Span{From: m.At, To: m.At + len(m.Value)}
	case "generateContentRequest":
		s.mixed = true
		for inner := range rawjson.Inside(m.Value) {
			s.member(inner, watched)
		}
	case "content", "requests":
		s.has = s.has || s.Head.Operation == dialect.Embed
	case "tools":
		s.Head.Tools = !rawjson.EmptyList(m.Value)
	case "generationConfig":
		s.config(m.Value)
	case "cachedContent", "sessionId":
		// What was cached lies with one account, and a session is best kept there.
		if id := rawjson.Text(m.Value); id != "" {
			s.Head.Sticky = id
		}
	case "model":
		s.mixed = true
		// countTokens for Code Assist names it within the request.
		if s.envelope && s.Head.Model == "" {
			s.Head.Model = strings.TrimPrefix(rawjson.Text(m.Value), "models/")
		}
	}
}

func (s *headScan) contents(v []byte) {
	s.has = true
	switch {
	case v[0] != '[' && v[0] != '{':
		s.Refuse("contents", "contents must be a list")
	case v[0] == '[' && rawjson.EmptyList(v):
		s.Refuse("contents", "contents is empty; send at least one")
	}
}

func (s *headScan) config(v []byte) {
	for m := range rawjson.Inside(v) {
		switch camel(m.Key) {
		case "thinkingConfig":
			for t := range rawjson.Inside(m.Value) {
				if camel(t.Key) == "includeThoughts" {
					s.thoughts = string(t.Value) == "true"
				}
			}
		case "responseLogprobs":
			s.logprobs = string(m.Value) == "true"
		}
	}
}

// finish is the head, when nothing is wrong with it.
func (s *headScan) finish(r *http.Request, raw []byte) (dialect.Head, *llm.Error) {
	if s.Err == nil && !s.has {
		s.Refuse("contents", "contents is missing")
	}
	if s.Err != nil {
		return dialect.Head{}, s.Err
	}
	if s.mixed || s.envelope {
		s.talk = dialect.Span{}
	}
	s.Place(raw, &s.talk)
	if s.Head.Sticky == "" {
		s.Head.Sticky = r.Header.Get("X-Session-Id")
	}
	s.Head.Scanned = s.scanned
	return s.Head, nil
}

// camel is a member's name as Google's clients write it: proto JSON takes
// generation_config for generationConfig.
func camel(key []byte) string {
	underscore := false
	for _, c := range key {
		underscore = underscore || c == '_'
	}
	if !underscore {
		return string(key)
	}
	out := make([]byte, 0, len(key))
	for i := 0; i < len(key); i++ {
		if key[i] == '_' && i+1 < len(key) && i > 0 {
			i++
			c := key[i]
			if c >= 'a' && c <= 'z' {
				c -= 'a' - 'A'
			}
			out = append(out, c)
			continue
		}
		out = append(out, key[i])
	}
	return string(out)
}
