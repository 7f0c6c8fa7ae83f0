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
	d := decoder{request.New(h, minter)}
	d.Req.Completion = &llm.Completion{}
	for m := range rawjson.Inside(raw) {
		if !rawjson.IsNull(m.Value) {
			d.member(string(m.Key), m.Value)
		}
	}
	if d.Err != nil {
		return nil, nil, d.Err
	}
	if more, ok := h.Scanned.(*scanned); ok && more.echo {
		more.prompt = d.Req.Completion.Prompt
	}
	d.marks()
	return d.Req, d.Warnings, nil
}

// decoder gathers one request. The first fault counts.
type decoder struct{ request.Decoder }

// marks reads a prompt that is a model's template.
func (d *decoder) marks() {
	c := d.Req.Completion
	if c.Suffix != "" {
		return
	}
	if before, behind, ok := infill.Read(c.Prompt); ok {
		c.Prompt, c.Suffix = before, behind
		d.Warn("prompt", "read the marks of a model's template in")
	}
}

func (d *decoder) member(key string, v []byte) {
	r := d.Req
	switch key {
	case "model", "stream", "echo":
	case "prompt":
		d.prompt(v)
	case "suffix":
		r.Completion.Suffix = rawjson.Text(v)
	case "max_tokens":
		r.MaxTokens, r.MaxTokensName = d.Whole(key, v), key
	case "temperature":
		r.Temperature = d.Number(key, v)
	case "top_p":
		r.TopP = d.Number(key, v)
	case "top_k":
		r.TopK = d.Whole(key, v)
	case "presence_penalty":
		r.PresencePenalty = d.Number(key, v)
	case "frequency_penalty":
		r.FrequencyPenalty = d.Number(key, v)
	case "seed", "random_seed":
		d.Seed(key, v)
	case "n", "best_of":
		if n := d.Whole(key, v); n != nil && *n > 1 {
			d.Fail(request.Unsupported(key, key+" is more than 1: this model gives one answer; ask several times"))
		}
	case "logprobs":
		if string(v) != "false" {
			d.Fail(request.Unsupported(key, "logprobs are not to be had of this model through text completion"))
		}
	case "stop":
		d.Stop(v)
	case "user":
		r.User = rawjson.Text(v)
	case "stream_options":
		d.streamOptions(v)
	default:
		d.Keep(key, v)
	}
}

// prompt reads the one text of a prompt.
func (d *decoder) prompt(v []byte) {
	if rawjson.IsText(v) {
		d.Req.Completion.Prompt = rawjson.Text(v)
		return
	}
	count, token := 0, false
	for _, e := range rawjson.Elements(v) {
		count++
		token = token || !rawjson.IsText(e)
		d.Req.Completion.Prompt = rawjson.Text(e)
	}
	switch {
	case token:
		d.Fail(request.Unsupported("prompt", "prompt holds token numbers, which mean something to one model alone; send text"))
	case count != 1:
		d.Fail(request.Unsupported("prompt", "prompt is a list of "+strconv.Itoa(count)+" texts; send one at a time"))
	}
}

// streamOptions warns of what is beside include_usage, which the head has read.
func (d *decoder) streamOptions(v []byte) {
	for m := range rawjson.Inside(v) {
		if string(m.Key) != "include_usage" {
			d.Warn("stream_options."+string(m.Key), "dropped")
		}
	}
}
