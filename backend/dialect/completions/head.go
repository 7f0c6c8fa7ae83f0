package completions

import (
	"net/http"
	"slices"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// scanned is what Head learns beside the head.
type scanned struct {
	// promptAt and suffixAt are where their values stand.
	promptAt, suffixAt dialect.Span
	// echo says that the answer begins with the prompt.
	echo bool
	// prompt is it, for an answer that is not carried.
	prompt string
}

// Head reads what routing needs in one pass that also proves the body to be
// JSON.
func (c Client) Head(_ *http.Request, raw []byte) (dialect.Head, *llm.Error) {
	s := headScan{head: dialect.Head{Operation: dialect.Complete}, more: &scanned{}}
	if err := rawjson.Check(raw, "", s.member); err != nil {
		if len(raw) == 0 {
			return dialect.Head{}, badRequest("", "the request has no body; send a JSON object with model and prompt")
		}
		return dialect.Head{}, &llm.Error{Kind: llm.KindBadRequest, Code: "invalid_json", Message: "the body is not valid JSON: " + err.Error(), Cause: err}
	}
	if s.err == nil && !s.more.promptAt.Found() {
		s.err = badRequest("prompt", "prompt is missing")
	}
	if s.err != nil {
		return dialect.Head{}, s.err
	}
	s.place(raw)
	s.head.Scanned = s.more
	return s.head, nil
}

// headScan gathers the head; spans count from the object's brace until place.
type headScan struct {
	head dialect.Head
	more *scanned
	err  *llm.Error
}

func (s *headScan) member(m rawjson.Member, _ bool) {
	at := dialect.Span{From: m.At, To: m.At + len(m.Value)}
	switch string(m.Key) {
	case "model":
		if !rawjson.IsNull(m.Value) && !rawjson.IsText(m.Value) {
			s.refuse("model", "model must be a string")
			return
		}
		s.head.Model, s.head.ModelAt = rawjson.Text(m.Value), at
	case "prompt":
		s.prompt(m.Value, at)
	case "suffix":
		if !rawjson.IsNull(m.Value) && !rawjson.IsText(m.Value) {
			s.refuse("suffix", "suffix must be a string")
			return
		}
		s.more.suffixAt = at
		s.head.Infill = len(m.Value) > len(`""`) && rawjson.IsText(m.Value)
	case "echo":
		s.more.echo = string(m.Value) == "true"
	case "stream":
		s.stream(m.Value, at)
	case "stream_options":
		s.options(m.Value, at)
	case "prompt_cache_key":
		s.head.Sticky = rawjson.Text(m.Value)
	}
}

func (s *headScan) prompt(v []byte, at dialect.Span) {
	switch {
	case rawjson.IsNull(v):
		return
	case !rawjson.IsText(v) && v[0] != '[':
		s.refuse("prompt", "prompt must be a string or a list")
	}
	s.more.promptAt = at
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
	if !rawjson.IsNull(v) && v[0] != '{' {
		s.refuse("stream_options", "stream_options must be an object")
		return
	}
	s.head.IncludeUsage = string(rawjson.Get(v, "include_usage")) == "true"
}

// refuse keeps the first fault.
func (s *headScan) refuse(param, message string) {
	if s.err == nil {
		s.err = badRequest(param, message)
	}
}

// place moves the spans by the space that stands before the object.
func (s *headScan) place(raw []byte) {
	from := slices.Index(raw, '{')
	to := len(raw)
	for raw[to-1] != '}' {
		to--
	}
	s.head.ObjectAt = dialect.Span{From: from, To: to}
	for _, at := range [...]*dialect.Span{&s.head.ModelAt, &s.head.StreamAt, &s.head.StreamOptionsAt, &s.more.promptAt, &s.more.suffixAt} {
		if at.Found() {
			at.From += from
			at.To += from
		}
	}
}
