package httpapi_test

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/httpapi"
)

const adminToken = "the-token-of-this-test"

// browser calls the web edition as a page of it does, and keeps its cookie.
type browser struct {
	t       *testing.T
	handler http.Handler
	from    string
	cookies []*http.Cookie
}

func newBrowser(t *testing.T, file string) *browser {
	t.Helper()
	guard := &httpapi.Guard{}
	return &browser{t: t, from: "127.0.0.1:40000", handler: httpapi.Admin(httpapi.AdminOptions{
		Token: adminToken, SessionFile: file, Guard: func() *httpapi.Guard { return guard },
	})}
}

func (b *browser) call(method, path, body string, header ...string) *httptest.ResponseRecorder {
	b.t.Helper()
	r := httptest.NewRequestWithContext(b.t.Context(), method, "http://127.0.0.1:8080"+path, strings.NewReader(body))
	r.RemoteAddr = b.from
	r.Header.Set("X-Requested-With", "openaicompatible")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
		if header[i] == "Host" {
			r.Host = header[i+1]
		}
	}
	for _, c := range b.cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		b.cookies = []*http.Cookie{c}
		if c.MaxAge < 0 {
			b.cookies = nil
		}
	}
	return w
}

func (b *browser) signIn(token string) int {
	b.t.Helper()
	return b.call(http.MethodPost, "/api/session", `{"token":"`+token+`"}`).Code
}

// signedIn asks for something that is not there: who is not signed in is not
// even told that.
func (b *browser) signedIn() bool {
	b.t.Helper()
	return b.call(http.MethodGet, "/api/nothing", "").Code == http.StatusNotFound
}

func TestSession_TheCookieIsForThisSiteAlone(t *testing.T) {
	b := newBrowser(t, "")
	if b.signedIn() {
		t.Fatal("nobody has signed in")
	}
	if code := b.signIn(adminToken); code != http.StatusNoContent || !b.signedIn() {
		t.Fatalf("signing in answered %d", code)
	}
	c := b.cookies[0]
	if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.MaxAge <= 0 || c.Path != "/" {
		t.Errorf("the cookie is %v", c)
	}
	if strings.Contains(c.Value, adminToken) {
		t.Error("the cookie holds the token")
	}
	c.Value = strings.Replace(c.Value, ".", "0.", 1)
	if b.signedIn() {
		t.Error("a cookie that was made younger is taken")
	}
}

func TestSession_EndsByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBrowser(t, "")
		b.signIn(adminToken)
		time.Sleep(29 * 24 * time.Hour)
		if !b.signedIn() {
			t.Error("the session ended too early")
		}
		time.Sleep(2 * 24 * time.Hour)
		if b.signedIn() {
			t.Error("the session never ends")
		}
	})
}

func TestSession_WrongTokensAreSlowedDownByAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBrowser(t, "")
		for range 10 {
			if code := b.signIn("guess"); code != http.StatusUnauthorized {
				t.Fatalf("a wrong token answered %d", code)
			}
		}
		w := b.call(http.MethodPost, "/api/session", `{"token":"`+adminToken+`"}`)
		if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" {
			t.Errorf("the eleventh answered %d, %v", w.Code, w.Header())
		}
		if w := b.call(http.MethodGet, "/api/nothing", "", "Authorization", "Bearer guess"); w.Code != http.StatusTooManyRequests {
			t.Errorf("the token of a program is a way round: %d", w.Code)
		}
		other := *b
		other.from = "192.0.2.7:5"
		if code := other.signIn(adminToken); code != http.StatusNoContent {
			t.Errorf("another address is kept out: %d", code)
		}
		time.Sleep(time.Minute)
		if code := b.signIn(adminToken); code != http.StatusNoContent {
			t.Errorf("it is still kept out: %d", code)
		}
	})
}

func TestSession_SignsOutHereOrEverywhere(t *testing.T) {
	file := filepath.Join(t.TempDir(), "sessions")
	one := newBrowser(t, file)
	two := *one
	one.signIn(adminToken)
	two.signIn(adminToken)
	kept := one.cookies
	one.call(http.MethodDelete, "/api/session", "")
	if one.signedIn() || !two.signedIn() {
		t.Error("signing out is for this browser alone")
	}
	if w := one.call(http.MethodDelete, "/api/session?everywhere=true", ""); w.Code != http.StatusUnauthorized || !two.signedIn() {
		t.Errorf("a stranger may sign out everybody: %d", w.Code)
	}
	if w := two.call(http.MethodDelete, "/api/session?everywhere=true", ""); w.Code != http.StatusNoContent {
		t.Fatalf("signing out everywhere answered %d", w.Code)
	}
	one.cookies = kept
	again := newBrowser(t, file) // The program was started again.
	again.cookies = kept
	if one.signedIn() || again.signedIn() {
		t.Error("an old cookie is still good")
	}
	if again.signIn(adminToken) != http.StatusNoContent || !again.signedIn() {
		t.Error("nobody can sign in any more")
	}
}

func TestB61B62_AForeignPageCannotUseTheSession(t *testing.T) {
	b := newBrowser(t, "")
	b.signIn(adminToken)
	for name, header := range map[string][]string{
		"another host":       {"Host", "evil.example"},
		"another origin":     {"Origin", "https://evil.example"},
		"an opaque origin":   {"Origin", "null"},
		"another site's get": {"Sec-Fetch-Site", "cross-site"},
		"a plain form":       {"X-Requested-With", ""},
	} {
		for _, path := range []string{"/api/nothing", "//api/nothing", "/x/../api/nothing", "/api/session"} {
			if w := b.call(http.MethodPost, path, "{}", header...); w.Code != http.StatusForbidden {
				t.Errorf("%s at %s: %d", name, path, w.Code)
			}
		}
	}
	if !b.signedIn() {
		t.Error("it signed the person out")
	}
}
