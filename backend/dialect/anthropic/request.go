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
	d := decoder{Decoder: request.New(h, minter)}
	d.Wording = request.Wording{
		Text: ": Input should be a valid string", Whole: ": Input should be a valid integer", Number: ": Input should be a valid number",
		Content: ": Input should be a valid string or a list of blocks", Object: ": Input should be an object",
	}
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
		if d.Err != nil {
			return nil, nil, d.Err
		}
	}
	if err := at.End(); err != nil {
		return nil, nil, notJSON(raw, err)
	}
	d.think()
	if d.system != nil {
		d.Req.Messages = append([]llm.Message{{Role: llm.RoleSystem, Parts: d.system}}, d.Req.Messages...)
	}
	return d.Req, d.Warnings, d.Err
}

// decoder gathers one request. The first fault ends it.
type decoder struct {
	request.Decoder

	system   []llm.Part
	results  []llm.Message // of the turn that is read
	thinking llm.RawJSON
	effort   string // output_config.effort
}

// known reads one top-level field. Null means unsaid.
func (d *decoder) known(key string, v []byte) {
	r := d.Req
	if rawjson.IsNull(v) || key == "model" || key == "stream" {
		return
	}
	switch key {
	case "system":
		d.system = d.content("system", v)
	case "max_tokens":
		r.MaxTokens = d.Whole(key, v)
	case "temperature":
		r.Temperature = d.Number(key, v)
	case "top_p":
		r.TopP = d.Number(key, v)
	case "top_k":
		r.TopK = d.Whole(key, v)
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
		d.Warn(key, "renamed")
		d.format(key, v)
	default:
		d.Keep(key, v)
	}
}

func (d *decoder) stop(v []byte) {
	if v[0] != '[' {
		d.Refuse("stop_sequences", "stop_sequences: Input should be a valid list")
	}
	i := 0
	for _, e := range rawjson.Elements(v) {
		d.Req.Stop = append(d.Req.Stop, d.Text("stop_sequences["+strconv.Itoa(i)+"]", e))
		i++
	}
}

func (d *decoder) metadata(v []byte) {
	for m := range rawjson.Inside(v) {
		switch at := "metadata." + string(m.Key); at {
		case "metadata.user_id":
			d.Req.User = d.Text(at, m.Value)
		default:
			d.Warn(at, "dropped")
		}
	}
}

func (d *decoder) messages(at *rawjson.Cursor) {
	d.Req.Messages = nil
	for i := range at.List() {
		here := "messages[" + strconv.Itoa(i) + "]"
		if at.Kind() != '{' {
			d.Refuse(here, here+": Input should be an object")
			return
		}
		d.message(here, at)
		if d.Err != nil {
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
			role = d.Text(at+".role", v)
		case "content":
			content = v
		default:
			extra = append(extra, llm.Field{Name: string(key), Value: v})
		}
	}
	if d.Err != nil {
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
		d.Refuse(at+".role", at+".role: Field required")
	default:
		d.Refuse(at+".role", fmt.Sprintf("%s.role: Input should be 'user', 'assistant' or 'system', not %q", at, role))
	}
	if content == nil {
		d.Refuse(at+".content", at+".content: Field required")
		return
	}
	d.results = nil
	m.Parts = d.content(at+".content", content)
	// The results in a user's turn are messages of their own in the vocabulary,
	// before what the user says to them.
	d.Req.Messages = append(d.Req.Messages, d.results...)
	if len(m.Parts) > 0 || d.results == nil {
		d.Req.Messages = append(d.Req.Messages, m)
	}
}
