package qwenweb

import (
	"fmt"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/request"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/toolprompt"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// turn is one marked piece of the conversation.
type turn struct{ role, name, text string }

// fold makes one text of the conversation. A single turn of the user stands as
// it is; more are marked, the system's first.
func (e *encoder) fold() (string, *llm.Error) {
	var system, rest []turn
	for i, m := range e.req.Messages {
		t, err := e.turn(i, m)
		if err != nil {
			return "", err
		}
		switch {
		case t.text == "":
		case t.role == "system":
			system = append(system, t)
		default:
			rest = append(rest, t)
		}
	}
	for _, words := range e.words() {
		system = append(system, turn{role: "system", text: words})
	}
	if len(rest) == 0 {
		return "", &llm.Error{Kind: llm.KindBadRequest, Param: "messages", Message: "messages: there is nothing to answer: send a message of the user"}
	}
	if len(system) == 0 && len(rest) == 1 && rest[0].role == "user" && rest[0].name == "" {
		return rest[0].text, nil
	}
	return write(append(system, rest...)), nil
}

// words say what the protocol has no field for: the tools, and the form that the
// answer must have.
func (e *encoder) words() []string {
	var out []string
	if e.emulate {
		if tools := toolprompt.Describe(e.req); tools != "" {
			e.warn("tools", "described in the prompt:")
			out = append(out, tools)
		}
	}
	if form := toolprompt.Format(e.req.Format); form != "" {
		e.warn("response_format", "asked for in words, not enforced:")
		out = append(out, form)
	}
	return out
}

// turn reads one message.
func (e *encoder) turn(i int, m llm.Message) (turn, *llm.Error) {
	at := fmt.Sprintf("messages[%d]", i)
	t := turn{role: roleOf(m.Role), name: m.Name}
	var texts []string
	for j, p := range m.Parts {
		s, err := e.part(fmt.Sprintf("%s.content[%d]", at, j), at, p)
		if err != nil {
			return turn{}, err
		}
		if s != "" {
			texts = append(texts, s)
		}
	}
	t.text = strings.Join(texts, "\n\n")
	return t, nil
}

func roleOf(r llm.Role) string {
	switch r {
	case llm.RoleSystem, llm.RoleDeveloper:
		return "system"
	case llm.RoleAssistant:
		return "assistant"
	case llm.RoleTool:
		return "tool"
	case llm.RoleUser:
		return "user"
	default:
		return "user"
	}
}

// part is what is to be read of one part. Earlier tool calls and their results
// are told as text, so that a conversation with tools can go on here: in the
// form that is to be answered in where tools are emulated, in words otherwise.
func (e *encoder) part(at, message string, p llm.Part) (string, *llm.Error) {
	switch p := p.(type) {
	case llm.Text:
		return p.Text, nil
	case llm.Refusal:
		return p.Text, nil
	case llm.ToolCall:
		if e.emulate {
			return toolprompt.Call(p), nil
		}
		return "Called the tool " + p.Name + " (" + p.ID + ") with: " + p.Arguments, nil
	case llm.ToolResult:
		return e.result(at, message, p)
	case llm.Thought:
		e.warn(message+" thinking", "dropped")
	case llm.Opaque:
		e.warn(at, "dropped")
	case llm.Image:
		return "", request.Unsupported(at, at+": chat.qwen.ai takes no pictures this way: use a Qwen account with an API key and a vision model")
	case llm.Audio:
		return "", request.Unsupported(at, at+": chat.qwen.ai takes no sound this way: use a Qwen account with an API key and an omni model")
	case llm.File:
		return "", request.Unsupported(at, at+": chat.qwen.ai takes no files this way: send their text")
	}
	return "", nil
}

func (e *encoder) result(at, message string, r llm.ToolResult) (string, *llm.Error) {
	var texts []string
	for _, p := range r.Parts {
		s, err := e.part(at, message, p)
		if err != nil {
			return "", err
		}
		texts = append(texts, s)
	}
	text := strings.Join(texts, "\n\n")
	switch {
	case e.emulate:
		return toolprompt.Result(r, text), nil
	case r.Failed:
		return "Error of the call " + r.CallID + ":\n" + text, nil
	default:
		return "Result of the call " + r.CallID + ":\n" + text, nil
	}
}

// write marks each turn. The mark is one that no turn holds, so that a text
// about marks cannot end its turn early.
func write(turns []turn) string {
	mark := "turn"
	for n := 2; holds(turns, mark); n++ {
		mark = fmt.Sprintf("turn-%d", n)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "This is a conversation; each of its turns stands between <%s> and </%s>. "+
		"Follow the system's turns and write the assistant's next turn, its text alone, without marks.\n", mark, mark)
	for _, t := range turns {
		fmt.Fprintf(&b, "\n<%s role=%q", mark, t.role)
		if t.name != "" {
			fmt.Fprintf(&b, " name=%q", t.name)
		}
		fmt.Fprintf(&b, ">\n%s\n</%s>\n", t.text, mark)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func holds(turns []turn, mark string) bool {
	for _, t := range turns {
		if strings.Contains(t.text, "<"+mark+">") || strings.Contains(t.text, "<"+mark+" ") || strings.Contains(t.text, "</"+mark+">") {
			return true
		}
	}
	return false
}
