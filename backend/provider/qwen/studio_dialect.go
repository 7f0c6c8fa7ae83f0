package qwen

import (
	"slices"
	"strconv"

	"github.com/tidwall/gjson"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openaichat"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// studioChat is OpenAI Chat as Model Studio speaks it. What it wants of roles,
// numbers and names is data of openaichat; thinking, which OpenAI's protocol
// has no switch for, is worked out here.
//
// A model that thinks refuses to be asked for a whole answer. So such a request
// goes out as a stream, in both lanes, and is folded for a client that wanted
// none: the other way, to turn the thinking off, would change the answer.
type studioChat struct {
	openaichat.Upstream
}

var (
	_ dialect.Upstream = studioChat{}
	_ dialect.Carrier  = studioChat{}
)

// studio is the dialect of an account with an API key.
func (p Provider) studio(a *account.Account) studioChat {
	return studioChat{openaichat.Upstream{
		Quirks: openaichat.Quirks{
			MaxTokensField: "max_tokens",
			DeveloperRole:  llm.RoleSystem,
			// [0,2) and (0,1]: the ends that are out are refused.
			Clamp: []openaichat.Range{{Field: "temperature", Low: 0, High: 1.99}, {Field: "top_p", Low: 0.01, High: 1}},
		},
		Errors: studioErrors(a),
		Now:    p.Now,
	}}
}

// EncodeRequest writes the body, with the thinking that r asks for.
func (u studioChat) EncodeRequest(r *llm.Request, model string) ([]byte, []llm.Warning, *llm.Error) {
	plain := *r
	plain.Reasoning = llm.Reasoning{Summary: r.Reasoning.Summary}
	body, warnings, err := u.Upstream.EncodeRequest(&plain, model)
	if err != nil {
		return nil, nil, err
	}
	s := newShape(model, body)
	s.effort, s.budget = r.Reasoning.Effort, r.Reasoning.BudgetTokens
	if err := s.think(); err != nil {
		return nil, nil, err
	}
	return s.apply(nil, body), append(warnings, s.warnings...), nil
}

// CarryRequest passes the client's body on, as a stream where the model may
// think.
func (u studioChat) CarryRequest(dst, raw []byte, h dialect.Head, model string) ([]byte, []llm.Warning, *llm.Error) {
	body, warnings, err := u.Upstream.CarryRequest(nil, raw, h, model)
	if err != nil {
		return dst, nil, err
	}
	s := newShape(model, body)
	s.effort = s.body.Get("reasoning_effort").String()
	if err := s.think(); err != nil {
		return dst, nil, err
	}
	if !h.Stream {
		if err := s.stream(); err != nil {
			return dst, nil, err
		}
	}
	if len(s.list) == 0 {
		return append(dst, body...), warnings, nil
	}
	return s.apply(dst, body), append(warnings, s.warnings...), nil
}

// shape works out how a body must differ.
type shape struct {
	edits

	model  string
	kind   thinking
	body   gjson.Result
	effort string
	budget *int
	// off says that the model will not think.
	off bool
}

func newShape(model string, body []byte) *shape {
	kind := thinkingOf(model)
	return &shape{model: model, kind: kind, body: gjson.ParseBytes(body), off: kind == neverThinks}
}

// has says whether the body sets a field.
func (s *shape) has(field string) bool {
	v := s.body.Get(field)
	return v.Exists() && v.Type != gjson.Null
}

// think writes how much to think, and sees to it that what cannot be had with
// thinking is had without.
func (s *shape) think() *llm.Error {
	switch {
	case s.has("enable_thinking") || s.has("thinking_budget"):
		s.own()
	case s.effort == "" && s.budget == nil:
	case s.kind == neverThinks:
		s.forget()
	case s.effort == "none" || s.budget != nil && *s.budget <= 0:
		s.turnOff()
	case s.kind == graded && s.budget == nil:
		s.grade()
	default:
		s.measure()
	}
	return s.forced()
}

// own leaves the service's own fields to who set them; OpenAI's does not go
// with them.
func (s *shape) own() {
	s.off = s.off || s.has("enable_thinking") && !s.body.Get("enable_thinking").Bool()
	if s.effort != "" && (s.kind != graded || s.has("thinking_budget") || s.off) {
		s.forget()
	}
}

// forget leaves the wish out.
func (s *shape) forget() {
	s.drop("reasoning_effort")
	s.warn("reasoning_effort", "dropped")
}

func (s *shape) turnOff() {
	if s.kind == alwaysThinks {
		s.forget()
		return
	}
	s.off = true
	s.replace("enable_thinking", "false")
}

// replace writes a field of the service's own in place of reasoning_effort.
func (s *shape) replace(field, value string) {
	s.drop("reasoning_effort")
	s.set(field, value)
	s.warn("reasoning_effort", "written as "+field+" "+value+":")
}

// grade writes the effort by the three words that the model knows.
func (s *shape) grade() {
	near := map[string]string{"minimal": "low", "low": "low", "medium": "medium"}[s.effort]
	if near == "" {
		near = "xhigh"
	}
	s.set("reasoning_effort", text(near))
	if near != s.effort {
		s.warn("reasoning_effort", "replaced "+s.effort+" by "+near+" in")
	}
}

// measure writes the effort as a budget; without one the model thinks as long
// as it likes.
func (s *shape) measure() {
	if s.kind != alwaysThinks {
		s.replace("enable_thinking", "true")
	}
	budget := map[string]string{"minimal": "512", "low": "1024", "medium": "8192", "high": "24576"}[s.effort]
	if s.budget != nil {
		budget = strconv.Itoa(*s.budget)
	}
	if budget != "" {
		s.replace("thinking_budget", budget)
	} else if s.kind == alwaysThinks {
		s.forget()
	}
}

// forced turns the thinking off for a call that must be made and for JSON that
// must be written: the service does neither while it thinks.
func (s *shape) forced() *llm.Error {
	choice, format := s.body.Get("tool_choice"), s.body.Get("response_format.type").String()
	call := choice.String() == "required" || choice.IsObject() && choice.Get("type").String() == "function"
	json := slices.Contains([]string{"json_object", "json_schema"}, format)
	switch {
	case s.off || !call && !json:
		return nil
	case s.kind == alwaysThinks && call:
		return &llm.Error{
			Kind: llm.KindUnsupported, Param: "tool_choice",
			Message: s.model + " always thinks, and Model Studio lets no thinking model be forced to call a tool: send tool_choice auto, or use a model that can do without thinking, as qwen-plus",
		}
	case s.kind == alwaysThinks:
		return nil // the service says itself what it makes of it
	case call:
		s.quiet("tool_choice")
	default:
		s.quiet("response_format")
	}
	return nil
}

// quiet turns the thinking off for the sake of another field.
func (s *shape) quiet(field string) {
	s.off = true
	for _, f := range []string{"thinking_budget", "reasoning_effort"} {
		s.unset(f)
		if s.has(f) {
			s.drop(f)
			s.warn(f, "dropped")
		}
	}
	s.set("enable_thinking", "false")
	s.warn("enable_thinking", "set to false for "+field+", which is refused while a model thinks:")
}

// stream asks for a stream where the model may think. More than one answer
// cannot be folded from one, so that for them the thinking is turned off.
func (s *shape) stream() *llm.Error {
	alone := likeAny([]string{"*omni*"}, s.model) // answers in streams alone
	switch {
	case s.off && !alone:
		return nil
	case s.body.Get("n").Num <= 1:
		s.set("stream", "true")
		s.set("stream_options", `{"include_usage":true}`)
		s.warn("stream", "set, as a model that thinks gives no whole answers:")
		s.warn("stream_options", "added")
		return nil
	case s.kind == alwaysThinks || alone:
		return &llm.Error{Kind: llm.KindUnsupported, Param: "n", Message: s.model + " gives one answer to a request that wants no stream: ask once for each"}
	}
	s.quiet("n without a stream")
	return nil
}
