package anthropic

import (
	"fmt"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/toolprompt"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// block is one block of a turn: a part of the client's and where it stood.
type block struct {
	at   string
	part llm.Part
	// id is the call's id on the wire, for a call and for a result.
	id string
	// extra are the fields that its message had for it.
	extra []llm.Field
}

// turn is what one side says until the other speaks.
type turn struct {
	assistant bool
	blocks    []block
}

// gather makes turns that alternate of the messages. Instructions stand beside
// the conversation in this protocol, wherever the client had them.
func (e *encoder) gather() {
	for i, m := range e.req.Messages {
		at := fmt.Sprintf("messages[%d]", i)
		e.aside(at, m)
		if m.Role == llm.RoleSystem || m.Role == llm.RoleDeveloper {
			if len(e.turns) > 0 {
				e.warn(at, "moved to the front:")
			}
			e.system = append(e.system, e.spoken(at, m)...)
			continue
		}
		e.say(m.Role == llm.RoleAssistant, e.spoken(at, m))
	}
	if len(e.turns) > 0 && e.turns[0].assistant {
		e.warn("messages", "added a question at the beginning of")
		e.turns = append([]turn{{blocks: []block{{part: llm.Text{Text: "Begin."}}}}}, e.turns...)
	}
}

func (e *encoder) aside(at string, m llm.Message) {
	if m.Name != "" {
		e.warn(at+".name", "dropped")
	}
	for _, f := range m.Extra {
		if f.Name != cacheControl && (!e.own() || m.Role != llm.RoleTool) {
			e.warn(at+"."+f.Name, "dropped")
		}
	}
}

// spoken are the blocks of a message. What the message says beside them, its
// last block says here.
func (e *encoder) spoken(at string, m llm.Message) []block {
	blocks := e.blocks(at, m)
	for _, f := range m.Extra {
		switch {
		case f.Name != cacheControl && (!e.own() || m.Role != llm.RoleTool): // see aside
		case len(blocks) == 0, isThought(blocks[len(blocks)-1].part):
			e.warn(at+"."+f.Name, "dropped")
		default:
			last := &blocks[len(blocks)-1]
			last.extra = append(last.extra, f)
		}
	}
	return blocks
}

func (e *encoder) say(assistant bool, blocks []block) {
	if len(blocks) == 0 {
		return
	}
	if n := len(e.turns); n > 0 && e.turns[n-1].assistant == assistant {
		e.turns[n-1].blocks = append(e.turns[n-1].blocks, blocks...)
		return
	}
	e.turns = append(e.turns, turn{assistant: assistant, blocks: blocks})
}

// blocks are the parts of a message that the protocol has a place for.
func (e *encoder) blocks(at string, m llm.Message) []block {
	var out []block
	for i, p := range m.Parts {
		b := block{at: fmt.Sprintf("%s.content[%d]", at, i), part: p}
		switch p := p.(type) {
		case llm.Text:
			if strings.TrimSpace(p.Text) == "" { // the protocol refuses it
				if p.Text != "" {
					e.warn(b.at, "dropped space in")
				}
				continue
			}
		case llm.Refusal:
			b.part = llm.Text{Text: p.Text}
		case llm.Thought:
			if p.Signature == "" || p.Minter != minter && p.Minter != redacted {
				e.warn(at+".reasoning_content", "dropped")
				continue
			}
		case llm.Opaque:
			if p.Minter != minter {
				e.warn(b.at, "dropped")
				continue
			}
		case llm.Image, llm.Audio, llm.File:
			if m.Role == llm.RoleAssistant || m.Role == llm.RoleSystem || m.Role == llm.RoleDeveloper {
				e.warn(b.at, "dropped")
				continue
			}
		case llm.ToolCall:
			b.at = at + ".tool_calls"
			if p.Signature != "" {
				e.warn(b.at+".signature", "dropped")
			}
		case llm.ToolResult:
			b.at = at
		}
		out = append(out, b)
	}
	return out
}

// pair gives every call an id of its own and the answer that the protocol wants
// in the turn behind it, before anything else. Conversations of clients repeat
// ids, lose results, and have results of calls that were summed up away.
func (e *encoder) pair() {
	used := map[string]bool{}
	var open []block // the calls of the turn before
	for i := 0; i < len(e.turns); i++ {
		if e.turns[i].assistant {
			e.name(e.turns[i].blocks, used)
			open = callsOf(e.turns[i].blocks)
			if len(open) > 0 && i+1 == len(e.turns) {
				e.turns = append(e.turns, turn{})
			}
			continue
		}
		e.turns[i].blocks = e.answer(open, e.turns[i].blocks)
		open = nil
	}
}

func callsOf(blocks []block) []block {
	var out []block
	for _, b := range blocks {
		if _, ok := b.part.(llm.ToolCall); ok {
			out = append(out, b)
		}
	}
	return out
}

// name gives the calls of a turn ids that no call before has.
func (e *encoder) name(blocks []block, used map[string]bool) {
	for i := range blocks {
		c, ok := blocks[i].part.(llm.ToolCall)
		if !ok {
			continue
		}
		id := wireID(c.ID)
		for n := 2; used[id]; n++ {
			id = fmt.Sprintf("%s_%d", wireID(c.ID), n)
		}
		if id != c.ID {
			e.warn(blocks[i].at+".id", "renamed")
		}
		used[id] = true
		blocks[i].id = id
	}
}

// answer puts the results of the calls first, in the order of the calls, and
// makes up those that are missing. A result that belongs to none is text.
func (e *encoder) answer(calls, blocks []block) []block {
	taken := make([]bool, len(blocks))
	out := make([]block, 0, len(blocks)+len(calls))
	for _, c := range calls {
		call, _ := c.part.(llm.ToolCall)
		i := find(blocks, taken, call.ID)
		if i < 0 {
			e.warn(c.at, "added the missing result of")
			out = append(out, block{at: c.at, id: c.id, part: llm.ToolResult{
				CallID: call.ID, Failed: true, Parts: []llm.Part{llm.Text{Text: "No result: the tool was not run."}},
			}})
			continue
		}
		taken[i] = true
		b := blocks[i]
		b.id = c.id
		out = append(out, b)
	}
	for i, b := range blocks {
		if taken[i] {
			continue
		}
		if r, ok := b.part.(llm.ToolResult); ok {
			e.warn(b.at, "made text of a result without its call:")
			b.part = llm.Text{Text: toolprompt.Result(r, e.textOf(b.at, r.Parts))}
		}
		out = append(out, b)
	}
	return out
}

func find(blocks []block, taken []bool, id string) int {
	for i, b := range blocks {
		if r, ok := b.part.(llm.ToolResult); ok && !taken[i] && r.CallID == id {
			return i
		}
	}
	return -1
}

// textOf is the text among parts; what is none is named.
func (e *encoder) textOf(at string, parts []llm.Part) string {
	var list []string
	for i, p := range parts {
		if t, ok := p.(llm.Text); ok {
			list = append(list, t.Text)
			continue
		}
		e.warn(fmt.Sprintf("%s.content[%d]", at, i), "dropped")
	}
	return strings.Join(list, "\n")
}
