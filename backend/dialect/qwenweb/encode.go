package qwenweb

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/request"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// body is a request as the page writes it. The chat's id is missing: see
// [InChat].
type body struct {
	Stream bool `json:"stream"`
	// Version is the protocol's: without it the server answers as it did to old
	// pages.
	Version string `json:"version"`
	// Incremental asks for pieces instead of the whole text again and again.
	Incremental bool      `json:"incremental_output"`
	ChatMode    string    `json:"chat_mode"`
	Model       string    `json:"model"`
	ParentID    *string   `json:"parent_id"`
	Messages    []message `json:"messages"`
	Timestamp   int64     `json:"timestamp"`
}

// message is the one user message.
type message struct {
	ID          string   `json:"fid"`
	ParentID    *string  `json:"parentId"`
	ChildrenIDs []string `json:"childrenIds"`
	Role        string   `json:"role"`
	Content     string   `json:"content"`
	UserAction  string   `json:"user_action"`
	Files       []string `json:"files"`
	Timestamp   int64    `json:"timestamp"`
	Models      []string `json:"models"`
	ChatType    string   `json:"chat_type"`
	Features    features `json:"feature_config"`
	Extra       extra    `json:"extra"`
	SubChatType string   `json:"sub_chat_type"`
	// ParentAgain is the same as ParentID; the page sends both.
	ParentAgain *string `json:"parent_id"`
}

// features say how the model is to work.
type features struct {
	Thinking bool `json:"thinking_enabled"`
	// OutputSchema phase marks each piece as thinking or answer; without it the
	// two cannot be told apart.
	OutputSchema string `json:"output_schema"`
	Budget       *int   `json:"thinking_budget,omitempty"`
	ResearchMode string `json:"research_mode"`
	AutoThinking bool   `json:"auto_thinking"`
	ThinkingMode string `json:"thinking_mode"`
	// Format detail gives the thinking itself, summary its headlines.
	Format     string `json:"thinking_format"`
	AutoSearch bool   `json:"auto_search"`
}

type extra struct {
	Meta struct {
		SubChatType string `json:"subChatType"`
	} `json:"meta"`
}

// chatType is plain text to text.
const chatType = "t2t"

// EncodeRequest folds the conversation into one user message.
func (u Upstream) EncodeRequest(r *llm.Request, model string) ([]byte, []llm.Warning, *llm.Error) {
	e := encoder{req: r, emulate: u.EmulateTools}
	if err := e.refuse(); err != nil {
		return nil, nil, err
	}
	content, err := e.fold()
	if err != nil {
		return nil, nil, err
	}
	e.leaveOut()
	now := u.now().Unix()
	m := message{
		ID: u.newID(), ChildrenIDs: []string{u.newID()}, Role: "user", Content: content, UserAction: "chat", Files: []string{},
		Timestamp: now, Models: []string{model}, ChatType: chatType, Features: e.features(), SubChatType: chatType,
	}
	m.Extra.Meta.SubChatType = chatType
	return encode(body{
		Stream: true, Version: "2.1", Incremental: true, ChatMode: "normal", Model: model, Messages: []message{m}, Timestamp: now,
	}), e.warnings, nil
}

// NewChat is the request that opens a chat for the model.
func NewChat(model string, milliseconds int64) []byte {
	return encode(struct {
		Title     string   `json:"title"`
		Models    []string `json:"models"`
		ChatMode  string   `json:"chat_mode"`
		ChatType  string   `json:"chat_type"`
		Timestamp int64    `json:"timestamp"`
		ProjectID string   `json:"project_id"`
	}{"New Chat", []string{model}, "normal", chatType, milliseconds, ""})
}

// InChat puts an encoded request into the chat that was opened for it.
func InChat(encoded []byte, chatID string) []byte {
	id := encode(chatID)
	out := make([]byte, 0, len(encoded)+len(id)+16)
	out = append(append(out, `{"chat_id":`...), id...)
	if rest := bytes.TrimSpace(bytes.TrimPrefix(bytes.TrimSpace(encoded), []byte("{"))); len(rest) > 1 {
		out = append(append(out, ','), rest...)
		return out
	}
	return append(out, '}')
}

// encode writes JSON without HTML's escapes, which would make prompts of code
// longer.
func encode(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // strings and numbers cannot fail
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// encoder reads one request.
type encoder struct {
	req      *llm.Request
	emulate  bool
	warnings []llm.Warning
}

func (e *encoder) warn(field, what string) {
	e.warnings = append(e.warnings, llm.Warning{Field: field, What: what})
}

// refuse names the wishes that the site cannot meet and whose absence a reader
// would notice.
func (e *encoder) refuse() *llm.Error {
	switch {
	case len(e.req.Tools) > 0 && e.req.ToolChoice.Mode != llm.ChoiceNone && !e.emulate:
		return request.Unsupported("tools", `chat.qwen.ai has no tools: switch on "Emulate tools" in the account, or use a Qwen account with an API key, or another model`)
	case e.req.Choices > 1:
		return request.Unsupported("n", "chat.qwen.ai gives one answer: ask once for each")
	case e.req.Logprobs:
		return request.Unsupported("logprobs", "chat.qwen.ai gives no log probabilities")
	}
	return nil
}

// leaveOut names what has no place in the protocol.
func (e *encoder) leaveOut() {
	r := e.req
	limit := r.MaxTokensName
	if limit == "" {
		limit = "max_tokens"
	}
	for _, f := range []struct {
		name string
		set  bool
	}{
		{"tools", len(r.Tools) > 0 && !e.emulate},
		{"tool_choice", r.ToolChoice.Mode != llm.ChoiceUnset && !e.emulate},
		{"parallel_tool_calls", r.ParallelToolCalls != nil && !e.emulate},
		{limit, r.MaxTokens != nil},
		{"temperature", r.Temperature != nil},
		{"top_p", r.TopP != nil},
		{"top_k", r.TopK != nil},
		{"presence_penalty", r.PresencePenalty != nil},
		{"frequency_penalty", r.FrequencyPenalty != nil},
		{"seed", r.Seed != nil},
		{"stop", len(r.Stop) > 0},
		{"top_logprobs", r.TopLogprobs != nil},
		{"user", r.User != ""},
		{"reasoning summary", r.Reasoning.Summary != ""},
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
	for i, m := range r.Messages {
		for _, f := range m.Extra {
			e.warn(fmt.Sprintf("messages[%d].%s", i, f.Name), "dropped")
		}
		for k, p := range m.Parts {
			if text, ok := p.(llm.Text); ok {
				for _, f := range text.Extra {
					e.warn(fmt.Sprintf("messages[%d].content[%d].%s", i, k, f.Name), "dropped")
				}
			}
		}
	}
}

// features say how much to think: as much as the model wants, unless the client
// said.
func (e *encoder) features() features {
	f := features{OutputSchema: "phase", ResearchMode: "normal", Format: "detail"}
	budget := e.req.Reasoning.BudgetTokens
	switch effort := e.req.Reasoning.Effort; {
	case effort == "none" || budget != nil && *budget == 0:
		f.ThinkingMode = "Fast"
	case effort == "" && budget == nil:
		f.Thinking, f.AutoThinking, f.ThinkingMode = true, true, "Auto"
	default:
		f.Thinking, f.ThinkingMode, f.Budget = true, "Thinking", budget
		if budget == nil {
			f.Budget = budgetOf(effort)
		}
	}
	return f
}

// budgetOf is about how many tokens of thinking an effort means; nil is the
// model's own limit.
func budgetOf(effort string) *int {
	if n, ok := map[string]int{"minimal": 512, "low": 1024, "medium": 8192, "high": 24576}[effort]; ok {
		return &n
	}
	return nil
}
