package completions

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/infill"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/request"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// Completes says whether the service completes text with this model.
func (u Upstream) Completes(model string, gap bool) bool {
	if u.Models != nil && !named(u.Models, model) {
		return false
	}
	if !gap {
		return true
	}
	if u.Infills != nil && !named(u.Infills, model) {
		return false
	}
	_, known := infill.For(model)
	return known || !u.Marks
}

// named says whether a model's name, without the maker before its slash, fits one
// of the patterns.
func named(patterns []string, model string) bool {
	short := strings.ToLower(path.Base(model))
	return slices.ContainsFunc(patterns, func(p string) bool {
		fits, err := path.Match(p, short)
		return err == nil && fits
	})
}

// EncodeRequest writes the body. It takes a completion alone.
func (u Upstream) EncodeRequest(r *llm.Request, model string) ([]byte, []llm.Warning, *llm.Error) {
	if r.Completion == nil {
		return nil, nil, request.Unsupported("messages", "this service completes text; a conversation is nothing to complete")
	}
	if r.Format.Kind != llm.FormatText {
		return nil, nil, request.Unsupported("response_format", "text completion has no response_format; ask in a conversation")
	}
	e := encoder{Upstream: u, Writer: rawjson.Writer{Out: make([]byte, 0, r.Size())}}
	e.Out = append(e.Out, '{')
	e.Text("model", model)
	e.texts(r, model)
	e.sampling(r)
	e.extras(r)
	e.Key("stream")
	e.Out = append(e.Out, "true"...)
	if !u.FIM && !u.NoStreamOptions {
		e.Key("stream_options")
		e.Out = append(e.Out, `{"include_usage":true}`...)
	}
	return append(e.Out, '}'), e.warnings, nil
}

// encoder writes one body.
type encoder struct {
	Upstream
	rawjson.Writer

	warnings []llm.Warning
}

func (e *encoder) warn(field, what string) {
	e.warnings = append(e.warnings, llm.Warning{Field: field, What: what})
}

// takes says whether the service takes a field, and warns where it does not.
func (e *encoder) takes(field string) bool {
	if !slices.Contains(e.Drop, field) {
		return true
	}
	e.warn(field, "dropped")
	return false
}

// texts writes the prompt, the suffix and the stop words.
func (e *encoder) texts(r *llm.Request, model string) {
	c := r.Completion
	prompt, suffix, stop := c.Prompt, c.Suffix, r.Stop
	if e.Marks && suffix != "" && !c.Raw {
		if family, ok := infill.For(model); ok {
			prompt, suffix, stop = family.Prompt(prompt, suffix), "", slices.Concat(stop, family.Stop)
			e.warn("suffix", "put into the prompt with the model's marks:")
		}
	}
	e.Text("prompt", prompt)
	e.Said("suffix", suffix)
	if len(stop) > 0 && e.takes("stop") {
		e.Strings("stop", stop)
	}
}

func (e *encoder) sampling(r *llm.Request) {
	seed := "seed"
	if e.FIM {
		seed = "random_seed"
	}
	if r.MaxTokens != nil {
		e.number("max_tokens", float64(*r.MaxTokens))
	}
	for _, f := range [...]struct {
		name  string
		value *float64
	}{
		{"temperature", r.Temperature},
		{"top_p", r.TopP},
		{"presence_penalty", r.PresencePenalty},
		{"frequency_penalty", r.FrequencyPenalty},
	} {
		if f.value != nil {
			e.number(f.name, *f.value)
		}
	}
	if r.TopK != nil {
		e.number("top_k", float64(*r.TopK))
	}
	if r.Seed != nil && e.takes(seed) {
		e.Int64(seed, *r.Seed)
	}
	if r.User != "" && e.takes("user") {
		e.Text("user", r.User)
	}
}

func (e *encoder) number(name string, f float64) {
	if e.takes(name) {
		e.Key(name)
		e.Out = strconv.AppendFloat(e.Out, f, 'f', -1, 64)
	}
}

// extras sends on what only these protocols understand, and warns of what has no
// place in them.
func (e *encoder) extras(r *llm.Request) {
	for _, f := range r.Extra {
		switch {
		case r.Minter != minter:
			e.warn(f.Name, "dropped")
		case e.takes(f.Name):
			e.Raw(f.Name, f.Value)
		}
	}
	if len(r.Messages) > 0 {
		e.warn("messages", "dropped")
	}
	if len(r.Tools) > 0 {
		e.warn("tools", "dropped")
	}
	if r.Reasoning.Effort != "" || r.Reasoning.BudgetTokens != nil {
		e.warn("reasoning", "dropped")
	}
}
