package qwenweb_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/dialecttest"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openaichat"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/qwenweb"
)

// TestAnswers_ReachAnOpenAIClient replays each answer through both codecs and
// reads what comes out as an OpenAI client would.
func TestAnswers_ReachAnOpenAIClient(t *testing.T) {
	t.Parallel()
	dialecttest.Translated(t, openaichat.Client{}, openaichat.Upstream{}, qwenweb.Upstream{}, replies(t))
}

// TestAnswers_AreWrittenAsOpenAIDoes is golden: an answer of the site and the
// bytes that an OpenAI client gets.
func TestAnswers_AreWrittenAsOpenAIDoes(t *testing.T) {
	t.Parallel()
	c := openaichat.Client{Now: func() time.Time { return time.Unix(1760000000, 0) }}
	dialecttest.GoldenReplies(t, c, qwenweb.Upstream{}, "testdata/reply")
}

// TestRestore_CallsAreFoundInTheText lets a model write a call as it was taught.
func TestRestore_CallsAreFoundInTheText(t *testing.T) {
	t.Parallel()
	r, _ := decode(t, `{"model":"m","messages":[{"role":"user","content":"hi"}],"tools":[{"type":"function","function":{"name":"read_file"}}]}`)
	body := events(created, answer("I look.\n<tool"), answer(`_call>{"name":"read_file","arguments":{"path":"a.go"}}</tool_`), answer("call>"), end)
	for emulate, want := range map[bool]dialecttest.Outcome{
		true:  {Text: "I look.", Reason: "tool_calls", Calls: []dialecttest.Call{{ID: dialecttest.AnyID, Name: "read_file", Arguments: `{"path":"a.go"}`}}},
		false: {Text: "I look.\n" + `<tool_call>{"name":"read_file","arguments":{"path":"a.go"}}</tool_call>`, Reason: "stop"},
	} {
		u := qwenweb.Upstream{EmulateTools: emulate}
		got := dialecttest.Of(u.Restore(r, u.DecodeReply("", bytes.NewReader(body))))
		if diff := dialecttest.Diff(want, got); diff != "" {
			t.Errorf("emulated %v (-want +got):\n%s", emulate, diff)
		}
	}
}
