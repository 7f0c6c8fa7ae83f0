package ollama

import (
	"net/http"
	"strings"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// checkedSize is the longest body whose strings are looked into; see openaichat.
const checkedSize = 32 << 10

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

	head dialect.Head
	// wants names the member without which nobody could answer; has says that it
	// is there.
	wants string
	has   bool
	raw   bool // a prompt that is the model's own template
	err   *llm.Error
}

// Head reads what routing needs in one pass that proves the body to be JSON.
func (c Chat) Head(r *http.Request, raw []byte) (dialect.Head, *llm.Error) {
	return scan(r, raw, headScan{wants: "messages", scanned: scanned{at: clock(c.Now)}, head: dialect.Head{Stream: true}})
}

// Head is as of [Chat]. A prompt with a suffix, or one that is a template of the
// model's own, asks for text and not for an answer.
func (g Generate) Head(r *http.Request, raw []byte) (dialect.Head, *llm.Error) {
	return scan(r, raw, headScan{wants: "prompt", scanned: scanned{at: clock(g.Now)}, head: dialect.Head{Stream: true}})
}

// Head is as of [Chat].
func (e Embed) Head(r *http.Request, raw []byte) (dialect.Head, *llm.Error) {
	s := headScan{wants: "input", scanned: scanned{at: clock(e.Now)}, head: dialect.Head{Operation: dialect.Embed}}
	if strings.HasSuffix(r.URL.Path, "/embeddings") {
		s.wants, s.legacy = "prompt", true
	}
	return scan(r, raw, s)
}

func scan(r *http.Request, raw []byte, s headScan) (dialect.Head, *llm.Error) {
	const watch = "images"
	var err *rawjson.SyntaxError
	if len(raw) <= checkedSize {
		err = rawjson.Check(raw, watch, s.member)
	} else {
		_, err = rawjson.Skim(raw, watch, s.member)
	}
	switch {
	case err != nil && len(raw) == 0:
		return dialect.Head{}, badRequest("", "missing request body")
	case err != nil:
		return dialect.Head{}, &llm.Error{Kind: llm.KindBadRequest, Code: "invalid_json", Message: "the body is not valid JSON: " + err.Error(), Cause: err}
	case s.err == nil && s.asked == "":
		return dialect.Head{}, badRequest("model", "model is required")
	case s.err == nil && !s.has:
		return dialect.Head{}, badRequest(s.wants, s.wants+" is missing")
	case s.err != nil:
		return dialect.Head{}, s.err
	}
	if s.raw && s.head.Operation == dialect.Chat {
		s.head.Operation = dialect.Complete
	}
	s.head.Model, s.head.IncludeUsage = named(s.asked), true
	s.head.Sticky = r.Header.Get("X-Session-Id")
	s.head.Scanned = s.scanned
	return s.head, nil
}

func badRequest(param, message string) *llm.Error {
	return &llm.Error{Kind: llm.KindBadRequest, Param: param, Message: message}
}

func (s *headScan) refuse(param, message string) {
	if s.err == nil {
		s.err = badRequest(param, message)
	}
}

func (s *headScan) member(m rawjson.Member, watched bool) {
	if rawjson.IsNull(m.Value) {
		return
	}
	name := string(m.Key)
	s.has = s.has || name == s.wants
	s.head.Images = s.head.Images || watched || name == "images" && m.Value[0] == '['
	switch name {
	case "model", "name":
		if name == "model" || s.asked == "" {
			s.asked = rawjson.Text(m.Value)
		}
		if !rawjson.IsText(m.Value) {
			s.refuse(name, name+" must be a string")
		}
	case "stream":
		if s.head.Operation != dialect.Embed {
			s.head.Stream = string(m.Value) != "false" && string(m.Value) != `"false"`
		}
	case "messages":
		if m.Value[0] != '[' {
			s.refuse(name, "messages must be a list")
		}
	case "prompt":
		if !rawjson.IsText(m.Value) {
			s.refuse(name, "prompt must be a string")
		}
	case "suffix":
		if s.wants == "prompt" && !s.legacy && rawjson.IsText(m.Value) && len(m.Value) > len(`""`) {
			s.raw, s.head.Infill = true, true
		}
	case "raw":
		s.raw = s.raw || s.wants == "prompt" && !s.legacy && string(m.Value) == "true"
	case "tools":
		s.head.Tools = len(m.Value) > len("[]")
	case "think":
		s.quiet = string(m.Value) == "false"
	}
}
