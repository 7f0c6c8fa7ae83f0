package anthropic

import (
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/request"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/toolprompt"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// EncodeRequest writes the body, always for a stream.
func (u Upstream) EncodeRequest(r *llm.Request, model string) ([]byte, []llm.Warning, *llm.Error) {
	e := &encoder{req: r, traits: traitsOf(model)}
	if err := e.refuse(); err != nil {
		return nil, nil, err
	}
	e.Out = make([]byte, 0, r.Size())
	e.gather()
	e.pair()
	e.plan(u.MaxTokens)
	e.Open('{')
	e.Text("model", model)
	e.Int("max_tokens", e.limit)
	e.systemBlocks()
	if err := e.messages(); err != nil {
		return nil, nil, err
	}
	e.tools()
	e.choice()
	e.thinkingConfig()
	e.outputConfig()
	e.sampling()
	e.rest()
	if e.own() && !r.Stream {
		e.warn("stream", "set")
	}
	e.Out = append(e.Out, `,"stream":true}`...)
	return e.Out, e.warnings, nil
}

// encoder writes one request.
type encoder struct {
	rawjson.Writer

	req      *llm.Request
	traits   traits
	warnings []llm.Warning

	system []block
	turns  []turn
	// What plan decided of wishes that depend on each other.
	limit  int
	think  string // thinking.type; "" leaves it to the model
	budget int    // thinking.budget_tokens
	show   bool   // thinking.display
	effort string // output_config.effort
	forced llm.ToolChoice
	schema llm.RawJSON // output_config.format
}

func (e *encoder) warn(field, what string) {
	e.warnings = append(e.warnings, llm.Warning{Field: e.called(field), What: what})
}

// called is what the client calls a wish: it has the names of Chat Completions
// here, unless the client speaks this protocol itself.
func (e *encoder) called(field string) string {
	if !e.own() {
		return field
	}
	switch field {
	case "response_format":
		return "output_config"
	case "reasoning_effort":
		return "output_config.effort"
	case "reasoning budget":
		return "thinking.budget_tokens"
	case "reasoning summary":
		return "thinking.display"
	case "user":
		return "metadata.user_id"
	case "stop":
		return "stop_sequences"
	}
	return field
}

// own says that the request came in this dialect, so that what the vocabulary
// has no name for can be sent on.
func (e *encoder) own() bool { return e.req.Minter == minter }

// refuse refuses what would change the answer.
func (e *encoder) refuse() *llm.Error {
	switch {
	case e.req.Choices > 1:
		return request.Unsupported("n", "this model gives one answer; ask once for each")
	case e.req.Logprobs:
		return request.Unsupported("logprobs", "this model tells no log probabilities")
	}
	return nil
}

// systemBlocks writes the system text, and in words what has no field.
func (e *encoder) systemBlocks() {
	f := e.req.Format
	words := ""
	if e.schema == nil {
		words = toolprompt.Format(f)
	}
	if words != "" {
		e.warn("response_format", "described in the prompt:")
		if e.own() {
			e.warn("system", "added the shape to")
		}
	}
	if len(e.system) == 0 && words == "" {
		return
	}
	e.Key("system")
	e.Open('[')
	for _, b := range e.system {
		if t, ok := b.part.(llm.Text); ok {
			t.Extra = b.with(t.Extra)
			e.textBlock(b.at, t)
		}
	}
	if words != "" {
		e.textBlock("", llm.Text{Text: words})
	}
	e.Close(']')
}

// sampling writes what the model takes of the wishes about chance.
func (e *encoder) sampling() {
	r := e.req
	limit := 1.0
	switch {
	case r.Temperature == nil:
	case !e.traits.sampling, e.think == "enabled" && *r.Temperature != limit:
		e.warn("temperature", "dropped")
	case *r.Temperature > limit:
		e.warn("temperature", "lowered to 1:")
		e.Number("temperature", new(limit))
	default:
		e.Number("temperature", r.Temperature)
	}
	if r.TopP != nil {
		thinks := e.think == "enabled" && *r.TopP < 0.95
		if !e.traits.sampling || thinks || r.Temperature != nil && !e.traits.both {
			e.warn("top_p", "dropped")
		} else {
			e.Number("top_p", r.TopP)
		}
	}
	if r.TopK != nil {
		if !e.traits.sampling || e.think == "enabled" {
			e.warn("top_k", "dropped")
		} else {
			e.Whole("top_k", r.TopK)
		}
	}
}

// rest writes the other wishes, and names those that have no place.
func (e *encoder) rest() {
	r := e.req
	var stops []string
	for _, s := range r.Stop {
		if strings.TrimSpace(s) == "" { // the protocol refuses it
			e.warn("stop", "dropped a sequence of space in")
			continue
		}
		stops = append(stops, s)
	}
	if len(stops) > 0 {
		e.Strings("stop_sequences", stops)
	}
	const longestUser = 256
	switch {
	case r.User == "":
	case len(r.User) > longestUser, strings.Contains(r.User, "@"): // addresses are refused
		e.warn("user", "dropped")
	default:
		e.Key("metadata")
		e.Open('{')
		e.Text("user_id", r.User)
		e.Close('}')
	}
	for _, f := range [...]struct {
		name string
		set  bool
	}{
		{"presence_penalty", r.PresencePenalty != nil},
		{"frequency_penalty", r.FrequencyPenalty != nil},
		{"seed", r.Seed != nil},
		{"top_logprobs", r.TopLogprobs != nil},
	} {
		if f.set {
			e.warn(f.name, "dropped")
		}
	}
	for _, f := range r.Extra {
		if e.own() {
			e.Raw(f.Name, f.Value)
			continue
		}
		e.warn(f.Name, "dropped")
	}
}
