package anthropic

import (
	"io"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// EncodeReply writes a whole answer.
func (c Client) EncodeReply(w io.Writer, r *llm.Reply, model string, h dialect.Head) error {
	_, err := w.Write(c.appendReply(nil, r, model, h))
	return err
}

func (Client) appendReply(dst []byte, r *llm.Reply, model string, h dialect.Head) []byte {
	// What stands in dst would put a comma before the message.
	j := writer{out: make([]byte, 0, 1<<10)}
	j.open('{')
	messageHead(&j, r.Start.ID, model)
	reason := stopReason(r.Finish.Reason)
	j.key("content")
	j.open('[')
	last := lastText(r.Parts)
	for i, p := range r.Parts {
		var cited []llm.Citation
		if i == last {
			cited = r.Finish.Citations
		}
		appendBlock(&j, p, cited)
		if _, ok := p.(llm.Refusal); ok && r.Finish.Reason == llm.ReasonStop {
			reason = stopReason(llm.ReasonContent)
		}
	}
	j.close(']')
	j.text("stop_reason", reason)
	j.raw("stop_sequence", llm.RawJSON("null"))
	u := r.Finish.Usage
	if !u.Known {
		u.Input = tokensOf(h)
	}
	j.key("usage")
	j.out = append(j.out, usageObject(u, true)...)
	j.close('}')
	return append(dst, j.out...)
}

// lastText is where the sources of an answer are named; -1 is nowhere.
func lastText(parts []llm.Part) int {
	last := -1
	for i, p := range parts {
		if _, ok := p.(llm.Text); ok {
			last = i
		}
	}
	return last
}

// appendBlock writes a part of an answer.
func appendBlock(j *writer, p llm.Part, cited []llm.Citation) {
	text := func(s string) {
		j.open('{')
		j.text("type", kindText)
		j.text("text", s)
		if len(cited) > 0 {
			j.key("citations")
			j.open('[')
			for _, c := range cited {
				appendCitation(j, c)
			}
			j.close(']')
		}
		j.close('}')
	}
	switch p := p.(type) {
	case llm.Text:
		text(p.Text)
	case llm.Refusal:
		text(p.Text)
	case llm.Image:
		text(pictureText(p.MIME, p.Data))
	case llm.Thought:
		j.open('{')
		if p.Minter == redacted {
			j.text("type", "redacted_thinking")
			j.text("data", p.Signature)
		} else {
			j.text("type", kindThinking)
			j.text("thinking", p.Text)
			j.text("signature", signatureOf(llm.ThoughtDelta{Signature: p.Signature, Minter: p.Minter}))
		}
		j.close('}')
	case llm.ToolCall:
		j.open('{')
		j.text("type", kindCall)
		j.text("id", p.ID)
		j.text("name", p.Name)
		if p.Custom {
			p.Arguments = string(textObject(p.Arguments))
		}
		j.raw("input", objectOr(p.Arguments))
		j.close('}')
	case llm.Audio, llm.File, llm.ToolResult, llm.Opaque: // no answer has them
	}
}
