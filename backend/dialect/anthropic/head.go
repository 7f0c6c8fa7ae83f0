package anthropic

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// checkedSize is the longest body whose strings are looked into; see
// openaichat's for why.
const checkedSize = 32 << 10

// scanned is what Head learnt beside the head.
type scanned struct {
	// long are the long strings, for DecodeRequest.
	long []rawjson.Long
	// limited says that the client gave max_tokens.
	limited bool
	// tokens is about how long the prompt is: the protocol tells it before the
	// answer, and services of other protocols behind it.
	tokens int
}

// Head reads what routing needs in one pass that also proves the body to be
// JSON.
func (Client) Head(r *http.Request, raw []byte) (dialect.Head, *llm.Error) {
	s := headScan{scanned: &scanned{}}
	if err := s.scan(raw); err != nil {
		return dialect.Head{}, notJSON(raw, err)
	}
	if s.err == nil && !s.messages {
		s.refuse("messages", "messages: Field required")
	}
	if s.err != nil {
		return dialect.Head{}, s.err
	}
	s.head.ObjectAt = object(raw)
	s.place(s.head.ObjectAt.From)
	s.head.IncludeUsage = true
	s.head.Scanned = s.scanned
	s.tokens = estimate(raw, s.long)
	if r == nil {
		return s.head, nil
	}
	if strings.HasSuffix(r.URL.Path, "/count_tokens") {
		s.head.Operation, s.head.Stream = dialect.CountTokens, false
	}
	s.head.Previews = strings.Join(r.Header.Values("Anthropic-Beta"), ",")
	return s.head, nil
}

func notJSON(raw []byte, err *rawjson.SyntaxError) *llm.Error {
	if len(raw) == 0 {
		return badRequest("", "the request has no body; send a JSON object with model, max_tokens and messages")
	}
	return &llm.Error{Kind: llm.KindBadRequest, Code: "invalid_json", Message: "the body is not valid JSON: " + err.Error(), Cause: err}
}

func badRequest(param, message string) *llm.Error {
	return &llm.Error{Kind: llm.KindBadRequest, Param: param, Message: message}
}

// object is where the braces are: everything but the space around them.
func object(raw []byte) dialect.Span {
	return dialect.Span{From: max(0, bytes.IndexByte(raw, '{')), To: bytes.LastIndexByte(raw, '}') + 1}
}

// estimate is about how many tokens a body has. Pictures and documents in it
// cost what a picture usually costs, not what their base64 would.
func estimate(raw []byte, long []rawjson.Long) int {
	const bytesPerToken, picture, sample = 4, 1500, 64
	text, pictures := len(raw), 0
	for _, l := range long {
		from := raw[l.From:min(l.From+sample, l.To)]
		if l.To-l.From > sample && !bytes.ContainsAny(from, " \\.") {
			text -= l.To - l.From
			pictures++
		}
	}
	return max(1, text/bytesPerToken+pictures*picture)
}

// headScan gathers the head; spans count from the object's brace until place.
type headScan struct {
	*scanned

	head     dialect.Head
	messages bool
	err      *llm.Error
}

func (s *headScan) scan(raw []byte) (err *rawjson.SyntaxError) {
	const watch = "media_type"
	if len(raw) <= checkedSize {
		return rawjson.Check(raw, watch, s.member)
	}
	s.long, err = rawjson.Skim(raw, watch, s.member)
	return err
}

func (s *headScan) member(m rawjson.Member, watched bool) {
	at := dialect.Span{From: m.At, To: m.At + len(m.Value)}
	switch string(m.Key) {
	case "model":
		if !rawjson.IsText(m.Value) && !rawjson.IsNull(m.Value) {
			s.refuse("model", "model: Input should be a valid string")
		}
		s.head.Model, s.head.ModelAt = rawjson.Text(m.Value), at
	case "messages":
		s.list(m.Value)
		s.head.Images = watched
	case "stream":
		s.stream(m.Value, at)
	case "max_tokens":
		s.limited = !rawjson.IsNull(m.Value)
	case "tools":
		s.head.Tools = !emptyList(m.Value)
	case "metadata":
		s.head.Sticky = sessionIn(rawjson.Text(rawjson.Get(m.Value, "user_id")))
	}
}

func (s *headScan) list(v []byte) {
	s.messages = true
	switch {
	case v[0] != '[':
		s.refuse("messages", "messages: Input should be a valid list")
	case emptyList(v):
		s.refuse("messages", "messages: at least one message is required")
	}
}

func (s *headScan) stream(v []byte, at dialect.Span) {
	s.head.StreamAt = at
	switch string(v) {
	case "true", `"true"`:
		s.head.Stream = true
	case "false", `"false"`, "null":
		s.head.Stream = false
	default:
		s.refuse("stream", "stream: Input should be a valid boolean")
	}
}

// refuse keeps the first fault.
func (s *headScan) refuse(param, message string) {
	if s.err == nil {
		s.err = badRequest(param, message)
	}
}

// place moves the spans by the space that stands before the object.
func (s *headScan) place(by int) {
	for _, at := range [...]*dialect.Span{&s.head.ModelAt, &s.head.StreamAt} {
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

// sessionIn is the conversation in the id of a user: agents put it there, as the
// member of an object or behind a mark. An id without one names a person, whose
// conversations are many.
func sessionIn(user string) string {
	var id struct {
		Session string `json:"session_id"`
	}
	if json.Unmarshal([]byte(user), &id) == nil && id.Session != "" {
		return id.Session
	}
	if _, session, ok := strings.Cut(user, "_session_"); ok {
		return session
	}
	return ""
}
