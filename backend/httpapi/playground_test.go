package httpapi_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/event"
	"github.com/WenChunTech/OpenAICompatible/backend/httpapi"
)

// asking serves the admin API before a chat of the test's own.
func asking(t *testing.T, o httpapi.AdminOptions) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(httpapi.Admin(o))
	t.Cleanup(s.Close)
	return s
}

func played(ctx context.Context, t *testing.T, method, url string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(`{"model":"m"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Requested-With", "openaicompatible")
	req.Header.Set("Authorization", "Bearer made-up")
	req.Header.Set("Cookie", "openaicompatible_session=made-up")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	return resp
}

func TestPlayground_AsksAsAClientOfItsOwnWithoutSecrets(t *testing.T) {
	var got *http.Request
	var body []byte
	s := asking(t, httpapi.AdminOptions{Events: event.New(), Chat: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
		w.Header().Set("X-Request-Id", "7")
	})})
	resp := played(t.Context(), t, http.MethodPost, s.URL+"/api/playground/a")
	if got == nil {
		t.Fatalf("nobody was asked: %d", resp.StatusCode)
	}
	if got.URL.Path != "/v1/chat/completions" || got.UserAgent() != "Playground" || string(body) != `{"model":"m"}` {
		t.Errorf("asked %s as %q with %s", got.URL.Path, got.UserAgent(), body)
	}
	if got.Header.Get("Authorization") != "" || got.Header.Get("Cookie") != "" {
		t.Errorf("what signs the page in went on: %v", got.Header)
	}
	if id := resp.Header.Get("X-Request-Id"); id != "7" {
		t.Errorf("the row is %q, want 7", id)
	}
}

func TestPlayground_StopEndsTheRequest(t *testing.T) {
	ended := make(chan struct{})
	s := asking(t, httpapi.AdminOptions{Events: event.New(), Chat: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusOK)
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		close(ended)
	})})
	running := played(t.Context(), t, http.MethodPost, s.URL+"/api/playground/a")
	if again := played(t.Context(), t, http.MethodPost, s.URL+"/api/playground/a"); again.StatusCode != http.StatusConflict {
		t.Errorf("a second answer of the same name: %d, want 409", again.StatusCode)
	}
	for range 2 { // what has ended is stopped too
		if stop := played(t.Context(), t, http.MethodDelete, s.URL+"/api/playground/a"); stop.StatusCode != http.StatusNoContent {
			t.Errorf("stop: %d, want 204", stop.StatusCode)
		}
		<-ended
	}
	if _, err := io.ReadAll(running.Body); err != nil {
		t.Errorf("the answer ended with %v", err)
	}
}

func TestPlayground_LeavingEndsTheRequest(t *testing.T) {
	ended := make(chan struct{})
	s := asking(t, httpapi.AdminOptions{Events: event.New(), Chat: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusOK)
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		close(ended)
	})})
	ctx, leave := context.WithCancel(t.Context())
	played(ctx, t, http.MethodPost, s.URL+"/api/playground/a")
	leave()
	<-ended
}

func TestPlayground_TellsAWindowTheLinesOfAnAnswerThatHasNotEnded(t *testing.T) {
	bus, told := event.New(), make(chan struct{})
	s := asking(t, httpapi.AdminOptions{Events: bus, Pieces: true, Chat: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for _, part := range []string{"data: one\r\n", "\ndata: tw", "o\n\ndata: half"} {
			_, _ = io.WriteString(w, part)
		}
		w.(http.Flusher).Flush()
		<-told
		_, _ = io.WriteString(w, " and whole\n\n")
	})})
	sub := bus.Subscribe()
	defer sub.Close()
	resp := played(t.Context(), t, http.MethodPost, s.URL+"/api/playground/a")
	var lines []string
	for len(lines) < 4 {
		e := <-sub.C()
		if e.Kind != event.Piece {
			continue
		}
		var p struct {
			Run   string
			From  int
			Lines []string
		}
		if err := json.Unmarshal(e.Data, &p); err != nil {
			t.Fatal(err)
		}
		if p.Run != "a" || p.From != len(lines) {
			t.Errorf("a piece of %q from line %d, want a and %d", p.Run, p.From, len(lines))
		}
		lines = append(lines, p.Lines...)
	}
	if got := strings.Join(lines, "|"); got != "data: one||data: two|" {
		t.Errorf("told %q", got)
	}
	close(told)
	var whole []string
	for in := bufio.NewScanner(resp.Body); in.Scan(); {
		whole = append(whole, in.Text())
	}
	if got := strings.Join(whole, "|"); got != "data: one||data: two||data: half and whole|" {
		t.Errorf("the answer is %q", got)
	}
}

func TestPlayground_SaysThatNobodyCanBeAsked(t *testing.T) {
	s := asking(t, httpapi.AdminOptions{Events: event.New()})
	resp := played(t.Context(), t, http.MethodPost, s.URL+"/api/playground/a")
	if b, _ := io.ReadAll(resp.Body); resp.StatusCode != http.StatusConflict || !strings.Contains(string(b), "no models") {
		t.Errorf("answered %d %s", resp.StatusCode, b)
	}
}
