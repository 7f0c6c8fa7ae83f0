package anthropic

import (
	"fmt"
	"strconv"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/request"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// DecodeRequest reads a body that Head has accepted, of a conversation to be
// answered or to be counted.
func (Client) DecodeRequest(h dialect.Head, raw []byte) (*llm.Request, []llm.Warning, *llm.Error) {
	d := decoder{splice: h.Splice, req: &llm.Request{
		Model: h.Model, Stream: h.Stream, IncludeUsage: h.IncludeUsage, Minter: minter,
	}}
	at := rawjson.Begin(raw)
	if known, ok := h.Scanned.(*scanned); ok {
		at = rawjson.Again(raw, known.long)
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
	d.think()
	if d.system != nil {
		d.req.Messages = append([]llm.Message{{Role: llm.RoleSystem, Parts: d.system}}, d.req.Messages...)
	}
	return d.req, d.warnings, d.err
}

// decoder gathers one request. The first fault ends it.
type decoder struct {
	req      *llm.Request
	warnings []llm.Warning
	err      *llm.Error
	splice   bool // texts stay the tokens that they are

	system   []llm.Part
	results  []llm.Message // of the turn that is read
	thinking llm.RawJSON
	effort   string // output_config.effort
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
	if rawjson.IsNull(v) || key == "model" || key == "stream" {
		return
	}
	switch key {
	case "system":
		d.system = d.content("system", v)
	case "max_tokens":
		r.MaxTokens = d.whole(key, v)
	case "temperature":
		r.Temperature = d.number(key, v)
	case "top_p":
		r.TopP = d.number(key, v)
	case "top_k":
		r.TopK = d.whole(key, v)
	case "stop_sequences":
		d.stop(v)
	case "metadata":
		d.metadata(v)
	case "tool_choice":
		d.choice(v)
	case "thinking":
		d.thinking = v
	case "output_config":
		d.output(v)
	case "output_format": // what output_config.format was called at first
		d.warn(key, "renamed")
		d.format(key, v)
	default:
		r.Extra = append(r.Extra, llm.Field{Name: key, Value: v})
	}
}

// text is the string of a member; anything else is refused.
func (d *decoder) text(at string, v []byte) string {
	if !rawjson.IsText(v) && !rawjson.IsNull(v) {
		d.refuse(at, at+": Input should be a valid string")
		return ""
	}
	return rawjson.Text(v)
}

func (d *decoder) whole(param string, v []byte) *int {
	n, ok := rawjson.Int(v)
	if !ok {
		d.refuse(param, param+": Input should be a valid integer")
		return nil
	}
	return &n
}

func (d *decoder) number(param string, v []byte) *float64 {
	f, ok := rawjson.Float(v)
	if !ok {
		d.refuse(param, param+": Input should be a valid number")
		return nil
	}
	return &f
}

func (d *decoder) stop(v []byte) {
	if v[0] != '[' {
		d.refuse("stop_sequences", "stop_sequences: Input should be a valid list")
	}
	i := 0
	for _, e := range rawjson.Elements(v) {
		d.req.Stop = append(d.req.Stop, d.text("stop_sequences["+strconv.Itoa(i)+"]", e))
		i++
	}
}

func (d *decoder) metadata(v []byte) {
	for m := range rawjson.Inside(v) {
		switch at := "metadata." + string(m.Key); at {
		case "metadata.user_id":
			d.req.User = d.text(at, m.Value)
		default:
			d.warn(at, "dropped")
		}
	}
}

func (d *decoder) messages(at *rawjson.Cursor) {
	d.req.Messages = nil
	for i := range at.List() {
		here := "messages[" + strconv.Itoa(i) + "]"
		if at.Kind() != '{' {
			d.refuse(here, here+": Input should be an object")
			return
		}
		d.message(here, at)
		if d.err != nil {
			return
		}
	}
}

func (d *decoder) message(at string, in *rawjson.Cursor) {
	var role string
	var content []byte
	var extra []llm.Field
	for key := range in.Object() {
		switch v := in.Value(); string(key) {
		case "role":
			role = d.text(at+".role", v)
		case "content":
			content = v
		default:
			extra = append(extra, llm.Field{Name: string(key), Value: v})
		}
	}
	if d.err != nil {
		return
	}
	m := llm.Message{Extra: extra}
	switch role {
	case "user":
		m.Role = llm.RoleUser
	case "assistant":
		m.Role = llm.RoleAssistant
	case "system": // newer agents instruct in the middle of a conversation
		m.Role = llm.RoleSystem
	case "":
		d.refuse(at+".role", at+".role: Field required")
	default:
		d.refuse(at+".role", fmt.Sprintf("%s.role: Input should be 'user', 'assistant' or 'system', not %q", at, role))
	}
	if content == nil {
		d.refuse(at+".content", at+".content: Field required")
		return
	}
	d.results = nil
	m.Parts = d.content(at+".content", content)
	// The results in a user's turn are messages of their own in the vocabulary,
	// before what the user says to them.
	d.req.Messages = append(d.req.Messages, d.results...)
	if len(m.Parts) > 0 || d.results == nil {
		d.req.Messages = append(d.req.Messages, m)
	}
}
