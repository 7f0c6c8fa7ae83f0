package openaichat_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/dialecttest"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// wireChunk is a chunk as the strictest client declares it.
type wireChunk struct {
	Model   *string `json:"model"`
	Choices []struct {
		Index int `json:"index"`
		Delta struct {
			Content          *string `json:"content"`
			ReasoningContent *string `json:"reasoning_content"`
			Reasoning        *string `json:"reasoning"`
			Refusal          *string `json:"refusal"`
			ToolCalls        []struct {
				Index    *int    `json:"index"`
				ID       *string `json:"id"`
				Type     *string `json:"type"`
				Function *struct {
					Name      *string `json:"name"`
					Arguments *string `json:"arguments"`
				} `json:"function"`
			} `json:"tool_calls"`
		} `json:"delta"`
		FinishReason *string `json:"finish_reason"`
	} `json:"choices"`
	Usage *wireUsage `json:"usage"`
	Error any        `json:"error"`
}

type wireUsage struct {
	PromptTokens     int `json:"prompt_tokens"`
	CompletionTokens int `json:"completion_tokens"`
	Prompt           struct {
		Cached int `json:"cached_tokens"`
	} `json:"prompt_tokens_details"`
	Completion struct {
		Reasoning int `json:"reasoning_tokens"`
	} `json:"completion_tokens_details"`
}

// strict reads a stream as the most exacting clients do together: an event is
// one data line and a blank line, an index on every piece of a call, id, type
// and name on the first and only there, one reason, usage alone and last, one
// [DONE] at the end.
func strict(stream []byte, asked string) (dialecttest.Outcome, error) {
	r := strictReader{asked: asked}
	text := strings.ReplaceAll(string(stream), "\r\n", "\n")
	if !strings.HasSuffix(text, "data: [DONE]\n\n") {
		return r.out, errors.New("the stream does not end with [DONE]")
	}
	for event := range strings.SplitSeq(strings.TrimSuffix(text, "\n\n"), "\n\n") {
		var data []string
		for line := range strings.SplitSeq(event, "\n") {
			if value, ok := strings.CutPrefix(line, "data:"); ok {
				data = append(data, strings.TrimPrefix(value, " "))
			}
		}
		if data == nil {
			continue
		}
		if err := r.event(strings.Join(data, "\n")); err != nil {
			return r.out, fmt.Errorf("%w in %s", err, event)
		}
	}
	if !r.done || r.out.Reason == "" {
		return r.out, errors.New("the stream has no end or no finish_reason")
	}
	return r.out, nil
}

type strictReader struct {
	asked      string
	out        dialecttest.Outcome
	done, used bool
}

func (r *strictReader) event(data string) error {
	if r.done {
		return errors.New("something follows [DONE]")
	}
	if data == "[DONE]" {
		r.done = true
		return nil
	}
	var c wireChunk
	if err := json.Unmarshal([]byte(data), &c); err != nil {
		return err
	}
	switch {
	case c.Error != nil:
		return errors.New("there is an error")
	case c.Model != nil && *c.Model != r.asked:
		return fmt.Errorf("the model is %q", *c.Model)
	case r.used:
		return errors.New("something follows the usage")
	case c.Usage != nil && len(c.Choices) > 0:
		return errors.New("usage beside choices")
	case c.Usage == nil && len(c.Choices) == 0:
		return errors.New("neither usage nor choices")
	}
	if u := c.Usage; u != nil {
		r.used = true
		r.out.Usage = llm.Usage{
			Known: true, Input: u.PromptTokens, Output: u.CompletionTokens, Cached: u.Prompt.Cached, Reasoning: u.Completion.Reasoning,
		}
	}
	return r.choices(c)
}

func (r *strictReader) choices(c wireChunk) error {
	for _, choice := range c.Choices {
		if choice.Index != 0 {
			continue
		}
		if r.out.Reason != "" && (choice.FinishReason != nil || len(choice.Delta.ToolCalls) > 0) {
			return errors.New("a second reason, or a call after it")
		}
		if f := choice.FinishReason; f != nil {
			r.out.Reason = llm.Reason(*f)
		}
		r.out.Text += deref(choice.Delta.Content)
		if t := deref(choice.Delta.ReasoningContent); t != "" {
			r.out.Thought += t
		} else {
			r.out.Thought += deref(choice.Delta.Reasoning)
		}
		r.out.Refusal += deref(choice.Delta.Refusal)
		for _, call := range choice.Delta.ToolCalls {
			if call.Index == nil || call.Function == nil || call.Function.Arguments == nil && call.ID == nil {
				return errors.New("a call without index or function")
			}
			if err := r.call(*call.Index, call.ID, call.Type, call.Function.Name, deref(call.Function.Arguments)); err != nil {
				return err
			}
		}
	}
	switch r.out.Reason {
	case "", llm.ReasonStop, llm.ReasonLength, llm.ReasonToolCalls, llm.ReasonContent:
		return nil
	default:
		return fmt.Errorf("the reason is %q", r.out.Reason)
	}
}

func (r *strictReader) call(index int, id, kind, name *string, arguments string) error {
	if index == len(r.out.Calls) {
		if deref(id) == "" || deref(kind) == "" || deref(name) == "" {
			return errors.New("a call begins without id, type or name")
		}
		for _, c := range r.out.Calls {
			if c.ID == *id {
				return errors.New("two calls have one id")
			}
		}
		r.out.Calls = append(r.out.Calls, dialecttest.Call{ID: *id, Name: *name})
	} else if index > len(r.out.Calls) || index < 0 || id != nil || name != nil {
		return errors.New("a piece of a call has a strange index, or an id or name again")
	}
	r.out.Calls[index].Arguments += arguments
	return nil
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// errorObject accepts what every SDK can read: an object with four fields.
func errorObject(body []byte) error {
	var got struct {
		Error *struct {
			Message *string          `json:"message"`
			Type    *string          `json:"type"`
			Param   *json.RawMessage `json:"param"`
			Code    *json.RawMessage `json:"code"`
		} `json:"error"`
	}
	if err := json.Unmarshal(body, &got); err != nil {
		return err
	}
	if got.Error == nil || deref(got.Error.Message) == "" || deref(got.Error.Type) == "" || !bytes.Contains(body, []byte(`"param":`)) || !bytes.Contains(body, []byte(`"code":`)) {
		return errors.New("a field is missing")
	}
	return nil
}
