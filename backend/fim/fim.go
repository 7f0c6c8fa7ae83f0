// Package fim has a chat model do what an editor asks of a completion model: write
// the text that belongs at the cursor.
//
// The invariant: what comes out of Clean is text of the file alone. No fence, no
// word to the reader, nothing again that stands round the cursor already, whatever
// the model writes and however it arrives in pieces. The package asks nobody and
// knows no protocol.
package fim

import (
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// The marks of the question. They are unlike anything in a file, and Clean takes
// them out of an answer that repeats them.
const (
	cursor    = "<|CURSOR|>"
	beginFile = "<|FILE|>"
	endFile   = "<|END_OF_FILE|>"
)

const rules = "You are the completion engine of an editor. The user's message is a file, between " + beginFile + " and " + endFile +
	", and " + cursor + " stands where the user types. Reply with exactly the characters to insert at " + cursor +
	": they are put into the file as they are. Keep the indentation and the style of the file. " +
	"Do not write explanations, Markdown, code fences or the marks. Do not repeat text that stands before or after the cursor. " +
	"Stop as soon as what was begun is complete; mostly that is a few lines. If nothing is missing, reply with nothing."

const onward = "You continue a text. Reply with exactly the characters that come next after the end of the user's message: they are appended to it as they are. " +
	"Do not repeat the text, do not explain, do not answer it, do not write Markdown or code fences that are not a part of it."

// Ask is the conversation that asks for what r, a request with a Completion, is
// about. Stop words are left out: they hold for the text in the file, which Clean
// finds, and a newline among them would end an answer before it began.
func Ask(r *llm.Request) (*llm.Request, []llm.Warning) {
	c := r.Completion
	ask := *r
	ask.Completion, ask.Stop, ask.Extra = nil, nil, nil
	system, user := onward, c.Prompt
	if c.Suffix != "" {
		system, user = rules, beginFile+c.Prompt+cursor+c.Suffix+endFile
	}
	ask.Messages = append([]llm.Message{{Role: llm.RoleSystem, Parts: []llm.Part{llm.Text{Text: system}}}}, r.Messages...)
	ask.Messages = append(ask.Messages, llm.Message{Role: llm.RoleUser, Parts: []llm.Part{llm.Text{Text: user}}})
	warnings := []llm.Warning{{Field: "prompt", What: "asked for in a conversation, for the model completes no text:"}}
	for _, f := range r.Extra {
		warnings = append(warnings, llm.Warning{Field: f.Name, What: "dropped"})
	}
	return &ask, warnings
}

// Clean is the text for the file in the answer s to what Ask asked for r. It ends
// early, and with it the answer, once the text is complete.
func Clean(r *llm.Request, s llm.Stream) llm.Stream {
	return func(yield func(llm.Event, error) bool) {
		c := cleaner{question: *r.Completion, stop: r.Stop}
		thoughts := strings.Builder{}
		finish := llm.Finish{Reason: llm.ReasonStop}
		for e, err := range s {
			if err != nil && !nothing(err) {
				yield(nil, err)
				return
			}
			if err != nil {
				break
			}
			switch e := e.(type) {
			case llm.Start:
				if !yield(e, nil) {
					return
				}
			case llm.ThoughtDelta:
				thoughts.WriteString(e.Text)
			case llm.TextDelta:
				// What a model only thought is no text, though it comes as one where
				// nothing else does.
				if thoughts.Len() > 0 && e.Text == thoughts.String() {
					continue
				}
				c.write(e.Text)
			case llm.Finish:
				finish.Reason, finish.Usage, finish.Fingerprint = e.Reason, e.Usage, e.Fingerprint
			case llm.RefusalDelta, llm.ImageDelta, llm.ToolCallStart, llm.ToolCallDelta:
			}
			if text := c.take(); text != "" && !yield(llm.TextDelta{Text: text}, nil) {
				return
			}
			if c.done {
				finish.Reason = llm.ReasonStop
				break
			}
		}
		c.end()
		if text := c.take(); text != "" && !yield(llm.TextDelta{Text: text}, nil) {
			return
		}
		if finish.Reason == llm.ReasonToolCalls {
			finish.Reason = llm.ReasonStop
		}
		yield(finish, nil)
	}
}
