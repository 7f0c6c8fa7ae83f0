package fake

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// anthropicTurns finds turns that do not alternate, calls without a result and
// results without a call, ids that are there twice, and blocks that are wrong.
func anthropicTurns(q gjson.Result) string {
	list := q.Get("messages").Array()
	if len(list) == 0 {
		return "messages: at least one message is required"
	}
	var open []string
	used := map[string]bool{}
	before := "assistant"
	marks := strings.Count(q.Raw, `"cache_control"`)
	if marks > 4 {
		return fmt.Sprintf("A maximum of 4 blocks with cache_control may be provided. Found %d.", marks)
	}
	for i, m := range list {
		at := fmt.Sprintf("messages.%d", i)
		role := m.Get("role").Str
		if why := anthropicFields(at, m, "role", "content"); why != "" {
			return why
		}
		if role != "user" && role != "assistant" || role == before {
			return at + ".role: turns must alternate, and begin with the user's"
		}
		before = role
		var why string
		if role == "user" {
			why = anthropicResults(at, m.Get("content"), open)
			open = nil
		} else {
			open, why = anthropicCalls(at, m.Get("content"), used)
		}
		if why == "" {
			why = anthropicBlocks(at, m.Get("content"), role)
		}
		if why != "" {
			return why
		}
	}
	if len(open) > 0 {
		return "messages: `tool_use` ids were found without `tool_result` blocks immediately after"
	}
	last := list[len(list)-1]
	blocks := last.Get("content").Array()
	if text := blocks[len(blocks)-1].Get("text").Str; last.Get("role").Str == "assistant" && strings.TrimRight(text, " \n\t") != text {
		return "messages: final assistant content cannot end with trailing whitespace"
	}
	return ""
}

// anthropicResults wants the results of all open calls first.
func anthropicResults(at string, content gjson.Result, open []string) string {
	left := slices.Clone(open)
	first := true
	for j, b := range content.Array() {
		if b.Get("type").Str != "tool_result" {
			first = false
			continue
		}
		n := slices.Index(left, b.Get("tool_use_id").Str)
		if n < 0 || !first {
			return fmt.Sprintf("%s.content.%d: unexpected `tool_use_id` found in `tool_result` blocks", at, j)
		}
		left = slices.Delete(left, n, n+1)
	}
	if len(left) > 0 {
		return at + ": `tool_use` ids were found without `tool_result` blocks immediately after: " + strings.Join(left, ", ")
	}
	return ""
}

func anthropicCalls(at string, content gjson.Result, used map[string]bool) (open []string, why string) {
	id := regexp.MustCompile(`^[a-zA-Z0-9_-]+$`)
	for j, b := range content.Array() {
		if b.Get("type").Str != "tool_use" {
			continue
		}
		call := b.Get("id").Str
		switch {
		case !id.MatchString(call):
			return nil, fmt.Sprintf("%s.content.%d.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'", at, j)
		case used[call]:
			return nil, "messages: `tool_use` ids must be unique"
		case !b.Get("input").IsObject():
			return nil, fmt.Sprintf("%s.content.%d.tool_use.input: Input should be a valid dictionary", at, j)
		case !nameRule().MatchString(b.Get("name").Str):
			return nil, fmt.Sprintf("%s.content.%d.tool_use.name: String should match pattern", at, j)
		}
		used[call] = true
		open = append(open, call)
	}
	return open, ""
}

func anthropicBlocks(at string, content gjson.Result, role string) string {
	if content.Type == gjson.String {
		if strings.TrimSpace(content.Str) == "" {
			return at + ".content: must be non-empty"
		}
		return ""
	}
	if len(content.Array()) == 0 {
		return at + ".content: must be non-empty"
	}
	known := map[string][]string{
		"text": {"type", "text", "cache_control", "citations"}, "image": {"type", "source", "cache_control"}, "document": {"type", "source", "title", "context", "citations", "cache_control"},
		"tool_use": {"type", "id", "name", "input", "cache_control"}, "tool_result": {"type", "tool_use_id", "content", "is_error", "cache_control"},
		"thinking": {"type", "thinking", "signature"}, "redacted_thinking": {"type", "data"},
	}
	for j, b := range content.Array() {
		here := fmt.Sprintf("%s.content.%d", at, j)
		kind := b.Get("type").Str
		if known[kind] == nil {
			return here + ".type: unknown " + kind
		}
		if why := anthropicFields(here, b, known[kind]...); why != "" {
			return why
		}
		if why := anthropicBlock(here, role, kind, b); why != "" {
			return why
		}
	}
	return ""
}

func anthropicBlock(at, role, kind string, b gjson.Result) string {
	source := b.Get("source")
	switch kind {
	case "text":
		if strings.TrimSpace(b.Get("text").Str) == "" {
			return at + ": text content blocks must contain non-whitespace text"
		}
	case "thinking":
		if b.Get("signature").Str == "" || role != "assistant" {
			return at + ".signature: Field required"
		}
	case "image":
		mime := source.Get("media_type").Str
		if role != "user" || source.Get("type").Str != "url" && !slices.Contains([]string{"image/jpeg", "image/png", "image/gif", "image/webp"}, mime) {
			return at + ".source: unknown image"
		}
	case "document":
		if role != "user" || !slices.Contains([]string{"base64", "text", "url", "file"}, source.Get("type").Str) {
			return at + ".source: unknown document"
		}
	case "tool_result":
		if c := b.Get("content"); c.IsArray() && len(c.Array()) > 0 {
			return anthropicBlocks(at, c, "user")
		}
	}
	return ""
}
