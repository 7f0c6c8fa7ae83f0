package openaichat

import (
	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/carriage"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// value is a JSON value of a chunk and where it begins there.
type value struct {
	raw []byte
	at  int
}

// edit is that which replaces the value. base is where the chunk begins.
func (v value) edit(base int, with []byte) carriage.Edit {
	from := base + v.at
	return carriage.Edit{At: dialect.Span{From: from, To: from + len(v.raw)}, With: with}
}

// chunk is what the codec looks at in one event of a stream, or in a whole
// answer, which differs in a name only. Its slices point into the event.
type chunk struct {
	id, model, created, fingerprint value
	usage                           value // nil when null
	fault                           []byte
	listed                          bool // it has choices, if only an empty list
	choices                         []choice
	obfuscation                     value
}

// choice is one entry of choices. Values that are null are nil here.
type choice struct {
	index                  int
	whole                  bool // a message, not a delta
	finish                 value
	logprobs               []byte
	inner                  value // the delta or message itself
	content, thought       value
	refusal, calls, legacy value
	other                  bool // something that is neither, as audio, and not empty
}

// parse reads a chunk. The choices are kept in the chunk's own memory, so that
// a chunk can be used again for the next event.
func (c *chunk) parse(data []byte) *rawjson.SyntaxError {
	*c = chunk{choices: c.choices[:0]}
	var message, code []byte
	for m, err := range rawjson.Members(data) {
		if err != nil {
			return err
		}
		v := value{m.Value, m.At}
		switch string(m.Key) {
		case "id":
			c.id = v
		case "model":
			c.model = v
		case "created":
			c.created = v
		case "system_fingerprint":
			c.fingerprint = v
		case "obfuscation":
			c.obfuscation = v
		case "usage":
			c.usage = value{}
			if m.Value[0] == '{' {
				c.usage = v
			}
		case "error", "err", "errors":
			if !empty(m.Value) {
				c.fault = data // its code may stand beside it
			}
		case "base_resp", "header", "response":
			if failed(m.Value) {
				c.fault = data
			}
		case "choices":
			c.listed = m.Value[0] == '['
			c.parseChoices(v)
		case "message", "msg", "error_msg", "detail":
			message = m.Value
		case "code", "error_code":
			code = m.Value
		}
	}
	if c.fault == nil && !c.listed && (message != nil || code != nil) {
		c.fault = data
	}
	return nil
}

// failed says whether an envelope beside the answer reports a failure.
func failed(envelope []byte) bool {
	for _, name := range [...]string{"status_code", "code"} {
		if code := rawjson.Get(envelope, name); len(code) > 0 {
			return string(code) != "0" && !empty(code)
		}
	}
	return !empty(rawjson.Get(envelope, "error")) || !empty(rawjson.Get(envelope, "message"))
}

func (c *chunk) parseChoices(list value) {
	c.choices = c.choices[:0]
	for at, e := range rawjson.Elements(list.raw) {
		if e[0] == '{' {
			c.choices = append(c.choices, parseChoice(value{e, list.at + at}))
		}
	}
}

func parseChoice(v value) choice {
	var c choice
	for m := range rawjson.Inside(v.raw) {
		if rawjson.IsNull(m.Value) {
			continue
		}
		at := value{m.Value, v.at + m.At}
		switch string(m.Key) {
		case "index":
			c.index, _ = rawjson.Int(m.Value)
		case "finish_reason":
			c.finish = at
		case "logprobs":
			c.logprobs = m.Value
		case "delta":
			c.parseInner(at)
		case "message":
			c.whole = true
			c.parseInner(at)
		}
	}
	return c
}

func (c *choice) parseInner(v value) {
	if v.raw[0] != '{' {
		return
	}
	c.inner = v
	for m := range rawjson.Inside(v.raw) {
		if rawjson.IsNull(m.Value) {
			continue
		}
		at := value{m.Value, v.at + m.At}
		switch string(m.Key) {
		case "role", "name", "reasoning_details", "annotations":
		case "content":
			c.content = at
		case "reasoning_content":
			c.thought = at
		case "reasoning":
			if empty(c.thought.raw) {
				c.thought = at
			}
		case "refusal":
			c.refusal = at
		case "tool_calls":
			if m.Value[0] == '[' && !empty(m.Value) {
				c.calls = at
			}
		case "function_call":
			c.legacy = at
		default:
			c.other = c.other || m.Value[0] != 't' && m.Value[0] != 'f' && !empty(m.Value)
		}
	}
}

// usageOf reads a usage object. Some services count cached tokens elsewhere.
func usageOf(raw []byte) llm.Usage {
	u := llm.Usage{Known: true}
	for m := range rawjson.Inside(raw) {
		n, _ := rawjson.Int(m.Value)
		switch string(m.Key) {
		case "prompt_tokens", "input_tokens":
			u.Input = n
		case "completion_tokens", "output_tokens":
			u.Output = n
		case "prompt_tokens_details":
			u.Cached = max(u.Cached, count(m.Value, "cached_tokens"))
			u.CacheWrite = max(u.CacheWrite, count(m.Value, "cache_creation_tokens"), count(m.Value, "cache_write_tokens"))
		case "completion_tokens_details":
			u.Reasoning = count(m.Value, "reasoning_tokens")
		case "prompt_cache_hit_tokens", "cached_tokens":
			u.Cached = max(u.Cached, n)
		}
	}
	return u
}

func count(object []byte, name string) int {
	n, _ := rawjson.Int(rawjson.Get(object, name))
	return n
}
