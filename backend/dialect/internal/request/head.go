package request

import (
	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// checkedSize is the longest body whose strings are looked into. What is longer
// was not written by hand: there, only the structure is proven, which takes a
// third of the time, and a bad escape is the upstream's to find.
const checkedSize = 32 << 10

// Prove shows the members of a body and proves it to be JSON in the same pass: a
// body that is carried on has been checked as one that is translated. watch is a
// name to look out for at any depth. The long strings of a long body are told,
// for [rawjson.Again].
func Prove(raw []byte, watch string, visit func(m rawjson.Member, watched bool)) ([]rawjson.Long, *rawjson.SyntaxError) {
	if len(raw) <= checkedSize {
		return nil, rawjson.Check(raw, watch, visit)
	}
	return rawjson.Skim(raw, watch, visit)
}

// Scan gathers the head of a body. Its spans count from the object's brace until
// Place.
type Scan struct {
	Head dialect.Head
	// Err is the first fault.
	Err *llm.Error
}

// Fail keeps the first fault.
func (s *Scan) Fail(err *llm.Error) {
	if s.Err == nil {
		s.Err = err
	}
}

// Refuse is Fail with a fault of the client's.
func (s *Scan) Refuse(param, message string) {
	if s.Err == nil {
		s.Err = BadRequest(param, message)
	}
}

// Text is a string; wrong is said of what is neither that nor null.
func (s *Scan) Text(param string, v []byte, wrong string) string {
	if !rawjson.IsText(v) && !rawjson.IsNull(v) {
		s.Refuse(param, wrong)
	}
	return rawjson.Text(v)
}

// Stream reads the stream flag, which some clients send as a text; wrong is said
// of what is no flag.
func (s *Scan) Stream(v []byte, at dialect.Span, wrong string) {
	s.Head.StreamAt = at
	switch string(v) {
	case "true", `"true"`:
		s.Head.Stream = true
	case "false", `"false"`, "null":
		s.Head.Stream = false
	default:
		s.Refuse("stream", wrong)
	}
}

// StreamOptions reads OpenAI's field of that name.
func (s *Scan) StreamOptions(v []byte, at dialect.Span) {
	s.Head.StreamOptionsAt = at
	if !rawjson.IsNull(v) && v[0] != '{' {
		s.Refuse("stream_options", "stream_options must be an object")
	}
	s.Head.IncludeUsage = string(rawjson.Get(v, "include_usage")) == "true"
}

// Choice reads OpenAI's tool_choice; known says that a service would take it.
func (s *Scan) Choice(v []byte, at dialect.Span) (known bool) {
	s.Head.OddChoiceAt = dialect.Span{}
	if !rawjson.IsText(v) {
		return true
	}
	switch rawjson.Text(v) {
	case "auto", "none", "required":
		return true
	}
	s.Head.OddChoiceAt = at
	return false
}

// Place finds the object in the body and moves the head's spans, and more of
// them, by the space that stands before it.
func (s *Scan) Place(raw []byte, more ...*dialect.Span) {
	h := &s.Head
	from, to := 0, len(raw)
	for from < to && raw[from] != '{' {
		from++
	}
	for to > from && raw[to-1] != '}' {
		to--
	}
	h.ObjectAt = dialect.Span{From: from, To: to}
	for _, at := range [...]*dialect.Span{&h.ModelAt, &h.StreamAt, &h.StreamOptionsAt, &h.OddChoiceAt} {
		move(at, from)
	}
	for _, at := range more {
		move(at, from)
	}
}

func move(at *dialect.Span, by int) {
	if at.Found() {
		at.From += by
		at.To += by
	}
}
