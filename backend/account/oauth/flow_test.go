package oauth_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/account/oauth"
	"github.com/WenChunTech/OpenAICompatible/backend/fake"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// google is a stand-in with a client for it.
type google struct {
	*fake.Google
	server *httptest.Server
}

func newGoogle(t *testing.T, o fake.GoogleOptions) google {
	g := google{Google: fake.NewGoogle(o)}
	g.server = httptest.NewServer(g.Google)
	t.Cleanup(g.server.Close)
	return g
}

func (g google) client() oauth.Client {
	return oauth.Client{
		Title: "Google", ID: "client.apps.example", Secret: account.NewSecret("not-a-secret"),
		AuthURL: g.server.URL + "/o/oauth2/v2/auth", TokenURL: g.server.URL + "/token", HTTP: g.server.Client(),
		Scopes: []string{
			"https://www.googleapis.com/auth/cloud-platform", "https://www.googleapis.com/auth/userinfo.email",
			"https://www.googleapis.com/auth/userinfo.profile",
		},
	}
}

// waiting is a sign-in whose Wait runs.
type waiting struct {
	account.SignIn
	cancel context.CancelFunc
	done   chan struct{}
	signed account.Signed
	err    error
}

func wait(t *testing.T, s account.SignIn) *waiting {
	ctx, cancel := context.WithCancel(t.Context())
	w := &waiting{SignIn: s, cancel: cancel, done: make(chan struct{})}
	begun := watched{ctx, make(chan struct{}, 1)}
	go func() {
		defer close(w.done)
		w.signed, w.err = s.Wait(begun)
	}()
	<-begun.asked
	t.Cleanup(func() { cancel(); <-w.done })
	return w
}

// watched is a context that tells when somebody begins to wait for its end.
type watched struct {
	context.Context //nolint:containedctx // it is one
	asked           chan struct{}
}

func (w watched) Done() <-chan struct{} {
	select {
	case w.asked <- struct{}{}:
	default:
	}
	return w.Context.Done()
}

// end waits for the end of the sign-in.
func (w *waiting) end(t *testing.T) (account.Signed, *llm.Error) {
	t.Helper()
	select {
	case <-w.done:
	case <-time.After(5 * time.Second):
		t.Fatal("the sign-in does not end")
	}
	if w.err == nil {
		return w.signed, nil
	}
	var e *llm.Error
	if !errors.As(w.err, &e) || e.Message == "" {
		t.Fatalf("the error is %v (%T), want an *llm.Error with a message", w.err, w.err)
	}
	return w.signed, e
}

// visit is a browser on this machine: status and page.
func visit(t *testing.T, address, language string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept-Language", language)
	c := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	if csp := resp.Header.Get("Content-Security-Policy"); resp.StatusCode == http.StatusOK && !strings.Contains(csp, "default-src 'none'") {
		t.Errorf("the page may load things: %q", csp)
	}
	return resp.StatusCode, string(body)
}

func (g google) consent(t *testing.T, s account.SignIn, email string, allow bool) string {
	t.Helper()
	back, err := g.Consent(s.Prompt().URL, email, allow)
	if err != nil {
		t.Fatalf("the service refuses the sign-in's address: %v", err)
	}
	return back
}

// portOf wants a port that nobody listens on any more.
func wantFree(t *testing.T, port int) {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:"+strconv.Itoa(port))
	if err != nil {
		t.Errorf("the port is not free after the sign-in: %v", err)
		return
	}
	l.Close()
}

func TestB18_AFaviconAndAForgedRequestDoNotEndTheSignIn(t *testing.T) {
	g := newGoogle(t, fake.GoogleOptions{})
	s := wait(t, oauth.Loopback(t.Context(), oauth.Flow{Client: g.client(), Ports: []int{}}))
	base := "http://127.0.0.1:" + strconv.Itoa(s.Prompt().Port)
	for path, want := range map[string]int{
		"/favicon.ico": 404, "/": 404, "/oauth2callback/x": 404,
		"/oauth2callback": 400,
		"/oauth2callback?code=stolen&state=guessed":                    400,
		"/oauth2callback?error=access_denied":                          400,
		"/oauth2callback?error=access_denied&state=":                   400,
		"/oauth2callback?code=stolen&state=" + strings.Repeat("A", 52): 400,
	} {
		if got, page := visit(t, base+path, "en"); got != want || want == 400 && !strings.Contains(page, "still waits") {
			t.Errorf("%s: %d, want %d\n%s", path, got, want, page)
		}
	}
	if len(g.Received()) != 0 {
		t.Error("a forged code was sent to the service")
	}
	status, page := visit(t, g.consent(t, s, "", true), "en-GB,en;q=0.9,zh;q=0.5")
	if status != http.StatusOK || !strings.Contains(page, "Signed in") || strings.Contains(page, "http") {
		t.Errorf("%d: %s", status, page)
	}
	signed, e := s.end(t)
	if e != nil {
		t.Fatal(e)
	}
	token := parse(t, signed.Secret.Reveal())
	if signed.Identity != "dev@example.com" || token.Refresh.IsZero() || time.Until(token.Expiry) < 50*time.Minute {
		t.Errorf("got %q, ends %v", signed.Identity, token.Expiry)
	}
	wantFree(t, s.Prompt().Port)
}

func TestLoopback_SpeaksTheBrowsersLanguage(t *testing.T) {
	g := newGoogle(t, fake.GoogleOptions{})
	for language, want := range map[string]string{
		"zh-CN,zh;q=0.9,en;q=0.8": "登录成功", "en-US,zh;q=0.5": "Signed in", "": "Signed in", "de": "Signed in", "en;q=0.3,zh-TW;q=0.9": "登录成功", ";;q=x": "Signed in",
	} {
		s := wait(t, oauth.Loopback(t.Context(), oauth.Flow{Client: g.client(), Ports: []int{}}))
		if _, page := visit(t, g.consent(t, s, "", true), language); !strings.Contains(page, want) {
			t.Errorf("%s: got %s", language, page)
		}
		s.end(t)
	}
}

func TestLoopback_Denied(t *testing.T) {
	g := newGoogle(t, fake.GoogleOptions{})
	s := wait(t, oauth.Loopback(t.Context(), oauth.Flow{Client: g.client(), Ports: []int{}}))
	if _, page := visit(t, g.consent(t, s, "", false), "zh"); !strings.Contains(page, "被拒绝") {
		t.Errorf("the page does not say so: %s", page)
	}
	if _, e := s.end(t); e == nil || e.Code != oauth.CodeDenied || e.Kind != llm.KindAuth {
		t.Errorf("got %v", e)
	}
	wantFree(t, s.Prompt().Port)
}

func TestB18_APortThatIsTaken(t *testing.T) {
	taken, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	port := taken.Addr().(*net.TCPAddr).Port
	g := newGoogle(t, fake.GoogleOptions{})
	s := wait(t, oauth.Loopback(t.Context(), oauth.Flow{Client: g.client(), Ports: []int{port}}))
	if p := s.Prompt(); p.Port == 0 || p.Port == port || !p.Paste {
		t.Errorf("got %+v, want another port", p)
	}
	visit(t, g.consent(t, s, "", true), "en")
	if _, e := s.end(t); e != nil {
		t.Error(e)
	}
}

func TestB18_NoPortAtAll(t *testing.T) {
	g := newGoogle(t, fake.GoogleOptions{})
	var asked []string
	s := wait(t, oauth.Loopback(t.Context(), oauth.Flow{
		Client: g.client(),
		Listen: func(_ context.Context, _, address string) (net.Listener, error) {
			asked = append(asked, address)
			return nil, errors.New("forbidden")
		},
	}))
	if p := s.Prompt(); p.Port != 0 || !p.Paste || len(asked) < 4 || asked[0] != "127.0.0.1:8085" || asked[len(asked)-1] != "127.0.0.1:0" {
		t.Errorf("got %+v after asking for %v", p, asked)
	}
	if err := s.Answer(g.consent(t, s, "", true)); err != nil {
		t.Error(err)
	}
	if _, e := s.end(t); e != nil {
		t.Error(e)
	}
}

// B19: the browser is on another machine, and ends on a page that is not there.
func TestB19_PasteTheAddress(t *testing.T) {
	g := newGoogle(t, fake.GoogleOptions{})
	for name, form := range map[string]func(string) string{
		"address":  func(s string) string { return "  " + s + "\n" },
		"quoted":   func(s string) string { return `"` + s + `"` },
		"query":    func(s string) string { _, q, _ := strings.Cut(s, "?"); return q },
		"?query":   func(s string) string { _, q, _ := strings.Cut(s, "?"); return "?" + q },
		"fragment": func(s string) string { return s + "#" },
	} {
		t.Run(name, func(t *testing.T) {
			s := wait(t, oauth.Loopback(t.Context(), oauth.Flow{Client: g.client(), Ports: []int{}}))
			for _, wrong := range []string{
				"", "hello", "4/0abc", "http://127.0.0.1:8085/oauth2callback", "https://accounts.google.com/?continue=x",
				"http://127.0.0.1:8085/oauth2callback?code=4/0abc&state=older", "%zz",
			} {
				if err := s.Answer(wrong); err == nil {
					t.Errorf("%q is taken", wrong)
				}
			}
			if err := s.Answer(form(g.consent(t, s, "second@example.com", true))); err != nil {
				t.Error(err)
			}
			signed, e := s.end(t)
			if e != nil || signed.Identity != "second@example.com" {
				t.Errorf("got %q, %v", signed.Identity, e)
			}
			wantFree(t, s.Prompt().Port)
			if err := s.Answer("code=x"); err == nil {
				t.Error("an answer is taken after the end")
			}
		})
	}
}

func TestPaste_TheCodeOfThePage(t *testing.T) {
	g := newGoogle(t, fake.GoogleOptions{})
	s := wait(t, oauth.Paste(oauth.Flow{Client: g.client(), Redirect: "https://codeassist.google.com/authcode"}))
	if p := s.Prompt(); p.Port != 0 || !p.Paste || p.URL == "" {
		t.Errorf("got %+v", p)
	}
	err := s.Answer("4/0wrong")
	if e := llm.AsError(err); e == nil || !strings.Contains(e.Message, "not accepted") {
		t.Errorf("a wrong code: %v", err)
	}
	back, _ := url.Parse(g.consent(t, s, "", true))
	if err := s.Answer(back.Query().Get("code")); err != nil {
		t.Errorf("the code after a wrong one: %v", err)
	}
	if signed, e := s.end(t); e != nil || signed.Identity != "dev@example.com" {
		t.Errorf("got %v, %v", signed, e)
	}
}

// A command line may ask for the code before it waits.
func TestPaste_AnswerBeforeWait(t *testing.T) {
	g := newGoogle(t, fake.GoogleOptions{})
	s := oauth.Paste(oauth.Flow{Client: g.client(), Redirect: "https://codeassist.google.com/authcode"})
	back, _ := url.Parse(g.consent(t, s, "", true))
	for _, text := range []string{"4/0first", url.QueryEscape(back.Query().Get("code"))} {
		if err := s.Answer(text); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Wait(t.Context()); err != nil {
		t.Error(err)
	}
	s = oauth.Paste(oauth.Flow{Client: g.client(), Redirect: "https://codeassist.google.com/authcode"})
	_ = s.Answer("4/0wrong")
	if _, err := s.Wait(t.Context()); llm.AsError(err) == nil || llm.AsError(err).Code != "invalid_grant" {
		t.Errorf("got %v, want that the code was refused: nobody else would be told", err)
	}
}

func TestSignIn_Timeout(t *testing.T) {
	g := newGoogle(t, fake.GoogleOptions{})
	alarm := make(chan time.Time, 1)
	var asked time.Duration
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	c := g.client()
	c.Now = func() time.Time { return now }
	s := wait(t, oauth.Loopback(t.Context(), oauth.Flow{
		Client: c, Ports: []int{}, After: func(d time.Duration) <-chan time.Time { asked = d; return alarm },
	}))
	if asked != 5*time.Minute || !s.Prompt().Expires.Equal(now.Add(asked)) {
		t.Errorf("it waits %v, until %v", asked, s.Prompt().Expires)
	}
	alarm <- now
	if _, e := s.end(t); e == nil || e.Kind != llm.KindTimeout {
		t.Errorf("got %v", e)
	}
	wantFree(t, s.Prompt().Port)
}

func TestSignIn_Cancel(t *testing.T) {
	g := newGoogle(t, fake.GoogleOptions{})
	s := wait(t, oauth.Loopback(t.Context(), oauth.Flow{Client: g.client(), Ports: []int{}}))
	s.cancel()
	if _, e := s.end(t); e == nil || e.Kind != llm.KindCanceled {
		t.Errorf("got %v", e)
	}
	wantFree(t, s.Prompt().Port)
}

// The page is reloaded while the code is on its way: it is spent once.
func TestLoopback_AReloadedPage(t *testing.T) {
	g := newGoogle(t, fake.GoogleOptions{})
	gate := make(chan struct{})
	c := g.client()
	c.HTTP = &http.Client{Transport: gated{gate, g.server.Client().Transport}}
	s := wait(t, oauth.Loopback(t.Context(), oauth.Flow{Client: c, Ports: []int{}}))
	back := g.consent(t, s, "", true)
	var wg sync.WaitGroup
	var shown atomic.Int32
	for range 2 {
		wg.Go(func() {
			resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Get(back)
			if err != nil {
				return // the port was closed before it came
			}
			defer resp.Body.Close()
			page, _ := io.ReadAll(resp.Body)
			if !strings.Contains(string(page), "Signed in") && !strings.Contains(string(page), "has ended") {
				t.Errorf("got %s", page)
			}
			shown.Add(1)
		})
	}
	close(gate)
	wg.Wait()
	if _, e := s.end(t); e != nil || shown.Load() == 0 {
		t.Errorf("%v, %d pages", e, shown.Load())
	}
}

type gated struct {
	gate <-chan struct{}
	next http.RoundTripper
}

func (g gated) RoundTrip(r *http.Request) (*http.Response, error) {
	<-g.gate
	return g.next.RoundTrip(r)
}

func TestLoopback_TheExchangeFails(t *testing.T) {
	portal := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<html>Welcome to the hotel</html>")
	}))
	defer portal.Close()
	g := newGoogle(t, fake.GoogleOptions{})
	c := g.client()
	c.TokenURL = portal.URL
	s := wait(t, oauth.Loopback(t.Context(), oauth.Flow{Client: c, Ports: []int{}}))
	if status, page := visit(t, g.consent(t, s, "", true), "en"); status != http.StatusBadGateway || !strings.Contains(page, "did not work") {
		t.Errorf("%d %s", status, page)
	}
	if _, e := s.end(t); e == nil || e.Kind != llm.KindProtocol || e.Code != oauth.CodePortal || !strings.Contains(e.Message, "network") {
		t.Errorf("got %v", e)
	}
}

func TestSignIn_IdentifyDoesNotDecide(t *testing.T) {
	g := newGoogle(t, fake.GoogleOptions{})
	for _, c := range []struct {
		identify func(context.Context, oauth.Token) (string, error)
		want     string
	}{
		{func(context.Context, oauth.Token) (string, error) { return "told@example.com", nil }, "told@example.com"},
		{func(context.Context, oauth.Token) (string, error) { return "", errors.New("no") }, "dev@example.com"},
	} {
		s := wait(t, oauth.Loopback(t.Context(), oauth.Flow{Client: g.client(), Ports: []int{}, Identify: c.identify}))
		if err := s.Answer(g.consent(t, s, "", true)); err != nil {
			t.Error(err)
		}
		if signed, e := s.end(t); e != nil || signed.Identity != c.want {
			t.Errorf("got %q, %v, want %q", signed.Identity, e, c.want)
		}
	}
}
