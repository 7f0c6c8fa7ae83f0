package openaichat

import (
	"fmt"
	"strconv"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/request"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// DecodeRequest reads a body that Head has accepted.
func (Client) DecodeRequest(h dialect.Head, raw []byte) (*llm.Request, []llm.Warning, *llm.Error) {
	d := decoder{splice: h.Splice, req: &llm.Request{
		Model: h.Model, Stream: h.Stream, IncludeUsage: h.IncludeUsage, Minter: minter,
	}}
	at := rawjson.Begin(raw)
	if known, ok := h.Scanned.(*longStrings); ok {
		at = rawjson.Again(raw, known.list)
	}
	for key := range at.Object() {
		switch string(key) {
		case "messages":
			d.messages(&at)
		case "tools":
			d.tools(&at)
		default:
			d.known(string(key), at.Value())
		}
		if d.err != nil {
			return nil, nil, d.err
		}
	}
	if err := at.End(); err != nil {
		return nil, nil, notJSON(raw, err)
	}
	if len(d.req.Messages) == 0 {
		return nil, nil, request.BadRequest("messages", "messages is empty; send at least one")
	}
	d.pair()
	return d.req, d.warnings, d.err
}

// decoder gathers one request. The first fault ends it.
type decoder struct {
	req      *llm.Request
	warnings []llm.Warning
	err      *llm.Error
	splice   bool // texts stay the tokens that they are
}

func (d *decoder) warn(field, what string) {
	d.warnings = append(d.warnings, llm.Warning{Field: field, What: what})
}

func (d *decoder) refuse(param, message string) {
	if d.err == nil {
		d.err = request.BadRequest(param, message)
	}
}

// known reads one top-level field. Null means unsaid, as in every OpenAI SDK.
func (d *decoder) known(key string, v []byte) {
	r := d.req
	if rawjson.IsNull(v) || key == "model" || key == "stream" {
		return
	}
	switch key {
	case "functions":
		d.functions(v)
	case "tool_choice", "function_call":
		d.choice(key, v)
	case "parallel_tool_calls":
		r.ParallelToolCalls = d.flag(key, v)
	case "max_tokens", "max_completion_tokens":
		if r.MaxTokensName != "max_completion_tokens" { // the newer name wins
			r.MaxTokens, r.MaxTokensName = d.whole(key, v), key
		}
	case "temperature":
		r.Temperature = d.number(key, v)
	case "top_p":
		r.TopP = d.number(key, v)
	case "top_k":
		r.TopK = d.whole(key, v)
	case "presence_penalty":
		r.PresencePenalty = d.number(key, v)
	case "frequency_penalty":
		r.FrequencyPenalty = d.number(key, v)
	case "seed":
		d.seed(v)
	case "n":
		if n := d.whole(key, v); n != nil {
			r.Choices = *n
		}
	case "stop":
		d.stop(v)
	case "logprobs":
		if on := d.flag(key, v); on != nil {
			r.Logprobs = *on
		}
	case "top_logprobs":
		r.TopLogprobs = d.whole(key, v)
	case "response_format":
		d.format(v)
	case "reasoning_effort":
		r.Reasoning.Effort = d.text(key, v)
	case "user":
		r.User = d.text(key, v)
	case "stream_options":
		d.streamOptions(v)
	default:
		r.Extra = append(r.Extra, llm.Field{Name: key, Value: v})
	}
}

func (d *decoder) text(param string, v []byte) string { return d.textAt(place{}, param, v) }

// textAt is the string of a member of what stands at p.
func (d *decoder) textAt(p place, name string, v []byte) string {
	if !rawjson.IsText(v) && !rawjson.IsNull(v) {
		param := p.member(name)
		d.refuse(param, param+" must be a string")
		return ""
	}
	return rawjson.Text(v)
}

// place is where something stands in a body. It is put into words only when
// somebody is to be told: a prompt has hundreds of places.
type place struct {
	list  string // as messages or tools
	i     int
	inner string // as .content; "" is the element itself
	j     int    // which of inner; -1 is all of it
}

func (p place) String() string {
	switch {
	case p.inner == "":
		return p.list + "[" + strconv.Itoa(p.i) + "]"
	case p.j < 0:
		return p.list + "[" + strconv.Itoa(p.i) + "]" + p.inner
	default:
		return p.list + "[" + strconv.Itoa(p.i) + "]" + p.inner + "[" + strconv.Itoa(p.j) + "]"
	}
}

// member is the place of a member of what stands here.
func (p place) member(name string) string {
	if p.list == "" {
		return name
	}
	return p.String() + "." + name
}

// in is the place of an element of a list here.
func (p place) in(inner string, j int) place {
	p.inner, p.j = inner, j
	return p
}

func (d *decoder) whole(param string, v []byte) *int {
	n, ok := rawjson.Int(v)
	if !ok {
		d.refuse(param, param+" must be a whole number")
		return nil
	}
	return &n
}

func (d *decoder) number(param string, v []byte) *float64 {
	f, ok := rawjson.Float(v)
	if !ok {
		d.refuse(param, param+" must be a number")
		return nil
	}
	return &f
}

func (d *decoder) flag(param string, v []byte) *bool {
	on := string(v) == "true"
	if !on && string(v) != "false" {
		d.refuse(param, param+" must be true or false")
		return nil
	}
	return &on
}

func (d *decoder) seed(v []byte) {
	n, err := strconv.ParseInt(string(v), 10, 64)
	if err != nil {
		d.refuse("seed", "seed must be a whole number")
		return
	}
	d.req.Seed = &n
}

func (d *decoder) stop(v []byte) {
	if rawjson.IsText(v) {
		d.req.Stop = []string{rawjson.Text(v)}
		return
	}
	if v[0] != '[' {
		d.refuse("stop", "stop must be a string or a list of strings")
		return
	}
	for i, e := range indexed(v) {
		if !rawjson.IsText(e) {
			d.refuse(fmt.Sprintf("stop[%d]", i), "stop must be a string or a list of strings")
			return
		}
		d.req.Stop = append(d.req.Stop, rawjson.Text(e))
	}
}

// streamOptions keeps what is beside include_usage, which the head has read.
func (d *decoder) streamOptions(v []byte) {
	for m := range rawjson.Inside(v) {
		if string(m.Key) != "include_usage" {
			d.req.Extra = append(d.req.Extra, llm.Field{Name: "stream_options", Value: v})
			return
		}
	}
}

func (d *decoder) format(v []byte) {
	if v[0] != '{' {
		d.refuse("response_format", "response_format must be an object")
		return
	}
	f := &d.req.Format
	switch rawjson.Text(rawjson.Get(v, "type")) {
	case "text":
	case "json_object":
		f.Kind = llm.FormatJSON
	case "json_schema":
		f.Kind = llm.FormatSchema
		d.schema(rawjson.Get(v, "json_schema"))
	default:
		d.req.Extra = append(d.req.Extra, llm.Field{Name: "response_format", Value: v})
		return
	}
	for m := range rawjson.Inside(v) {
		if k := string(m.Key); k != "type" && k != "json_schema" {
			d.warn("response_format."+k, "dropped")
		}
	}
}

func (d *decoder) schema(v []byte) {
	if len(v) == 0 || v[0] != '{' {
		d.refuse("response_format.json_schema", "response_format.json_schema must be an object")
		return
	}
	f := &d.req.Format
	for m := range rawjson.Inside(v) {
		const at = "response_format.json_schema."
		switch k := string(m.Key); k {
		case "name":
			f.Name = d.text(at+k, m.Value)
		case "description":
			f.Description = d.text(at+k, m.Value)
		case "schema":
			f.Schema = orNil(m.Value)
		case "strict":
			if !rawjson.IsNull(m.Value) {
				f.Strict = d.flag(at+k, m.Value)
			}
		default:
			d.warn(at+k, "dropped")
		}
	}
}

// orNil is v, or nil where v is null.
func orNil(v []byte) llm.RawJSON {
	if rawjson.IsNull(v) {
		return nil
	}
	return v
}

// indexed counts the elements of a list.
func indexed(v []byte) func(yield func(int, []byte) bool) {
	return func(yield func(int, []byte) bool) {
		i := 0
		for _, e := range rawjson.Elements(v) {
			if !yield(i, e) {
				return
			}
			i++
		}
	}
}
