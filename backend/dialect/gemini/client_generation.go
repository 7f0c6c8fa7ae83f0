package gemini

import (
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// inConfig begins the name of a field that stands in generationConfig, among
// those that only an upstream of this dialect understands.
const inConfig = "generationConfig."

// generation reads generationConfig.
func (d *decoder) generation(v []byte) {
	if v[0] != '{' {
		d.Refuse("generationConfig", "generationConfig must be an object")
		return
	}
	var shape formatFields
	for m := range rawjson.Inside(v) {
		if rawjson.IsNull(m.Value) || d.sampling(m) || shape.read(m) {
			continue
		}
		switch name := camel(m.Key); name {
		case "thinkingConfig":
			d.thinking(m.Value)
		case "responseModalities":
			if !textOnly(m.Value) {
				d.keep(inConfig+name, m.Value)
			}
		default: // speechConfig, mediaResolution, imageConfig, routingConfig
			d.keep(inConfig+name, m.Value)
		}
	}
	d.format(shape)
}

// textOnly says whether a list of modalities asks for nothing but text.
func textOnly(v []byte) bool {
	for _, e := range rawjson.Elements(v) {
		if !strings.EqualFold(rawjson.Text(e), "TEXT") {
			return false
		}
	}
	return true
}

// sampling reads the numbers; false is another field.
func (d *decoder) sampling(m rawjson.Member) bool {
	r, at := d.Req, inConfig+string(m.Key)
	switch camel(m.Key) {
	case "temperature":
		r.Temperature = d.Number(at, m.Value)
	case "topP":
		r.TopP = d.Number(at, m.Value)
	case "topK":
		// Google's own clients write 64 as 64.0.
		if f := d.Number(at, m.Value); f != nil {
			n := int(*f)
			r.TopK = &n
		}
	case "presencePenalty":
		r.PresencePenalty = d.Number(at, m.Value)
	case "frequencyPenalty":
		r.FrequencyPenalty = d.Number(at, m.Value)
	case "candidateCount":
		if n := d.Whole(at, m.Value); n != nil {
			r.Choices = *n
		}
	case "maxOutputTokens":
		r.MaxTokens = d.Whole(at, m.Value)
	case "seed":
		if n := d.Whole(at, m.Value); n != nil {
			seed := int64(*n)
			r.Seed = &seed
		}
	case "stopSequences":
		for _, e := range rawjson.Elements(m.Value) {
			r.Stop = append(r.Stop, rawjson.Text(e))
		}
	case "responseLogprobs":
		r.Logprobs = string(m.Value) == "true"
	case "logprobs":
		r.TopLogprobs = d.Whole(at, m.Value)
	default:
		return false
	}
	return true
}

// formatFields are the fields that shape an answer; they mean something only
// together.
type formatFields struct {
	mime   string
	schema llm.RawJSON
}

func (f *formatFields) read(m rawjson.Member) bool {
	switch camel(m.Key) {
	case "responseMimeType":
		f.mime = strings.ToLower(rawjson.Text(m.Value))
	case "responseSchema":
		f.schema = jsonSchema(m.Value)
	case "responseJsonSchema":
		f.schema = m.Value
	default:
		return false
	}
	return true
}

func (d *decoder) format(f formatFields) {
	switch f.mime {
	case "", "text/plain":
		if f.schema != nil {
			d.Refuse(inConfig+"responseMimeType", "a schema needs generationConfig.responseMimeType application/json")
		}
	case "application/json":
		d.Req.Format = llm.Format{Kind: llm.FormatJSON}
		if f.schema != nil {
			d.Req.Format = llm.Format{Kind: llm.FormatSchema, Name: "response", Schema: f.schema}
		}
	default: // text/x.enum: one word of a list, without quotes
		d.Fail(&llm.Error{
			Kind: llm.KindUnsupported, Param: inConfig + "responseMimeType",
			Message: "generationConfig.responseMimeType " + f.mime + " cannot be translated for this model; use application/json",
		})
	}
}

// thinking reads how much the model is to think, and whether that is wanted to
// be seen.
func (d *decoder) thinking(v []byte) {
	r := &d.Req.Reasoning
	for m := range rawjson.Inside(v) {
		switch camel(m.Key) {
		case "includeThoughts":
			if string(m.Value) == "true" {
				r.Summary = "auto"
			}
		case "thinkingBudget":
			// Below 0 is as much as the model likes, which is to say nothing.
			if n := d.Whole(inConfig+string(m.Key), m.Value); n != nil && *n >= 0 {
				r.BudgetTokens = n
			}
		case "thinkingLevel":
			if level := strings.ToLower(rawjson.Text(m.Value)); !strings.HasSuffix(level, "unspecified") {
				r.Effort = level
			}
		default:
			d.Warn(inConfig+"thinkingConfig."+string(m.Key), "dropped")
		}
	}
}
