package requestlog_test

import (
	"strings"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
)

// said is a phrase in one line: id{values by name}[parts].
func said(p requestlog.Phrase) string {
	if p.ID == "" {
		return "?" + p.Text
	}
	var b strings.Builder
	b.WriteString(p.ID)
	for _, name := range []string{"account", "kind", "number", "all", "until", "model", "source", "field", "old", "new", "time", "request", "error"} {
		if v, ok := p.Values[name]; ok {
			b.WriteString(" " + name + "=" + v)
		}
	}
	if len(p.Parts) > 0 {
		b.WriteString(" " + list(p.Parts))
	}
	return b.String()
}

func list(all []requestlog.Phrase) string {
	out := make([]string, 0, len(all))
	for _, p := range all {
		out = append(out, said(p))
	}
	return "[" + strings.Join(out, "; ") + "]"
}

func TestReason_IsTakenApart(t *testing.T) {
	for text, want := range map[string]string{
		"the only account":                  "only []",
		"its turn (2 of 4)":                 "turn number=2 all=4 []",
		"something unheard of":              "?something unheard of []",
		"next after b (rate), c, d (quota)": "after [failed account=b kind=rate; failed account=c, d kind=quota] []",
		"chose a, its turn (1 of 5); b rests until 14:20 (gemini-2.5-pro, the service's hint), c, the second is disabled, " +
			"d is over its pace until 14:01:02, e has 1 of 1 requests in flight (gemini-2.5-pro) and 4 more": "turn number=1 all=5 [" +
			"restsModel account=b until=14:20 model=gemini-2.5-pro source=hint; off account=c, the second; paced account=d until=14:01:02; " +
			"busyModel account=e number=1 all=1 model=gemini-2.5-pro; more number=4]",
		"its turn (1 of 2), for its conversation cannot stay: b rests until 14:20 (our own pause)": "moved [turn number=1 all=2; rests account=b until=14:20 source=own] []",
		"chose a, the only account; b rests until it has a new credential (the service refused it), c may not use m (the service refused it)": "only [" +
			"credential account=b; notAllowed account=c model=m]",
	} {
		why, others := requestlog.Reason(text, "a")
		if got := said(why) + " " + list(others); got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", text, got, want)
		}
		if why.Text == "" || !strings.Contains(text, why.Text) {
			t.Errorf("%s: the English text is %q", text, why.Text)
		}
	}
}

func TestNote_IsTakenApart(t *testing.T) {
	warning := func(what, field string) string { return llm.Warning{Field: field, What: what}.String() }
	for text, want := range map[string]string{
		requestlog.ReplayNote(7): "replay request=7",
		requestlog.WaitNote(1500*time.Millisecond, "b has 1 of 1 requests in flight"): "waited time=1.5s [busy account=b number=1 all=1]",
		"nobody else could be asked: a is disabled; b is refused by the service":      "nobodyElse [off account=a; refused account=b]",
		warning("dropped", "messages[2].name"):                                        "dropped field=messages[2].name",
		warning("replaced stop by tool_calls in", "finish_reason"):                    "replacedBy field=finish_reason old=stop new=tool_calls",
		warning("described in the prompt:", "tools"):                                  "described field=tools",
		warning("sent high as the largest budget in", "reasoning_effort"):             "?sent high as the largest budget in reasoning_effort",
	} {
		if got := said(requestlog.Note(text)); got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", text, got, want)
		}
	}
}

func TestPhraseIDs_AreAllDifferent(t *testing.T) {
	seen := map[string]bool{}
	for _, id := range requestlog.PhraseIDs() {
		if seen[id] {
			t.Errorf("%s stands for two sentences", id)
		}
		seen[id] = true
	}
}

func TestFailure_SaysOfEachWhyItWasNotAsked(t *testing.T) {
	for text, want := range map[string]string{
		"no account can take a request for x/m now: a is disabled; b rests until 14:20 (our own pause); the service said: Slow down; please": "nobodySaid model=x/m error=Slow down; please [" +
			"off account=a; rests account=b until=14:20 source=own]",
		"no account can take a request for x/m now: a is disabled": "nobody model=x/m [off account=a]",
		"Slow down, please": "?Slow down, please",
	} {
		if got := said(requestlog.Failure(text)); got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", text, got, want)
		}
	}
}
