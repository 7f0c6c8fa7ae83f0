package codegeex

import (
	"bytes"
	"io"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/answer"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/sse"
)

// wanted is what an answer should have been.
const wanted = "a CodeGeeX answer"

// DecodeReply reads a streamed or a whole answer.
func (u Upstream) DecodeReply(_ string, body io.Reader) llm.Stream {
	return answer.Stream(body, wanted, func() answer.Reader { return &reader{} })
}

// reader reads one answer.
type reader struct {
	answer.Queue

	added     bool // text came in pieces, so that the last event repeats it
	events    int  // how many there were
	block     int
	finish    []byte // the reason, if one was given
	finished  bool
	citations []llm.Citation
}

var _ answer.Reader = (*reader)(nil)

// Done says that the event that ends an answer was read.
func (r *reader) Done() bool { return r.finished }

// Event reads one event. The name says what it is; one without a name is a
// piece of the answer.
func (r *reader) Event(e sse.Event) *llm.Error {
	data := bytes.TrimSpace(e.Data)
	if len(data) == 0 {
		return nil
	}
	if string(data) == "[DONE]" { // not this protocol's, but some gateways end with it
		r.finished = r.added
		return nil
	}
	if data[0] != '{' || !rawjson.Valid(data) {
		return answer.Unexpected("something that is not JSON ("+answer.Excerpt(string(data))+")", wanted, nil)
	}
	if err := faultIn(data); err != nil {
		return err
	}
	r.events++
	r.identify(data)
	switch string(e.Type) {
	case "add", "":
		r.add(data)
	case "finish":
		r.end(data)
	case "processing":
		r.cite(rawjson.Get(data, "data"))
	case "error":
		return unnamed(data)
	}
	return nil
}

func (r *reader) identify(data []byte) {
	if id := rawjson.Text(rawjson.Get(data, "id")); r.Start.ID == "" {
		r.Start.ID = id
	}
	if model := rawjson.Text(rawjson.Get(data, "model")); r.Start.Model == "" {
		r.Start.Model = model
	}
}

func (r *reader) add(data []byte) {
	r.text(rawjson.Text(rawjson.Get(data, "text")))
	r.reason(data)
}

func (r *reader) reason(data []byte) {
	if v := rawjson.Get(data, "finish_reason"); rawjson.Text(v) != "" {
		r.finish = bytes.Clone(v)
	}
}

func (r *reader) text(s string) {
	if s == "" {
		return
	}
	if !r.added {
		r.added = true
		r.block = r.NextBlock()
	}
	r.Put(llm.TextDelta{Block: r.block, Text: s})
}

// end reads the event that ends the answer and repeats it.
func (r *reader) end(data []byte) {
	if !r.added {
		r.text(rawjson.Text(rawjson.Get(data, "text")))
	}
	r.reason(data)
	r.finished = true
}

// cite keeps a page that the site has read for the answer.
func (r *reader) cite(data []byte) {
	citation := rawjson.Get(data, "citation")
	if url := rawjson.Text(rawjson.Get(citation, "url")); url != "" {
		r.citations = append(r.citations, llm.Citation{URL: url, Title: rawjson.Text(rawjson.Get(citation, "title"))})
	}
}

// End reads the end of the body. An answer is finished by its last event, or by
// a reason that came with a piece; one that just stops is cut (B23a).
func (r *reader) End() *llm.Error {
	switch {
	case !r.added && r.finished:
		return answer.Empty(reasonOf(r.finish))
	case !r.added:
		return silent(r.events)
	case !r.finished && r.finish == nil:
		return answer.Cut()
	}
	r.Put(llm.Finish{Reason: reasonOf(r.finish), Citations: r.citations})
	return nil
}

// Whole reads an answer that is one JSON object: the answer to a request that
// wanted no events, or an error under a status of success.
func (r *reader) Whole(data []byte) *llm.Error {
	if !rawjson.Valid(data) {
		return answer.Unexpected("half a JSON object", wanted, nil)
	}
	if err := faultIn(data); err != nil {
		return err
	}
	from := data
	if rawjson.Get(data, "text") == nil { // in the envelope of the other addresses
		from = rawjson.Get(data, "data")
	}
	if rawjson.Get(from, "text") == nil {
		return answer.Unexpected("JSON without a text", wanted, nil)
	}
	r.identify(from)
	r.end(from)
	return r.End()
}

// reasonOf maps a finish reason. The site is known to say stop and length.
func reasonOf(finish []byte) llm.Reason {
	switch rawjson.Text(finish) {
	case "length", "max_tokens":
		return llm.ReasonLength
	case "sensitive", "content_filter":
		return llm.ReasonContent
	default:
		return llm.ReasonStop
	}
}
