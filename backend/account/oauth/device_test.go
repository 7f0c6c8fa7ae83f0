package oauth_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/account/oauth"
	"github.com/WenChunTech/OpenAICompatible/backend/fake"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// direct answers in this very goroutine, so that time stands still meanwhile.
type direct struct {
	http.Handler

	// broken is how many of the next requests do not get through.
	broken int
}

func (d *direct) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if d.broken > 0 {
		d.broken--
		return nil, errors.New("no route to host")
	}
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w.Result(), nil
}

func deviceFlow(d *direct) oauth.DeviceFlow {
	return oauth.DeviceFlow{
		Client: oauth.Client{
			Title: "Qwen", ID: "client", Scopes: []string{"openid", "model.completion"},
			TokenURL: "https://chat.example.test/api/v1/oauth2/token", HTTP: &http.Client{Transport: d},
		},
		CodeURL: "https://chat.example.test/api/v1/oauth2/device/code",
	}
}

func begin(t *testing.T, d *direct) account.SignIn {
	t.Helper()
	s, err := oauth.Device(t.Context(), deviceFlow(d))
	if err != nil {
		t.Fatalf("Device: %v", err)
	}
	return s
}

// refusals are what the service did not take.
func refusals(t *testing.T, f *fake.QwenOAuth) {
	t.Helper()
	for _, r := range f.Received() {
		if r.Refused != "" {
			t.Errorf("the service refused %s: %s", r.Path, r.Refused)
		}
	}
}

func TestDevice_SignsInWhenTheUserHasConfirmed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake.QwenOAuth{Polls: []string{"pending", "pending", "slow_down_400", "pending", "slow_down_429", "pending"}}
		begun := time.Now()
		s := begin(t, &direct{Handler: f})
		p := s.Prompt()
		if p.URL != "https://chat.qwen.ai/authorize?user_code=TEST-CODE&client=qwen-code" || p.UserCode != "TEST-CODE" || p.Paste || p.Port != 0 || p.Expires.Sub(begun) != 15*time.Minute {
			t.Errorf("the prompt is %+v", p)
		}
		if err := s.Answer("TEST-CODE"); err == nil {
			t.Error("a pasted text was taken")
		}
		signed, err := s.Wait(t.Context())
		if err != nil {
			t.Fatalf("Wait: %v", err)
		}
		refusals(t, f)
		// 5 s thrice, 10 s twice after the first slow_down, 15 s twice after the
		// second.
		if got := time.Since(begun); got != (3*5+2*10+2*15)*time.Second {
			t.Errorf("it took %v", got)
		}
		token, err := oauth.ParseToken(signed.Secret)
		if err != nil || token.Access.Reveal() != "test-access-1" || token.Refresh.Reveal() != "test-refresh-1" || token.Resource != "portal.qwen.ai" {
			t.Errorf("%v: the token is %q, %q for %q", err, token.Access.Reveal(), token.Refresh.Reveal(), token.Resource)
		}
		if want := time.Now().Add(6 * time.Hour); !token.Expiry.Equal(want.Truncate(time.Millisecond)) {
			t.Errorf("it expires at %v, want %v", token.Expiry, want)
		}
	})
}

func TestDevice_KeepsThePaceItIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake.QwenOAuth{Polls: []string{"pending", "pending"}, Interval: 2}
		begun := time.Now()
		if _, err := begin(t, &direct{Handler: f}).Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		refusals(t, f)
		if got := time.Since(begun); got != 6*time.Second {
			t.Errorf("it took %v, want 6s", got)
		}
	})
}

func TestDevice_EndsForGood(t *testing.T) {
	for _, c := range []struct {
		name  string
		polls []string
		kind  llm.Kind
		code  string
		after time.Duration
	}{
		{"declined", []string{"pending", "access_denied"}, llm.KindAuth, "access_denied", 10 * time.Second},
		{"expired", []string{"expired_token"}, llm.KindTimeout, "expired_token", 5 * time.Second},
		{"expired, in Qwen's way", []string{"expired_device_401"}, llm.KindTimeout, "expired_token", 5 * time.Second},
		{"too many sign-ins", []string{"429"}, llm.KindRate, "", 5 * time.Second},
		{"never confirmed", strings.Split(strings.Repeat("pending ", 500), " "), llm.KindTimeout, "expired_token", 15 * time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fake.QwenOAuth{Polls: c.polls}
				begun := time.Now()
				_, err := begin(t, &direct{Handler: f}).Wait(t.Context())
				var e *llm.Error
				if !errors.As(err, &e) || e.Kind != c.kind || e.Code != c.code || e.Message == "" {
					t.Errorf("got %#v, want %v %q", err, c.kind, c.code)
				}
				if got := time.Since(begun); got != c.after {
					t.Errorf("it took %v, want %v", got, c.after)
				}
			})
		})
	}
}

func TestDevice_OutlivesANetworkThatComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake.QwenOAuth{Polls: []string{"pending", "503"}}
		d := &direct{Handler: f}
		s := begin(t, d)
		d.broken = 3
		if _, err := s.Wait(t.Context()); err != nil {
			t.Errorf("got %v, want a sign-in", err)
		}
	})
}

func TestDevice_SaysWhatIsWrongWhenItDoesNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &direct{Handler: &fake.QwenOAuth{}}
		s := begin(t, d)
		d.broken = 1000
		_, err := s.Wait(t.Context())
		var e *llm.Error
		if !errors.As(err, &e) || e.Kind != llm.KindNetwork || !strings.Contains(e.Message, "chat.example.test") {
			t.Errorf("got %v, want an error of the network that names the host", err)
		}
	})
}

func TestDevice_ErrorsUnderTheStatusOfSuccess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answers := []string{`{"error":"authorization_pending"}`, `{"status":"waiting"}`, `{"error":"access_denied"}`}
		d := &direct{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body := `{"device_code":"d","user_code":"U","verification_uri":"https://x.example.test/"}`
			if strings.HasSuffix(r.URL.Path, "/token") {
				body, answers = answers[0], answers[1:]
			}
			_, _ = w.Write([]byte(body))
		})}
		_, err := begin(t, d).Wait(t.Context())
		var e *llm.Error
		if !errors.As(err, &e) || e.Code != "access_denied" || len(answers) != 0 {
			t.Errorf("got %v with %d answers left, want the refusal", err, len(answers))
		}
	})
}

func TestDevice_CanBeCanceled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake.QwenOAuth{Polls: []string{"pending", "pending", "pending", "pending"}}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		time.AfterFunc(12*time.Second, cancel)
		begun := time.Now()
		_, err := begin(t, &direct{Handler: f}).Wait(ctx)
		var e *llm.Error
		if !errors.As(err, &e) || e.Kind != llm.KindCanceled || time.Since(begun) != 12*time.Second {
			t.Errorf("got %v after %v", err, time.Since(begun))
		}
	})
}

func TestDevice_WithoutACodeThereIsNoSignIn(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
		kind   llm.Kind
	}{
		{200, `<html>Sign in to the network</html>`, llm.KindProtocol},
		{200, `{"device_code":"d","verification_uri":"javascript:alert(1)"}`, llm.KindProtocol},
		{200, `{"device_code":"d","verification_uri":"https://user:pass@x.example.test/"}`, llm.KindProtocol},
		{200, `{"user_code":"U","verification_uri":"https://x.example.test/"}`, llm.KindProtocol},
		{400, `{"error":"invalid_client"}`, llm.KindAuth},
		{429, ``, llm.KindRate},
		{502, ``, llm.KindTransient},
	} {
		d := &direct{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(c.status)
			_, _ = w.Write([]byte(c.body))
		})}
		_, err := oauth.Device(t.Context(), deviceFlow(d))
		var e *llm.Error
		if !errors.As(err, &e) || e.Kind != c.kind || e.Message == "" {
			t.Errorf("%d %s: got %v, want %v", c.status, c.body, err, c.kind)
		}
	}
	flow := deviceFlow(&direct{})
	flow.CodeURL = "http://chat.example.test/code"
	if _, err := oauth.Device(t.Context(), flow); err == nil {
		t.Error("a code was asked for over an open line")
	}
}
