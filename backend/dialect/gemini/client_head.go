package gemini

import (
	"net/http"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
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

// checkedSize is the longest body whose strings are looked into; see openaichat.
const checkedSize = 32 << 10

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
	s.head.Model, s.head.Stream = model, method == methodStream
	if err := s.operation(method); err != nil {
		return dialect.Head{}, err
	}
	if err := check(raw, s.member); err != nil {
		return dialect.Head{}, err
	}
	return s.finish(r, raw)
}

// Head is as of [Client], but for the model, which stands in the envelope.
func (CodeAssistClient) Head(r *http.Request, raw []byte) (dialect.Head, *llm.Error) {
	_, method, _ := strings.Cut(r.URL.Path, ":")
	s := headScan{scanned: scanned{method: method, asList: wantsList(r)}, envelope: true}
	s.head.Stream = method == methodStream
	if err := s.operation(method); err != nil {
		return dialect.Head{}, err
	}
	if s.head.Operation == dialect.Embed {
		return dialect.Head{}, noMethod(method)
	}
	if err := check(raw, s.outer); err != nil {
		return dialect.Head{}, err
	}
	if s.head.Model == "" && s.err == nil {
		s.refuse("model", "model is missing; name one of GET /v1beta/models")
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

	head     dialect.Head
	envelope bool
	// has says that there is something to work on: contents, texts to embed.
	has bool
	err *llm.Error
}

func (s *headScan) operation(method string) *llm.Error {
	switch method {
	case methodGenerate, methodStream:
		s.head.Operation = dialect.Chat
	case methodCount:
		s.head.Operation = dialect.CountTokens
	case methodEmbed, methodBatch:
		s.head.Operation = dialect.Embed
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

// check proves a body and shows its members.
func check(raw []byte, visit func(m rawjson.Member, watched bool)) *llm.Error {
	const watch = "inlineData"
	var err *rawjson.SyntaxError
	if len(raw) <= checkedSize {
		err = rawjson.Check(raw, watch, visit)
	} else {
		_, err = rawjson.Skim(raw, watch, visit)
	}
	switch {
	case err == nil:
		return nil
	case len(raw) == 0:
		return badRequest("", "the request has no body; send a JSON object with contents")
	}
	return &llm.Error{Kind: llm.KindBadRequest, Code: "invalid_json", Message: "the body is not valid JSON: " + err.Error(), Cause: err}
}

func badRequest(param, message string) *llm.Error {
	return &llm.Error{Kind: llm.KindBadRequest, Param: param, Message: message}
}

func (s *headScan) refuse(param, message string) {
	if s.err == nil {
		s.err = badRequest(param, message)
	}
}

// outer reads a member of Code Assist's envelope.
func (s *headScan) outer(m rawjson.Member, watched bool) {
	switch camel(m.Key) {
	case "model":
		s.head.Model = strings.TrimPrefix(rawjson.Text(m.Value), "models/")
		s.head.ModelAt = dialect.Span{From: m.At, To: m.At + len(m.Value)}
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
		s.head.Images = watched
	case "generateContentRequest":
		for inner := range rawjson.Inside(m.Value) {
			s.member(inner, watched)
		}
	case "content", "requests":
		s.has = s.has || s.head.Operation == dialect.Embed
	case "tools":
		s.head.Tools = !emptyList(m.Value)
	case "generationConfig":
		s.config(m.Value)
	case "cachedContent", "sessionId":
		// What was cached lies with one account, and a session is best kept there.
		if id := rawjson.Text(m.Value); id != "" {
			s.head.Sticky = id
		}
	case "model":
		// countTokens for Code Assist names it within the request.
		if s.envelope && s.head.Model == "" {
			s.head.Model = strings.TrimPrefix(rawjson.Text(m.Value), "models/")
		}
	}
}

func (s *headScan) contents(v []byte) {
	s.has = true
	switch {
	case v[0] != '[' && v[0] != '{':
		s.refuse("contents", "contents must be a list")
	case v[0] == '[' && emptyList(v):
		s.refuse("contents", "contents is empty; send at least one")
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
	if s.err == nil && !s.has {
		s.refuse("contents", "contents is missing")
	}
	if s.err != nil {
		return dialect.Head{}, s.err
	}
	s.head.ObjectAt = objectIn(raw)
	if s.head.ModelAt.Found() {
		s.head.ModelAt.From += s.head.ObjectAt.From
		s.head.ModelAt.To += s.head.ObjectAt.From
	}
	if s.head.Sticky == "" {
		s.head.Sticky = r.Header.Get("X-Session-Id")
	}
	s.head.Scanned = s.scanned
	return s.head, nil
}

// objectIn is where the braces are.
func objectIn(raw []byte) dialect.Span {
	from, to := 0, len(raw)
	for from < to && raw[from] != '{' {
		from++
	}
	for to > from && raw[to-1] != '}' {
		to--
	}
	return dialect.Span{From: from, To: to}
}

func emptyList(v []byte) bool {
	for range rawjson.Elements(v) {
		return false
	}
	return true
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
