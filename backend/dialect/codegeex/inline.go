package codegeex

import (
	"io"
	"path"
	"slices"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/answer"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/request"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/sse"
)

// Inline is how we have the site complete code at a cursor, as the extensions do
// while somebody writes. The site answers at once, with no stream, and takes no
// stop words: the text is ended at them here. The zero value is ready.
type Inline struct {
	Upstream
}

var (
	_ dialect.Upstream  = Inline{}
	_ dialect.Completer = Inline{}
	_ dialect.Restorer  = Inline{}
)

// Name is [dialect.CodeGeeXInline].
func (Inline) Name() dialect.Name { return dialect.CodeGeeXInline }

// InlineModels are the models that the site was seen to complete code with. Its
// list names those that chat alone.
func InlineModels() []string { return []string{"codegeex-lite", "codegeex-pro"} }

// Completes says whether the model completes code; the others chat.
func (Inline) Completes(model string, _ bool) bool {
	return slices.Contains(InlineModels(), strings.ToLower(path.Base(model)))
}

// usualTokens is how much the extensions ask for.
const usualTokens = 128

// EncodeRequest writes the two texts as the document that is being edited. The
// site wants to know its language, which nobody tells us: it is guessed, and the
// document is named by it.
func (u Inline) EncodeRequest(r *llm.Request, model string) ([]byte, []llm.Warning, *llm.Error) {
	c := r.Completion
	switch {
	case c == nil:
		return nil, nil, request.Unsupported("messages", model+" completes code and does not chat; choose another model of CodeGeeX")
	case r.Format.Kind != llm.FormatText:
		return nil, nil, request.Unsupported("response_format", "CodeGeeX completes code as it stands; ask for a format in a conversation")
	}
	e := encoder{}
	if err := e.refuse(r); err != nil {
		return nil, nil, err
	}
	rest := *r
	rest.MaxTokens, rest.Stop = nil, nil
	e.drop(&rest)
	if len(r.Messages) > 0 {
		e.warn("messages", "dropped")
	}
	most := usualTokens
	if r.MaxTokens != nil {
		most = *r.MaxTokens
	}
	lang := languageOf(c.Prompt, c.Suffix)
	w := rawjson.Writer{Out: make([]byte, 0, 512+r.Size())}
	w.Out = append(w.Out, '{')
	w.Text("ide", u.Caller.IDE)
	w.Text("ide_version", u.Caller.IDEVersion)
	w.Key("context")
	w.Open('[')
	w.Open('{')
	w.Text("kind", "active_document")
	w.Key("active_document")
	w.Open('{')
	w.Text("path", "untitled"+lang.ending)
	w.Text("prefix", c.Prompt)
	w.Text("suffix", c.Suffix)
	w.Text("lang", lang.name)
	w.Close('}')
	w.Close('}')
	w.Close(']')
	w.Text("model", model)
	w.Text("lang", lang.name)
	w.Int("max_new_tokens", most)
	return append(w.Out, '}'), e.warnings, nil
}

// DecodeReply reads the one text of an answer.
func (u Inline) DecodeReply(_ string, body io.Reader) llm.Stream {
	return answer.Stream(body, inlineWanted, func() answer.Reader { return &inlineReader{} })
}

// Restore ends the text at the first of the request's stop words.
func (Inline) Restore(r *llm.Request, s llm.Stream) llm.Stream {
	if len(r.Stop) == 0 {
		return s
	}
	return func(yield func(llm.Event, error) bool) {
		stopped := false
		for e, err := range s {
			if t, ok := e.(llm.TextDelta); ok { // the whole text is one
				t.Text, stopped = until(t.Text, r.Stop)
				e = t
				if t.Text == "" {
					continue
				}
			}
			if f, ok := e.(llm.Finish); ok && stopped {
				f.Reason = llm.ReasonStop
				e = f
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

// until is what stands before the first stop word.
func until(text string, stop []string) (before string, found bool) {
	at := len(text)
	for _, word := range stop {
		if i := strings.Index(text, word); word != "" && i >= 0 && i < at {
			at = i
		}
	}
	return text[:at], at < len(text)
}

const inlineWanted = "a CodeGeeX completion"

// inlineReader reads one answer.
type inlineReader struct{ answer.Queue }

var _ answer.Reader = (*inlineReader)(nil)

// Done is never so: an answer is one value.
func (*inlineReader) Done() bool { return false }

// Event reads an answer that came as an event, as the chat's do.
func (r *inlineReader) Event(e sse.Event) *llm.Error {
	return answer.Unexpected("something that is not JSON ("+answer.Excerpt(string(e.Data))+")", inlineWanted, nil)
}

// End is the end of a body without a value.
func (*inlineReader) End() *llm.Error { return silent(0) }

// Whole reads the first of the proposals; none is a text that needs nothing.
func (r *inlineReader) Whole(data []byte) *llm.Error {
	if !rawjson.Valid(data) {
		return answer.Unexpected("half a JSON object", inlineWanted, nil)
	}
	if err := faultIn(data); err != nil {
		return err
	}
	list := rawjson.Get(data, "inline_completions")
	if list == nil { // in the envelope of the other addresses
		list = rawjson.Get(rawjson.Get(data, "data"), "inline_completions")
	}
	if len(list) == 0 || list[0] != '[' {
		return answer.Unexpected("JSON without a completion", inlineWanted, nil)
	}
	reason := llm.ReasonStop
	for _, one := range rawjson.Elements(list) {
		if text := rawjson.Text(rawjson.Get(one, "text")); text != "" {
			r.Put(llm.TextDelta{Block: r.NextBlock(), Text: text})
		}
		reason = reasonOf(rawjson.Get(one, "finish_reason"))
		break
	}
	r.Put(llm.Finish{Reason: reason})
	return nil
}
