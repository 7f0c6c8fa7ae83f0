package e2e_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// socketed is a WebSocket as Codex has one: turn after turn on one connection.
type socketed struct {
	conn *websocket.Conn
}

func (a *answers) socket(t *testing.T, header ...string) (*socketed, *http.Response, error) {
	t.Helper()
	h := http.Header{"Authorization": {"Bearer " + a.key}, "Openai-Beta": {"responses_websockets=2026-02-06"}}
	for i := 0; i+1 < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	o := &websocket.DialOptions{HTTPHeader: h, Host: h.Get("Host")}
	h.Del("Host")
	conn, resp, err := websocket.Dial(t.Context(), "ws"+strings.TrimPrefix(a.url, "http")+"/v1/responses", o)
	if resp != nil && resp.Body != nil {
		t.Cleanup(func() { _ = resp.Body.Close() })
	}
	if err != nil {
		return nil, resp, err
	}
	conn.SetReadLimit(16 << 20)
	t.Cleanup(func() { _ = conn.CloseNow() })
	return &socketed{conn}, resp, nil
}

// message is what is read of one.
type message struct {
	Type     string
	Status   int
	Number   *int `json:"sequence_number"`
	Delta    string
	Error    struct{ Code, Message, Param string }
	Response struct {
		ID, Model, Status string
		Output            []struct {
			Content []struct{ Text string }
		}
		Usage struct {
			Total int `json:"total_tokens"`
		}
	}
}

func (m message) text() string {
	var text strings.Builder
	for _, o := range m.Response.Output {
		for _, p := range o.Content {
			text.WriteString(p.Text)
		}
	}
	return text.String()
}

func (s *socketed) send(t *testing.T, text string) {
	t.Helper()
	if err := s.conn.Write(t.Context(), websocket.MessageText, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

// turn sends a message and reads the answer to its end.
func (s *socketed) turn(t *testing.T, text string) (all []message) {
	t.Helper()
	s.send(t, text)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for {
		_, raw, err := s.conn.Read(ctx)
		if err != nil {
			t.Fatalf("after %+v: %v", all, err)
		}
		var m message
		if err := json.Unmarshal(raw, &m); err != nil {
			t.Fatalf("%v: %s", err, raw)
		}
		all = append(all, m)
		switch {
		case m.Type == "response.completed", m.Type == "response.failed", m.Type == "error" && m.Status != 0:
			return all
		}
	}
}

func TestResponses_SeveralTurnsOnOneSocket(t *testing.T) {
	a := startAnswers(t)
	for _, to := range speakers() {
		t.Run(to.name, func(t *testing.T) {
			s, _, err := a.socket(t)
			if err != nil {
				t.Fatal(err)
			}
			warm := s.turn(t, `{"type":"response.create","model":"`+to.tools+`","store":false,"generate":false,"input":[{"role":"user","content":"My name is Ada."}]}`)
			prepared := warm[len(warm)-1]
			if prepared.Type != "response.completed" || prepared.Response.ID == "" || prepared.text() != "" {
				t.Fatalf("the warm-up is answered with %+v", warm)
			}
			if n := len(a.service.Received()); to.name == "service" && n != 0 {
				t.Errorf("the warm-up asked the service %d times", n)
			}
			previous := prepared.Response.ID
			for turn := range 3 {
				all := s.turn(t, `{"type":"response.create","model":"`+to.tools+`","store":false,"previous_response_id":"`+previous+`","input":[{"role":"user","content":"Go on."}]}`)
				end := all[len(all)-1]
				if end.Type != "response.completed" || end.text() == "" || end.Response.Model != to.tools || all[0].Type != "response.created" {
					t.Fatalf("turn %d is answered with %+v", turn, all)
				}
				for i, m := range all {
					if m.Number == nil || *m.Number != i {
						t.Errorf("turn %d: message %d has the number %v", turn, i, m.Number)
					}
				}
				previous = end.Response.ID
			}
			// Each turn is a row of its own.
			var rows struct {
				Exchanges []struct {
					Asked, Dialect, Path, Lane string
					Status                     int
				}
			}
			eventually(t, "three rows are written", func() bool {
				rows.Exchanges = nil
				a.admin(t, "/api/exchanges?model="+to.tools, &rows)
				return len(rows.Exchanges) >= 3
			})
			if r := rows.Exchanges[0]; r.Dialect != "openai-responses" || r.Path != "/v1/responses" || r.Status != 200 || r.Lane != to.lane {
				t.Errorf("the row is %+v", r)
			}
			// What was not stored is nobody's beyond this socket.
			if status, _ := a.do(t, http.MethodGet, "/v1/responses/"+previous, ""); status != http.StatusNotFound {
				t.Errorf("it is found by its id with the status %d", status)
			}
		})
	}
	if sent := a.service.Received(); len(sent) == 3 && !strings.Contains(string(sent[2].Body), "My name is Ada.") {
		t.Errorf("the third turn lacks the first message: %s", sent[2].Body)
	}
}

func TestB48_Responses_ErrorsOfASocketAreMessages(t *testing.T) {
	a := startAnswers(t)
	s, _, err := a.socket(t)
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]message{
		`not JSON`:                  {Status: 400},
		`{"type":"session.update"}`: {Status: 400},
		`{"type":"response.create","model":"service/usage"}`:                                              {Status: 400},
		`{"type":"response.create","model":"service/nothing-like-it/x","input":"hi","conversation":"c"}`:  {Status: 400},
		`{"type":"response.create","model":"nobody/has-this","input":"hi"}`:                               {Status: 404},
		`{"type":"response.create","model":"service/error-503","input":"hi"}`:                             {Status: 503},
		`{"type":"response.create","model":"service/usage","input":"hi","previous_response_id":"resp_x"}`: {Status: 400},
	} {
		all := s.turn(t, text)
		if got := all[len(all)-1]; got.Type != "error" || got.Status != want.Status || got.Error.Message == "" {
			t.Errorf("%s: got %+v", text, all)
		}
	}
	// And the socket goes on.
	if all := s.turn(t, `{"type":"response.create","model":"service/usage","input":"hi"}`); all[len(all)-1].text() != "Hello" {
		t.Errorf("got %+v", all)
	}
}

func TestB61_Responses_ASocketIsGuardedLikeEveryRequest(t *testing.T) {
	a := startAnswers(t)
	for name, c := range map[string]struct {
		header []string
		status int
	}{
		"B61 a foreign host":      {[]string{"Host", "evil.example"}, http.StatusForbidden},
		"B62 a page of another":   {[]string{"Origin", "https://evil.example"}, http.StatusForbidden},
		"B62 a page from nowhere": {[]string{"Origin", "null"}, http.StatusForbidden},
		"B63 a wrong key":         {[]string{"Authorization", "Bearer sk-wrong"}, http.StatusUnauthorized},
		"B63 no key":              {[]string{"Authorization", ""}, http.StatusUnauthorized},
	} {
		_, resp, err := a.socket(t, c.header...)
		if err == nil || resp == nil || resp.StatusCode != c.status {
			t.Errorf("%s: %v, %+v", name, err, resp)
		}
	}
	if status, body := a.do(t, http.MethodGet, "/v1/responses", ""); status != http.StatusMethodNotAllowed || !strings.Contains(string(body), "WebSocket") {
		t.Errorf("a GET without an upgrade: %d %s", status, body)
	}
}

func TestB28_Responses_AClientThatLeavesItsSocketEndsTheUpstreamsRequest(t *testing.T) {
	a := startAnswers(t)
	s, _, err := a.socket(t)
	if err != nil {
		t.Fatal(err)
	}
	s.send(t, `{"type":"response.create","model":"service/hang","input":"hi"}`)
	eventually(t, "the service is asked", func() bool { return len(a.service.Received()) == 1 })
	// A turn that comes meanwhile waits; one more is told to.
	s.send(t, `{"type":"response.create","model":"service/usage","input":"hi"}`)
	s.send(t, `{"type":"response.create","model":"service/usage","input":"hi"}`)
	eventually(t, "the third turn is refused", func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		_, raw, err := s.conn.Read(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Contains(string(raw), `"response_in_progress"`)
	})
	_ = s.conn.CloseNow()
	select {
	case <-a.service.Received()[0].Left:
	case <-time.After(5 * time.Second):
		t.Fatal("the upstream goes on")
	}
}

func TestB50_Responses_ASocketEndsWithItsListener(t *testing.T) {
	a := startAnswers(t)
	idle, _, err := a.socket(t)
	if err != nil {
		t.Fatal(err)
	}
	idle.turn(t, `{"type":"response.create","model":"demo/chat","input":"hi"}`)
	if err := a.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if _, _, err := idle.conn.Read(ctx); websocket.CloseStatus(err) != websocket.StatusGoingAway {
		t.Errorf("the socket ends with %v", err)
	}
}
