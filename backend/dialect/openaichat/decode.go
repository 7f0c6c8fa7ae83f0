package openaichat

import (
	"strconv"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/request"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// DecodeRequest reads a body that Head has accepted.
func (Client) DecodeRequest(h dialect.Head, raw []byte) (*llm.Request, []llm.Warning, *llm.Error) {
	d := decoder{request.New(h, minter)}
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
		if d.Err != nil {
			return nil, nil, d.Err
		}
	}
	if err := at.End(); err != nil {
		return nil, nil, notJSON(raw, err)
	}
	if len(d.Req.Messages) == 0 {
		return nil, nil, request.BadRequest("messages", "messages is empty; send at least one")
	}
	d.pair()
	return d.Req, d.Warnings, d.Err
}

// decoder gathers one request. The first fault ends it.
type decoder struct{ request.Decoder }

// known reads one top-level field. Null means unsaid, as in every OpenAI SDK.
func (d *decoder) known(key string, v []byte) {
	r := d.Req
	if rawjson.IsNull(v) || key == "model" || key == "stream" {
		return
	}
	switch key {
	case "functions":
		d.functions(v)
	case "tool_choice", "function_call":
		d.choice(key, v)
	case "parallel_tool_calls":
		r.ParallelToolCalls = d.Flag(key, v)
	case "max_tokens", "max_completion_tokens":
		if r.MaxTokensName != "max_completion_tokens" { // the newer name wins
			r.MaxTokens, r.MaxTokensName = d.Whole(key, v), key
		}
	case "temperature":
		r.Temperature = d.Number(key, v)
	case "top_p":
		r.TopP = d.Number(key, v)
	case "top_k":
		r.TopK = d.Whole(key, v)
	case "presence_penalty":
		r.PresencePenalty = d.Number(key, v)
	case "frequency_penalty":
		r.FrequencyPenalty = d.Number(key, v)
	case "seed":
		d.Seed(key, v)
	case "n":
		if n := d.Whole(key, v); n != nil {
			r.Choices = *n
		}
	case "stop":
		d.Stop(v)
	case "logprobs":
		if on := d.Flag(key, v); on != nil {
			r.Logprobs = *on
		}
	case "top_logprobs":
		r.TopLogprobs = d.Whole(key, v)
	case "response_format":
		d.format(v)
	case "reasoning_effort":
		r.Reasoning.Effort = d.Text(key, v)
	case "user":
		r.User = d.Text(key, v)
	case "stream_options":
		d.streamOptions(v)
	default:
		d.Keep(key, v)
	}
}

// textAt is the string of a member of what stands at p.
func (d *decoder) textAt(p place, name string, v []byte) string {
	if !rawjson.IsText(v) && !rawjson.IsNull(v) {
		param := p.member(name)
		d.Refuse(param, param+" must be a string")
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

// streamOptions keeps what is beside include_usage, which the head has read.
func (d *decoder) streamOptions(v []byte) {
	for m := range rawjson.Inside(v) {
		if string(m.Key) != "include_usage" {
			d.Keep("stream_options", v)
			return
		}
	}
}

func (d *decoder) format(v []byte) {
	if v[0] != '{' {
		d.Refuse("response_format", "response_format must be an object")
		return
	}
	f := &d.Req.Format
	switch rawjson.Text(rawjson.Get(v, "type")) {
	case "text":
	case "json_object":
		f.Kind = llm.FormatJSON
	case "json_schema":
		f.Kind = llm.FormatSchema
		d.schema(rawjson.Get(v, "json_schema"))
	default:
		d.Keep("response_format", v)
		return
	}
	for m := range rawjson.Inside(v) {
		if k := string(m.Key); k != "type" && k != "json_schema" {
			d.Warn("response_format."+k, "dropped")
		}
	}
}

func (d *decoder) schema(v []byte) {
	if len(v) == 0 || v[0] != '{' {
		d.Refuse("response_format.json_schema", "response_format.json_schema must be an object")
		return
	}
	f := &d.Req.Format
	for m := range rawjson.Inside(v) {
		const at = "response_format.json_schema."
		switch k := string(m.Key); k {
		case "name":
			f.Name = d.Text(at+k, m.Value)
		case "description":
			f.Description = d.Text(at+k, m.Value)
		case "schema":
			f.Schema = rawjson.OrNil(m.Value)
		case "strict":
			if !rawjson.IsNull(m.Value) {
				f.Strict = d.Flag(at+k, m.Value)
			}
		default:
			d.Warn(at+k, "dropped")
		}
	}
}
