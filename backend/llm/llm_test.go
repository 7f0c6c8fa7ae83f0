package llm_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

func stream(end error, events ...llm.Event) llm.Stream {
	return func(yield func(llm.Event, error) bool) {
		for _, e := range events {
			if !yield(e, nil) {
				return
			}
		}
		if end != nil {
			yield(nil, end)
		}
	}
}

func TestCollect_FoldsBlocksInTheOrderTheyOpened(t *testing.T) {
	r, err := llm.Collect(stream(nil,
		llm.Start{ID: "1", Model: "m"},
		llm.ThoughtDelta{Block: 0, Text: "hm"},
		llm.ThoughtDelta{Block: 0, Text: "m", Signature: "sig", Minter: "gemini"},
		llm.TextDelta{Block: 1, Text: "He"},
		llm.ToolCallStart{Block: 2, ID: "a", Name: "f"},
		llm.ToolCallStart{Block: 3, ID: "b", Name: "g"},
		llm.ToolCallDelta{Block: 3, Arguments: "{}"},
		llm.ToolCallDelta{Block: 2, Arguments: `{"x":`},
		llm.TextDelta{Block: 1, Text: "llo"},
		llm.ToolCallDelta{Block: 2, Arguments: "1}"},
		llm.Finish{Reason: llm.ReasonToolCalls, Usage: llm.Usage{Known: true, Input: 2, Output: 3}},
	))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"thought hmm sig", "text Hello", `call a f {"x":1}`, "call b g {}"}
	var got []string
	for _, p := range r.Parts {
		switch p := p.(type) {
		case llm.Thought:
			got = append(got, "thought "+p.Text+" "+p.Signature)
		case llm.Text:
			got = append(got, "text "+p.Text)
		case llm.ToolCall:
			got = append(got, "call "+p.ID+" "+p.Name+" "+p.Arguments)
		default:
			t.Errorf("unexpected part %T", p)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if r.Finish.Usage.Total() != 5 || r.Finish.Reason != llm.ReasonToolCalls {
		t.Errorf("finish %+v", r.Finish)
	}
}

func TestB23a_CollectRefusesAnAnswerThatWasCut(t *testing.T) {
	_, err := llm.Collect(stream(nil, llm.Start{}, llm.TextDelta{Text: "half"}))
	if e := llm.AsError(err); e == nil || e.Kind != llm.KindProtocol {
		t.Errorf("got %v, want a protocol error", err)
	}
}

func TestError_ElsewhereIsDecidedForEveryKind(t *testing.T) {
	elsewhere := []llm.Kind{
		llm.KindAuth, llm.KindForbidden, llm.KindNotFound, llm.KindRate, llm.KindQuota,
		llm.KindOverloaded, llm.KindTransient, llm.KindTimeout, llm.KindNetwork, llm.KindProtocol,
	}
	names := map[string]bool{}
	for _, k := range llm.Kinds() {
		if got, want := (&llm.Error{Kind: k}).Elsewhere(), slices.Contains(elsewhere, k); got != want {
			t.Errorf("%v: Elsewhere() = %v, want %v", k, got, want)
		}
		if names[k.String()] {
			t.Errorf("two kinds are called %q", k)
		}
		names[k.String()] = true
	}
}

func TestAsError_KeepsTheCause(t *testing.T) {
	cause := errors.New("disk")
	if e := llm.AsError(cause); e.Kind != llm.KindInternal || !errors.Is(e, cause) {
		t.Errorf("got %+v", e)
	}
	if llm.AsError(nil) != nil {
		t.Error("nil became an error")
	}
}
