package ollama

import (
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// common reads the fields that all questions have.
func (d *decoder) common(name string, v []byte) {
	if rawjson.IsNull(v) {
		return
	}
	switch name {
	case "model", "name", "stream":
	case "options":
		for m := range rawjson.Inside(v) {
			if !rawjson.IsNull(m.Value) {
				d.option(m)
			}
		}
	case "format":
		d.format(v)
	case "think":
		d.think(v)
	case "logprobs":
		d.Req.Logprobs = string(v) == "true"
	case "top_logprobs":
		if n, ok := rawjson.Int(v); ok {
			d.Req.TopLogprobs = &n
		}
	case "prompt", "suffix", "raw", "system", "images", "messages", "tools":
		d.drop(name) // of the other question
	case "template", "context":
		if string(v) != `""` && string(v) != "[]" {
			d.drop(name)
		}
	default: // keep_alive: nothing is held in memory here
		d.drop(name)
	}
}

// option reads one of the options. Most are about how a model runs on a machine
// of one's own, and have no place anywhere else.
func (d *decoder) option(m rawjson.Member) {
	r := d.Req
	switch name := string(m.Key); name {
	case "temperature":
		r.Temperature = d.float(m)
	case "top_p":
		r.TopP = d.float(m)
	case "top_k":
		r.TopK = d.int(m)
	case "presence_penalty":
		r.PresencePenalty = d.float(m)
	case "frequency_penalty":
		r.FrequencyPenalty = d.float(m)
	case "seed":
		if n := d.int(m); n != nil {
			seed := int64(*n)
			r.Seed = &seed
		}
	case "num_predict":
		// Below 0 is as much as the model likes.
		if n := d.int(m); n != nil && *n > 0 {
			r.MaxTokens = n
		}
	case "stop":
		if rawjson.IsText(m.Value) {
			r.Stop = []string{rawjson.Text(m.Value)}
		}
		for _, e := range rawjson.Elements(m.Value) {
			r.Stop = append(r.Stop, rawjson.Text(e))
		}
	default:
		d.drop("options." + name)
	}
}

func (d *decoder) float(m rawjson.Member) *float64 {
	f, ok := rawjson.Float(m.Value)
	if !ok {
		d.Refuse("options."+string(m.Key), "option \""+string(m.Key)+"\" must be of type float")
		return nil
	}
	return &f
}

// int reads a whole number, which some clients write as 40.0.
func (d *decoder) int(m rawjson.Member) *int {
	f, ok := rawjson.Float(m.Value)
	if n := int(f); ok && float64(n) == f {
		return &n
	}
	d.Refuse("options."+string(m.Key), "option \""+string(m.Key)+"\" must be of type integer")
	return nil
}

// format is "json", or a schema.
func (d *decoder) format(v []byte) {
	switch {
	case string(v) == `""`:
	case string(v) == `"json"`:
		d.Req.Format = llm.Format{Kind: llm.FormatJSON}
	case v[0] == '{':
		d.Req.Format = llm.Format{Kind: llm.FormatSchema, Name: "response", Schema: v}
	default:
		d.Refuse("format", `invalid format: expected "json" or a JSON schema`)
	}
}

// think turns the thinking on or off, or says how much of it is wanted.
func (d *decoder) think(v []byte) {
	r := &d.Req.Reasoning
	switch level := rawjson.Text(v); {
	case string(v) == "false":
		r.Effort = "none"
	case string(v) == "true":
		r.Effort, r.Summary = "medium", "auto"
	case level == "low", level == "medium", level == "high", level == "max":
		r.Effort, r.Summary = level, "auto"
	default:
		d.Refuse("think", `invalid think value: use true, false, "low", "medium", "high" or "max"`)
	}
}
