package gemini

import (
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// clientPart is one part of a client's turn, its members as they stand.
type clientPart struct {
	at        string
	raw       []byte
	thought   bool
	signature string
	// kind is the name of the member with the data, value its value.
	kind  string
	value []byte
	level string // of mediaResolution
}

// part reads one part. A signature beside a text becomes a thought without words
// behind it, which is what a signature proves.
func (d *decoder) part(at string, turn, index int, raw []byte) []llm.Part {
	p := clientPart{at: at, raw: raw}
	for m := range rawjson.Inside(raw) {
		d.partMember(&p, m)
	}
	signature, by := minted(p.signature)
	switch p.kind {
	case "":
		if p.signature != "" {
			return []llm.Part{llm.Thought{Signature: signature, Minter: by}}
		}
		// Google's Go SDK makes {} of a part with an empty text.
		d.Warn(at, "dropped the empty")
		return nil
	case "text":
		return d.said(&p, signature, by)
	case "inlineData", "fileData":
		return signed(d.media(&p), signature, by)
	case "functionCall":
		return []llm.Part{d.call(&p, turn, index)}
	case "functionResponse":
		return []llm.Part{d.response(&p)}
	default: // executableCode, codeExecutionResult, toolCall, toolResponse
		return []llm.Part{llm.Opaque{Minter: minter, Value: raw}}
	}
}

func (d *decoder) partMember(p *clientPart, m rawjson.Member) {
	if rawjson.IsNull(m.Value) {
		return
	}
	switch name := camel(m.Key); name {
	case "thought":
		p.thought = string(m.Value) == "true"
	case "thoughtSignature":
		p.signature = rawjson.Text(m.Value)
	case "mediaResolution":
		p.level = rawjson.Text(rawjson.Get(m.Value, "level"))
		if rawjson.IsText(m.Value) {
			p.level = rawjson.Text(m.Value)
		}
	case "videoMetadata", "partMetadata", "audioTranscription", "mediaProcessing", "speechMetadata":
		d.Warn(p.at+"."+string(m.Key), "dropped")
	default:
		// An empty text beside other data says nothing.
		if p.kind == "" || p.kind == "text" {
			p.kind, p.value = name, m.Value
		}
	}
}

func signed(p llm.Part, signature, by string) []llm.Part {
	switch {
	case p == nil:
		return nil
	case signature == "":
		return []llm.Part{p}
	}
	return []llm.Part{p, llm.Thought{Signature: signature, Minter: by}}
}

// said is a text, or what the model thought.
func (d *decoder) said(p *clientPart, signature, by string) []llm.Part {
	if !rawjson.IsText(p.value) {
		d.Refuse(p.at+".text", p.at+".text must be a string")
		return nil
	}
	if p.thought {
		return []llm.Part{llm.Thought{Text: rawjson.Text(p.value), Signature: signature, Minter: by}}
	}
	t := d.Words(p.value)
	if t.Empty() && signature != "" {
		return []llm.Part{llm.Thought{Signature: signature, Minter: by}}
	}
	return signed(t, signature, by)
}

// media is a picture, a sound or a document, inline or by its address.
func (d *decoder) media(p *clientPart) llm.Part {
	var mime, data, uri, name string
	for m := range rawjson.Inside(p.value) {
		switch camel(m.Key) {
		case "mimeType":
			mime = strings.ToLower(rawjson.Text(m.Value))
		case "data":
			data = rawjson.Text(m.Value)
		case "fileUri":
			uri = rawjson.Text(m.Value)
		case "displayName":
			name = rawjson.Text(m.Value)
		default:
			d.Warn(p.at+"."+p.kind+"."+string(m.Key), "dropped")
		}
	}
	switch {
	case data == "" && uri == "":
		d.Refuse(p.at+"."+p.kind, p.at+"."+p.kind+" holds neither data nor fileUri")
		return nil
	case mime == "" && data != "":
		d.Refuse(p.at+"."+p.kind+".mimeType", p.at+"."+p.kind+".mimeType is missing")
		return nil
	}
	kind, subtype, _ := strings.Cut(mime, "/")
	switch {
	case kind == "image":
		if name != "" {
			d.Warn(p.at+"."+p.kind+".displayName", "dropped")
		}
		return llm.Image{MIME: mime, Data: data, URL: uri, Detail: d.detail(p)}
	case kind == "audio" && data != "":
		return llm.Audio{Format: audioFormat(subtype), Data: data}
	default:
		return llm.File{Name: name, MIME: mime, Data: data, ID: uri}
	}
}

// detail is a picture's resolution in OpenAI's words, which know two.
func (d *decoder) detail(p *clientPart) string {
	switch strings.TrimPrefix(p.level, "MEDIA_RESOLUTION_") {
	case "":
		return ""
	case "LOW":
		return "low"
	case "HIGH", "ULTRA_HIGH":
		return "high"
	default:
		d.Warn(p.at+".mediaResolution", "dropped")
		return ""
	}
}

// audioFormat is OpenAI's name of a sound's format.
func audioFormat(subtype string) string {
	switch subtype {
	case "mpeg", "mpga":
		return "mp3"
	case "x-wav", "wave", "vnd.wave":
		return "wav"
	default:
		return subtype
	}
}

// call is the model's call of a function. One without an id gets one by its
// place, which is the same in every turn.
func (d *decoder) call(p *clientPart, turn, index int) llm.Part {
	c := llm.ToolCall{Arguments: "{}"}
	for m := range rawjson.Inside(p.value) {
		switch camel(m.Key) {
		case "id":
			c.ID = rawjson.Text(m.Value)
		case "name":
			c.Name = rawjson.Text(m.Value)
		case "args":
			c.Arguments = compact(m.Value)
		default: // partialArgs, willContinue
			d.Warn(p.at+".functionCall."+string(m.Key), "dropped")
		}
	}
	if c.Name == "" {
		d.Refuse(p.at+".functionCall.name", p.at+".functionCall.name is missing")
	}
	if _, taken := d.calls.all[c.ID]; taken || c.ID == "" {
		c.ID = "call_" + strconv.Itoa(turn) + "_" + strconv.Itoa(index)
	}
	// A signature of another service was never on a call.
	if signature, by := minted(p.signature); by == minter {
		c.Signature = signature
	}
	d.calls.made(c)
	return c
}

// response is what a function gave.
func (d *decoder) response(p *clientPart) llm.Part {
	var id, name string
	r := llm.ToolResult{}
	for m := range rawjson.Inside(p.value) {
		switch camel(m.Key) {
		case "id":
			id = rawjson.Text(m.Value)
		case "name":
			name = rawjson.Text(m.Value)
		case "response":
			d.output(&r, m.Value)
		case "parts":
			for i, e := range repeated(m.Value) {
				d.enclosed(&r, p.at+".functionResponse.parts["+strconv.Itoa(i)+"]", e)
			}
		default: // willContinue, scheduling
			d.Warn(p.at+".functionResponse."+string(m.Key), "dropped")
		}
	}
	call, ok := d.calls.answered(id, name)
	if !ok {
		d.Refuse(p.at+".functionResponse", p.at+".functionResponse answers no functionCall: none before it is called "+strconv.Quote(name))
	}
	r.CallID, r.Name = call.ID, call.Name
	return r
}

// output reads a response: the text in it where it is nothing but that, verbatim
// (B34a), else the JSON that it is.
func (d *decoder) output(r *llm.ToolResult, v []byte) {
	said, members := v, 0
	for m := range rawjson.Inside(v) {
		members++
		switch string(m.Key) {
		case "output":
			said = m.Value
		case "error":
			said, r.Failed = m.Value, !rawjson.IsNull(m.Value)
		}
	}
	if members != 1 {
		said = v // the error is a part of it then
	}
	if rawjson.IsText(said) {
		r.Parts = append(r.Parts, d.Words(said))
		return
	}
	r.Parts = append(r.Parts, llm.Text{Text: compactValue(said)})
}

// compactValue is a JSON value as one line.
func compactValue(v []byte) string {
	if len(v) > 0 && v[0] == '{' {
		return compact(v)
	}
	return string(v)
}

// enclosed reads media within a function's response.
func (d *decoder) enclosed(r *llm.ToolResult, at string, raw []byte) {
	p := clientPart{at: at, raw: raw}
	for m := range rawjson.Inside(raw) {
		d.partMember(&p, m)
	}
	if p.kind != "inlineData" && p.kind != "fileData" {
		d.Warn(at, "dropped")
		return
	}
	if read := d.media(&p); read != nil {
		r.Parts = append(r.Parts, read)
	}
}

// mark begins a signature that is not Google's: clients of this protocol send
// it back where Google's would stand, and read it as base64. Its length is a
// multiple of three, so that all such signatures begin alike in base64 too.
const mark = "minted elsewhere: "

// sealed is a signature as this protocol carries it.
func sealed(signature, by string) string {
	if _, err := base64.StdEncoding.DecodeString(signature); err == nil && (by == minter || by == "") {
		return signature
	}
	return base64.StdEncoding.EncodeToString([]byte(mark + by + "\n" + signature))
}

// minted undoes sealed.
func minted(signature string) (opened, by string) {
	raw, err := base64.StdEncoding.DecodeString(signature)
	if err != nil || !strings.HasPrefix(string(raw), mark) {
		return signature, minter
	}
	by, opened, _ = strings.Cut(string(raw[len(mark):]), "\n")
	if by == "" {
		by = minter
	}
	return opened, by
}
