package llm

// Size is about how many bytes the request takes in any protocol: growing a body
// step by step would copy a long prompt several times.
func (r *Request) Size() int {
	const message, part, tool = 32, 64, 128
	n := 1024 + message*len(r.Messages)
	for _, m := range r.Messages {
		for _, p := range m.Parts {
			n += part + sizeOf(p)
		}
	}
	if c := r.Completion; c != nil {
		n += len(c.Prompt) + len(c.Suffix)
	}
	for _, t := range r.Tools {
		n += tool + len(t.Description) + len(t.RawDescription) + len(t.Parameters) + len(t.Raw)
	}
	return n + n/16
}

func sizeOf(p Part) int {
	switch p := p.(type) {
	case Text:
		return max(len(p.Text), len(p.Raw))
	case Image:
		return len(p.Data) + len(p.URL)
	case Audio:
		return len(p.Data)
	case File:
		return len(p.Data)
	case Refusal:
		return len(p.Text)
	case Thought:
		return len(p.Text) + len(p.Signature)
	case ToolCall:
		return len(p.Arguments)
	case ToolResult:
		n := 0
		for _, inner := range p.Parts {
			n += sizeOf(inner)
		}
		return n
	case Opaque:
		return len(p.Value)
	default:
		return 0
	}
}
