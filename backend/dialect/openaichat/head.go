package openaichat

import (
	"net/http"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// checkedSize is the longest body whose strings are looked into. What is longer
// was not written by hand: there, only the structure is proven, which takes a
// third of the time, and a bad escape is the upstream's to find.
const checkedSize = 32 << 10

// Head reads what routing needs in one pass that also proves the body to be
// JSON: a body that is carried on has been checked as one that is translated.
func (Client) Head(r *http.Request, raw []byte) (dialect.Head, *llm.Error) {
	var s headScan
	if err := s.scan(raw); err != nil {
		return dialect.Head{}, notJSON(raw, err)
	}
	if s.err == nil {
		s.err = s.missing()
	}
	if s.err != nil {
		return dialect.Head{}, s.err
	}
	s.head.ObjectAt = object(raw)
	s.place(s.head.ObjectAt.From)
	if s.head.Sticky == "" && r != nil {
		s.head.Sticky = sessionOf(r.Header)
	}
	return s.head, nil
}

// sessionOf is the conversation as agents name it in their headers.
func sessionOf(h http.Header) string {
	for _, name := range [...]string{"X-Session-Affinity", "X-Session-Id", "Session-Id", "X-Conversation-Id"} {
		if v := h.Get(name); v != "" {
			return v
		}
	}
	return ""
}

func notJSON(raw []byte, err *rawjson.SyntaxError) *llm.Error {
	if len(raw) == 0 {
		return badRequest("", "the request has no body; send a JSON object with model and messages")
	}
	return &llm.Error{Kind: llm.KindBadRequest, Code: "invalid_json", Message: "the body is not valid JSON: " + err.Error(), Cause: err}
}

func badRequest(param, message string) *llm.Error {
	return &llm.Error{Kind: llm.KindBadRequest, Param: param, Message: message}
}

// object is where the braces are: everything but the space around them.
func object(raw []byte) dialect.Span {
	from, to := 0, len(raw)
	for from < to && raw[from] != '{' {
		from++
	}
	for to > from && raw[to-1] != '}' {
		to--
	}
	return dialect.Span{From: from, To: to}
}

// headScan gathers the head; spans count from the object's brace until place.
type headScan struct {
	head     dialect.Head
	messages bool
	err      *llm.Error
}

// longStrings are those of a body, as Head leaves them to DecodeRequest.
type longStrings struct{ list []rawjson.Long }

func (s *headScan) scan(raw []byte) *rawjson.SyntaxError {
	const watch = "image_url"
	if len(raw) <= checkedSize {
		return rawjson.Check(raw, watch, s.member)
	}
	long, err := rawjson.Skim(raw, watch, s.member)
	s.head.Scanned = &longStrings{long}
	return err
}

func (s *headScan) member(m rawjson.Member, watched bool) {
	at := dialect.Span{From: m.At, To: m.At + len(m.Value)}
	switch string(m.Key) {
	case "model":
		s.model(m.Value, at)
	case "messages":
		s.list(m.Value)
		s.head.Images = watched
	case "stream":
		s.stream(m.Value, at)
	case "stream_options":
		s.options(m.Value, at)
	case "tools", "functions":
		s.head.Tools = s.head.Tools || !emptyList(m.Value)
	case "tool_choice":
		s.head.OddChoiceAt = dialect.Span{}
		if rawjson.IsText(m.Value) && !knownChoice(rawjson.Text(m.Value)) {
			s.head.OddChoiceAt = at
		}
	case "prompt_cache_key":
		s.head.Sticky = rawjson.Text(m.Value)
	}
}

func (s *headScan) model(v []byte, at dialect.Span) {
	switch {
	case rawjson.IsNull(v):
		s.head.Model = ""
	case rawjson.IsText(v):
		s.head.Model = rawjson.Text(v)
	default:
		s.refuse("model", "model must be a string")
	}
	s.head.ModelAt = at
}

func (s *headScan) list(v []byte) {
	s.messages = true
	switch {
	case v[0] != '[':
		s.refuse("messages", "messages must be a list")
	case emptyList(v):
		s.refuse("messages", "messages is empty; send at least one")
	}
}

func (s *headScan) stream(v []byte, at dialect.Span) {
	switch string(v) {
	case "true", `"true"`:
		s.head.Stream = true
	case "false", `"false"`, "null":
		s.head.Stream = false
	default:
		s.refuse("stream", "stream must be true or false")
	}
	s.head.StreamAt = at
}

func (s *headScan) options(v []byte, at dialect.Span) {
	s.head.StreamOptionsAt = at
	s.head.IncludeUsage = false
	switch {
	case v[0] == '{':
		s.head.IncludeUsage = string(rawjson.Get(v, "include_usage")) == "true"
	case !rawjson.IsNull(v):
		s.refuse("stream_options", "stream_options must be an object")
	}
}

// refuse keeps the first fault.
func (s *headScan) refuse(param, message string) {
	if s.err == nil {
		s.err = badRequest(param, message)
	}
}

func (s *headScan) missing() *llm.Error {
	if !s.messages {
		return badRequest("messages", "messages is missing")
	}
	return nil
}

// place moves the spans by the space that stands before the object.
func (s *headScan) place(by int) {
	for _, at := range [...]*dialect.Span{&s.head.ModelAt, &s.head.StreamAt, &s.head.StreamOptionsAt, &s.head.OddChoiceAt} {
		if at.Found() {
			at.From += by
			at.To += by
		}
	}
}

func emptyList(v []byte) bool {
	for range rawjson.Elements(v) {
		return false
	}
	return true
}

func knownChoice(s string) bool { return s == "auto" || s == "none" || s == "required" }
