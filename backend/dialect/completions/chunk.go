package completions

import (
	"bytes"
	"net/http"
	"slices"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/answer"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// wanted is what a service is expected to send.
const wanted = "a completion"

// chunk is what is read of an answer, or of a piece of one.
type chunk struct {
	id, model, created, usage rawjson.Member
	fault                     []byte
	choices                   []choice
	listed                    bool
}

// choice is one of the texts that were asked for.
type choice struct {
	text     string
	logprobs []byte
	finish   []byte
}

// parse reads an object of either protocol: text in choices[].text, in its delta
// or in its message.
func (c *chunk) parse(data []byte) *llm.Error {
	*c = chunk{choices: c.choices[:0]}
	for m, err := range rawjson.Members(data) {
		if err != nil {
			return answer.Unexpected("something that is not JSON ("+answer.Excerpt(string(data))+")", wanted, err)
		}
		if rawjson.IsNull(m.Value) {
			continue
		}
		switch string(m.Key) {
		case "id":
			c.id = m
		case "model":
			c.model = m
		case "created":
			c.created = m
		case "usage":
			c.usage = m
		case "error":
			c.fault = m.Value
		case "choices":
			c.listed = m.Value[0] == '['
			for _, e := range rawjson.Elements(m.Value) {
				c.choices = append(c.choices, readChoice(e))
			}
		}
	}
	return nil
}

func readChoice(e []byte) choice {
	var c choice
	for m := range rawjson.Inside(e) {
		switch string(m.Key) {
		case "text":
			c.text = rawjson.Text(m.Value)
		case "delta", "message":
			c.text += content(rawjson.Get(m.Value, "content"))
		case "logprobs":
			if !rawjson.IsNull(m.Value) {
				c.logprobs = m.Value
			}
		case "finish_reason":
			if !rawjson.IsNull(m.Value) {
				c.finish = m.Value
			}
		}
	}
	return c
}

// content is a text, or the texts of a list of parts.
func content(v []byte) string {
	if rawjson.IsText(v) {
		return rawjson.Text(v)
	}
	var b strings.Builder
	for _, part := range rawjson.Elements(v) {
		b.WriteString(rawjson.Text(rawjson.Get(part, "text")))
	}
	return b.String()
}

// reasonOf reads why a text ended; what is not known is an end like any other.
func reasonOf(v []byte) llm.Reason {
	switch rawjson.Text(v) {
	case "length", "model_length", "max_tokens":
		return llm.ReasonLength
	case "content_filter":
		return llm.ReasonContent
	}
	return llm.ReasonStop
}

func usageOf(v []byte) llm.Usage {
	n := func(o []byte, name string) int {
		i, _ := rawjson.Int(rawjson.Get(o, name))
		return i
	}
	return llm.Usage{
		Known: true, Input: n(v, "prompt_tokens"), Output: n(v, "completion_tokens"),
		Cached: n(rawjson.Get(v, "prompt_tokens_details"), "cached_tokens"),
	}
}

// fault is an error object inside an answer that began well.
func (u Upstream) fault(object []byte) *llm.Error {
	status := http.StatusInternalServerError
	code := bytes.Trim(rawjson.Get(object, "code"), `"`)
	if n, ok := rawjson.Int(code); ok && n >= 400 && n <= 599 {
		status = n
	}
	err := u.DecodeError(status, nil, slices.Concat([]byte(`{"error":`), object, []byte{'}'}))
	err.Status = 0
	return err
}

// DecodeError reads an answer whose status is not 2xx.
func (u Upstream) DecodeError(status int, h http.Header, body []byte) *llm.Error {
	if u.Faults != nil {
		return u.Faults.DecodeError(status, h, body)
	}
	err := &llm.Error{Kind: answer.KindOf(status), Status: status, Message: answer.Status(status)}
	if said := rawjson.Text(rawjson.Get(rawjson.Get(body, "error"), "message")); said != "" {
		err.Message = answer.Excerpt(said)
	}
	if u.Now != nil && h != nil {
		err.RetryAfter = answer.RetryAfter(h, u.Now())
	}
	return err
}
