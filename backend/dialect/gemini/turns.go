package gemini

import (
	"fmt"
	"slices"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// turn is what one side says before the other does.
type turn struct {
	model bool
	parts []item
	calls int
}

// item is a part and the message that it came with. A result that is still
// missing has no part.
type item struct {
	message int
	part    llm.Part
}

// slot is the place of a call's result.
type slot struct {
	turn, part int
	call       llm.ToolCall
	filled     bool
}

// conversation are the messages in the order that Gemini wants: the two sides
// in turns, the results of a step together and right behind its calls.
type conversation struct {
	*encoder

	system []item
	turns  []turn
	slots  map[string][]*slot
	order  []*slot
}

// arrange puts the messages in order.
func (e *encoder) arrange() *conversation {
	c := &conversation{encoder: e, slots: map[string][]*slot{}}
	c.turns = make([]turn, 0, len(e.req.Messages)+1)
	for i, m := range e.req.Messages {
		c.message(i, m)
	}
	c.answerCalls()
	c.fillSlots()
	if len(c.turns) == 0 && len(c.system) > 0 {
		c.turns = []turn{{parts: c.system}}
		c.system = nil
		e.warn("messages", "sent the system text as the user's of")
	}
	if n := len(c.turns); n > 0 && c.turns[n-1].model && e.family.noPrefill() {
		e.warn("messages", "dropped the begun answer at the end of")
		c.turns = c.turns[:n-1]
	}
	if len(c.turns) == 0 {
		e.refuse(llm.KindBadRequest, "messages", "messages hold nothing to read; send at least one text")
	} else if c.turns[0].model {
		e.warn("messages", "added the user's turn before")
		c.turns = append([]turn{{parts: []item{{part: llm.Text{Text: " "}}}}}, c.turns...)
	}
	return c
}

func (c *conversation) message(i int, m llm.Message) {
	if m.Name != "" {
		c.warn(at(i)+".name", "dropped")
	}
	for _, f := range m.Extra {
		c.warn(at(i)+"."+f.Name, "dropped")
	}
	for _, p := range m.Parts {
		switch p := p.(type) {
		case llm.ToolResult:
			c.result(i, p)
		case llm.Text:
			if !p.Empty() {
				c.say(i, m.Role, p)
			}
		case llm.Refusal:
			if p.Text != "" {
				c.say(i, m.Role, llm.Text{Text: p.Text})
			}
		case llm.Thought:
			c.thought(i, m.Role, p)
		case llm.Image, llm.Audio, llm.File, llm.ToolCall, llm.Opaque:
			c.say(i, m.Role, p)
		}
	}
}

func at(message int) string { return fmt.Sprintf("messages[%d]", message) }

// thought keeps the model's thinking only where Google itself has signed it:
// nobody else's is believed. Code Assist takes none at all.
func (c *conversation) thought(i int, role llm.Role, t llm.Thought) {
	if t.Minter != minter || t.Signature == "" || c.Envelope != nil {
		c.warn(at(i)+".reasoning_content", "dropped")
		return
	}
	c.say(i, role, t)
}

// say appends a part to the turn of its side.
func (c *conversation) say(i int, role llm.Role, p llm.Part) {
	model := false
	switch role {
	case llm.RoleSystem, llm.RoleDeveloper:
		if _, ok := p.(llm.Text); ok {
			c.system = append(c.system, item{i, p})
			return
		}
		c.warn(at(i)+".content", "moved to the user's turn:")
	case llm.RoleAssistant:
		model = true
	case llm.RoleUser, llm.RoleTool:
	}
	if !model {
		c.answerCalls()
	}
	t := c.side(model)
	t.parts = append(t.parts, item{i, p})
	if _, ok := p.(llm.ToolCall); ok {
		t.calls++
	}
}

// side is the turn that goes on, or a new one.
func (c *conversation) side(model bool) *turn {
	if n := len(c.turns); n == 0 || c.turns[n-1].model != model {
		c.turns = append(c.turns, turn{model: model})
	}
	return &c.turns[len(c.turns)-1]
}

// answerCalls opens the turn behind a step's calls, with a place for the result
// of each.
func (c *conversation) answerCalls() {
	n := len(c.turns)
	if n == 0 || !c.turns[n-1].model || c.turns[n-1].calls == 0 {
		return
	}
	answers := turn{parts: make([]item, 0, c.turns[n-1].calls)}
	for _, it := range c.turns[n-1].parts {
		call, ok := it.part.(llm.ToolCall)
		if !ok {
			continue
		}
		s := &slot{turn: n, part: len(answers.parts), call: call}
		c.slots[call.ID] = append(c.slots[call.ID], s)
		c.order = append(c.order, s)
		answers.parts = append(answers.parts, item{message: it.message})
	}
	c.turns = append(c.turns, answers)
}

// result puts a tool's result where its call waits for it.
func (c *conversation) result(i int, r llm.ToolResult) {
	c.answerCalls()
	waiting, known := c.slots[r.CallID]
	if !known {
		c.refuse(llm.KindBadRequest, at(i)+".tool_call_id",
			fmt.Sprintf("%s.tool_call_id is %q, but no earlier message has a tool call with that id", at(i), r.CallID))
		return
	}
	for _, s := range waiting {
		if !s.filled {
			s.filled = true
			r.Name = s.call.Name
			c.turns[s.turn].parts[s.part] = item{i, r}
			return
		}
	}
	c.warn(at(i), "dropped the second result of a call,")
}

// fillSlots answers the calls that were never answered: Gemini refuses a call
// without its result.
func (c *conversation) fillSlots() {
	for _, s := range c.order {
		if s.filled {
			continue
		}
		it := &c.turns[s.turn].parts[s.part]
		c.warn(at(it.message)+".tool_calls", "added the missing result of "+s.call.Name+" in")
		it.part = llm.ToolResult{
			CallID: s.call.ID, Name: s.call.Name, Failed: true,
			Parts: []llm.Part{llm.Text{Text: "The tool gave no result."}},
		}
	}
}

// openTurn is the first turn of the exchange that still goes on: what follows
// the last thing the user said that was not only results.
func (c *conversation) openTurn() int {
	for i, t := range slices.Backward(c.turns) {
		if t.model {
			continue
		}
		for _, it := range t.parts {
			if _, ok := it.part.(llm.ToolResult); !ok {
				return i
			}
		}
	}
	return 0
}
