package completions

import (
	"bytes"
	"slices"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/answer"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/infill"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// edit replaces the bytes of a span.
type edit struct {
	at   dialect.Span
	with []byte
}

// splice appends src with its edits, which do not overlap.
func splice(dst, src []byte, edits []edit) []byte {
	slices.SortStableFunc(edits, func(a, b edit) int { return a.at.From - b.at.From })
	at := 0
	for _, e := range edits {
		dst = append(dst, src[at:e.at.From]...)
		dst = append(dst, e.with...)
		at = e.at.To
	}
	return append(dst, src[at:]...)
}

// CarryRequest splices the model, the usage flags and, with the marks of a
// family, the prompt into the client's body.
func (u Upstream) CarryRequest(dst, raw []byte, h dialect.Head, model string) ([]byte, []llm.Warning, *llm.Error) {
	more, ok := h.Scanned.(*scanned)
	if !ok {
		return dst, nil, &llm.Error{Kind: llm.KindInternal, Message: "internal error: the head of a completion is missing"}
	}
	c := carriage{Upstream: u, raw: raw, head: h, more: more}
	c.put(h.ModelAt, `"model":`, rawjson.AppendString(nil, model))
	c.stream()
	if err := c.marks(model); err != nil {
		return dst, nil, err
	}
	c.drop()
	return splice(dst, raw, c.edits), c.warnings, nil
}

// carriage gathers the edits of one body.
type carriage struct {
	Upstream

	raw      []byte
	head     dialect.Head
	more     *scanned
	edits    []edit
	warnings []llm.Warning
}

func (c *carriage) warn(field, what string) {
	c.warnings = append(c.warnings, llm.Warning{Field: field, What: what})
}

// put replaces a value, or adds the member behind the body's opening brace.
func (c *carriage) put(at dialect.Span, name string, value []byte) {
	if at.Found() {
		c.edits = append(c.edits, edit{at, value})
		return
	}
	behind := c.head.ObjectAt.From + 1
	with := append(append([]byte(name), value...), ',')
	c.edits = append(c.edits, edit{dialect.Span{From: behind, To: behind}, with})
}

// stream makes the flag a flag and asks for usage, which the log needs even where
// the client does not.
func (c *carriage) stream() {
	h := c.head
	if h.StreamAt.Found() && c.raw[h.StreamAt.From] == '"' {
		c.put(h.StreamAt, "", bytes.Trim(c.raw[h.StreamAt.From:h.StreamAt.To], `"`))
		c.warn("stream", "read as a flag: text in")
	}
	switch {
	case !c.usageFlag():
		if h.StreamOptionsAt.Found() {
			c.put(h.StreamOptionsAt, "", []byte("null"))
			c.warn("stream_options", "dropped")
		}
	case !h.IncludeUsage:
		c.put(h.StreamOptionsAt, `"stream_options":`, []byte(`{"include_usage":true}`))
		c.warn("stream_options", "added include_usage to")
	}
}

// usageFlag says whether the service is to be asked for the usage.
func (c *carriage) usageFlag() bool { return c.head.Stream && !c.FIM && !c.NoStreamOptions }

// marks puts the suffix into the prompt for a service that has none.
func (c *carriage) marks(model string) *llm.Error {
	family, known := infill.For(model)
	if !c.Marks || !c.head.Infill || !known {
		return nil
	}
	d := decoder{req: &llm.Request{Completion: &llm.Completion{}}}
	d.prompt(c.raw[c.more.promptAt.From:c.more.promptAt.To])
	if d.err != nil {
		return d.err
	}
	at := c.more.suffixAt
	prompt := family.Prompt(d.req.Completion.Prompt, rawjson.Text(c.raw[at.From:at.To]))
	c.put(c.more.promptAt, "", rawjson.AppendString(nil, prompt))
	c.put(at, "", []byte("null"))
	c.warn("suffix", "put into the prompt with the model's marks:")
	return nil
}

// drop leaves out what the service refuses.
func (c *carriage) drop() {
	if len(c.Drop) == 0 {
		return
	}
	for m := range rawjson.Inside(c.raw) {
		if slices.Contains(c.Drop, string(m.Key)) && !rawjson.IsNull(m.Value) {
			from := c.head.ObjectAt.From + m.At
			c.put(dialect.Span{From: from, To: from + len(m.Value)}, "", []byte("null"))
			c.warn(string(m.Key), "dropped")
		}
	}
}

// CarryReply passes a whole answer on with the asked model's name in it.
func (u Upstream) CarryReply(dst, raw []byte, _ dialect.Head, asked string) ([]byte, dialect.Seen, *llm.Error) {
	var c chunk
	base := bytes.IndexByte(raw, '{')
	if base < 0 {
		return dst, dialect.Seen{}, answer.Unexpected("something that is not JSON ("+answer.Excerpt(string(raw))+")", wanted, nil)
	}
	if err := c.parse(raw); err != nil {
		return dst, dialect.Seen{}, err
	}
	switch {
	case c.fault != nil:
		return dst, dialect.Seen{}, u.fault(c.fault)
	case !c.listed:
		return dst, dialect.Seen{}, answer.Unexpected("an object without choices", wanted, nil)
	}
	seen := dialect.Seen{Token: true, Model: rawjson.Text(c.model.raw), Reason: llm.ReasonStop}
	if len(c.choices) > 0 {
		seen.Reason = reasonOf(c.choices[0].finish.raw)
	}
	if c.usage.raw != nil {
		seen.Usage = usageOf(c.usage.raw)
	}
	var edits []edit
	if c.model.raw != nil && seen.Model != asked {
		at := c.model.span()
		edits = append(edits, edit{dialect.Span{From: base + at.From, To: base + at.To}, rawjson.AppendString(nil, asked)})
	}
	return splice(dst, raw, edits), seen, nil
}
