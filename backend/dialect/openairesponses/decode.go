package openairesponses

import (
	"strconv"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/request"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// DecodeRequest reads a body that Head has accepted, with the conversation that
// it goes on from in front of its own input.
func (c Client) DecodeRequest(h dialect.Head, raw []byte) (*llm.Request, []llm.Warning, *llm.Error) {
	s := scanOf(h, c)
	d := decoder{
		scan: s, splice: h.Splice, results: map[string]bool{}, called: map[string]bool{},
		req: &llm.Request{Model: h.Model, Stream: h.Stream, IncludeUsage: true, Minter: minter},
	}
	d.names = map[string]tool{}
	for m, err := range rawjson.Members(raw) {
		if d.err != nil {
			break
		}
		if err != nil {
			return nil, nil, notJSON(raw, err)
		}
		d.known(string(m.Key), m.Value)
	}
	d.conversation()
	d.chooseTools()
	if d.err == nil && len(d.req.Messages) == 0 {
		d.refuse("input", "input is empty; send at least one message")
	}
	if d.err != nil {
		return nil, nil, d.err
	}
	s.names = d.names
	return d.req, d.warnings, nil
}

// decoder gathers one request. The first fault ends it.
type decoder struct {
	*scan

	req      *llm.Request
	warnings []llm.Warning
	err      *llm.Error
	splice   bool // texts stay the tokens that they are

	instructions []byte
	tools        []byte
	choice       []byte
	names        map[string]tool
	// results are the ids of calls whose result is somewhere in the input,
	// waiting those whose result has not come yet, called all calls so far.
	results, called map[string]bool
	waiting         []string
	// later are messages that stand between a call and its result.
	later []llm.Message
	// bare says that an id, a state or a note of an answer was left out.
	bare bool
}

func (d *decoder) warn(field, what string) {
	d.warnings = append(d.warnings, llm.Warning{Field: field, What: what})
}

func (d *decoder) refuse(param, message string) {
	if d.err == nil {
		d.err = request.BadRequest(param, message)
	}
}

// known reads one top-level field. Null means unsaid.
func (d *decoder) known(key string, v []byte) {
	r := d.req
	if rawjson.IsNull(v) {
		return
	}
	switch key {
	case "model", "stream", "input", "background", "conversation", "generate":
	case "previous_response_id":
		d.warn(key, "resolved here:")
	case "store":
		// Kept here; a service of this protocol need not know.
		if string(v) != "false" {
			d.warn(key, "kept here, not at the service:")
		}
		r.Extra = append(r.Extra, llm.Field{Name: key, Value: []byte("false")})
	case "instructions":
		d.instructions = v
	case "tools":
		d.tools = v
	case "tool_choice":
		d.choice = v
	case "parallel_tool_calls":
		r.ParallelToolCalls = d.flag(key, v)
	case "max_output_tokens":
		r.MaxTokens, r.MaxTokensName = d.whole(key, v), "max_output_tokens"
	case "temperature":
		r.Temperature = d.number(key, v)
	case "top_p":
		r.TopP = d.number(key, v)
	case "top_logprobs":
		if r.TopLogprobs = d.whole(key, v); r.TopLogprobs != nil {
			r.Logprobs = r.Logprobs || *r.TopLogprobs > 0
		}
	case "text":
		d.text(v)
	case "reasoning":
		d.reasoning(v)
	case "include":
		d.include(v)
	case "user":
		r.User = d.str(key, v)
	case "stream_options":
		d.streamOptions(v)
	case "prompt":
		d.fail(request.Unsupported("prompt", "prompt templates live at OpenAI; send the text of the prompt in instructions and input"))
	default:
		r.Extra = append(r.Extra, llm.Field{Name: key, Value: v})
	}
}

func (d *decoder) fail(err *llm.Error) {
	if d.err == nil {
		d.err = err
	}
}

// str is a string; anything else is a fault.
func (d *decoder) str(param string, v []byte) string {
	if !rawjson.IsText(v) && !rawjson.IsNull(v) {
		d.refuse(param, param+" must be a string")
	}
	return rawjson.Text(v)
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

// text reads the shape of the answer's text.
func (d *decoder) text(v []byte) {
	if v[0] != '{' {
		d.refuse("text", "text must be an object")
		return
	}
	for m := range rawjson.Inside(v) {
		switch k := string(m.Key); {
		case rawjson.IsNull(m.Value):
		case k == "format":
			d.format(m.Value)
		default:
			d.req.Extra = append(d.req.Extra, llm.Field{Name: "text." + k, Value: m.Value})
		}
	}
}

func (d *decoder) format(v []byte) {
	const at = "text.format"
	f := &d.req.Format
	switch kind := rawjson.Text(rawjson.Get(v, "type")); kind {
	case "text":
		return
	case "json_object":
		f.Kind = llm.FormatJSON
		return
	case "json_schema":
		f.Kind = llm.FormatSchema
	default:
		d.fail(request.Unsupported(at, at+".type is '"+clip(kind)+"', which is not known here; use text, json_object or json_schema"))
		return
	}
	for m := range rawjson.Inside(v) {
		switch k := string(m.Key); k {
		case "type":
		case "name":
			f.Name = d.str(at+"."+k, m.Value)
		case "description":
			f.Description = d.str(at+"."+k, m.Value)
		case "schema":
			f.Schema = orNil(m.Value)
		case "strict":
			if !rawjson.IsNull(m.Value) {
				f.Strict = d.flag(at+"."+k, m.Value)
			}
		default:
			d.warn(at+"."+k, "dropped")
		}
	}
	if f.Schema == nil {
		d.refuse(at+".schema", at+".schema is missing")
	}
}

func (d *decoder) reasoning(v []byte) {
	if v[0] != '{' {
		d.refuse("reasoning", "reasoning must be an object")
		return
	}
	r := &d.req.Reasoning
	for m := range rawjson.Inside(v) {
		switch k := string(m.Key); {
		case rawjson.IsNull(m.Value):
		case k == "effort":
			r.Effort = d.str("reasoning.effort", m.Value)
		case k == "summary":
			r.Summary = d.str("reasoning.summary", m.Value)
		case k == "generate_summary": // summary's older name
			if r.Summary == "" {
				r.Summary = d.str("reasoning.generate_summary", m.Value)
				d.warn("reasoning.generate_summary", "renamed")
			}
		default:
			d.req.Extra = append(d.req.Extra, llm.Field{Name: "reasoning." + k, Value: m.Value})
		}
	}
}

// include reads what the client wants to see beside the answer. Signed thinking
// is always shown.
func (d *decoder) include(v []byte) {
	for _, e := range rawjson.Elements(v) {
		d.req.Logprobs = d.req.Logprobs || rawjson.Text(e) == "message.output_text.logprobs"
	}
	d.req.Extra = append(d.req.Extra, llm.Field{Name: "include", Value: v})
}

// streamOptions may ask to leave the padding of events out, which ours never
// have.
func (d *decoder) streamOptions(v []byte) {
	for m := range rawjson.Inside(v) {
		if k := string(m.Key); k != "include_obfuscation" && k != "include_usage" {
			d.warn("stream_options."+k, "dropped")
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

// place is where an item of the input stands, in the client's words.
func place(i int) string { return "input[" + strconv.Itoa(i) + "]" }
