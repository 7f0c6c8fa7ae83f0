package openairesponses

import (
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/request"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// content reads a message's content: nothing, a string or a list of parts.
func (d *decoder) content(at string, v []byte) []llm.Part {
	return d.Content(at, v, d.part)
}

// part reads one part. What has no place in the vocabulary travels as it is.
func (d *decoder) part(at string, raw []byte, _ int) llm.Part {
	switch kind := rawjson.Text(rawjson.Get(raw, "type")); kind {
	case "":
		d.Refuse(at+".type", at+".type is missing")
	case "input_text", "output_text", "text", "summary_text", "reasoning_text":
		if t := rawjson.Get(raw, "text"); rawjson.IsText(t) {
			p := d.Words(t)
			p.Extra = d.rest(raw, "text", "annotations", "logprobs")
			return p
		}
		d.Refuse(at+".text", at+".text must be a string")
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
		p.MIME, p.Data, ok = request.DataURL(text)
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
	if mime, data, ok := request.DataURL(f.Data); ok {
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
