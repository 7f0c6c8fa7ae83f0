package openaichat

import (
	"slices"

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
	e := encoder{req: r, Writer: rawjson.Writer{Out: make([]byte, 0, r.Size())}, warnings: warned}
	e.Out = append(e.Out, '{')
	e.Key("model")
	e.Out = rawjson.AppendString(e.Out, model)
	e.Key("messages")
	e.messages()
	e.sampling()
	e.tools()
	e.choice()
	e.format()
	e.stream()
	e.extra()
	e.Out = append(e.Out, '}')
	if !u.Quirks.edits() {
		return e.Out, e.warnings, nil
	}
	out, warnings := u.Quirks.edit(make([]byte, 0, len(e.Out)+256), e.Out, true)
	return out, append(e.warnings, warnings...), nil
}

// encoder writes one request.
type encoder struct {
	rawjson.Writer

	req      *llm.Request
	warnings []llm.Warning
}

func (e *encoder) warn(field, what string) {
	e.warnings = append(e.warnings, llm.Warning{Field: field, What: what})
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
	e.Whole(e.maxTokensName(), r.MaxTokens)
	e.Number("temperature", r.Temperature)
	e.Number("top_p", r.TopP)
	e.Whole("top_k", r.TopK)
	e.Number("presence_penalty", r.PresencePenalty)
	e.Number("frequency_penalty", r.FrequencyPenalty)
	if r.Seed != nil {
		e.Int64("seed", *r.Seed)
	}
	if r.Choices == 1 {
		e.Whole("n", &r.Choices)
	}
	if len(r.Stop) > 0 {
		e.Strings("stop", r.Stop)
	}
	if r.Logprobs {
		e.Flag("logprobs", &r.Logprobs)
	}
	e.Whole("top_logprobs", r.TopLogprobs)
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
	e.Said("user", e.req.User)
}

// effort writes how much a model is to think; a budget of tokens, which this
// protocol does not have, is read as the effort that it stands for.
func (e *encoder) effort() {
	r := e.req.Reasoning
	if r.BudgetTokens == nil {
		e.Said("reasoning_effort", r.Effort)
		return
	}
	if r.Effort != "" {
		e.warn("reasoning budget", "dropped")
	} else {
		r.Effort = effortOf(*r.BudgetTokens)
		e.warn("reasoning budget", "read as the effort "+r.Effort+":")
	}
	e.Said("reasoning_effort", r.Effort)
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

func (e *encoder) format() {
	f := e.req.Format
	switch f.Kind {
	case llm.FormatText:
	case llm.FormatJSON:
		e.Raw("response_format", llm.RawJSON(`{"type":"json_object"}`))
	case llm.FormatSchema:
		e.Key("response_format")
		e.Out = append(e.Out, `{"type":"json_schema","json_schema":{`...)
		name := f.Name
		if name == "" {
			name = "response" // the protocol wants one
		}
		e.Text("name", name)
		e.Said("description", f.Description)
		e.Raw("schema", f.Schema)
		e.Flag("strict", f.Strict)
		e.Out = append(e.Out, '}', '}')
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
	e.Raw("stream", llm.RawJSON("true"))
	e.Key("stream_options")
	e.Out = append(e.Out, `{"include_usage":true`...)
	for _, f := range e.req.Extra {
		if f.Name == "stream_options" && e.own() {
			for m := range rawjson.Inside(f.Value) {
				if k := string(m.Key); k != "include_usage" {
					e.Raw(k, m.Value)
				}
			}
		}
	}
	e.Out = append(e.Out, '}')
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
			e.Raw(f.Name, f.Value)
		}
	}
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
			e.Raw(name, f.Value)
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
