package codegeex

import (
	"fmt"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/request"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/toolprompt"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// messages pairs what was said. What several messages of one side say in a row
// is one question or one answer.
func (e *encoder) messages(r *llm.Request) *llm.Error {
	for i, m := range r.Messages {
		at := fmt.Sprintf("messages[%d]", i)
		e.aside(at, m)
		text, err := e.flatten(at, m.Parts)
		if err != nil {
			return err
		}
		switch {
		case text == "":
		case m.Role == llm.RoleSystem, m.Role == llm.RoleDeveloper:
			e.system = append(e.system, text)
		case m.Role == llm.RoleAssistant:
			e.answer(text)
		default:
			e.question = append(e.question, text)
		}
	}
	return nil
}

// answer closes the pair of the question before, or goes on with an answer that
// no question has interrupted.
func (e *encoder) answer(text string) {
	if n := len(e.turns); n > 0 && len(e.question) == 0 {
		last := &e.turns[n-1]
		last.answer += "\n\n" + text
		return
	}
	e.turns = append(e.turns, turn{query: paragraphs(e.question), answer: text})
	e.question = nil
}

// aside names what a message says beside its content.
func (e *encoder) aside(at string, m llm.Message) {
	if m.Name != "" {
		e.warn(at+".name", "dropped")
	}
	for _, f := range m.Extra {
		e.warn(at+"."+f.Name, "dropped")
	}
}

// flatten is the text of a message's parts, each a paragraph.
func (e *encoder) flatten(at string, parts []llm.Part) (string, *llm.Error) {
	var list []string
	for i, p := range parts {
		text, err := e.part(at, fmt.Sprintf("%s.content[%d]", at, i), p)
		if err != nil {
			return "", err
		}
		if text != "" {
			list = append(list, text)
		}
	}
	return paragraphs(list), nil
}

func (e *encoder) part(message, at string, p llm.Part) (string, *llm.Error) {
	const other = "; choose a model that reads them"
	switch p := p.(type) {
	case llm.Text:
		for _, f := range p.Extra {
			e.warn(at+"."+f.Name, "dropped")
		}
		return p.Text, nil
	case llm.Refusal:
		return p.Text, nil
	case llm.Thought:
		e.warn(message+".reasoning_content", "dropped")
		return "", nil
	case llm.Image:
		return "", request.Unsupported(at, "CodeGeeX takes no pictures"+other)
	case llm.Audio:
		return "", request.Unsupported(at, "CodeGeeX takes no sound"+other)
	case llm.File:
		return "", request.Unsupported(at, "CodeGeeX takes no files"+other)
	case llm.Opaque:
		e.warn(at, "dropped")
		return "", nil
	case llm.ToolCall:
		if !e.emulate {
			return "", request.Unsupported(message+".tool_calls", `CodeGeeX takes no tool calls; switch on "Emulate tools" in the account, or choose another model`)
		}
		return toolprompt.Call(p), nil
	case llm.ToolResult:
		if !e.emulate {
			return "", request.Unsupported(message, `CodeGeeX takes no tool results; switch on "Emulate tools" in the account, or choose another model`)
		}
		text, err := e.flatten(at, p.Parts)
		return toolprompt.Result(p, text), err
	default:
		return "", nil
	}
}
