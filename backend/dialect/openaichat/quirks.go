package openaichat

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// Quirks are what one service wants differently from OpenAI. The zero value
// passes everything on. Each change to a request is a Warning (B40).
type Quirks struct {
	// MaxTokensField is the one name the service knows for the limit of the
	// answer, max_tokens or max_completion_tokens; "" leaves the client's.
	MaxTokensField string
	// NoStreamOptions leaves stream_options out (B26).
	NoStreamOptions bool
	// DeveloperRole is the role that developer messages are sent with, as
	// system; "" leaves them.
	DeveloperRole llm.Role
	// MergeSystem makes one first message of all system messages.
	MergeSystem bool
	// NoStrict leaves strict out of the tools.
	NoStrict bool
	// NeedsParameters gives a tool without parameters an empty schema.
	NeedsParameters bool
	// StopLimit is how many stop words the service takes; 0 is any number.
	StopLimit int
	// Drop are top-level fields the service refuses.
	Drop []string
	// ContentNeverNull sends an empty string where a message has no content.
	ContentNeverNull bool
	// NeedsReasoningContent gives assistant messages with tool calls an empty
	// reasoning_content where the client sent none back.
	NeedsReasoningContent bool
	// NoReasoningContent leaves the thinking of earlier turns out.
	NoReasoningContent bool
	// ThinkTags takes the thinking out of <think> tags at the beginning of the
	// answer's text.
	ThinkTags bool
}

func (q Quirks) editsMessages() bool {
	return q.DeveloperRole != "" || q.MergeSystem || q.ContentNeverNull || q.NeedsReasoningContent || q.NoReasoningContent
}

func (q Quirks) editsTools() bool { return q.NoStrict || q.NeedsParameters }

func (q Quirks) edits() bool {
	return q.editsMessages() || q.editsTools() || q.MaxTokensField != "" || q.NoStreamOptions || q.StopLimit > 0 || len(q.Drop) > 0
}

// edit appends a body with the quirks' changes. Everything else is copied as it
// stands.
func (q Quirks) edit(dst, raw []byte, streaming bool) ([]byte, []llm.Warning, *llm.Error) {
	e := editor{Quirks: q, out: append(dst, '{'), streaming: streaming}
	for m, err := range rawjson.Members(raw) {
		if err != nil {
			return dst, nil, notJSON(raw, err)
		}
		e.member(m)
	}
	return append(e.out, '}'), e.warnings, nil
}

// editor writes one edited body.
type editor struct {
	Quirks
	out       []byte
	warnings  []llm.Warning
	streaming bool
	limited   bool // a limit of the answer was written
}

func (e *editor) warn(field, what string) {
	e.warnings = append(e.warnings, llm.Warning{Field: field, What: what})
}

func (e *editor) comma() {
	if last := e.out[len(e.out)-1]; last != '{' && last != '[' {
		e.out = append(e.out, ',')
	}
}

func (e *editor) put(name string, value []byte) {
	e.comma()
	e.out = append(rawjson.AppendString(e.out, name), ':')
	e.out = append(e.out, value...)
}

func (e *editor) member(m rawjson.Member) {
	key := string(m.Key)
	switch {
	case slices.Contains(e.Drop, key), key == "stream_options" && (e.NoStreamOptions || !e.streaming):
		e.warn(key, "dropped")
	case key == "max_tokens" || key == "max_completion_tokens":
		e.limit(key, m.Value)
	case key == "messages" && e.editsMessages():
		e.comma()
		e.out = append(e.out, `"messages":[`...)
		e.messages(m.Value)
		e.out = append(e.out, ']')
	case key == "tools" && e.editsTools():
		e.comma()
		e.out = append(e.out, `"tools":[`...)
		for i, t := range indexed(m.Value) {
			e.comma()
			e.tool(fmt.Sprintf("tools[%d].function", i), t)
		}
		e.out = append(e.out, ']')
	case key == "stop" && e.StopLimit > 0:
		e.stop(m.Value)
	default:
		e.put(key, m.Value)
	}
}

func (e *editor) limit(key string, value []byte) {
	name := key
	if e.MaxTokensField != "" {
		name = e.MaxTokensField
	}
	if e.limited && e.MaxTokensField != "" {
		e.warn(key, "dropped")
		return
	}
	if name != key {
		e.warn(key, "renamed")
	}
	e.limited = true
	e.put(name, value)
}

func (e *editor) stop(value []byte) {
	e.comma()
	e.out = append(e.out, `"stop":`...)
	if value[0] != '[' {
		e.out = append(e.out, value...)
		return
	}
	e.out = append(e.out, '[')
	for i, word := range indexed(value) {
		if i == e.StopLimit {
			e.warn(fmt.Sprintf("stop[%d:]", i), "dropped")
			break
		}
		e.comma()
		e.out = append(e.out, word...)
	}
	e.out = append(e.out, ']')
}

func (e *editor) messages(list []byte) {
	var merged []byte
	if e.MergeSystem {
		merged = e.system(list)
	}
	for i, m := range indexed(list) {
		if merged != nil && isSystem(m) {
			continue
		}
		e.comma()
		e.message(fmt.Sprintf("messages[%d]", i), m)
	}
}

func isSystem(m []byte) bool {
	role := rawjson.Text(rawjson.Get(m, "role"))
	return role == "system" || role == "developer"
}

// system writes all system messages as one, unless there is none, or one that
// is first already, or one that is more than text. It returns what it wrote.
func (e *editor) system(list []byte) []byte {
	var text []byte
	n, late := 0, false
	for i, m := range indexed(list) {
		if !isSystem(m) {
			continue
		}
		content := looseText(rawjson.Get(m, "content"))
		if n > 0 {
			text = append(text, "\n\n"...)
		}
		text = append(text, content...)
		late = late || i != n
		n++
	}
	if n == 0 || n == 1 && !late {
		return nil
	}
	e.warn("messages", "merged the system messages of")
	from := len(e.out)
	e.out = append(e.out, `{"role":"system","content":`...)
	e.out = append(rawjson.AppendString(e.out, text), '}')
	return e.out[from:]
}

func (e *editor) message(at string, raw []byte) {
	role := rawjson.Text(rawjson.Get(raw, "role"))
	calls := !rawjson.IsNull(rawjson.Get(raw, "tool_calls"))
	thought, content := false, false
	e.out = append(e.out, '{')
	for m := range rawjson.Inside(raw) {
		switch key := string(m.Key); {
		case key == "role" && role == "developer" && e.DeveloperRole != "":
			e.warn(at+".role", "renamed")
			e.put(key, rawjson.AppendString(nil, string(e.DeveloperRole)))
		case key == "content":
			content = true
			e.content(at, m.Value)
		case key == "reasoning_content" && e.NoReasoningContent, key == "reasoning" && e.NoReasoningContent:
			e.warn(at+"."+key, "dropped")
		default:
			thought = thought || key == "reasoning_content"
			e.put(key, m.Value)
		}
	}
	if !content {
		e.content(at, nil)
	}
	if role == "assistant" && calls && !thought && e.NeedsReasoningContent {
		e.warn(at+".reasoning_content", "added")
		e.put("reasoning_content", []byte(`""`))
	}
	e.out = append(e.out, '}')
}

func (e *editor) content(at string, value []byte) {
	switch {
	case e.ContentNeverNull && rawjson.IsNull(value):
		e.warn(at+".content", "replaced null in")
		e.put("content", []byte(`""`))
	case value != nil:
		e.put("content", value)
	}
}

// tool edits the function of one tool; tools of other types stay.
func (e *editor) tool(at string, raw []byte) {
	function := rawjson.Get(raw, "function")
	if len(function) == 0 || function[0] != '{' {
		e.out = append(e.out, raw...)
		return
	}
	e.out = append(e.out, '{')
	for m := range rawjson.Inside(raw) {
		if !bytes.Equal(m.Value, function) {
			e.put(string(m.Key), m.Value)
			continue
		}
		e.comma()
		e.out = append(e.out, `"function":{`...)
		e.function(at, function)
		e.out = append(e.out, '}')
	}
	e.out = append(e.out, '}')
}

func (e *editor) function(at string, raw []byte) {
	parameters := false
	for m := range rawjson.Inside(raw) {
		switch key := string(m.Key); {
		case key == "strict" && e.NoStrict:
			e.warn(at+".strict", "dropped")
		case key == "parameters" && rawjson.IsNull(m.Value) && e.NeedsParameters:
		default:
			parameters = parameters || key == "parameters"
			e.put(key, m.Value)
		}
	}
	if !parameters && e.NeedsParameters {
		e.warn(at+".parameters", "added")
		e.put("parameters", []byte(`{"type":"object","properties":{}}`))
	}
}
