package completions

import (
	"strconv"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/infill"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/request"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// DecodeRequest reads a body that Head has accepted. A prompt with the marks of a
// model's family in it, as some editors send it to any model, is read as the two
// texts that it means.
func (c Client) DecodeRequest(h dialect.Head, raw []byte) (*llm.Request, []llm.Warning, *llm.Error) {
	d := decoder{req: &llm.Request{
		Model: h.Model, Stream: h.Stream, IncludeUsage: h.IncludeUsage, Minter: minter, Completion: &llm.Completion{},
	}}
	for m := range rawjson.Inside(raw) {
		if !rawjson.IsNull(m.Value) {
			d.member(string(m.Key), m.Value)
		}
	}
	if d.err != nil {
		return nil, nil, d.err
	}
	if more, ok := h.Scanned.(*scanned); ok && more.echo {
		more.prompt = d.req.Completion.Prompt
	}
	d.marks()
	return d.req, d.warnings, nil
}

// decoder gathers one request. The first fault counts.
type decoder struct {
	req      *llm.Request
	warnings []llm.Warning
	err      *llm.Error
}

func (d *decoder) warn(field, what string) {
	d.warnings = append(d.warnings, llm.Warning{Field: field, What: what})
}

func (d *decoder) refuse(err *llm.Error) {
	if d.err == nil {
		d.err = err
	}
}

// marks reads a prompt that is a model's template.
func (d *decoder) marks() {
	c := d.req.Completion
	if c.Suffix != "" {
		return
	}
	if before, behind, ok := infill.Read(c.Prompt); ok {
		c.Prompt, c.Suffix = before, behind
		d.warn("prompt", "read the marks of a model's template in")
	}
}

func (d *decoder) member(key string, v []byte) {
	r := d.req
	switch key {
	case "model", "stream", "echo":
	case "prompt":
		d.prompt(v)
	case "suffix":
		r.Completion.Suffix = rawjson.Text(v)
	case "max_tokens":
		r.MaxTokens, r.MaxTokensName = d.whole(key, v), key
	case "temperature":
		r.Temperature = d.number(key, v)
	case "top_p":
		r.TopP = d.number(key, v)
	case "top_k":
		r.TopK = d.whole(key, v)
	case "presence_penalty":
		r.PresencePenalty = d.number(key, v)
	case "frequency_penalty":
		r.FrequencyPenalty = d.number(key, v)
	case "seed", "random_seed":
		d.seed(key, v)
	case "n", "best_of":
		if n := d.whole(key, v); n != nil && *n > 1 {
			d.refuse(request.Unsupported(key, key+" is more than 1: this model gives one answer; ask several times"))
		}
	case "logprobs":
		if string(v) != "false" {
			d.refuse(request.Unsupported(key, "logprobs are not to be had of this model through text completion"))
		}
	case "stop":
		d.stop(v)
	case "user":
		r.User = rawjson.Text(v)
	case "stream_options":
		d.streamOptions(v)
	default:
		r.Extra = append(r.Extra, llm.Field{Name: key, Value: v})
	}
}

// prompt reads the one text of a prompt.
func (d *decoder) prompt(v []byte) {
	if rawjson.IsText(v) {
		d.req.Completion.Prompt = rawjson.Text(v)
		return
	}
	count, token := 0, false
	for _, e := range rawjson.Elements(v) {
		count++
		token = token || !rawjson.IsText(e)
		d.req.Completion.Prompt = rawjson.Text(e)
	}
	switch {
	case token:
		d.refuse(request.Unsupported("prompt", "prompt holds token numbers, which mean something to one model alone; send text"))
	case count != 1:
		d.refuse(request.Unsupported("prompt", "prompt is a list of "+strconv.Itoa(count)+" texts; send one at a time"))
	}
}

func (d *decoder) whole(param string, v []byte) *int {
	n, ok := rawjson.Int(v)
	if !ok {
		d.refuse(request.BadRequest(param, param+" must be a whole number"))
		return nil
	}
	return &n
}

func (d *decoder) number(param string, v []byte) *float64 {
	f, ok := rawjson.Float(v)
	if !ok {
		d.refuse(request.BadRequest(param, param+" must be a number"))
		return nil
	}
	return &f
}

func (d *decoder) seed(param string, v []byte) {
	n, err := strconv.ParseInt(string(v), 10, 64)
	if err != nil {
		d.refuse(request.BadRequest(param, param+" must be a whole number"))
		return
	}
	d.req.Seed = &n
}

func (d *decoder) stop(v []byte) {
	const wrong = "stop must be a string or a list of strings"
	if rawjson.IsText(v) {
		d.req.Stop = []string{rawjson.Text(v)}
		return
	}
	if v[0] != '[' {
		d.refuse(request.BadRequest("stop", wrong))
	}
	for _, e := range rawjson.Elements(v) {
		if !rawjson.IsText(e) {
			d.refuse(request.BadRequest("stop", wrong))
		}
		d.req.Stop = append(d.req.Stop, rawjson.Text(e))
	}
}

// streamOptions warns of what is beside include_usage, which the head has read.
func (d *decoder) streamOptions(v []byte) {
	for m := range rawjson.Inside(v) {
		if string(m.Key) != "include_usage" {
			d.warn("stream_options."+string(m.Key), "dropped")
		}
	}
}
