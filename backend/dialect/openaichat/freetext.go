package openaichat

import (
	"slices"
	"strconv"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

var _ dialect.Restorer = Upstream{}

// freeText is the one argument of a function that stands for a tool with free
// text.
const freeText = "input"

// functionsOnly is r with a function for each tool that takes free text, and
// what was called of them as calls of those. The form of the text is told in
// words: most services know no grammars.
func functionsOnly(r *llm.Request) (*llm.Request, []llm.Warning) {
	var warned []llm.Warning
	out := *r
	out.Tools = slices.Clone(r.Tools)
	for i, t := range out.Tools {
		if !t.Custom {
			continue
		}
		if t.Description == "" && t.RawDescription != nil {
			t.Description = rawjson.Text(t.RawDescription)
		}
		if t.Format != nil {
			t.Description = strings.TrimSpace(t.Description + "\n\nFormat of " + freeText + ": " + string(t.Format))
		}
		t.Custom, t.Format, t.RawDescription, t.Extra = false, nil, nil, nil
		t.Parameters = llm.RawJSON(`{"type":"object","properties":{"` + freeText + `":{"type":"string"}},"required":["` + freeText + `"]}`)
		out.Tools[i] = t
		warned = append(warned, llm.Warning{Field: place{list: "tools", i: i}.String(), What: "made a function of"})
	}
	out.Messages = slices.Clone(r.Messages)
	for i := range out.Messages {
		var made []int
		out.Messages[i].Parts, made = plainCalls(out.Messages[i].Parts)
		for _, call := range made {
			at := place{list: "messages", i: i}.String() + ".tool_calls[" + strconv.Itoa(call) + "]"
			warned = append(warned, llm.Warning{Field: at, What: "made a function of"})
		}
	}
	return &out, warned
}

// plainCalls are parts with their calls as calls of functions; made are those
// that were not before, as their places among the calls.
func plainCalls(parts []llm.Part) (out []llm.Part, made []int) {
	custom := func(p llm.Part) bool {
		c, ok := p.(llm.ToolCall)
		return ok && c.Custom
	}
	if !slices.ContainsFunc(parts, custom) {
		return parts, nil
	}
	out = slices.Clone(parts)
	calls := 0
	for i, p := range out {
		c, ok := p.(llm.ToolCall)
		if !ok {
			continue
		}
		if c.Custom {
			c.Custom = false
			c.Arguments = string(append(rawjson.AppendString([]byte(`{"`+freeText+`":`), c.Arguments), '}'))
			out[i] = c
			made = append(made, calls)
		}
		calls++
	}
	return out, made
}

// Restore gives the calls of functions that stand for tools with free text back
// as calls of those. Their text is known when the arguments are whole.
func (u Upstream) Restore(r *llm.Request, s llm.Stream) llm.Stream {
	custom := map[string]bool{}
	for _, t := range r.Tools {
		if t.Custom {
			custom[t.Name] = true
		}
	}
	if !u.Quirks.FunctionsOnly || len(custom) == 0 {
		return s
	}
	return func(yield func(llm.Event, error) bool) {
		open := map[int]*strings.Builder{}
		for e, err := range s {
			switch e := e.(type) {
			case llm.ToolCallStart:
				if custom[e.Name] {
					open[e.Block] = &strings.Builder{}
					e.Custom = true
					if !yield(e, err) {
						return
					}
					continue
				}
			case llm.ToolCallDelta:
				if b := open[e.Block]; b != nil {
					b.WriteString(e.Arguments)
					continue
				}
			case llm.Finish:
				if !pour(open, yield) {
					return
				}
			case llm.Start, llm.TextDelta, llm.ThoughtDelta, llm.RefusalDelta, llm.ImageDelta:
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

// pour gives the texts of the calls, in the order of their blocks. Arguments
// that are not the function's are the text themselves.
func pour(open map[int]*strings.Builder, yield func(llm.Event, error) bool) bool {
	blocks := make([]int, 0, len(open))
	for b := range open {
		blocks = append(blocks, b)
	}
	slices.Sort(blocks)
	for _, b := range blocks {
		text := open[b].String()
		if v := rawjson.Get([]byte(text), freeText); rawjson.Valid([]byte(text)) && rawjson.IsText(v) {
			text = rawjson.Text(v)
		}
		if !yield(llm.ToolCallDelta{Block: b, Arguments: text}, nil) {
			return false
		}
	}
	return true
}
