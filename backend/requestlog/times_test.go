package requestlog_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
)

func packed(marks ...requestlog.Mark) requestlog.Times {
	var t requestlog.Times
	var last requestlog.Mark
	for _, m := range marks {
		t = t.Add(last, m)
		last = m
	}
	return t
}

func TestTimes_AreReadAsTheyWereWritten(t *testing.T) {
	want := []requestlog.Mark{
		{End: 12, At: 300 * time.Millisecond},
		{End: 12, At: 300 * time.Millisecond},
		{End: 5000, At: 300*time.Millisecond + time.Microsecond},
		{End: 1 << 20, At: time.Hour},
	}
	got := slices.Collect(packed(want...).Marks())
	if !slices.Equal(got, want) {
		t.Errorf("marks = %v, want %v", got, want)
	}
}

func TestTimes_DoNotDriftByWhatAMicrosecondCannotSay(t *testing.T) {
	var marks []requestlog.Mark
	for i := range 10_000 {
		marks = append(marks, requestlog.Mark{End: i, At: time.Duration(i) * 1999})
	}
	i := 0
	for m := range packed(marks...).Marks() {
		if off := marks[i].At - m.At; off < 0 || off >= time.Microsecond {
			t.Fatalf("mark %d is %v late", i, off)
		}
		i++
	}
}

func TestTimes_ADamagedListEndsWhereTheDamageIs(t *testing.T) {
	whole := packed(requestlog.Mark{End: 3, At: time.Second}, requestlog.Mark{End: 9, At: 2 * time.Second})
	for n := range whole {
		for m := range whole[:n].Marks() {
			if m.End != 3 && m.End != 9 {
				t.Errorf("cut at %d: mark at %d", n, m.End)
			}
		}
	}
	for m := range requestlog.Times(strings.Repeat("\xff", 40)).Marks() {
		t.Errorf("mark %v of garbage", m)
	}
}

func TestB59_TimesFollowTheTextWhenSecretsLeaveIt(t *testing.T) {
	const secret = "sk-test-0123456789abcdefghijklmn"
	first, second, third := "data: before\n\n", "data: "+secret+"\n\n", "data: after\n\n"
	text := first + second + third
	inside := len(first) + len("data: ") + 9
	rec := requestlog.Record{Body: &requestlog.Body{Response: []byte(text), Times: packed(
		requestlog.Mark{End: len(first), At: time.Second},
		requestlog.Mark{End: inside, At: 2 * time.Second},
		requestlog.Mark{End: len(first + second), At: 3 * time.Second},
		requestlog.Mark{End: len(text), At: 4 * time.Second},
	)}}
	requestlog.NewRedactor(func() []string { return []string{secret} }).Record(&rec)
	shown := string(rec.Body.Response)
	if strings.Contains(shown, secret) {
		t.Fatalf("the secret is kept: %q", shown)
	}
	var got []string
	from := 0
	for m := range rec.Body.Times.Marks() {
		got = append(got, shown[from:m.End])
		from = m.End
	}
	want := []string{first, "data: ", requestlog.Redacted + "\n\n", third}
	if !slices.Equal(got, want) {
		t.Errorf("pieces = %q, want %q", got, want)
	}
}

func TestNotes_AreReadAgain(t *testing.T) {
	notes := []string{
		"dropped logit_bias", requestlog.WaitNote(1500*time.Millisecond, "every account is at its pace"),
		requestlog.ReplayNote(42), requestlog.WaitNote(250*time.Millisecond, "the same"), "waited for nobody",
	}
	if got := requestlog.ReplayOf(notes); got != 42 {
		t.Errorf("ReplayOf = %d, want 42", got)
	}
	if got := requestlog.Waited(notes); got != 1750*time.Millisecond {
		t.Errorf("Waited = %v, want 1.75s", got)
	}
	if requestlog.ReplayOf(notes[:1]) != 0 || requestlog.Waited(nil) != 0 {
		t.Error("notes that say neither are read as if they did")
	}
}
