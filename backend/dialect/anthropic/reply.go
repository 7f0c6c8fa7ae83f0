package anthropic

import (
	"io"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// EncodeReply writes a whole answer.
func (c Client) EncodeReply(w io.Writer, r *llm.Reply, model string, h dialect.Head) error {
	_, err := w.Write(c.appendReply(nil, r, model, h))
	return err
}

func (Client) appendReply(dst []byte, r *llm.Reply, model string, h dialect.Head) []byte {
	// What stands in dst would put a comma before the message.
	j := rawjson.Writer{Out: make([]byte, 0, 1<<10)}
	j.Open('{')
	messageHead(&j, r.Start.ID, model)
	reason := stopReason(r.Finish.Reason)
	j.Key("content")
	j.Open('[')
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
	j.Close(']')
	j.Text("stop_reason", reason)
	j.Raw("stop_sequence", llm.RawJSON("null"))
	u := r.Finish.Usage
	if !u.Known {
		u.Input = tokensOf(h)
	}
	j.Key("usage")
	j.Out = append(j.Out, usageObject(u, true)...)
	j.Close('}')
	return append(dst, j.Out...)
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
func appendBlock(j *rawjson.Writer, p llm.Part, cited []llm.Citation) {
	text := func(s string) {
		j.Open('{')
		j.Text("type", kindText)
		j.Text("text", s)
		if len(cited) > 0 {
			j.Key("citations")
			j.Open('[')
			for _, c := range cited {
				appendCitation(j, c)
			}
			j.Close(']')
		}
		j.Close('}')
	}
	switch p := p.(type) {
	case llm.Text:
		text(p.Text)
	case llm.Refusal:
		text(p.Text)
	case llm.Image:
		text(pictureText(p.MIME, p.Data))
	case llm.Thought:
		j.Open('{')
		if p.Minter == redacted {
			j.Text("type", "redacted_thinking")
			j.Text("data", p.Signature)
		} else {
			j.Text("type", kindThinking)
			j.Text("thinking", p.Text)
			j.Text("signature", signatureOf(llm.ThoughtDelta{Signature: p.Signature, Minter: p.Minter}))
		}
		j.Close('}')
	case llm.ToolCall:
		j.Open('{')
		j.Text("type", kindCall)
		j.Text("id", p.ID)
		j.Text("name", p.Name)
		if p.Custom {
			p.Arguments = string(textObject(p.Arguments))
		}
		j.Raw("input", objectOr(p.Arguments))
		j.Close('}')
	case llm.Audio, llm.File, llm.ToolResult, llm.Opaque: // no answer has them
	}
}
