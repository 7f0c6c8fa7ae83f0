package anthropic

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/request"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

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
	long, err := request.Prove(raw, "media_type", s.member)
	if err != nil {
		return dialect.Head{}, notJSON(raw, err)
	}
	s.long = long
	if s.Err == nil && !s.messages {
		s.Refuse("messages", "messages: Field required")
	}
	if s.Err != nil {
		return dialect.Head{}, s.Err
	}
	s.Place(raw)
	s.Head.IncludeUsage = true
	s.Head.Scanned = s.scanned
	s.tokens = estimate(raw, s.long)
	if r == nil {
		return s.Head, nil
	}
	if strings.HasSuffix(r.URL.Path, "/count_tokens") {
		s.Head.Operation, s.Head.Stream = dialect.CountTokens, false
	}
	s.Head.Previews = strings.Join(r.Header.Values("Anthropic-Beta"), ",")
	return s.Head, nil
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

// headScan gathers the head; see [request.Scan].
type headScan struct {
	*scanned
	request.Scan

	messages bool
}

func (s *headScan) member(m rawjson.Member, watched bool) {
	at := dialect.Span{From: m.At, To: m.At + len(m.Value)}
	switch string(m.Key) {
	case "model":
		s.Head.Model, s.Head.ModelAt = s.Text("model", m.Value, "model: Input should be a valid string"), at
	case "messages":
		s.list(m.Value)
		s.Head.Images = watched
	case "stream":
		s.Stream(m.Value, at, "stream: Input should be a valid boolean")
	case "max_tokens":
		s.limited = !rawjson.IsNull(m.Value)
	case "tools":
		s.Head.Tools = !rawjson.EmptyList(m.Value)
	case "metadata":
		s.Head.Sticky = sessionIn(rawjson.Text(rawjson.Get(m.Value, "user_id")))
	}
}

func (s *headScan) list(v []byte) {
	s.messages = true
	switch {
	case v[0] != '[':
		s.Refuse("messages", "messages: Input should be a valid list")
	case rawjson.EmptyList(v):
		s.Refuse("messages", "messages: at least one message is required")
	}
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

func notJSON(raw []byte, err *rawjson.SyntaxError) *llm.Error {
	return request.NotJSON(raw, err, "model, max_tokens and messages")
}
