package openaichat

import (
	"slices"
	"strconv"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// EncodeRequest writes the body as OpenAI wants it and then edits in what the
// service wants differently, by the same rules as a carried body.
func (u Upstream) EncodeRequest(r *llm.Request, model string) ([]byte, []llm.Warning, *llm.Error) {
	if r.Choices > 1 {
		return nil, nil, &llm.Error{
			Kind: llm.KindUnsupported, Param: "n",
			Message: "n above 1 cannot be translated for this model; ask once for each answer",
		}
	}
	var warned []llm.Warning
	if u.Quirks.FunctionsOnly && slices.ContainsFunc(r.Tools, func(t llm.Tool) bool { return t.Custom }) {
		r, warned = functionsOnly(r)
	}
	e := encoder{req: r, out: make([]byte, 0, r.Size()), warnings: warned}
	e.out = append(e.out, '{')
	e.key("model")
	e.out = rawjson.AppendString(e.out, model)
	e.key("messages")
	e.messages()
	e.sampling()
	e.tools()
	e.choice()
	e.format()
	e.stream()
	e.extra()
	e.out = append(e.out, '}')
	if !u.Quirks.edits() {
		return e.out, e.warnings, nil
	}
	out, warnings := u.Quirks.edit(make([]byte, 0, len(e.out)+256), e.out, true)
	return out, append(e.warnings, warnings...), nil
}

// encoder writes one request.
type encoder struct {
	req      *llm.Request
	out      []byte
	warnings []llm.Warning
}

func (e *encoder) warn(field, what string) {
	e.warnings = append(e.warnings, llm.Warning{Field: field, What: what})
}

// key opens a member of the object that was begun last.
func (e *encoder) key(name string) {
	e.comma()
	e.out = append(e.out, '"')
	e.out = append(e.out, name...)
	e.out = append(e.out, '"', ':')
}

// comma separates from what stands before, if anything does.
func (e *encoder) comma() {
	switch e.out[len(e.out)-1] {
	case '{', '[', ':':
	default:
		e.out = append(e.out, ',')
	}
}

func (e *encoder) string(name, s string) {
	if s != "" {
		e.text(name, s)
	}
}

func (e *encoder) text(name, s string) {
	e.key(name)
	e.out = rawjson.AppendString(e.out, s)
}

func (e *encoder) raw(name string, v llm.RawJSON) {
	if v != nil {
		e.key(name)
		e.out = append(e.out, v...)
	}
}

func (e *encoder) int(name string, n *int) {
	if n != nil {
		e.key(name)
		e.out = strconv.AppendInt(e.out, int64(*n), 10)
	}
}

func (e *encoder) float(name string, f *float64) {
	if f != nil {
		e.key(name)
		e.out = strconv.AppendFloat(e.out, *f, 'g', -1, 64)
	}
}

func (e *encoder) bool(name string, b *bool) {
	if b != nil {
		e.key(name)
		e.out = strconv.AppendBool(e.out, *b)
	}
}

// maxTokensName is the name the client used, if it spoke this dialect: what it
// knows of its model is more than we do. A quirk renames it later.
func (e *encoder) maxTokensName() string {
	if e.own() && e.req.MaxTokensName != "" {
		return e.req.MaxTokensName
	}
	return "max_tokens"
}

func (e *encoder) sampling() {
	r := e.req
	e.int(e.maxTokensName(), r.MaxTokens)
	e.float("temperature", r.Temperature)
	e.float("top_p", r.TopP)
	e.int("top_k", r.TopK)
	e.float("presence_penalty", r.PresencePenalty)
	e.float("frequency_penalty", r.FrequencyPenalty)
	if r.Seed != nil {
		e.key("seed")
		e.out = strconv.AppendInt(e.out, *r.Seed, 10)
	}
	if r.Choices == 1 {
		e.int("n", &r.Choices)
	}
	if len(r.Stop) > 0 {
		e.key("stop")
		e.strings(r.Stop)
	}
	if r.Logprobs {
		e.bool("logprobs", &r.Logprobs)
	}
	e.int("top_logprobs", r.TopLogprobs)
	e.user()
	e.effort()
	if r.Reasoning.Summary != "" {
		e.warn("reasoning summary", "dropped")
	}
}

// user writes the client's id of its user. Agents of other protocols put whole
// objects there, which OpenAI refuses for their length.
func (e *encoder) user() {
	const longest = 64
	if !e.own() && len(e.req.User) > longest {
		e.warn("user", "dropped")
		return
	}
	e.string("user", e.req.User)
}

// effort writes how much a model is to think; a budget of tokens, which this
// protocol does not have, is read as the effort that it stands for.
func (e *encoder) effort() {
	r := e.req.Reasoning
	if r.BudgetTokens == nil {
		e.string("reasoning_effort", r.Effort)
		return
	}
	if r.Effort != "" {
		e.warn("reasoning budget", "dropped")
	} else {
		r.Effort = effortOf(*r.BudgetTokens)
		e.warn("reasoning budget", "read as the effort "+r.Effort+":")
	}
	e.string("reasoning_effort", r.Effort)
}

// effortOf is the level that a budget of tokens stands for.
func effortOf(budget int) string {
	switch {
	case budget <= 0:
		return "none"
	case budget <= 512:
		return "minimal"
	case budget <= 1024:
		return "low"
	case budget <= 8192:
		return "medium"
	case budget <= 24576:
		return "high"
	default:
		return "xhigh"
	}
}

func (e *encoder) strings(list []string) {
	e.out = append(e.out, '[')
	for _, s := range list {
		e.comma()
		e.out = rawjson.AppendString(e.out, s)
	}
	e.out = append(e.out, ']')
}

func (e *encoder) format() {
	f := e.req.Format
	switch f.Kind {
	case llm.FormatText:
	case llm.FormatJSON:
		e.raw("response_format", llm.RawJSON(`{"type":"json_object"}`))
	case llm.FormatSchema:
		e.key("response_format")
		e.out = append(e.out, `{"type":"json_schema","json_schema":{`...)
		name := f.Name
		if name == "" {
			name = "response" // the protocol wants one
		}
		e.text("name", name)
		e.string("description", f.Description)
		e.raw("schema", f.Schema)
		e.bool("strict", f.Strict)
		e.out = append(e.out, '}', '}')
	}
}

// stream asks for events with usage, whatever the client wants: the answer is
// folded for it.
func (e *encoder) stream() {
	if !e.req.Stream {
		e.warn("stream", "set")
	}
	if !e.req.IncludeUsage {
		e.warn("stream_options", "added")
	}
	e.raw("stream", llm.RawJSON("true"))
	e.key("stream_options")
	e.out = append(e.out, `{"include_usage":true`...)
	for _, f := range e.req.Extra {
		if f.Name == "stream_options" && e.own() {
			for m := range rawjson.Inside(f.Value) {
				if k := string(m.Key); k != "include_usage" {
					e.raw(k, m.Value)
				}
			}
		}
	}
	e.out = append(e.out, '}')
}

// own says that the request came in this dialect, so that what the vocabulary
// has no name for can be sent on.
func (e *encoder) own() bool { return e.req.Minter == minter }

func (e *encoder) extra() {
	for _, f := range e.req.Extra {
		switch {
		case !e.own():
			e.warn(f.Name, "dropped")
		case f.Name != "stream_options":
			e.field(f.Name, f.Value)
		}
	}
}

// field writes a member whose name may need escapes.
func (e *encoder) field(name string, v llm.RawJSON) {
	e.comma()
	e.out = rawjson.AppendString(e.out, name)
	e.out = append(e.out, ':')
	e.out = append(e.out, v...)
}

// fields writes the unknown members that stand at the level of prefix.
func (e *encoder) fields(at, prefix string, list []llm.Field) {
	for _, f := range list {
		level, name := levelOf(f.Name)
		switch {
		case level != prefix:
		case !e.own():
			e.warn(at+"."+f.Name, "dropped")
		default:
			e.field(name, f.Value)
		}
	}
}

// levels are the inner objects whose unknown members are kept under a prefix.
func levelOf(name string) (level, rest string) {
	for _, l := range [...]string{"function.", "custom.", "image_url.", "input_audio.", "file."} {
		if len(name) > len(l) && name[:len(l)] == l {
			return l, name[len(l):]
		}
	}
	return "", name
}
