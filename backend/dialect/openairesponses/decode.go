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
	d := decoder{scan: s, Decoder: request.New(h, minter), results: map[string]bool{}, called: map[string]bool{}}
	d.Req.IncludeUsage = true
	d.names = map[string]tool{}
	for m, err := range rawjson.Members(raw) {
		if d.Err != nil {
			break
		}
		if err != nil {
			return nil, nil, notJSON(raw, err)
		}
		d.known(string(m.Key), m.Value)
	}
	d.conversation()
	d.chooseTools()
	if d.Err == nil && len(d.Req.Messages) == 0 {
		d.Refuse("input", "input is empty; send at least one message")
	}
	if d.Err != nil {
		return nil, nil, d.Err
	}
	s.names = d.names
	return d.Req, d.Warnings, nil
}

// decoder gathers one request. The first fault ends it.
type decoder struct {
	*scan
	request.Decoder

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

// known reads one top-level field. Null means unsaid.
func (d *decoder) known(key string, v []byte) {
	r := d.Req
	if rawjson.IsNull(v) {
		return
	}
	switch key {
	case "model", "stream", "input", "background", "conversation", "generate":
	case "previous_response_id":
		d.Warn(key, "resolved here:")
	case "store":
		// Kept here; a service of this protocol need not know.
		if string(v) != "false" {
			d.Warn(key, "kept here, not at the service:")
		}
		r.Extra = append(r.Extra, llm.Field{Name: key, Value: []byte("false")})
	case "instructions":
		d.instructions = v
	case "tools":
		d.tools = v
	case "tool_choice":
		d.choice = v
	case "parallel_tool_calls":
		r.ParallelToolCalls = d.Flag(key, v)
	case "max_output_tokens":
		r.MaxTokens, r.MaxTokensName = d.Whole(key, v), "max_output_tokens"
	case "temperature":
		r.Temperature = d.Number(key, v)
	case "top_p":
		r.TopP = d.Number(key, v)
	case "top_logprobs":
		if r.TopLogprobs = d.Whole(key, v); r.TopLogprobs != nil {
			r.Logprobs = r.Logprobs || *r.TopLogprobs > 0
		}
	case "text":
		d.text(v)
	case "reasoning":
		d.reasoning(v)
	case "include":
		d.include(v)
	case "user":
		r.User = d.Text(key, v)
	case "stream_options":
		d.streamOptions(v)
	case "prompt":
		d.Fail(request.Unsupported("prompt", "prompt templates live at OpenAI; send the text of the prompt in instructions and input"))
	default:
		d.Keep(key, v)
	}
}

// text reads the shape of the answer's text.
func (d *decoder) text(v []byte) {
	if v[0] != '{' {
		d.Refuse("text", "text must be an object")
		return
	}
	for m := range rawjson.Inside(v) {
		switch k := string(m.Key); {
		case rawjson.IsNull(m.Value):
		case k == "format":
			d.format(m.Value)
		default:
			d.Keep("text."+k, m.Value)
		}
	}
}

func (d *decoder) format(v []byte) {
	const at = "text.format"
	f := &d.Req.Format
	switch kind := rawjson.Text(rawjson.Get(v, "type")); kind {
	case "text":
		return
	case "json_object":
		f.Kind = llm.FormatJSON
		return
	case "json_schema":
		f.Kind = llm.FormatSchema
	default:
		d.Fail(request.Unsupported(at, at+".type is '"+clip(kind)+"', which is not known here; use text, json_object or json_schema"))
		return
	}
	for m := range rawjson.Inside(v) {
		switch k := string(m.Key); k {
		case "type":
		case "name":
			f.Name = d.Text(at+"."+k, m.Value)
		case "description":
			f.Description = d.Text(at+"."+k, m.Value)
		case "schema":
			f.Schema = rawjson.OrNil(m.Value)
		case "strict":
			if !rawjson.IsNull(m.Value) {
				f.Strict = d.Flag(at+"."+k, m.Value)
			}
		default:
			d.Warn(at+"."+k, "dropped")
		}
	}
	if f.Schema == nil {
		d.Refuse(at+".schema", at+".schema is missing")
	}
}

func (d *decoder) reasoning(v []byte) {
	if v[0] != '{' {
		d.Refuse("reasoning", "reasoning must be an object")
		return
	}
	r := &d.Req.Reasoning
	for m := range rawjson.Inside(v) {
		switch k := string(m.Key); {
		case rawjson.IsNull(m.Value):
		case k == "effort":
			r.Effort = d.Text("reasoning.effort", m.Value)
		case k == "summary":
			r.Summary = d.Text("reasoning.summary", m.Value)
		case k == "generate_summary": // summary's older name
			if r.Summary == "" {
				r.Summary = d.Text("reasoning.generate_summary", m.Value)
				d.Warn("reasoning.generate_summary", "renamed")
			}
		default:
			d.Keep("reasoning."+k, m.Value)
		}
	}
}

// include reads what the client wants to see beside the answer. Signed thinking
// is always shown.
func (d *decoder) include(v []byte) {
	for _, e := range rawjson.Elements(v) {
		d.Req.Logprobs = d.Req.Logprobs || rawjson.Text(e) == "message.output_text.logprobs"
	}
	d.Keep("include", v)
}

// streamOptions may ask to leave the padding of events out, which ours never
// have.
func (d *decoder) streamOptions(v []byte) {
	for m := range rawjson.Inside(v) {
		if k := string(m.Key); k != "include_obfuscation" && k != "include_usage" {
			d.Warn("stream_options."+k, "dropped")
		}
	}
}

// place is where an item of the input stands, in the client's words.
func place(i int) string { return "input[" + strconv.Itoa(i) + "]" }
