package gemini

import (
	"math"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// maxStops is how many stop words Google takes.
const maxStops = 5

// generation writes generationConfig, if there is anything to say in it.
func (e *encoder) generation() {
	from := len(e.Out)
	e.open("generationConfig", '{')
	inside := len(e.Out)
	e.sampling()
	e.limits()
	e.format()
	e.modalities()
	e.thinking()
	for _, f := range e.wish.config {
		e.Raw(f.Name, f.Value)
	}
	if len(e.Out) == inside {
		e.Out = e.Out[:from]
		return
	}
	e.Out = append(e.Out, '}')
}

func (e *encoder) sampling() {
	r := e.req
	e.number("temperature", "temperature", r.Temperature, e.family.fixedSampling())
	e.number("top_p", "topP", r.TopP, e.family.fixedSampling())
	switch {
	case r.TopK == nil:
	case e.family.fixedSampling():
		e.warn("top_k", "dropped")
	default:
		e.Whole("topK", r.TopK)
	}
	e.number("presence_penalty", "presencePenalty", r.PresencePenalty, e.family.three())
	e.number("frequency_penalty", "frequencyPenalty", r.FrequencyPenalty, e.family.three())
	if r.Logprobs {
		e.Flag("responseLogprobs", new(true))
		if r.TopLogprobs != nil && *r.TopLogprobs > 0 {
			e.Whole("logprobs", r.TopLogprobs)
		}
	}
}

// number writes a number that some models refuse. A penalty of 0 is none, and
// nothing is lost with it.
func (e *encoder) number(field, name string, f *float64, refused bool) {
	switch {
	case f == nil:
	case refused && (*f != 0 || !strings.HasSuffix(field, "penalty")):
		e.warn(field, "dropped")
	case !refused:
		e.Number(name, f)
	}
}

func (e *encoder) limits() {
	r := e.req
	if r.MaxTokens != nil {
		e.Whole("maxOutputTokens", r.MaxTokens)
	}
	if r.Seed != nil {
		seed := *r.Seed
		if seed > math.MaxInt32 || seed < math.MinInt32 {
			e.warn("seed", "cut to 32 bits:")
			seed = int64(int32(seed)) //nolint:gosec // The lower half is as good a seed.
		}
		e.Int64("seed", seed)
	}
	var stops []string
	for _, s := range r.Stop {
		if s != "" {
			stops = append(stops, s)
		}
	}
	if len(stops) > maxStops {
		e.warn("stop", "cut to 5 words:")
		stops = stops[:maxStops]
	}
	if len(stops) > 0 {
		e.Strings("stopSequences", stops)
	}
}

func (e *encoder) format() {
	f := e.req.Format
	switch f.Kind {
	case llm.FormatText:
		return
	case llm.FormatJSON, llm.FormatSchema:
		e.Text("responseMimeType", "application/json")
	}
	if f.Schema != nil {
		if clean := e.Schemas.response(f.Schema); clean != nil {
			e.Raw("responseJsonSchema", clean)
		}
	}
}

func (e *encoder) modalities() {
	w := &e.wish
	if len(w.modalities) > 1 || len(w.modalities) == 1 && w.modalities[0] != "text" {
		for i, m := range w.modalities {
			w.modalities[i] = strings.ToUpper(m)
		}
		e.Strings("responseModalities", w.modalities)
	}
	switch {
	case w.ratio == "" && w.size == "":
	case e.Envelope != nil:
		e.warn("image_config", "dropped")
	default:
		e.open("imageConfig", '{')
		if w.ratio != "" {
			e.Text("aspectRatio", w.ratio)
		}
		if w.size != "" {
			e.Text("imageSize", w.size)
		}
		e.Out = append(e.Out, '}')
	}
}
