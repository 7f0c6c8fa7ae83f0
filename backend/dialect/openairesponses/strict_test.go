package openairesponses_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/dialecttest"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/sse"
)

// wire is an event as a client reads it.
type wire struct {
	Type     string          `json:"type"`
	Number   *int            `json:"sequence_number"`
	Output   int             `json:"output_index"`
	ItemID   string          `json:"item_id"`
	Delta    string          `json:"delta"`
	Text     string          `json:"text"`
	Refusal  string          `json:"refusal"`
	Args     string          `json:"arguments"`
	Input    string          `json:"input"`
	Item     json.RawMessage `json:"item"`
	Response *wireResponse   `json:"response"`
	Code     string          `json:"code"`
	Message  string          `json:"message"`
}

type wireResponse struct {
	ID     string            `json:"id"`
	Object string            `json:"object"`
	Model  string            `json:"model"`
	Status string            `json:"status"`
	Output []json.RawMessage `json:"output"`
	Error  *struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
	Incomplete *struct {
		Reason string `json:"reason"`
	} `json:"incomplete_details"`
	Usage *struct {
		Input   int `json:"input_tokens"`
		Output  int `json:"output_tokens"`
		Details struct {
			Cached int `json:"cached_tokens"`
		} `json:"input_tokens_details"`
		More struct {
			Reasoning int `json:"reasoning_tokens"`
		} `json:"output_tokens_details"`
		Total int `json:"total_tokens"`
	} `json:"usage"`
}

type wireItem struct {
	ID, Type, Status, Name, Namespace string
	CallID                            string `json:"call_id"`
	Arguments, Input                  string
	Summary                           []struct{ Type, Text string }
	Content                           []struct {
		Type, Text, Refusal string
		Annotations         []struct {
			URL   string `json:"url"`
			Title string `json:"title"`
			Start int    `json:"start_index"`
			End   int    `json:"end_index"`
		}
	}
	Result string
	Format string `json:"output_format"`
}

// strict reads a stream as the most exacting client would: every event named
// and numbered, one item open at a time, what came in pieces equal to the whole.
func strict(stream []byte, asked string) (dialecttest.Outcome, error) {
	var o dialecttest.Outcome
	var all []wire
	for e, err := range sse.Events(bytes.NewReader(stream), 0) {
		if err != nil {
			return o, err
		}
		if len(e.Data) == 0 {
			continue
		}
		var w wire
		if err := json.Unmarshal(e.Data, &w); err != nil {
			return o, fmt.Errorf("%s: %w", e.Data, err)
		}
		if string(e.Type) != w.Type {
			return o, fmt.Errorf("the event %q has the type %q", e.Type, w.Type)
		}
		if !e.Closed {
			return o, fmt.Errorf("the event %s is not closed", w.Type)
		}
		if w.Number == nil || *w.Number != len(all) {
			return o, fmt.Errorf("the event %d has another number: %s", len(all), e.Data)
		}
		all = append(all, w)
	}
	return o, walk(all, asked, &o)
}

// walk follows the events.
func walk(all []wire, asked string, o *dialecttest.Outcome) error {
	if len(all) < 3 || all[0].Type != "response.created" || all[1].Type != "response.in_progress" {
		return errors.New("the answer does not begin with the response")
	}
	var items []json.RawMessage
	text := map[string]string{}
	open := false
	for i, w := range all {
		if w.Response != nil && (w.Response.Model != asked || w.Response.ID != all[0].Response.ID || w.Response.Object != "response") {
			return fmt.Errorf("%s names the response %+v", w.Type, w.Response)
		}
		switch w.Type {
		case "response.output_item.added":
			if open || w.Output != len(items) {
				return fmt.Errorf("item %d is added while %d is open: %v", w.Output, len(items), open)
			}
			open = true
		case "response.output_item.done":
			if !open || w.Output != len(items) {
				return fmt.Errorf("item %d is done out of its turn", w.Output)
			}
			open = false
			items = append(items, w.Item)
		case "response.output_text.delta", "response.refusal.delta", "response.function_call_arguments.delta", "response.custom_tool_call_input.delta", "response.reasoning_summary_text.delta":
			text[w.ItemID] += w.Delta
		case "response.output_text.done", "response.refusal.done", "response.function_call_arguments.done", "response.custom_tool_call_input.done", "response.reasoning_summary_text.done":
			if whole := w.Text + w.Refusal + w.Args + w.Input; whole != text[w.ItemID] {
				return fmt.Errorf("%s says %q after the pieces %q", w.Type, whole, text[w.ItemID])
			}
		case "error":
			o.Failed = true
		case "response.completed", "response.incomplete", "response.failed":
			if i != len(all)-1 {
				return errors.New("something follows the end")
			}
			if w.Type != "response."+w.Response.Status {
				return fmt.Errorf("%s has the status %s", w.Type, w.Response.Status)
			}
			if len(w.Response.Output) != len(items) || len(items) > 0 && !reflect.DeepEqual(w.Response.Output, items) {
				return fmt.Errorf("the output %s is not what was done: %s", w.Response.Output, items)
			}
			return outcome(w.Response, o)
		}
	}
	return errors.New("the answer does not end")
}

// outcome is what a whole response says.
func outcome(r *wireResponse, o *dialecttest.Outcome) error {
	o.Reason = llm.ReasonStop
	for _, raw := range r.Output {
		var it wireItem
		if err := json.Unmarshal(raw, &it); err != nil {
			return err
		}
		if it.ID == "" {
			return fmt.Errorf("an item has no id: %s", raw)
		}
		switch it.Type {
		case "message":
			for _, p := range it.Content {
				o.Text, o.Refusal = o.Text+p.Text, o.Refusal+p.Refusal
				for _, a := range p.Annotations {
					o.Citations = append(o.Citations, llm.Citation{URL: a.URL, Title: a.Title, Start: a.Start, End: a.End})
				}
			}
		case "reasoning":
			for _, s := range it.Summary {
				o.Thought += s.Text
			}
		case "function_call", "custom_tool_call":
			o.Reason = llm.ReasonToolCalls
			o.Calls = append(o.Calls, dialecttest.Call{ID: it.CallID, Name: it.Name, Arguments: it.Arguments + it.Input})
		case "image_generation_call":
			o.Images = append(o.Images, "data:image/"+it.Format+";base64,"+it.Result)
		}
	}
	if r.Incomplete != nil {
		o.Reason = map[string]llm.Reason{"max_output_tokens": llm.ReasonLength, "content_filter": llm.ReasonContent}[r.Incomplete.Reason]
	}
	if u := r.Usage; u != nil {
		o.Usage = llm.Usage{Known: true, Input: u.Input, Cached: u.Details.Cached, Output: u.Output, Reasoning: u.More.Reasoning}
		if u.Total != u.Input+u.Output {
			return fmt.Errorf("the usage is %+v", u)
		}
	}
	if r.Status == "failed" {
		*o = dialecttest.Outcome{Failed: true}
	}
	return nil
}

// errorObject says whether a body is an error as the SDKs read it.
func errorObject(body []byte) error {
	var b struct {
		Error *struct {
			Message, Type *string
			Param, Code   json.RawMessage
		}
	}
	if err := json.Unmarshal(body, &b); err != nil {
		return err
	}
	if b.Error == nil || b.Error.Message == nil || *b.Error.Message == "" || b.Error.Type == nil || b.Error.Param == nil || b.Error.Code == nil {
		return errors.New("it is no error object")
	}
	return nil
}
