package openairesponses

import (
	"net/http"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/request"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

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
	if _, err := request.Prove(raw, "image_url", s.member); err != nil {
		return dialect.Head{}, notJSON(raw, err)
	}
	s.check()
	if s.Err == nil && s.previous != "" {
		s.chain, s.Err = c.chain(s.previous)
	}
	if s.Err != nil {
		return dialect.Head{}, s.Err
	}
	if counts(r) {
		s.Head.Operation, s.Head.Stream, s.stored = dialect.CountTokens, false, false
	}
	s.Place(raw, &s.inputAt, &s.previousAt)
	s.tie(r)
	s.Head.Scanned = s.scan
	return s.Head, nil
}

// headScan gathers the head; see [request.Scan].
type headScan struct {
	*scan
	request.Scan

	asked bool // there is an input, a prompt or something to go on from
}

func (s *headScan) member(m rawjson.Member, watched bool) {
	at := dialect.Span{From: m.At, To: m.At + len(m.Value)}
	switch string(m.Key) {
	case "model":
		s.Head.Model, s.Head.ModelAt = s.Text("model", m.Value, "model must be a string"), at
	case "input":
		s.asked = s.asked || !rawjson.IsNull(m.Value)
		s.input, s.inputAt, s.Head.Images = m.Value, at, watched
	case "stream":
		s.Stream(m.Value, at, "stream must be true or false")
	case "tools":
		s.Head.Tools = m.Value[0] == '[' && !rawjson.EmptyList(m.Value)
		s.said["tools"] = m.Value
	case "tool_choice":
		if s.Choice(m.Value, at) {
			s.said["tool_choice"] = m.Value
		}
	case "prompt_cache_key":
		s.Head.Sticky = rawjson.Text(m.Value)
		s.said["prompt_cache_key"] = m.Value
	case "previous_response_id":
		s.previous, s.previousAt = s.Text("previous_response_id", m.Value, "previous_response_id must be a string"), at
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
			s.Fail(request.Unsupported("background", "background responses are not served here: leave background out, and set stream for an answer that takes long"))
		}
	case "conversation":
		if !rawjson.IsNull(v) {
			s.Fail(request.Unsupported("conversation", "conversation objects are not kept here: send the conversation in input, or go on from a response with previous_response_id"))
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

func (s *headScan) check() {
	in := s.input
	switch {
	case s.Err != nil:
	case !s.asked && s.previous == "":
		s.Fail(request.BadRequest("input", "input is missing"))
	case !rawjson.IsNull(in) && in[0] != '"' && in[0] != '[':
		s.Fail(request.BadRequest("input", "input must be a string or a list of items"))
	}
}

// tie names the conversation, so that it can stay with its account.
func (s *headScan) tie(r *http.Request) {
	if s.Head.Sticky == "" && r != nil {
		s.Head.Sticky = request.Session(r.Header)
	}
	switch {
	case len(s.chain) > 0:
		s.conversation = s.chain[len(s.chain)-1].Conversation
	case s.Head.Sticky != "":
		s.conversation = s.Head.Sticky
	case s.keeps():
		s.conversation = s.client.newID("conv_")
	}
	if s.Head.Sticky == "" {
		s.Head.Sticky = s.conversation
	}
}

// keeps says that the response will be kept, if only for this connection.
func (s *scan) keeps() bool {
	return s.client.talk != nil || s.stored && s.client.Store != nil
}

// scanOf is what Head remembered; a head of another's making remembers nothing.
func scanOf(h dialect.Head, c Client) *scan {
	if s, ok := h.Scanned.(*scan); ok {
		return s
	}
	return &scan{client: c}
}

func notJSON(raw []byte, err *rawjson.SyntaxError) *llm.Error {
	return request.NotJSON(raw, err, "model and input")
}
