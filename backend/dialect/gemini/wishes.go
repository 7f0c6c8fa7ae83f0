package gemini

import (
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// wishes are what clients ask for in fields that the vocabulary has no name
// for.
type wishes struct {
	search        bool
	thinking      rawThinking
	cachedContent string
	safety        []byte
	serviceTier   string
	modalities    []string
	ratio, size   string
	effort        string
	effortMax     *int
	// own and config are what a client of this dialect said beside all that: at
	// the top of its request, and in its generationConfig.
	own, config []llm.Field
}

// rawThinking is Google's own thinking_config, in which a level and a budget
// exclude each other.
type rawThinking struct {
	level   string
	budget  *int
	include *bool
}

// wishes reads the request's unknown fields. What is unknown here too is
// dropped with a note.
func (e *encoder) wishes() wishes {
	var w wishes
	if e.req.Minter == minter {
		w.native(e)
		return w
	}
	for _, f := range e.req.Extra {
		switch f.Name {
		case "web_search_options":
			w.search = true
		case "extra_body":
			for m := range rawjson.Inside(f.Value) {
				if string(m.Key) == "google" {
					w.google(e, "extra_body.google", m.Value)
				} else {
					e.warn("extra_body."+string(m.Key), "dropped")
				}
			}
		case "google":
			w.google(e, "google", f.Value)
		case "service_tier":
			w.tier(e, rawjson.Text(f.Value))
		case "modalities":
			for _, v := range rawjson.Elements(f.Value) {
				w.modalities = append(w.modalities, rawjson.Text(v))
			}
		case "image_config":
			w.ratio, w.size = rawjson.Text(rawjson.Get(f.Value, "aspect_ratio")), rawjson.Text(rawjson.Get(f.Value, "image_size"))
		case "reasoning":
			w.effort = rawjson.Text(rawjson.Get(f.Value, "effort"))
			if n, ok := rawjson.Int(rawjson.Get(f.Value, "max_tokens")); ok {
				w.effortMax = &n
			}
		default:
			e.warn(f.Name, "dropped")
		}
	}
	if e.req.User != "" {
		e.warn("user", "dropped")
	}
	return w
}

// native takes the fields of a client that speaks this dialect as they are, but
// for those that this backend does not know.
func (w *wishes) native(e *encoder) {
	shown := e.req.Reasoning.Summary != ""
	w.thinking.include = &shown // its client shows no thoughts to who did not ask
	for _, f := range e.req.Extra {
		name, inside := strings.CutPrefix(f.Name, inConfig)
		switch {
		case !e.public() && (name == "serviceTier" || name == "store" || name == "continuationToken"),
			e.Envelope != nil && name == "imageConfig":
			e.warn(f.Name, "dropped")
		case inside:
			w.config = append(w.config, llm.Field{Name: name, Value: f.Value})
		default:
			w.own = append(w.own, f)
		}
	}
}

// google reads what Google's own Chat Completions has in extra_body.google.
func (w *wishes) google(e *encoder, at string, v []byte) {
	for m := range rawjson.Inside(v) {
		switch key := string(m.Key); key {
		case "thinking_config":
			for t := range rawjson.Inside(m.Value) {
				w.thinking.read(e, at+"."+key+".", t)
			}
		case "cached_content":
			w.cachedContent = rawjson.Text(m.Value)
		case "safety_settings":
			w.safety = m.Value
		default:
			e.warn(at+"."+key, "dropped")
		}
	}
}

func (t *rawThinking) read(e *encoder, at string, m rawjson.Member) {
	switch key := string(m.Key); key {
	case "thinking_level", "thinkingLevel":
		t.level = rawjson.Text(m.Value)
	case "thinking_budget", "thinkingBudget":
		if n, ok := rawjson.Int(m.Value); ok {
			t.budget = &n
		}
	case "include_thoughts", "includeThoughts":
		include := string(m.Value) == "true"
		t.include = &include
	default:
		e.warn(at+key, "dropped")
	}
}

// tier takes the tiers that the Gemini API has; the others have none.
func (w *wishes) tier(e *encoder, tier string) {
	switch {
	case tier == "auto" || tier == "default" || tier == "":
	case (tier == "flex" || tier == "priority") && e.public():
		w.serviceTier = tier
	default:
		e.warn("service_tier", "dropped")
	}
}

// write writes the wishes that stand at the top of a request.
func (w *wishes) write(e *encoder) {
	if w.cachedContent != "" {
		e.Text("cachedContent", w.cachedContent)
	}
	if w.safety != nil && w.safety[0] == '[' {
		e.Raw("safetySettings", w.safety)
	}
	if w.serviceTier != "" {
		e.Text("serviceTier", w.serviceTier)
	}
	for _, f := range w.own {
		e.Raw(f.Name, f.Value)
	}
}
