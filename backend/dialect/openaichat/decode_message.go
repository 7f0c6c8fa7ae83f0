package openaichat

import (
	"fmt"
	"strconv"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

func (d *decoder) messages(at *rawjson.Cursor) {
	d.Req.Messages = nil
	if at.Kind() != '[' {
		d.Refuse("messages", "messages must be a list")
		return
	}
	for i := range at.List() {
		p := place{list: "messages", i: i}
		if at.Kind() != '{' {
			d.Refuse(p.String(), p.String()+" must be an object")
			return
		}
		d.message(p, at)
		if d.Err != nil {
			return
		}
	}
}

// wireMessage is a message's fields before the role has given them a meaning.
type wireMessage struct {
	content, thought, refusal, legacy []byte
	calls                             []llm.Part
	callID, name                      string
	role                              llm.Role
	extra                             []llm.Field
}

func (d *decoder) message(at place, in *rawjson.Cursor) {
	var w wireMessage
	for key := range in.Object() {
		if string(key) == "tool_calls" {
			w.calls = d.calls(at, in)
		} else {
			d.messageField(at, &w, key, in.Value())
		}
	}
	if d.Err != nil {
		return
	}
	out := llm.Message{Role: w.role, Name: w.name, Extra: w.extra}
	switch w.role {
	case llm.RoleTool:
		out.Name = ""
		out.Parts = []llm.Part{llm.ToolResult{CallID: w.callID, Name: w.name, Parts: d.content(at, w.content)}}
	case llm.RoleSystem, llm.RoleDeveloper, llm.RoleUser, llm.RoleAssistant:
		d.spoken(at, &out, w)
	case "":
		d.Refuse(at.member("role"), at.member("role")+" is missing")
	default:
		d.Refuse(at.member("role"), at.member("role")+" "+strconv.Quote(string(w.role))+" is not known; use system, developer, user, assistant or tool")
	}
	d.Req.Messages = append(d.Req.Messages, out)
}

func (d *decoder) messageField(at place, w *wireMessage, key, v []byte) {
	switch string(key) {
	case "role":
		w.role = llm.Role(d.textAt(at, "role", v))
		if w.role == "function" {
			d.Warn(at.member("role"), "renamed")
			w.role = llm.RoleTool
		}
	case "content":
		w.content = v
	case "name":
		w.name = d.textAt(at, "name", v)
	case "tool_call_id":
		w.callID = d.textAt(at, "tool_call_id", v)
	case "function_call":
		w.legacy = v
	case "refusal":
		w.refusal = v
	case "reasoning_content":
		if rawjson.IsText(v) {
			w.thought = v
		}
	case "reasoning":
		if rawjson.IsText(v) && w.thought == nil {
			d.Warn(at.member("reasoning"), "renamed")
			w.thought = v
		}
	default:
		w.extra = append(w.extra, llm.Field{Name: string(key), Value: v})
	}
}

// spoken gathers the parts of a message that is not a tool's, in the order in
// which a model makes them.
func (d *decoder) spoken(at place, out *llm.Message, w wireMessage) {
	if w.thought != nil {
		out.Parts = append(out.Parts, llm.Thought{Text: rawjson.Text(w.thought)})
	}
	out.Parts = append(out.Parts, d.content(at, w.content)...)
	if rawjson.IsText(w.refusal) {
		out.Parts = append(out.Parts, llm.Refusal{Text: rawjson.Text(w.refusal)})
	}
	out.Parts = append(out.Parts, w.calls...)
	if !rawjson.IsNull(w.legacy) {
		d.Warn(at.member("function_call"), "renamed")
		out.Parts = append(out.Parts, llm.ToolCall{
			Name:      rawjson.Text(rawjson.Get(w.legacy, "name")),
			Arguments: rawjson.Loose(rawjson.Get(w.legacy, "arguments")),
		})
	}
}

// calls reads the calls where they stand; anything but a list has none.
func (d *decoder) calls(at place, in *rawjson.Cursor) (calls []llm.Part) {
	for i := range in.List() {
		here := at.in(".tool_calls", i)
		if in.Kind() != '{' {
			d.Refuse(here.String(), here.String()+" must be an object")
			break
		}
		calls = append(calls, d.call(here, in))
	}
	return calls
}

func (d *decoder) call(at place, in *rawjson.Cursor) llm.ToolCall {
	var c llm.ToolCall
	for key := range in.Object() {
		switch string(key) {
		case "id":
			c.ID = d.textAt(at, "id", in.Value())
		case "type":
		case "function":
			d.named(at, "function", "arguments", in, &c)
		case "custom":
			c.Custom = true
			d.named(at, "custom", "input", in, &c)
		case "extra_content":
			v := in.Value()
			var alone bool
			if c.Signature, alone = signatureIn(v); !alone {
				c.Extra = append(c.Extra, llm.Field{Name: "extra_content", Value: v})
			}
		case "index": // a client that sends the stream's numbering back
			d.Warn(at.member("index"), "dropped")
		default:
			c.Extra = append(c.Extra, llm.Field{Name: string(key), Value: in.Value()})
		}
	}
	return c
}

// named reads the object of a call that has the name and the arguments.
func (d *decoder) named(at place, object, arguments string, in *rawjson.Cursor, c *llm.ToolCall) {
	for key := range in.Object() {
		switch string(key) {
		case "name":
			if v := in.Value(); rawjson.IsText(v) {
				c.Name = rawjson.Text(v)
			} else {
				d.textAt(at, object+".name", v)
			}
		case arguments:
			c.Arguments = rawjson.Loose(in.Value())
		default:
			c.Extra = append(c.Extra, llm.Field{Name: object + "." + string(key), Value: in.Value()})
		}
	}
}

// signatureIn is the thought signature in Google's own place; alone says that
// nothing else is there.
func signatureIn(v []byte) (signature string, alone bool) {
	alone = true
	for m := range rawjson.Inside(v) {
		if string(m.Key) != "google" {
			alone = false
			continue
		}
		for m := range rawjson.Inside(m.Value) {
			if string(m.Key) == "thought_signature" && rawjson.IsText(m.Value) {
				signature = rawjson.Text(m.Value)
			} else {
				alone = false
			}
		}
	}
	return signature, alone && signature != ""
}

// pair gives calls without an id one, and results without an id the oldest call
// that still waits for one. Only the legacy functions and a few local clients
// need it.
func (d *decoder) pair() {
	var waiting []string
	for i := range d.Req.Messages {
		for j, p := range d.Req.Messages[i].Parts {
			switch p := p.(type) {
			case llm.ToolCall:
				if p.ID == "" {
					p.ID = fmt.Sprintf("call_%d_%d", i, j)
					d.Warn(fmt.Sprintf("messages[%d].tool_calls.id", i), "added")
					d.Req.Messages[i].Parts[j] = p
				}
				waiting = append(waiting, p.ID)
			case llm.ToolResult:
				if p.CallID == "" && len(waiting) > 0 {
					p.CallID = waiting[0]
					d.Warn(fmt.Sprintf("messages[%d].tool_call_id", i), "added")
					d.Req.Messages[i].Parts[j] = p
				}
				waiting = without(waiting, p.CallID)
			case llm.Text, llm.Image, llm.Audio, llm.File, llm.Refusal, llm.Thought, llm.Opaque:
			}
		}
	}
}

func without(ids []string, id string) []string {
	for i := range ids {
		if ids[i] == id {
			return append(ids[:i:i], ids[i+1:]...)
		}
	}
	return ids
}
