package relay_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openaichat"
	"github.com/WenChunTech/OpenAICompatible/backend/pool"
	"github.com/WenChunTech/OpenAICompatible/backend/relay"
	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
)

// paced is a service in this process: its answer comes in pieces, each a while
// after the one before. In a bubble of synctest no time but that passes.
type paced struct {
	after  []time.Duration
	pieces []string
}

func (p paced) RoundTrip(r *http.Request) (*http.Response, error) {
	_, _ = io.Copy(io.Discard, r.Body)
	_ = r.Body.Close()
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"text/event-stream"}}, Request: r, Body: io.NopCloser(&p),
	}, nil
}

func (p *paced) Read(b []byte) (int, error) {
	if len(p.pieces) == 0 {
		return 0, io.EOF
	}
	time.Sleep(p.after[0])
	n := copy(b, p.pieces[0])
	p.after, p.pieces = p.after[1:], p.pieces[1:]
	return n, nil
}

// serve answers one request with p and returns what was written down.
func (p paced) serve(t *testing.T, l relay.Limits, settings map[string]string) requestlog.Record {
	t.Helper()
	b := &bench{t: t, limits: l, arrived: make(chan struct{}, 1), clock: time.Now}
	a := account.Account{ID: 1, Name: "account1", Provider: "test", Enabled: true, HTTP: &http.Client{Transport: p}, Settings: settings}
	a.Settings["url"] = "http://service.test/"
	b.accounts = []pool.Upstream{{Account: account.New(a, nil), Provider: service{}, Model: "up-model"}}
	b.relay = relay.New(relay.Options{
		Router: func() relay.Router { return b }, Recorder: b, Redactor: censor{}, Limits: func() *relay.Limits { return &b.limits },
	})
	r := httptest.NewRequestWithContext(context.Background(), http.MethodPost, "/v1/chat/completions", strings.NewReader(streamed))
	b.relay.Serve(httptest.NewRecorder(), r, openaichat.Client{}, relay.Caller{})
	return b.record()
}

// TestTimes_AreThoseOfEachPiece looks at the log as a page does: what had left at
// each time.
func TestTimes_AreThoseOfEachPiece(t *testing.T) {
	p := paced{
		after:  []time.Duration{300 * time.Millisecond, 50 * time.Millisecond, 0, 2500 * time.Microsecond},
		pieces: []string{chunk("Hel"), chunk("lo"), chunk(" there"), ending},
	}
	for lane, settings := range map[string]map[string]string{"carried": {}, "translated": {"translate": "true"}} {
		t.Run(lane, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rec := p.serve(t, limits(), settings)
				if string(rec.Exchange.Lane) != lane {
					t.Fatalf("lane %q", rec.Exchange.Lane)
				}
				response := string(rec.Body.Response)
				at := map[string]time.Duration{}
				from := 0
				for m := range rec.Body.Times.Marks() {
					for _, word := range []string{`"Hel"`, `"lo"`, `" there"`, "[DONE]"} {
						if strings.Contains(response[from:m.End], word) {
							at[word] = m.At
						}
					}
					from = m.End
				}
				if from != len(response) {
					t.Errorf("the times are of %d bytes, the answer has %d", from, len(response))
				}
				for word, want := range map[string]time.Duration{
					`"Hel"`: 300 * time.Millisecond, `"lo"`: 350 * time.Millisecond,
					`" there"`: 350 * time.Millisecond, "[DONE]": 352500 * time.Microsecond,
				} {
					if at[word] != want {
						t.Errorf("%s left at %v, want %v", word, at[word], want)
					}
				}
			})
		})
	}
}

func TestTimes_AreBoundedAndEndWhereTheCopyDoes(t *testing.T) {
	const most = 64 << 10
	p := paced{}
	for range 40_000 {
		p.pieces, p.after = append(p.pieces, chunk("x")), append(p.after, time.Millisecond)
	}
	p.pieces, p.after = append(p.pieces, ending), append(p.after, 0)
	synctest.Test(t, func(t *testing.T) {
		l := limits()
		l.KeepBytes = 64 << 20
		rec := p.serve(t, l, map[string]string{})
		if n := len(rec.Body.Times); n == 0 || n > most+16 {
			t.Errorf("%d bytes of times, want at most %d", n, most)
		}
		if !strings.HasSuffix(string(rec.Body.Response), "[DONE]\n\n") {
			t.Error("the answer ends with its times")
		}
	})
	synctest.Test(t, func(t *testing.T) {
		l := limits()
		l.KeepBytes = 1000
		rec := p.serve(t, l, map[string]string{})
		marks := slices.Collect(rec.Body.Times.Marks())
		if len(marks) == 0 || marks[len(marks)-1].End != 1000 {
			t.Errorf("marks %v of a copy that was cut at 1000 bytes", marks)
		}
	})
}

func TestTimes_AreNotRecordedWhereNothingIsKept(t *testing.T) {
	p := paced{after: []time.Duration{time.Second, 0}, pieces: []string{chunk("Hello"), ending}}
	for _, keep := range []relay.Keep{relay.KeepOff, relay.KeepErrors} {
		synctest.Test(t, func(t *testing.T) {
			l := limits()
			l.Keep = keep
			if rec := p.serve(t, l, map[string]string{}); rec.Body != nil {
				t.Errorf("%s keeps %+v", keep, rec.Body)
			}
		})
	}
}
