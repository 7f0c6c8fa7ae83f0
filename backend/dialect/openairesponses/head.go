package openairesponses

import (
	"net/http"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// checkedSize is the longest body whose strings are looked into; see the same in
// openaichat.
const checkedSize = 32 << 10

// scan is what Head learns of a body beside the head, and what one exchange
// remembers for its answer: the codec itself has no state.
type scan struct {
	client Client
	// said are the request's own fields that an answer repeats, as they stood.
	said map[string][]byte
	// input is the value of input, and where it stands.
	input   []byte
	inputAt dialect.Span
	// previous is the id of the response that the request goes on from, where it
	// stands, and chain what was kept of the conversation so far.
	previous   string
	previousAt dialect.Span
	chain      []Kept
	// stored says that the response is to be kept beyond this connection.
	stored bool
	// conversation ties the responses of one conversation together.
	conversation string
	// names are the tools whose names had to be put together, by the name that
	// the model knows; DecodeRequest fills it in.
	names map[string]tool
}

// Head reads what routing needs in one pass that also proves the body to be
// JSON, and finds the response that the request goes on from.
func (c Client) Head(r *http.Request, raw []byte) (dialect.Head, *llm.Error) {
	s := headScan{scan: &scan{client: c, said: map[string][]byte{}, stored: true}}
	if err := s.read(raw); err != nil {
		return dialect.Head{}, notJSON(raw, err)
	}
	s.check()
	if s.err == nil && s.previous != "" {
		s.chain, s.err = c.chain(s.previous)
	}
	if s.err != nil {
		return dialect.Head{}, s.err
	}
	s.head.ObjectAt = object(raw)
	s.place(s.head.ObjectAt.From)
	s.tie(r)
	s.head.Scanned = s.scan
	return s.head, nil
}

// headScan gathers the head; spans count from the object's brace until place.
type headScan struct {
	*scan

	head  dialect.Head
	asked bool // there is an input, a prompt or something to go on from
	err   *llm.Error
}

func (s *headScan) read(raw []byte) *rawjson.SyntaxError {
	const watch = "image_url"
	if len(raw) <= checkedSize {
		return rawjson.Check(raw, watch, s.member)
	}
	_, err := rawjson.Skim(raw, watch, s.member)
	return err
}

func (s *headScan) member(m rawjson.Member, watched bool) {
	at := dialect.Span{From: m.At, To: m.At + len(m.Value)}
	switch string(m.Key) {
	case "model":
		s.head.Model, s.head.ModelAt = s.text("model", m.Value), at
	case "input":
		s.asked = s.asked || !rawjson.IsNull(m.Value)
		s.input, s.inputAt, s.head.Images = m.Value, at, watched
	case "stream":
		s.stream(m.Value, at)
	case "tools":
		s.head.Tools = m.Value[0] == '[' && !emptyList(m.Value)
		s.said["tools"] = m.Value
	case "tool_choice":
		s.head.OddChoiceAt = dialect.Span{}
		if rawjson.IsText(m.Value) && !knownChoice(rawjson.Text(m.Value)) {
			s.head.OddChoiceAt = at
		} else {
			s.said["tool_choice"] = m.Value
		}
	case "prompt_cache_key":
		s.head.Sticky = rawjson.Text(m.Value)
		s.said["prompt_cache_key"] = m.Value
	case "previous_response_id":
		s.previous, s.previousAt = s.text("previous_response_id", m.Value), at
	default:
		s.other(string(m.Key), m.Value)
	}
}

func (s *headScan) other(key string, v []byte) {
	switch key {
	case "store":
		s.stored = string(v) != "false"
	case "prompt":
		s.asked = s.asked || !rawjson.IsNull(v)
	case "background":
		if string(v) == "true" {
			s.refuse(unsupported("background", "background responses are not served here: leave background out, and set stream for an answer that takes long"))
		}
	case "conversation":
		if !rawjson.IsNull(v) {
			s.refuse(unsupported("conversation", "conversation objects are not kept here: send the conversation in input, or go on from a response with previous_response_id"))
		}
	}
	if repeated(key) {
		s.said[key] = v
	}
}

// repeated says that an answer has the request's field in it.
func repeated(key string) bool {
	switch key {
	case "instructions", "max_output_tokens", "max_tool_calls", "metadata", "parallel_tool_calls", "reasoning", "safety_identifier", "service_tier",
		"temperature", "text", "top_logprobs", "top_p", "truncation", "user", "prompt_cache_retention":
		return true
	default:
		return false
	}
}

func (s *headScan) text(param string, v []byte) string {
	if !rawjson.IsText(v) && !rawjson.IsNull(v) {
		s.refuse(badRequest(param, param+" must be a string"))
	}
	return rawjson.Text(v)
}

func (s *headScan) stream(v []byte, at dialect.Span) {
	switch string(v) {
	case "true", `"true"`:
		s.head.Stream = true
	case "false", `"false"`, "null":
		s.head.Stream = false
	default:
		s.refuse(badRequest("stream", "stream must be true or false"))
	}
	s.head.StreamAt = at
}

// refuse keeps the first fault.
func (s *headScan) refuse(err *llm.Error) {
	if s.err == nil {
		s.err = err
	}
}

func (s *headScan) check() {
	in := s.input
	switch {
	case s.err != nil:
	case !s.asked && s.previous == "":
		s.refuse(badRequest("input", "input is missing"))
	case !rawjson.IsNull(in) && in[0] != '"' && in[0] != '[':
		s.refuse(badRequest("input", "input must be a string or a list of items"))
	}
}

// tie names the conversation, so that it can stay with its account.
func (s *headScan) tie(r *http.Request) {
	if s.head.Sticky == "" && r != nil {
		s.head.Sticky = sessionOf(r.Header)
	}
	switch {
	case len(s.chain) > 0:
		s.conversation = s.chain[len(s.chain)-1].Conversation
	case s.head.Sticky != "":
		s.conversation = s.head.Sticky
	case s.keeps():
		s.conversation = s.client.newID("conv_")
	}
	if s.head.Sticky == "" {
		s.head.Sticky = s.conversation
	}
}

// keeps says that the response will be kept, if only for this connection.
func (s *scan) keeps() bool {
	return s.client.talk != nil || s.stored && s.client.Store != nil
}

// sessionOf is the conversation as agents name it in their headers.
func sessionOf(h http.Header) string {
	for _, name := range [...]string{"X-Session-Affinity", "X-Session-Id", "Session-Id", "Session_id", "X-Conversation-Id"} {
		if v := h.Get(name); v != "" {
			return v
		}
	}
	return ""
}

// place moves the spans by the space that stands before the object.
func (s *headScan) place(by int) {
	for _, at := range [...]*dialect.Span{&s.head.ModelAt, &s.head.StreamAt, &s.head.OddChoiceAt, &s.inputAt, &s.previousAt} {
		if at.Found() {
			at.From += by
			at.To += by
		}
	}
}

// scanOf is what Head remembered; a head of another's making remembers nothing.
func scanOf(h dialect.Head, c Client) *scan {
	if s, ok := h.Scanned.(*scan); ok {
		return s
	}
	return &scan{client: c}
}

func notJSON(raw []byte, err *rawjson.SyntaxError) *llm.Error {
	if len(raw) == 0 {
		return badRequest("", "the request has no body; send a JSON object with model and input")
	}
	return &llm.Error{Kind: llm.KindBadRequest, Code: "invalid_json", Message: "the body is not valid JSON: " + err.Error(), Cause: err}
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

func emptyList(v []byte) bool {
	for range rawjson.Elements(v) {
		return false
	}
	return true
}

func knownChoice(s string) bool { return s == "auto" || s == "none" || s == "required" }
