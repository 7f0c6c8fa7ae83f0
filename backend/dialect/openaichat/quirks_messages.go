package openaichat

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
)

// touches says whether the messages may need a change. Most need none, and are
// long: looking for a word in them costs little beside looking at each.
func (e *editor) touches(list []byte) bool {
	has := func(word string) bool { return bytes.Contains(list, []byte(word)) }
	return e.ContentNeverNull ||
		e.MergeSystem ||
		e.DeveloperRole != "" && has("developer") ||
		(e.NeedsReasoningContent || e.CallIDLength > 0) && has("tool_call") ||
		e.NoReasoningContent && has("reasoning") ||
		slices.ContainsFunc(e.DropInMessages, func(field string) bool { return has(`"` + field + `"`) })
}

func (e *editor) messages(list []byte) {
	var merged []byte
	if e.MergeSystem {
		merged = e.system(list)
	}
	for i, m := range rawjson.Indexed(list) {
		if merged != nil && isSystem(m) {
			continue
		}
		e.Comma()
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
	for i, m := range rawjson.Indexed(list) {
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
	from := len(e.Out)
	e.Out = append(e.Out, `{"role":"system","content":`...)
	e.Out = append(rawjson.AppendString(e.Out, text), '}')
	return e.Out[from:]
}

func (e *editor) message(at string, raw []byte) {
	role := rawjson.Text(rawjson.Get(raw, "role"))
	calls := !rawjson.IsNull(rawjson.Get(raw, "tool_calls"))
	thought, content := false, false
	e.Out = append(e.Out, '{')
	for m := range rawjson.Inside(raw) {
		switch key := string(m.Key); {
		case key == "role" && role == "developer" && e.DeveloperRole != "":
			e.warn(at+".role", "renamed")
			e.Raw(key, rawjson.AppendString(nil, string(e.DeveloperRole)))
		case key == "content":
			content = true
			e.content(at, m.Value)
		case key == "tool_call_id" && e.CallIDLength > 0:
			e.Raw(key, e.callID(at+".tool_call_id", m.Value))
		case key == "tool_calls" && e.CallIDLength > 0:
			e.callIDs(at, m.Value)
		case slices.Contains(e.DropInMessages, key):
			e.warn(at+"."+key, "dropped")
		case key == "reasoning_content" && e.NoReasoningContent, key == "reasoning" && e.NoReasoningContent:
			e.warn(at+"."+key, "dropped")
		default:
			thought = thought || key == "reasoning_content"
			e.Raw(key, m.Value)
		}
	}
	if !content {
		e.content(at, nil)
	}
	if role == "assistant" && calls && !thought && e.NeedsReasoningContent {
		e.warn(at+".reasoning_content", "added")
		e.Raw("reasoning_content", []byte(`""`))
	}
	e.Out = append(e.Out, '}')
}

// callIDs writes tool calls with ids that the service takes.
func (e *editor) callIDs(at string, list []byte) {
	e.Comma()
	e.Out = append(e.Out, `"tool_calls":[`...)
	for i, call := range rawjson.Indexed(list) {
		e.Comma()
		e.Out = append(e.Out, '{')
		for m := range rawjson.Inside(call) {
			if string(m.Key) == "id" {
				m.Value = e.callID(fmt.Sprintf("%s.tool_calls[%d].id", at, i), m.Value)
			}
			e.Raw(string(m.Key), m.Value)
		}
		e.Out = append(e.Out, '}')
	}
	e.Out = append(e.Out, ']')
}

// callID is the id itself where it is right, or one that is made of it.
func (e *editor) callID(at string, id []byte) []byte {
	text := rawjson.Text(id)
	odd := func(r rune) bool { return r > 'z' || !unicode.IsLetter(r) && !unicode.IsDigit(r) }
	if len(text) == e.CallIDLength && !strings.ContainsFunc(text, odd) {
		return id
	}
	e.warn(at, "replaced")
	sum := sha256.Sum256([]byte(text))
	return rawjson.AppendString(nil, hex.EncodeToString(sum[:])[:min(e.CallIDLength, 2*len(sum))])
}

func (e *editor) content(at string, value []byte) {
	switch {
	case e.ContentNeverNull && rawjson.IsNull(value):
		e.warn(at+".content", "replaced null in")
		e.Raw("content", []byte(`""`))
	case value != nil:
		e.Raw("content", value)
	}
}
