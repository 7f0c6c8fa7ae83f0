package codegeex

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/request"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/toolprompt"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// EncodeRequest writes the newest question as the prompt, behind the system
// text, and everything before it as pairs of question and answer.
func (u Upstream) EncodeRequest(r *llm.Request, model string) ([]byte, []llm.Warning, *llm.Error) {
	e := encoder{emulate: u.EmulateTools}
	if err := e.refuse(r); err != nil {
		return nil, nil, err
	}
	e.drop(r)
	if err := e.messages(r); err != nil {
		return nil, nil, err
	}
	e.instruct(r)
	c := u.Caller
	if c.TalkID == "" {
		c.TalkID = u.newID()
	}
	out := make([]byte, 0, 1024+e.size()*9/8)
	out = append(out, `{"user_id":`...)
	out = rawjson.AppendString(out, c.UserID)
	out = append(out, `,"user_role":`...)
	out = strconv.AppendInt(out, int64(c.UserRole), 10)
	for _, f := range [...]struct{ name, value string }{
		{"ide", c.IDE},
		{"ide_version", c.IDEVersion},
		{"plugin_version", c.PluginVersion},
		{"prompt", e.prompt()},
		{"machineId", c.MachineID},
		{"talkId", c.TalkID},
		{"locale", c.Locale},
		{"model", model},
	} {
		out = append(out, `,"`+f.name+`":`...)
		out = rawjson.AppendString(out, f.value)
	}
	out = append(out, `,"agent":null,"candidates":null,"history":`...)
	return append(u.history(out, e.turns), '}'), e.warnings, nil
}

// history appends the pairs; null is none, as the site's own extensions write it.
func (u Upstream) history(out []byte, turns []turn) []byte {
	if len(turns) == 0 {
		return append(out, "null"...)
	}
	for i, t := range turns {
		out = append(out, "[,"[min(i, 1)])
		out = append(out, `{"query":`...)
		out = rawjson.AppendString(out, t.query)
		out = append(out, `,"answer":`...)
		out = rawjson.AppendString(out, t.answer)
		out = append(out, `,"id":`...)
		out = append(rawjson.AppendString(out, u.newID()), '}')
	}
	return append(out, ']')
}

// turn is an earlier question and its answer.
type turn struct{ query, answer string }

// encoder gathers what a request says.
type encoder struct {
	emulate  bool
	system   []string
	turns    []turn
	question []string // what the user said since the last answer
	warnings []llm.Warning
}

func (e *encoder) warn(field, what string) {
	e.warnings = append(e.warnings, llm.Warning{Field: field, What: what})
}

func (e *encoder) size() int {
	n := 0
	for _, s := range e.system {
		n += len(s)
	}
	for _, s := range e.question {
		n += len(s)
	}
	for _, t := range e.turns {
		n += len(t.query) + len(t.answer) + 80
	}
	return n
}

func (e *encoder) prompt() string {
	return paragraphs(append(append([]string(nil), e.system...), e.question...))
}

func paragraphs(list []string) string { return strings.Join(list, "\n\n") }

// refuse refuses what would change the answer.
func (e *encoder) refuse(r *llm.Request) *llm.Error {
	switch {
	case r.Choices > 1:
		return request.Unsupported("n", "CodeGeeX gives one answer; ask once for each")
	case r.Logprobs:
		return request.Unsupported("logprobs", "CodeGeeX tells no log probabilities")
	case e.emulate || r.ToolChoice.Mode == llm.ChoiceNone:
		return nil
	case len(r.Tools) > 0:
		return request.Unsupported("tools", `CodeGeeX takes no tools; switch on "Emulate tools" in the account, or choose another model`)
	}
	return nil
}

// drop names the wishes that the site has no place for.
func (e *encoder) drop(r *llm.Request) {
	limit := r.MaxTokensName
	if limit == "" {
		limit = "max_tokens"
	}
	for _, f := range [...]struct {
		name string
		set  bool
	}{
		{limit, r.MaxTokens != nil},
		{"temperature", r.Temperature != nil},
		{"top_p", r.TopP != nil},
		{"top_k", r.TopK != nil},
		{"presence_penalty", r.PresencePenalty != nil},
		{"frequency_penalty", r.FrequencyPenalty != nil},
		{"seed", r.Seed != nil},
		{"stop", len(r.Stop) > 0},
		{"top_logprobs", r.TopLogprobs != nil},
		{"reasoning_effort", r.Reasoning.Effort != ""},
		{"reasoning budget", r.Reasoning.BudgetTokens != nil},
		{"reasoning summary", r.Reasoning.Summary != ""},
		{"user", r.User != ""},
		{"tools", !e.emulate && len(r.Tools) > 0},
		{"tool_choice", !e.emulate && r.ToolChoice.Mode != llm.ChoiceUnset},
		{"parallel_tool_calls", !e.emulate && r.ParallelToolCalls != nil},
	} {
		if f.set {
			e.warn(f.name, "dropped")
		}
	}
	for i, t := range r.Tools {
		if e.emulate && t.Builtin != "" {
			e.warn(fmt.Sprintf("tools[%d]", i), "dropped")
		}
	}
	for _, f := range r.Extra {
		e.warn(f.Name, "dropped")
	}
}

// instruct puts into words what the site has no field for.
func (e *encoder) instruct(r *llm.Request) {
	if e.emulate {
		if s := toolprompt.Describe(r); s != "" {
			e.system = append(e.system, s)
			e.warn("tools", "described in the prompt:")
		}
	}
	if s := toolprompt.Format(r.Format); s != "" {
		e.system = append(e.system, s)
		e.warn("response_format", "described in the prompt:")
	}
	if len(e.question) == 0 {
		e.question = []string{"Go on."}
		e.warn("messages", "added a question at the end of")
	}
}
