package completions

import (
	"bytes"
	"slices"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/answer"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/carriage"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/infill"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/request"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// CarryRequest splices the model, the usage flags and, with the marks of a
// family, the prompt into the client's body.
func (u Upstream) CarryRequest(dst, raw []byte, h dialect.Head, model string) ([]byte, []llm.Warning, *llm.Error) {
	more, ok := h.Scanned.(*scanned)
	if !ok {
		return dst, nil, &llm.Error{Kind: llm.KindInternal, Message: "internal error: the head of a completion is missing"}
	}
	c := carried{Body: carriage.Body{Raw: raw, Head: h}, Upstream: u, more: more}
	c.Model(model)
	c.stream()
	if err := c.marks(model); err != nil {
		return dst, nil, err
	}
	c.drop()
	return c.Append(dst), c.Warnings, nil
}

// carried is one body with its edits.
type carried struct {
	carriage.Body
	Upstream

	more *scanned
}

// stream makes the flag a flag and asks for usage, which the log needs even where
// the client does not.
func (c *carried) stream() {
	c.Stream()
	h := c.Head
	switch {
	case !c.usageFlag():
		if h.StreamOptionsAt.Found() {
			c.Replace(h.StreamOptionsAt, []byte("null"))
			c.Warn("stream_options", "dropped")
		}
	case !h.IncludeUsage:
		c.Put(h.StreamOptionsAt, "stream_options", []byte(`{"include_usage":true}`))
		c.Warn("stream_options", "added include_usage to")
	}
}

// usageFlag says whether the service is to be asked for the usage.
func (c *carried) usageFlag() bool { return c.Head.Stream && !c.FIM && !c.NoStreamOptions }

// marks puts the suffix into the prompt for a service that has none.
func (c *carried) marks(model string) *llm.Error {
	family, known := infill.For(model)
	if !c.Marks || !c.Head.Infill || !known {
		return nil
	}
	d := decoder{request.New(c.Head, minter)}
	d.Req.Completion = &llm.Completion{}
	d.prompt(c.Raw[c.more.promptAt.From:c.more.promptAt.To])
	if d.Err != nil {
		return d.Err
	}
	at := c.more.suffixAt
	prompt := family.Prompt(d.Req.Completion.Prompt, rawjson.Text(c.Raw[at.From:at.To]))
	c.Replace(c.more.promptAt, rawjson.AppendString(nil, prompt))
	c.Replace(at, []byte("null"))
	c.Warn("suffix", "put into the prompt with the model's marks:")
	return nil
}

// drop leaves out what the service refuses.
func (c *carried) drop() {
	if len(c.Drop) == 0 {
		return
	}
	for m := range rawjson.Inside(c.Raw) {
		if slices.Contains(c.Drop, string(m.Key)) && !rawjson.IsNull(m.Value) {
			c.Unsay(m)
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
	seen := dialect.Seen{Token: true, Model: rawjson.Text(c.model.Value), Reason: llm.ReasonStop}
	if len(c.choices) > 0 {
		seen.Reason = reasonOf(c.choices[0].finish)
	}
	if c.usage.Value != nil {
		seen.Usage = usageOf(c.usage.Value)
	}
	var edits []carriage.Edit
	if c.model.Value != nil && seen.Model != asked {
		edits = append(edits, carriage.Replace(base, c.model, rawjson.AppendString(nil, asked)))
	}
	return carriage.Splice(dst, raw, edits), seen, nil
}
