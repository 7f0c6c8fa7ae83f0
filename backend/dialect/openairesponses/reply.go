package openairesponses

import (
	"io"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// EncodeReply writes a whole answer, and keeps it.
func (c Client) EncodeReply(w io.Writer, r *llm.Reply, model string, h dialect.Head) error {
	_, err := w.Write(appendReply(nil, r, model, scanOf(h, c)))
	return err
}

func appendReply(dst []byte, r *llm.Reply, model string, s *scan) []byte {
	w := newWriter(s, model)
	w.identify(r.Start)
	w.begun = true
	for i, p := range r.Parts {
		w.item(i, p)
	}
	w.attach(r.Logprobs)
	w.conclude(r.Finish)
	for w.open < len(w.items) {
		w.close(nil, w.items[w.open], w.lastStatus())
	}
	w.response.output = w.done
	from := len(dst)
	dst = w.response.append(dst)
	s.keep(w.response.id, dst[from:])
	return dst
}

// item makes the item of one part.
func (w *writer) item(block int, p llm.Part) {
	switch p := p.(type) {
	case llm.Text:
		w.at(itemText, block).text.WriteString(p.Text)
	case llm.Thought:
		it := w.at(itemThought, block)
		it.text.WriteString(p.Text)
		it.signature = seal(p.Signature, p.Minter)
	case llm.Refusal:
		w.at(itemRefusal, block).text.WriteString(p.Text)
	case llm.Image:
		w.at(itemPicture, block).picture = llm.ImageDelta{MIME: p.MIME, Data: p.Data}
	case llm.ToolCall:
		w.call(llm.ToolCallStart{Block: block, ID: p.ID, Name: p.Name, Custom: p.Custom})
		w.at(itemCall, block).text.WriteString(p.Arguments)
	case llm.Audio, llm.File, llm.ToolResult, llm.Opaque: // no answer has them
	}
}

// attach hangs the log probabilities on the first text.
func (w *writer) attach(list []llm.RawJSON) {
	for _, it := range w.items {
		if it.kind == itemText {
			for _, l := range list {
				it.logprobs = appendLogprobs(it.logprobs, l)
			}
			return
		}
	}
}
