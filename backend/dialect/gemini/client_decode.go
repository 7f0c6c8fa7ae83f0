package gemini

import (
	"strconv"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/request"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// DecodeRequest reads a request for an answer, or for the count of one.
func (Client) DecodeRequest(h dialect.Head, raw []byte) (*llm.Request, []llm.Warning, *llm.Error) {
	d := newDecoder(h)
	if h.Operation == dialect.CountTokens {
		d.counted(raw)
	} else {
		d.request(raw)
	}
	return d.Done()
}

// DecodeRequest reads the request in Code Assist's envelope.
func (CodeAssistClient) DecodeRequest(h dialect.Head, raw []byte) (*llm.Request, []llm.Warning, *llm.Error) {
	d := newDecoder(h)
	for m := range rawjson.Inside(raw) {
		switch camel(m.Key) {
		case "model":
		case "request":
			d.request(m.Value)
		default:
			// project, user_prompt_id: they are about the account at Google that
			// this client believes to use.
			d.Warn(string(m.Key), "dropped")
		}
	}
	return d.Done()
}

// decoder reads one request. The first fault ends it.
type decoder struct {
	request.Decoder

	calls calls
}

func newDecoder(h dialect.Head) *decoder {
	d := &decoder{Decoder: request.New(h, minter)}
	d.Req.IncludeUsage = true
	return d
}

// keep keeps a field for an upstream of this dialect; any other drops it with a
// note.
func (d *decoder) keep(name string, v []byte) {
	if !rawjson.IsNull(v) {
		d.Keep(name, v)
	}
}

// counted reads the body of countTokens, which holds a conversation alone or a
// whole request.
func (d *decoder) counted(raw []byte) {
	for m := range rawjson.Inside(raw) {
		if camel(m.Key) == "generateContentRequest" {
			d.request(m.Value)
			return
		}
	}
	d.request(raw)
}

// request reads the members of a generateContent. The system's text comes
// first, wherever it stands.
func (d *decoder) request(raw []byte) {
	var contents []byte
	for m := range rawjson.Inside(raw) {
		if rawjson.IsNull(m.Value) {
			continue
		}
		switch name := camel(m.Key); name {
		case "contents":
			contents = m.Value
		case "systemInstruction":
			d.system(m.Value)
		case "tools":
			d.tools(m.Value)
		case "toolConfig":
			d.toolConfig(m.Value)
		case "generationConfig":
			d.generation(m.Value)
		case "model", "sessionId":
			// The path or the envelope names the model; a session is the head's.
		default: // safetySettings, cachedContent, labels, serviceTier, store
			d.keep(name, m.Value)
		}
	}
	for i, c := range repeated(contents) {
		d.content(i, c)
	}
}

// repeated walks a list; proto JSON takes one object for a list of it.
func repeated(v []byte) func(yield func(int, []byte) bool) {
	return func(yield func(int, []byte) bool) {
		if len(v) > 0 && v[0] == '{' {
			yield(0, v)
			return
		}
		i := 0
		for _, e := range rawjson.Elements(v) {
			if !yield(i, e) {
				return
			}
			i++
		}
	}
}

// system reads the system's text: a Content, or a string, which clients send
// too.
func (d *decoder) system(v []byte) {
	m := llm.Message{Role: llm.RoleSystem}
	if rawjson.IsText(v) {
		m.Parts = append(m.Parts, d.Words(v))
	}
	for name := range rawjson.Inside(v) {
		if string(name.Key) != "parts" {
			continue
		}
		for i, p := range repeated(name.Value) {
			if t := rawjson.Get(p, "text"); rawjson.IsText(t) {
				m.Parts = append(m.Parts, d.Words(t))
			} else {
				d.Warn("systemInstruction.parts["+strconv.Itoa(i)+"]", "dropped")
			}
		}
	}
	if len(m.Parts) > 0 {
		d.Req.Messages = append([]llm.Message{m}, d.Req.Messages...)
	}
}

// content reads one turn. Results of tools become messages of their own, in
// front of what else the turn says.
func (d *decoder) content(i int, raw []byte) {
	at := "contents[" + strconv.Itoa(i) + "]"
	if raw[0] != '{' {
		d.Refuse(at, at+" must be an object")
		return
	}
	m := llm.Message{Role: d.role(at, rawjson.Text(rawjson.Get(raw, "role")))}
	if m.Role == llm.RoleAssistant {
		d.calls.step()
	}
	parts := rawjson.Get(raw, "parts")
	if len(parts) > 0 && parts[0] != '[' && parts[0] != '{' && !rawjson.IsNull(parts) {
		d.Refuse(at+".parts", at+".parts must be a list")
		return
	}
	for j, p := range repeated(parts) {
		place := at + ".parts[" + strconv.Itoa(j) + "]"
		if p[0] != '{' {
			d.Refuse(place, place+" must be an object")
			return
		}
		for _, read := range d.part(place, i, j, p) {
			if r, ok := read.(llm.ToolResult); ok {
				d.Req.Messages = append(d.Req.Messages, llm.Message{Role: llm.RoleTool, Parts: []llm.Part{r}})
				continue
			}
			m.Parts = append(m.Parts, read)
		}
	}
	if len(m.Parts) > 0 {
		d.Req.Messages = append(d.Req.Messages, m)
	}
}

// role reads who speaks. Google knows two; the words of other protocols mean
// the same.
func (d *decoder) role(at, role string) llm.Role {
	switch strings.ToLower(role) {
	case "", "user", "function", "tool":
		return llm.RoleUser
	case "model", "assistant":
		return llm.RoleAssistant
	case "system":
		d.Warn(at+".role", "read as the system's:")
		return llm.RoleSystem
	default:
		d.Refuse(at+".role", at+".role is "+strconv.Quote(role)+"; use user or model")
		return llm.RoleUser
	}
}

// calls pairs the results of tools with their calls: by id where there is one,
// else by name and order within the latest step (B34).
type calls struct {
	// all are the ids that were seen, with the tools' names.
	all map[string]string
	// waiting are the calls of the latest step that have no result yet.
	waiting []llm.ToolCall
	answers bool
}

// step begins a turn of the model.
func (c *calls) step() {
	if c.answers {
		c.waiting, c.answers = nil, false
	}
}

func (c *calls) made(call llm.ToolCall) {
	if c.all == nil {
		c.all = map[string]string{}
	}
	c.all[call.ID] = call.Name
	c.waiting = append(c.waiting, call)
}

// answered is the call that a result is for; false is none.
func (c *calls) answered(id, name string) (llm.ToolCall, bool) {
	c.answers = true
	found := -1
	for i, w := range c.waiting {
		if id != "" && w.ID == id {
			found = i
			break
		}
		if found < 0 && w.Name == name {
			found = i
		}
	}
	if known, ok := c.all[id]; ok && (found < 0 || c.waiting[found].ID != id) {
		return llm.ToolCall{ID: id, Name: known}, true
	}
	if found < 0 {
		return llm.ToolCall{}, false
	}
	call := c.waiting[found]
	c.waiting = append(c.waiting[:found:found], c.waiting[found+1:]...)
	return call, true
}
