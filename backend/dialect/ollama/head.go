package ollama

import (
	"net/http"
	"strings"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/request"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// scanned is what Head leaves to the rest of the codec.
type scanned struct {
	// asked is the model's name as the client wrote it, which it gets back.
	asked string
	// at is when the request came, for the durations in the last line.
	at time.Time
	// quiet says that the client wants no thinking.
	quiet bool
	// legacy is /api/embeddings.
	legacy bool
}

func scannedOf(h dialect.Head) scanned {
	s, _ := h.Scanned.(scanned)
	return s
}

// headScan gathers the head of one request.
type headScan struct {
	scanned
	request.Scan

	// wants names the member without which nobody could answer; has says that it
	// is there.
	wants string
	has   bool
	raw   bool // a prompt that is the model's own template
}

// Head reads what routing needs in one pass that proves the body to be JSON.
func (c Chat) Head(r *http.Request, raw []byte) (dialect.Head, *llm.Error) {
	return scan(r, raw, headScan{wants: "messages", scanned: scanned{at: clock(c.Now)}, Scan: request.Scan{Head: dialect.Head{Stream: true}}})
}

// Head is as of [Chat]. A prompt with a suffix, or one that is a template of the
// model's own, asks for text and not for an answer.
func (g Generate) Head(r *http.Request, raw []byte) (dialect.Head, *llm.Error) {
	return scan(r, raw, headScan{wants: "prompt", scanned: scanned{at: clock(g.Now)}, Scan: request.Scan{Head: dialect.Head{Stream: true}}})
}

// Head is as of [Chat].
func (e Embed) Head(r *http.Request, raw []byte) (dialect.Head, *llm.Error) {
	s := headScan{wants: "input", scanned: scanned{at: clock(e.Now)}, Scan: request.Scan{Head: dialect.Head{Operation: dialect.Embed}}}
	if strings.HasSuffix(r.URL.Path, "/embeddings") {
		s.wants, s.legacy = "prompt", true
	}
	return scan(r, raw, s)
}

func scan(r *http.Request, raw []byte, s headScan) (dialect.Head, *llm.Error) {
	_, err := request.Prove(raw, "images", s.member)
	switch {
	case err != nil && len(raw) == 0:
		return dialect.Head{}, request.BadRequest("", "missing request body")
	case err != nil:
		return dialect.Head{}, request.NotJSON(raw, err, "model and "+s.wants)
	case s.Err == nil && s.asked == "":
		return dialect.Head{}, request.BadRequest("model", "model is required")
	case s.Err == nil && !s.has:
		return dialect.Head{}, request.BadRequest(s.wants, s.wants+" is missing")
	case s.Err != nil:
		return dialect.Head{}, s.Err
	}
	if s.raw && s.Head.Operation == dialect.Chat {
		s.Head.Operation = dialect.Complete
	}
	s.Head.Model, s.Head.IncludeUsage = named(s.asked), true
	s.Head.Sticky = r.Header.Get("X-Session-Id")
	s.Head.Scanned = s.scanned
	return s.Head, nil
}

func (s *headScan) member(m rawjson.Member, watched bool) {
	if rawjson.IsNull(m.Value) {
		return
	}
	name := string(m.Key)
	s.has = s.has || name == s.wants
	s.Head.Images = s.Head.Images || watched || name == "images" && m.Value[0] == '['
	switch name {
	case "model", "name":
		if name == "model" || s.asked == "" {
			s.asked = rawjson.Text(m.Value)
		}
		if !rawjson.IsText(m.Value) {
			s.Refuse(name, name+" must be a string")
		}
	case "stream":
		if s.Head.Operation != dialect.Embed {
			s.Head.Stream = string(m.Value) != "false" && string(m.Value) != `"false"`
		}
	case "messages":
		if m.Value[0] != '[' {
			s.Refuse(name, "messages must be a list")
		}
	case "prompt":
		if !rawjson.IsText(m.Value) {
			s.Refuse(name, "prompt must be a string")
		}
	case "suffix":
		if s.wants == "prompt" && !s.legacy && rawjson.IsText(m.Value) && len(m.Value) > len(`""`) {
			s.raw, s.Head.Infill = true, true
		}
	case "raw":
		s.raw = s.raw || s.wants == "prompt" && !s.legacy && string(m.Value) == "true"
	case "tools":
		s.Head.Tools = len(m.Value) > len("[]")
	case "think":
		s.quiet = string(m.Value) == "false"
	}
}
