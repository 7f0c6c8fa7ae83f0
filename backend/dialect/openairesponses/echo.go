package openairesponses

import (
	"strconv"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// status is how far a response is.
type status string

const (
	inProgress status = "in_progress"
	completed  status = "completed"
	incomplete status = "incomplete"
	failed     status = "failed"
)

// response is a response object but for what comes of the request.
type response struct {
	scan    *scan
	id      string
	model   string
	created int64
	status  status
	// reason is why it is incomplete.
	reason string
	err    *llm.Error
	output []byte // the items between the brackets
	usage  *llm.Usage
}

// append appends the object with all that the request said, and what holds where
// it said nothing: strict clients want every field.
func (r *response) append(dst []byte) []byte {
	dst = append(dst, `{"id":`...)
	dst = rawjson.AppendString(dst, r.id)
	dst = append(dst, `,"object":"response","created_at":`...)
	dst = strconv.AppendInt(dst, r.created, 10)
	dst = append(dst, `,"status":"`...)
	dst = append(dst, r.status...)
	dst = append(dst, `","background":false,"error":`...)
	dst = r.failure(dst)
	dst = append(dst, `,"incomplete_details":`...)
	if r.reason == "" {
		dst = append(dst, "null"...)
	} else {
		dst = append(dst, `{"reason":"`+r.reason+`"}`...)
	}
	dst = append(dst, `,"model":`...)
	dst = rawjson.AppendString(dst, r.model)
	dst = append(dst, `,"output":[`...)
	dst = append(dst, r.output...)
	dst = append(dst, `],"previous_response_id":`...)
	dst = appendStringOrNull(dst, r.scan.previous)
	dst = append(dst, `,"store":`...)
	dst = strconv.AppendBool(dst, r.scan.stored && r.scan.client.Store != nil)
	dst = r.scan.repeat(dst)
	dst = append(dst, `,"usage":`...)
	if r.usage == nil {
		dst = append(dst, "null"...)
	} else {
		dst = appendUsage(dst, *r.usage)
	}
	return append(dst, '}')
}

func (r *response) failure(dst []byte) []byte {
	if r.err == nil {
		return append(dst, "null"...)
	}
	dst = append(dst, `{"code":`...)
	dst = rawjson.AppendString(dst, streamCode(r.err))
	dst = append(dst, `,"message":`...)
	return append(rawjson.AppendString(dst, r.err.Message), '}')
}

// repeat appends the request's own fields.
func (s *scan) repeat(dst []byte) []byte {
	for _, f := range [...]struct{ name, unsaid string }{
		{"instructions", "null"},
		{"max_output_tokens", "null"},
		{"max_tool_calls", "null"},
		{"metadata", "{}"},
		{"parallel_tool_calls", "true"},
		{"prompt_cache_key", "null"},
		{"prompt_cache_retention", ""},
		{"safety_identifier", "null"},
		{"service_tier", `"default"`},
		{"temperature", "1.0"},
		{"tool_choice", `"auto"`},
		{"tools", "[]"},
		{"top_logprobs", "0"},
		{"top_p", "1.0"},
		{"truncation", `"disabled"`},
		{"user", "null"},
	} {
		v := s.said[f.name]
		if rawjson.IsNull(v) || f.name == "service_tier" && string(v) == `"auto"` {
			v = []byte(f.unsaid)
		}
		if len(v) > 0 {
			dst = append(append(append(dst, `,"`...), f.name...), `":`...)
			dst = append(dst, v...)
		}
	}
	dst = appendWith(append(dst, `,"reasoning":`...), s.said["reasoning"], member{"effort", "null"}, member{"summary", "null"})
	return appendWith(append(dst, `,"text":`...), s.said["text"], member{"format", `{"type":"text"}`})
}

// member is a name and its value, in JSON.
type member struct{ name, value string }

// appendWith appends an object, and what it should have and has not.
func appendWith(dst, object []byte, wanted ...member) []byte {
	from := len(dst)
	for m := range rawjson.Inside(object) {
		dst = append(rawjson.AppendString(append(dst, ','), m.Key), ':')
		dst = append(dst, m.Value...)
	}
	for _, w := range wanted {
		if rawjson.Get(object, w.name) == nil {
			dst = append(append(dst, `,"`+w.name+`":`...), w.value...)
		}
	}
	if len(dst) == from {
		dst = append(dst, ',')
	}
	dst[from] = '{' // where a comma would be
	return append(dst, '}')
}

func appendUsage(dst []byte, u llm.Usage) []byte {
	n := func(name string, n int) {
		dst = append(dst, name...)
		dst = strconv.AppendInt(dst, int64(n), 10)
	}
	n(`{"input_tokens":`, u.Input)
	n(`,"input_tokens_details":{"cached_tokens":`, u.Cached)
	n(`},"output_tokens":`, u.Output)
	n(`,"output_tokens_details":{"reasoning_tokens":`, u.Reasoning)
	n(`},"total_tokens":`, u.Total())
	return append(dst, '}')
}

func appendStringOrNull(dst []byte, s string) []byte {
	if s == "" {
		return append(dst, "null"...)
	}
	return rawjson.AppendString(dst, s)
}
