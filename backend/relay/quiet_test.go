package relay_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openaichat"
	"github.com/WenChunTech/OpenAICompatible/backend/relay"
)

func TestB22_AQuietClientGetsItsErrorAsAStatus(t *testing.T) {
	l := limits()
	l.KeepAlive = 5 * time.Millisecond
	fail := make(chan struct{})
	b := newBench(t, l, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		<-fail
		w.WriteHeader(http.StatusBadRequest)
	})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.relay.Serve(w, r, openaichat.Client{}, relay.Caller{Quiet: true})
	}))
	defer srv.Close()
	answered := make(chan *http.Response, 1)
	go func() {
		resp, err := srv.Client().Post(srv.URL, "application/json", strings.NewReader(streamed))
		if err != nil {
			t.Error(err)
		}
		answered <- resp
	}()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for noted := false; !noted; <-tick.C {
		for _, x := range b.relay.Running() {
			noted = strings.Contains(strings.Join(x.Notes, " "), "left out keep-alives")
		}
	}
	close(fail)
	resp := <-answered
	if resp == nil {
		return
	}
	defer resp.Body.Close()
	if body, _ := io.ReadAll(resp.Body); resp.StatusCode != http.StatusBadRequest || !strings.HasPrefix(string(body), `{"error":`) {
		t.Errorf("got %d %s", resp.StatusCode, body)
	}
}
