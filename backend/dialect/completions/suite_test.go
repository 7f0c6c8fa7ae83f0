package completions_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/completions"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/dialecttest"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

func known(in, out int) llm.Usage { return llm.Usage{Known: true, Input: in, Output: out} }

// lines are events of these data.
func lines(data ...string) []byte {
	return []byte("data: " + strings.Join(data, "\n\ndata: ") + "\n\n")
}

func replies() []dialecttest.Reply {
	const head = `{"id":"1","object":"text_completion","created":7,"model":"up","choices":[`
	failed := dialecttest.Outcome{Failed: true, Error: llm.KindTransient}
	return []dialecttest.Reply{
		{
			Name: "text", Body: lines(head+`{"text":"re","index":0,"logprobs":null,"finish_reason":null}]}`, head+`{"text":"turn","index":0,"finish_reason":null}]}`,
				head+`{"text":"","index":0,"finish_reason":"length"}]}`, head+`],"usage":{"prompt_tokens":3,"completion_tokens":2}}`, "[DONE]"),
			Want: dialecttest.Outcome{Text: "return", Reason: llm.ReasonLength, Usage: known(3, 2)},
		},
		{
			Name: "usage in each chunk", Body: lines(head+`{"text":"a","index":0,"finish_reason":null}],"usage":{"prompt_tokens":3,"completion_tokens":1}}`,
				head+`{"text":"b","index":0,"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2}}`, "[DONE]"),
			Want: dialecttest.Outcome{Text: "ab", Reason: llm.ReasonStop, Usage: known(3, 2)},
		},
		{Name: "nothing to insert", Body: lines(head+`{"text":"","index":0,"finish_reason":"stop"}]}`, "[DONE]"), Want: dialecttest.Outcome{Reason: llm.ReasonStop}},
		{Name: "no reason, but an end", Body: lines(head+`{"text":"a","index":0}]}`, "[DONE]"), Want: dialecttest.Outcome{Text: "a", Reason: llm.ReasonStop}},
		{Name: "no end, but a reason", Body: lines(head + `{"text":"a","index":0,"finish_reason":"stop"}]}`), Want: dialecttest.Outcome{Text: "a", Reason: llm.ReasonStop}},
		{Name: "a content filter", Body: lines(head+`{"text":"a","index":0,"finish_reason":"content_filter"}]}`, "[DONE]"), Want: dialecttest.Outcome{Text: "a", Reason: llm.ReasonContent}},
		{Name: "an error at once", Body: lines(`{"error":{"message":"it broke","type":"server_error"}}`), Want: failed},
	}
}

// strict reads a stream as an exacting client would.
func strict(stream []byte, asked string) (dialecttest.Outcome, error) {
	var o dialecttest.Outcome
	done := false
	for event := range strings.SplitSeq(strings.TrimSuffix(string(stream), "\n\n"), "\n\n") {
		data, ok := strings.CutPrefix(event, "data: ")
		if !ok || done {
			return o, errors.New("no event, or one behind the end: " + event)
		}
		if done = data == "[DONE]"; done {
			continue
		}
		var c struct {
			Object, Model string
			Choices       []struct {
				Text         *string
				FinishReason *string `json:"finish_reason"`
			}
			Usage *struct {
				PromptTokens     int `json:"prompt_tokens"`
				CompletionTokens int `json:"completion_tokens"`
			}
		}
		if err := json.Unmarshal([]byte(data), &c); err != nil {
			return o, err
		}
		if c.Model != asked || c.Object != "text_completion" {
			return o, errors.New("a chunk of another model or kind: " + data)
		}
		if c.Usage != nil {
			if len(c.Choices) > 0 || o.Usage.Known {
				return o, errors.New("usage out of its place: " + data)
			}
			o.Usage = known(c.Usage.PromptTokens, c.Usage.CompletionTokens)
			continue
		}
		for _, one := range c.Choices {
			if o.Reason != "" {
				return o, errors.New("text behind the reason: " + data)
			}
			if one.Text == nil {
				return o, errors.New("a choice without text: " + data)
			}
			o.Text += *one.Text
			if one.FinishReason != nil {
				o.Reason = llm.Reason(*one.FinishReason)
			}
		}
	}
	if !done {
		return o, errors.New("no end")
	}
	return o, nil
}

func TestUpstream_ReadsEveryAnswer(t *testing.T) {
	t.Parallel()
	whole := dialecttest.Outcome{Text: "x", Reason: llm.ReasonStop, Usage: known(1, 1)}
	dialecttest.Upstream(t, completions.Upstream{}, append(replies(),
		dialecttest.Reply{Name: "a whole answer", Body: []byte(`{"model":"up","choices":[{"text":"x","finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}`), Want: whole},
		dialecttest.Reply{Name: "Mistral's whole answer", Body: []byte(`{"model":"up","choices":[{"message":{"role":"assistant","content":"x"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}`), Want: whole},
		dialecttest.Reply{Name: "Mistral's stream", Body: lines(`{"model":"up","choices":[{"delta":{"content":"x"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}`, "[DONE]"), Want: whole},
		dialecttest.Reply{Name: "cut off", Body: lines(`{"choices":[{"text":"x"}]}`), Want: dialecttest.Outcome{Text: "x", Failed: true, Error: llm.KindProtocol}},
		dialecttest.Reply{Name: "a page", Body: []byte("<html>"), Want: dialecttest.Outcome{Failed: true, Error: llm.KindProtocol}},
		dialecttest.Reply{Name: "an error that breaks in", Body: lines(`{"choices":[{"text":"x"}]}`, `{"error":{"message":"no","code":429}}`), Want: dialecttest.Outcome{Text: "x", Failed: true, Error: llm.KindRate}},
	))
}

func TestUpstream_CarriesEveryAnswer(t *testing.T) {
	t.Parallel()
	dialecttest.Carrier(t, completions.Upstream{}, strict, replies())
}
