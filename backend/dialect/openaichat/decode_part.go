package openaichat

import (
	"bytes"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/request"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// content reads a message's content: nothing, a string or a list of parts.
func (d *decoder) content(at place, v []byte) []llm.Part {
	switch {
	case rawjson.IsNull(v):
		return nil
	case rawjson.IsText(v):
		return []llm.Part{d.Words(v)}
	case v[0] != '[':
		d.Refuse(at.member("content"), at.member("content")+" must be a string or a list of parts")
		return nil
	}
	var parts []llm.Part
	for i, e := range rawjson.Indexed(v) {
		here := at.in(".content", i)
		switch {
		case rawjson.IsText(e):
			parts = append(parts, d.Words(e))
		case e[0] == '{':
			parts = append(parts, d.part(here, e))
		default:
			d.Refuse(here.String(), here.String()+" must be an object")
			return nil
		}
	}
	return parts
}

// part reads one part of a content list. What cannot be read without a loss
// travels as it is, for a service that speaks this dialect too.
func (d *decoder) part(at place, raw []byte) llm.Part {
	kind := rawjson.Text(rawjson.Get(raw, "type"))
	switch kind {
	case "":
		d.Refuse(at.member("type"), at.member("type")+" is missing")
	case "text":
		if t := rawjson.Get(raw, "text"); rawjson.IsText(t) {
			p := d.Words(t)
			p.Extra = extra(raw, "", "type", "text")
			return p
		}
		d.Refuse(at.member("text"), at.member("text")+" must be a string")
	case "refusal":
		return llm.Refusal{Text: rawjson.Text(rawjson.Get(raw, "refusal"))}
	case "image_url":
		if p, ok := image(raw); ok {
			return p
		}
	case "input_audio":
		in := rawjson.Get(raw, kind)
		return llm.Audio{
			Format: rawjson.Text(rawjson.Get(in, "format")),
			Data:   rawjson.Text(rawjson.Get(in, "data")),
			Extra:  append(extra(raw, "", "type", kind), extra(in, kind+".", "format", "data")...),
		}
	case "file":
		return file(raw)
	}
	return llm.Opaque{Minter: minter, Value: raw}
}

func image(raw []byte) (llm.Image, bool) {
	in := rawjson.Get(raw, "image_url")
	p := llm.Image{Extra: extra(raw, "", "type", "image_url")}
	url := in
	if len(in) > 0 && in[0] == '{' {
		url = rawjson.Get(in, "url")
		p.Detail = rawjson.Text(rawjson.Get(in, "detail"))
		p.Extra = append(p.Extra, extra(in, "image_url.", "url", "detail")...)
	}
	if !rawjson.IsText(url) {
		return p, false
	}
	inner := rawjson.Inner(url)
	switch {
	case bytes.HasPrefix(inner, []byte("data:")):
		var ok bool
		p.MIME, p.Data, ok = request.DataURL(rawjson.Text(url))
		return p, ok
	case bytes.HasPrefix(inner, []byte("https:")), bytes.HasPrefix(inner, []byte("http:")):
		p.URL = rawjson.Text(url)
		return p, true
	}
	return p, false
}

func file(raw []byte) llm.File {
	in := rawjson.Get(raw, "file")
	f := llm.File{
		Name: rawjson.Text(rawjson.Get(in, "filename")),
		ID:   rawjson.Text(rawjson.Get(in, "file_id")),
		Data: rawjson.Text(rawjson.Get(in, "file_data")),
	}
	if mime, data, ok := request.DataURL(f.Data); ok {
		f.MIME, f.Data = mime, data
	}
	f.Extra = append(extra(raw, "", "type", "file"), extra(in, "file.", "filename", "file_id", "file_data")...)
	return f
}

// extra are the members of an object that are not among known. A prefix tells
// those of an inner object apart.
func extra(raw []byte, prefix string, known ...string) []llm.Field {
	var out []llm.Field
	if len(raw) == 0 || raw[0] != '{' {
		return nil
	}
next:
	for m := range rawjson.Inside(raw) {
		for _, k := range known {
			if string(m.Key) == k {
				continue next
			}
		}
		out = append(out, llm.Field{Name: prefix + string(m.Key), Value: m.Value})
	}
	return out
}
