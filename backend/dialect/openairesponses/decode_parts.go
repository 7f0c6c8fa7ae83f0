package openairesponses

import (
	"strconv"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// words is a text with the token that it was read from, or that alone.
func (d *decoder) words(raw []byte) llm.Text {
	if d.splice {
		return llm.Text{Raw: raw}
	}
	return llm.Text{Text: rawjson.Text(raw), Raw: raw}
}

// content reads a message's content: nothing, a string or a list of parts.
func (d *decoder) content(at string, v []byte) []llm.Part {
	switch {
	case rawjson.IsNull(v):
		return nil
	case rawjson.IsText(v):
		return []llm.Part{d.words(v)}
	case v[0] != '[':
		d.refuse(at, at+" must be a string or a list of parts")
		return nil
	}
	var parts []llm.Part
	i := 0
	for _, e := range rawjson.Elements(v) {
		here := at + "[" + strconv.Itoa(i) + "]"
		i++
		switch {
		case rawjson.IsText(e):
			parts = append(parts, d.words(e))
		case e[0] == '{':
			parts = append(parts, d.part(here, e))
		default:
			d.refuse(here, here+" must be an object")
			return nil
		}
	}
	return parts
}

// part reads one part. What has no place in the vocabulary travels as it is.
func (d *decoder) part(at string, raw []byte) llm.Part {
	switch kind := rawjson.Text(rawjson.Get(raw, "type")); kind {
	case "":
		d.refuse(at+".type", at+".type is missing")
	case "input_text", "output_text", "text", "summary_text", "reasoning_text":
		if t := rawjson.Get(raw, "text"); rawjson.IsText(t) {
			p := d.words(t)
			p.Extra = d.rest(raw, "text", "annotations", "logprobs")
			return p
		}
		d.refuse(at+".text", at+".text must be a string")
	case "refusal":
		return llm.Refusal{Text: rawjson.Text(rawjson.Get(raw, "refusal"))}
	case "input_image":
		if p, ok := d.image(raw); ok {
			return p
		}
	case "input_file":
		if f, ok := d.file(raw); ok {
			return f
		}
	case "input_audio":
		in := rawjson.Get(raw, kind)
		if rawjson.IsNull(in) {
			in = raw
		}
		return llm.Audio{Format: rawjson.Text(rawjson.Get(in, "format")), Data: rawjson.Text(rawjson.Get(in, "data"))}
	}
	return llm.Opaque{Minter: minter, Value: raw}
}

// image reads a picture; false is one that only its service has.
func (d *decoder) image(raw []byte) (llm.Image, bool) {
	p := llm.Image{Detail: rawjson.Text(rawjson.Get(raw, "detail")), Extra: d.rest(raw, "image_url", "detail", "file_id")}
	url := rawjson.Get(raw, "image_url")
	if len(url) > 0 && url[0] == '{' { // as Chat Completions has it
		p.Detail = rawjson.Text(rawjson.Get(url, "detail"))
		url = rawjson.Get(url, "url")
	}
	text := rawjson.Text(url)
	switch {
	case strings.HasPrefix(text, "data:"):
		var ok bool
		p.MIME, p.Data, ok = dataURL(text)
		return p, ok
	case strings.HasPrefix(text, "https:"), strings.HasPrefix(text, "http:"):
		p.URL = text
		return p, true
	}
	return p, false
}

func (d *decoder) file(raw []byte) (llm.File, bool) {
	f := llm.File{
		Name: rawjson.Text(rawjson.Get(raw, "filename")), ID: rawjson.Text(rawjson.Get(raw, "file_id")),
		Data: rawjson.Text(rawjson.Get(raw, "file_data")), Extra: d.rest(raw, "filename", "file_id", "file_data", "file_url"),
	}
	if mime, data, ok := dataURL(f.Data); ok {
		f.MIME, f.Data = mime, data
	}
	return f, f.ID != "" || f.Data != ""
}

// rest are the members of a part that are not among known. What is null says
// nothing.
func (d *decoder) rest(raw []byte, known ...string) []llm.Field {
	var out []llm.Field
next:
	for m := range rawjson.Inside(raw) {
		k := string(m.Key)
		for _, name := range known {
			if k == name {
				d.bare = d.bare || k == "annotations" || k == "logprobs"
				continue next
			}
		}
		if k != "type" && !rawjson.IsNull(m.Value) {
			out = append(out, llm.Field{Name: k, Value: m.Value})
		}
	}
	return out
}

// dataURL takes an address with the data in it apart.
func dataURL(s string) (mime, data string, ok bool) {
	const most = 256 // of a media type
	rest, ok := strings.CutPrefix(s, "data:")
	if !ok {
		return "", "", false
	}
	mime, _, ok = strings.Cut(rest[:min(len(rest), most)], ";base64,")
	if !ok {
		return "", "", false
	}
	return mime, rest[len(mime)+len(";base64,"):], true
}

// sealed begins the content of a thought that another dialect's service signed.
const sealed = "oac1."

// seal is the encrypted content that stands for a signature: that of a service
// of this protocol as it is, any other with the name of its dialect.
func seal(signature, by string) string {
	if signature == "" || by == minter {
		return signature
	}
	return sealed + by + "." + signature
}

// unseal is the inverse of seal.
func unseal(content string) (signature, by string) {
	rest, ok := strings.CutPrefix(content, sealed)
	if !ok {
		return content, minter
	}
	by, signature, ok = strings.Cut(rest, ".")
	if !ok {
		return content, minter
	}
	return signature, by
}
