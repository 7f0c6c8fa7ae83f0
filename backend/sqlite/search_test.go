package sqlite_test

import (
	"context"
	"fmt"
	"iter"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
	"github.com/WenChunTech/OpenAICompatible/backend/sqlite"
)

// keep writes an exchange with bodies and indexes it.
func keep(t testing.TB, l *sqlite.Log, x requestlog.Exchange, b requestlog.Body) {
	t.Helper()
	b.ID = x.ID
	l.Put(requestlog.Record{Exchange: x, Body: &b})
	flush(t, l)
	index(t, l)
}

func index(t testing.TB, l *sqlite.Log) {
	t.Helper()
	if err := l.Index(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// pieces answers as a stream does: a word comes in two pieces.
func pieces(_, _ string, body []byte) llm.Stream {
	if !strings.Contains(string(body), "streamed") {
		return nil
	}
	return iter.Seq2[llm.Event, error](func(yield func(llm.Event, error) bool) {
		_ = yield(llm.TextDelta{Text: "the answer is forty"}, nil) && yield(llm.TextDelta{Text: "two, 首个词"}, nil) &&
			yield(llm.TextDelta{Text: "元"}, nil) && yield(llm.Finish{}, nil)
	})
}

func TestList_FindsWordsInBodies(t *testing.T) {
	l := open(t, file(t), sqlite.Options{Read: pieces})
	long := strings.Repeat("nothing new ", 200_000)
	keep(t, l, sample(1, began()), requestlog.Body{Request: []byte(`{"messages":[{"content":"Why is the\nSky blue? C:\\new\\folder"}]}`)})
	keep(t, l, sample(2, began()), requestlog.Body{Request: []byte(`{"messages":[{"content":"把\u6a21\u578b换成更快的账号"}]}`)})
	keep(t, l, sample(3, began()), requestlog.Body{Response: []byte("data: streamed"), ResponseType: "text/event-stream"})
	keep(t, l, sample(4, began()), requestlog.Body{Request: []byte(`{"a":"beginning ` + long + ` the end of it"}`)})
	translated := sample(5, began())
	translated.Lane = requestlog.Translated
	keep(t, l, translated, requestlog.Body{Sent: []byte(`{"generationConfig":{"thinkingBudget":128}}`)})
	failed := sample(6, began())
	failed.Status, failed.Error = 429, "slow down, please"
	keep(t, l, failed, requestlog.Body{Response: []byte(`{"error":"quota of the 免费 plan"}`), Request: []byte("caf\u00e9 na\u00efve")})
	keep(t, l, sample(7, began()), requestlog.Body{Request: []byte(`{"url":"data:image/png;base64,` + strings.Repeat("iVBORw0KGgo", 50) + `","text":"behind the picture"}`)})

	for text, want := range map[string][]int64{
		"sky":                   {1},
		"SKY blue":              {1},
		`"sky blue"`:            {1},
		`"blue sky"`:            nil,
		"folder":                {1},
		"fold":                  {1}, // the beginning of a word
		"older":                 nil, // not its middle
		"模型":                    {2},
		"账号":                    {2},
		"快的账":                   {2},
		"型模":                    nil,
		"更快 模型":                 {2},
		"fortytwo":              {3},
		"首个词元":                  {3},
		"streamed":              nil, // how it came is no word of the answer
		"beginning":             {4},
		"\"the end of it\"":     {4},
		"thinkingBudget":        {5},
		"quota":                 {6},
		"免费":                    {6},
		"quota slow":            {6}, // one in the body, one in the row
		"quota sky":             nil,
		"cafe":                  {6},
		"picture":               {7},
		"iVBORw0KGgo":           nil,
		"nowhere":               nil,
		`quota" OR "sky`:        nil,
		"sky*":                  {1}, // a star is no part of the language
		`*`:                     nil,
		`sky NOT blue`:          nil,
		`words:sky`:             nil,
		`"`:                     {7, 6, 5, 4, 3, 2, 1},
		"'; DROP TABLE words":   nil,
		"NEAR(sky blue)":        nil,
		"{sky} ^blue + - (":     nil,
		"\x00sky":               {1},
		"sky \xff\xfe":          nil,
		strings.Repeat("(", 99): nil,
	} {
		p, err := l.List(t.Context(), requestlog.Query{Text: text})
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if got := ids(p); !slices.Equal(got, want) || p.Total != int64(len(want)) {
			t.Errorf("%q finds %v, %d in all; want %v", text, got, p.Total, want)
		}
	}
}

func TestIndex_GoesWithTheBodies(t *testing.T) {
	path := file(t)
	l := open(t, path, sqlite.Options{})
	indexed := func(found, wait int) {
		t.Helper()
		if f, w, err := l.Indexed(t.Context()); err != nil || f != found || w != wait {
			t.Errorf("%d indexed, %d wait, %v; want %d and %d", f, w, err, found, wait)
		}
	}
	now := time.Now()
	for id := int64(1); id <= 4; id++ {
		start := now.AddDate(0, 0, -30)
		if id > 2 {
			start = now
		}
		l.Put(requestlog.Record{Exchange: sample(id, start), Body: &requestlog.Body{ID: id, Request: fmt.Appendf(nil, "canary%d", id)}})
	}
	flush(t, l)
	indexed(0, 4)
	index(t, l)
	indexed(4, 0)
	if err := l.Retain(t.Context(), 7, 0); err != nil {
		t.Fatal(err)
	}
	indexed(2, 0)
	if p := list(t, l, requestlog.Query{Text: "canary1"}); len(p.Exchanges) != 0 {
		t.Errorf("found %v, whose days were over", ids(p))
	}
	l.Put(requestlog.Record{Exchange: sample(5, now), Body: &requestlog.Body{ID: 5, Request: []byte("canary5")}})
	flush(t, l)
	if err := l.Wipe(t.Context()); err != nil {
		t.Fatal(err)
	}
	indexed(0, 0)
	index(t, l)
	if b, err := os.ReadFile(path); err != nil || strings.Contains(string(b), "canary") {
		t.Errorf("the file still has words that were wiped, or %v", err)
	}
	keep(t, l, sample(6, now), requestlog.Body{Request: []byte("canary6")})
	if p := list(t, l, requestlog.Query{Text: "canary"}); !slices.Equal(ids(p), []int64{6}) {
		t.Errorf("found %v after the wipe, want 6", ids(p))
	}
}

func TestIndex_ReadsAnOldLogWithoutKeepingTheStart(t *testing.T) {
	path := file(t)
	l := open(t, path, sqlite.Options{})
	const n = 500
	for id := range int64(n) {
		b := &requestlog.Body{ID: id + 1, Request: fmt.Appendf(nil, "number n%d %s", id+1, strings.Repeat("and more of it ", 200))}
		l.Put(requestlog.Record{Exchange: sample(id+1, began()), Body: b})
	}
	flush(t, l)
	if err := l.Downgrade(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}

	l = open(t, path, sqlite.Options{Interval: time.Millisecond})
	if found, wait, err := l.Indexed(t.Context()); err != nil || found != 0 || wait != n {
		t.Errorf("%d indexed, %d wait, %v; want none indexed by the start", found, wait, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- l.Run(ctx) }()
	for {
		_, wait, err := l.Indexed(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if wait == 0 {
			break
		}
		// What comes meanwhile is written at once.
		put(t, l, sample(n+1, began()))
	}
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if p := list(t, l, requestlog.Query{Text: "n77"}); !slices.Equal(ids(p), []int64{77}) {
		t.Errorf("found %v, want 77", ids(p))
	}
}

func TestRetain_CountsTheIndex(t *testing.T) {
	l := open(t, file(t), sqlite.Options{QueueBytes: 1 << 30})
	const n = 2000
	for id := range int64(n) {
		var words strings.Builder
		for i := range 400 {
			fmt.Fprintf(&words, "w%d ", (id*7919+int64(i)*104729)%50_000)
		}
		l.Put(requestlog.Record{Exchange: sample(id+1, began()), Body: &requestlog.Body{ID: id + 1, Request: []byte(words.String())}})
	}
	flush(t, l)
	index(t, l)
	if err := l.Retain(t.Context(), 0, 2); err != nil {
		t.Fatal(err)
	}
	p := list(t, l, requestlog.Query{})
	if p.Total < n/20 || p.Total > n*9/10 {
		t.Errorf("%d of %d exchanges are left in 2 MB", p.Total, n)
	}
	if found, _, err := l.Indexed(t.Context()); err != nil || int64(found) != p.Total {
		t.Errorf("%d bodies are indexed of %d, %v", found, p.Total, err)
	}
}
