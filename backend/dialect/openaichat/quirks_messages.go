package openaichat

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
)

// touches says whether the messages may need a change. Most need none, and are
// long: looking for a word in them costs little beside looking at each.
func (e *editor) touches(list []byte) bool {
	has := func(word string) bool { return bytes.Contains(list, []byte(word)) }
	return e.ContentNeverNull ||
		e.MergeSystem ||
		e.DeveloperRole != "" && has("developer") ||
		e.NeedsReasoningContent && has("tool_calls") ||
		e.NoReasoningContent && has("reasoning") ||
		slices.ContainsFunc(e.DropInMessages, func(field string) bool { return has(`"` + field + `"`) })
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
		case slices.Contains(e.DropInMessages, key):
			e.warn(at+"."+key, "dropped")
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
