package openairesponses

import (
	"strconv"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// show announces an item, and the part that its text stands in.
func (w *writer) show(dst []byte, it *out) []byte {
	if it.shown {
		return dst
	}
	it.shown = true
	dst = w.index(w.event(dst, "response.output_item.added"))
	dst = w.end(it.append(append(dst, `,"item":`...), inProgress, true))
	switch it.kind {
	case itemText, itemRefusal:
		dst = append(w.part(dst, "response.content_part.added", it), `,"content_index":0,"part":`...)
		return w.end(it.appendPart(dst, true))
	case itemThought, itemCall, itemPicture:
	}
	return dst
}

// summary announces the part that a thought's text stands in. A thought may be
// nothing but a signature.
func (w *writer) summary(dst []byte, it *out) []byte {
	if it.parted {
		return dst
	}
	it.parted = true
	dst = append(w.part(dst, "response.reasoning_summary_part.added", it), `,"summary_index":0,"part":`...)
	return w.end(append(dst, `{"type":"summary_text","text":""}`...))
}

// close ends an item: codex acts on its last event alone.
func (w *writer) close(dst []byte, it *out, s status) []byte {
	switch it.kind {
	case itemText, itemRefusal:
		dst = w.closeMessage(dst, it)
	case itemThought:
		if it.text.Len() > 0 {
			dst = append(w.part(dst, "response.reasoning_summary_text.done", it), `,"summary_index":0,"text":`...)
			dst = w.end(rawjson.AppendString(dst, it.text.String()))
			dst = append(w.part(dst, "response.reasoning_summary_part.done", it), `,"summary_index":0,"part":`...)
			dst = w.end(append(it.appendSummary(dst), '}'))
		}
	case itemCall:
		dst = w.closeCall(dst, it)
	case itemPicture:
	}
	dst = w.index(w.event(dst, "response.output_item.done"))
	dst = append(dst, `,"item":`...)
	from := len(dst)
	dst = it.append(dst, s, false)
	if len(w.done) > 0 {
		w.done = append(w.done, ',')
	}
	w.done = append(w.done, dst[from:]...)
	w.open++
	return w.end(dst)
}

func (w *writer) closeMessage(dst []byte, it *out) []byte {
	for i, c := range it.citations {
		dst = append(w.part(dst, "response.output_text.annotation.added", it), `,"content_index":0,"annotation_index":`...)
		dst = append(strconv.AppendInt(dst, int64(i), 10), `,"annotation":`...)
		dst = w.end(appendCitation(dst, c))
	}
	kind, name := "response.output_text.done", `,"content_index":0,"text":`
	if it.kind == itemRefusal {
		kind, name = "response.refusal.done", `,"content_index":0,"refusal":`
	}
	dst = rawjson.AppendString(append(w.part(dst, kind, it), name...), it.text.String())
	if it.kind == itemText {
		dst = append(append(append(dst, `,"logprobs":[`...), it.logprobs...), ']')
	}
	dst = append(w.part(w.end(dst), "response.content_part.done", it), `,"content_index":0,"part":`...)
	return w.end(it.appendPart(dst, false))
}

func (w *writer) closeCall(dst []byte, it *out) []byte {
	switch {
	case it.name.own != nil:
		return dst
	case it.call.Custom:
		dst = append(w.part(dst, "response.custom_tool_call_input.done", it), `,"input":`...)
	default:
		dst = append(w.part(dst, "response.function_call_arguments.done", it), `,"name":`...)
		dst = append(rawjson.AppendString(dst, it.name.name), `,"arguments":`...)
	}
	return w.end(rawjson.AppendString(dst, it.text.String()))
}

// append appends the item. empty leaves out what is still to come.
func (it *out) append(dst []byte, s status, empty bool) []byte {
	dst = rawjson.AppendString(append(dst, `{"id":`...), it.id)
	switch it.kind {
	case itemText, itemRefusal:
		dst = append(append(append(dst, `,"type":"message","status":"`...), s...), `","role":"assistant","content":[`...)
		if !empty {
			dst = it.appendPart(dst, false)
		}
		return append(dst, "]}"...)
	case itemThought:
		dst = append(dst, `,"type":"reasoning","summary":[`...)
		if !empty && it.text.Len() > 0 {
			dst = append(it.appendSummary(dst), '}')
		}
		dst = append(dst, ']')
		if !empty && it.signature != "" {
			dst = rawjson.AppendString(append(dst, `,"encrypted_content":`...), it.signature)
		}
		return append(dst, '}')
	case itemCall:
		return it.appendCall(dst, s, empty)
	case itemPicture:
		dst = append(append(append(dst, `,"type":"image_generation_call","status":"`...), s...), `","result":`...)
		if empty {
			return append(dst, "null}"...)
		}
		dst = rawjson.AppendString(dst, it.picture.Data)
		_, format, _ := strings.Cut(it.picture.MIME, "/")
		return append(rawjson.AppendString(append(dst, `,"output_format":`...), format), '}')
	default:
		return append(dst, '}')
	}
}

// appendPart appends the part of a message that has its text.
func (it *out) appendPart(dst []byte, empty bool) []byte {
	text := it.text.String()
	if empty {
		text = ""
	}
	if it.kind == itemRefusal {
		return append(rawjson.AppendString(append(dst, `{"type":"refusal","refusal":`...), text), '}')
	}
	dst = append(rawjson.AppendString(append(dst, `{"type":"output_text","text":`...), text), `,"annotations":[`...)
	if !empty {
		for i, c := range it.citations {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendCitation(dst, c)
		}
	}
	dst = append(dst, `],"logprobs":[`...)
	if !empty {
		dst = append(dst, it.logprobs...)
	}
	return append(dst, "]}"...)
}

func (it *out) appendSummary(dst []byte) []byte {
	return rawjson.AppendString(append(dst, `{"type":"summary_text","text":`...), it.text.String())
}

func appendCitation(dst []byte, c llm.Citation) []byte {
	dst = rawjson.AppendString(append(dst, `{"type":"url_citation","url":`...), c.URL)
	dst = rawjson.AppendString(append(dst, `,"title":`...), c.Title)
	dst = strconv.AppendInt(append(dst, `,"start_index":`...), int64(c.Start), 10)
	dst = strconv.AppendInt(append(dst, `,"end_index":`...), int64(c.End), 10)
	return append(dst, '}')
}

func (it *out) appendCall(dst []byte, s status, empty bool) []byte {
	text := it.text.String()
	if empty {
		text = ""
	}
	kind := "function_call"
	switch {
	case it.name.own != nil:
		kind = it.name.own.call
	case it.call.Custom:
		kind = "custom_tool_call"
	}
	dst = append(append(append(dst, `,"type":"`...), kind...), `","status":"`...)
	dst = rawjson.AppendString(append(append(dst, s...), `","call_id":`...), it.call.ID)
	if own := it.name.own; own != nil {
		return it.appendOwn(dst, own, text)
	}
	if it.name.space != "" {
		dst = rawjson.AppendString(append(dst, `,"namespace":`...), it.name.space)
	}
	dst = rawjson.AppendString(append(dst, `,"name":`...), it.name.name)
	if it.call.Custom {
		dst = append(dst, `,"input":`...)
	} else {
		dst = append(dst, `,"arguments":`...)
	}
	return append(rawjson.AppendString(dst, text), '}')
}

// appendOwn appends the arguments of a tool that has item types of its own. What
// is no object says nothing to its client, which then tells the model so.
func (it *out) appendOwn(dst []byte, own *clientTool, text string) []byte {
	arguments := []byte(text)
	if !rawjson.Valid(arguments) || !strings.HasPrefix(strings.TrimSpace(text), "{") {
		arguments = []byte("{}")
	}
	dst = append(dst, `,"`+own.object+`":`...)
	switch own.kind {
	case "local_shell":
		dst = appendWith(dst, arguments, member{"type", `"exec"`}, member{"command", "[]"}, member{"env", "{}"})
	case "tool_search":
		dst = append(append(dst, arguments...), `,"execution":"client"`...)
	default:
		dst = append(dst, arguments...)
	}
	return append(dst, '}')
}
