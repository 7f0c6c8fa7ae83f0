package llm

import "strings"

// Collect folds s into a whole reply. A stream that ends without a Finish is an
// error of [KindProtocol]: a cut answer is never passed off as a whole one.
func Collect(s Stream) (*Reply, error) {
	r, err := Gather(s)
	if err != nil {
		return nil, err
	}
	return r, nil
}

// Gather is Collect for those who can use a part of an answer: the reply is
// never nil and holds what came before the error.
func Gather(s Stream) (*Reply, error) {
	r := &Reply{}
	f := fold{blocks: map[int]int{}}
	var failed error
	finished := false
	for e, err := range s {
		if err != nil {
			failed = err
			break
		}
		switch e := e.(type) {
		case Start:
			r.Start = e
		case TextDelta:
			f.text(e.Block, e.Text)
			if e.Logprobs != nil {
				r.Logprobs = append(r.Logprobs, e.Logprobs)
			}
		case ThoughtDelta:
			f.thought(e)
		case RefusalDelta:
			f.refusal(e.Block, e.Text)
		case ImageDelta:
			f.at(e.Block, Image{MIME: e.MIME, Data: e.Data})
		case ToolCallStart:
			f.call(e)
		case ToolCallDelta:
			f.arguments(e)
		case Finish:
			r.Finish = e
			finished = true
		}
	}
	if failed == nil && !finished {
		failed = &Error{Kind: KindProtocol, Message: "the upstream's answer ended before it was finished"}
	}
	r.Parts = f.parts()
	return r, failed
}

// fold gathers blocks in the order in which they were opened.
type fold struct {
	blocks map[int]int
	open   []*open
}

type open struct {
	part Part
	text strings.Builder
}

func (f *fold) at(block int, empty Part) *open {
	i, ok := f.blocks[block]
	if !ok {
		i = len(f.open)
		f.blocks[block] = i
		f.open = append(f.open, &open{part: empty})
	}
	return f.open[i]
}

func (f *fold) text(block int, s string)    { f.at(block, Text{}).text.WriteString(s) }
func (f *fold) refusal(block int, s string) { f.at(block, Refusal{}).text.WriteString(s) }

func (f *fold) thought(e ThoughtDelta) {
	o := f.at(e.Block, Thought{})
	o.text.WriteString(e.Text)
	if t, ok := o.part.(Thought); ok && e.Signature != "" {
		t.Signature, t.Minter = e.Signature, e.Minter
		o.part = t
	}
}

func (f *fold) call(e ToolCallStart) {
	f.at(e.Block, ToolCall{ID: e.ID, Name: e.Name, Custom: e.Custom, Signature: e.Signature})
}

func (f *fold) arguments(e ToolCallDelta) { f.at(e.Block, ToolCall{}).text.WriteString(e.Arguments) }

func (f *fold) parts() []Part {
	out := make([]Part, 0, len(f.open))
	for _, o := range f.open {
		switch p := o.part.(type) {
		case Text:
			p.Text = o.text.String()
			out = append(out, p)
		case Thought:
			p.Text = o.text.String()
			out = append(out, p)
		case Refusal:
			p.Text = o.text.String()
			out = append(out, p)
		case ToolCall:
			p.Arguments = o.text.String()
			out = append(out, p)
		case Image, Audio, File, ToolResult, Opaque:
			out = append(out, p)
		}
	}
	return out
}
