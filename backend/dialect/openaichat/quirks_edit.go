package openaichat

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// editor writes one edited body.
type editor struct {
	Quirks
	rawjson.Writer

	warnings  []llm.Warning
	streaming bool
	limited   bool     // a limit of the answer was written
	dropped   []string // the fields that this body's model refuses
	switched  bool     // the client has its own switch for thinking
	offer     offer
}

// prepare looks ahead for what decides about fields that come before it.
func (e *editor) prepare(raw []byte) {
	e.dropped = e.Drop
	if len(e.DropFor) > 0 {
		model := rawjson.Text(rawjson.Get(raw, "model"))
		for _, f := range e.DropFor {
			if slices.ContainsFunc(f.Models, func(pattern string) bool { return like(pattern, model) }) {
				e.dropped = append(slices.Clip(e.dropped), f.Fields...)
			}
		}
	}
	e.switched = e.ThinkingSwitch && !rawjson.IsNull(rawjson.Get(raw, "thinking"))
	if e.OnlyAuto {
		e.offer = offerOf(rawjson.Get(raw, "tool_choice"))
	}
}

func (e *editor) warn(field, what string) {
	e.warnings = append(e.warnings, llm.Warning{Field: field, What: what})
}

func (e *editor) member(m rawjson.Member) {
	key := string(m.Key)
	switch {
	case slices.Contains(e.dropped, key), key == "stream_options" && (e.NoStreamOptions || !e.streaming):
		e.warn(key, "dropped")
	case key == "max_tokens" || key == "max_completion_tokens":
		e.limit(key, m.Value)
	case key == "messages" && e.touches(m.Value):
		e.Comma()
		e.Out = append(e.Out, `"messages":[`...)
		e.messages(m.Value)
		e.Out = append(e.Out, ']')
	case e.OnlyAuto && e.offer.none && (key == "tools" || key == "tool_choice" || key == "parallel_tool_calls"):
		e.warn(key, "dropped")
	case key == "tools" && e.editsTools():
		e.tools(m.Value)
	case key == "tool_choice" && e.OnlyAuto && string(m.Value) != `"auto"`:
		e.warn(key, "replaced "+cmp.Or(rawjson.Text(m.Value), "the tools named")+" by auto in")
		e.Raw(key, []byte(`"auto"`))
	case key == "reasoning_effort" && e.ThinkingSwitch:
		e.thinking(m.Value)
	case key == "stop" && e.StopLimit > 0:
		e.stop(m.Value)
	default:
		e.Raw(key, e.clamp(key, m.Value))
	}
}

// thinking makes a switch of an effort. The client's own switch comes before it.
func (e *editor) thinking(effort []byte) {
	if e.switched || rawjson.IsNull(effort) {
		e.warn("reasoning_effort", "dropped")
		return
	}
	state := "enabled"
	if s := rawjson.Text(effort); s == "none" || s == "minimal" {
		state = "disabled"
	}
	e.warn("reasoning_effort", "sent as thinking "+state+":")
	e.Raw("thinking", []byte(`{"type":"`+state+`"}`))
}

// clamp is a number within what the service takes.
func (e *editor) clamp(key string, value []byte) []byte {
	for _, r := range e.Clamp {
		f, ok := rawjson.Float(value)
		if r.Field != key || !ok || f >= r.Low && f <= r.High {
			continue
		}
		near := strconv.AppendFloat(nil, min(max(f, r.Low), r.High), 'g', -1, 64)
		e.warn(key, "replaced "+string(value)+" by "+string(near)+" in")
		return near
	}
	return value
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
	e.Raw(name, value)
}

func (e *editor) stop(value []byte) {
	e.Comma()
	e.Out = append(e.Out, `"stop":`...)
	if value[0] != '[' {
		e.Out = append(e.Out, value...)
		return
	}
	e.Out = append(e.Out, '[')
	for i, word := range rawjson.Indexed(value) {
		if i == e.StopLimit {
			e.warn(fmt.Sprintf("stop[%d:]", i), "dropped")
			break
		}
		e.Comma()
		e.Out = append(e.Out, word...)
	}
	e.Out = append(e.Out, ']')
}
