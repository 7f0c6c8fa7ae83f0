package openaichat

import (
	"net/http"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/request"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// Head reads what routing needs in one pass that also proves the body to be
// JSON: a body that is carried on has been checked as one that is translated.
func (Client) Head(r *http.Request, raw []byte) (dialect.Head, *llm.Error) {
	var s headScan
	long, err := request.Prove(raw, "image_url", s.member)
	if err != nil {
		return dialect.Head{}, notJSON(raw, err)
	}
	if s.Err == nil {
		s.Err = s.missing()
	}
	if s.Err != nil {
		return dialect.Head{}, s.Err
	}
	s.Place(raw)
	if long != nil {
		s.Head.Scanned = &longStrings{long}
	}
	if s.Head.Sticky == "" && r != nil {
		s.Head.Sticky = request.Session(r.Header)
	}
	return s.Head, nil
}

// headScan gathers the head; see [request.Scan].
type headScan struct {
	request.Scan

	messages bool
}

// longStrings are those of a body, as Head leaves them to DecodeRequest.
type longStrings struct{ list []rawjson.Long }

func (s *headScan) member(m rawjson.Member, watched bool) {
	at := dialect.Span{From: m.At, To: m.At + len(m.Value)}
	switch string(m.Key) {
	case "model":
		s.Head.Model, s.Head.ModelAt = s.Text("model", m.Value, "model must be a string"), at
	case "messages":
		s.list(m.Value)
		s.Head.Images = watched
	case "stream":
		s.Stream(m.Value, at, "stream must be true or false")
	case "stream_options":
		s.StreamOptions(m.Value, at)
	case "tools", "functions":
		s.Head.Tools = s.Head.Tools || !rawjson.EmptyList(m.Value)
	case "tool_choice":
		s.Choice(m.Value, at)
	case "prompt_cache_key":
		s.Head.Sticky = rawjson.Text(m.Value)
	}
}

func (s *headScan) list(v []byte) {
	s.messages = true
	switch {
	case v[0] != '[':
		s.Refuse("messages", "messages must be a list")
	case rawjson.EmptyList(v):
		s.Refuse("messages", "messages is empty; send at least one")
	}
}

func (s *headScan) missing() *llm.Error {
	if !s.messages {
		return request.BadRequest("messages", "messages is missing")
	}
	return nil
}

func notJSON(raw []byte, err *rawjson.SyntaxError) *llm.Error {
	return request.NotJSON(raw, err, "model and messages")
}
