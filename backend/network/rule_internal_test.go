package network

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

func must(t *testing.T, text string) *url.URL {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestB60_NoProxyIsReadAsOthersReadIt(t *testing.T) {
	for entry, c := range map[string]struct{ skips, takes string }{
		"":                  {"http://localhost/ http://127.0.0.1:8080/ http://[::1]/", "http://a.test/"},
		"a.test":            {"http://a.test/ https://b.a.test:8443/ http://A.TEST/", "http://ba.test/ http://a.test.b/"},
		".a.test":           {"http://b.a.test/", "http://a.test/"},
		"*.a.test":          {"http://b.a.test/", "http://a.test/"},
		"a.test:8080":       {"http://a.test:8080/", "http://a.test/"},
		"10.0.0.0/8":        {"http://10.1.2.3/", "http://11.1.2.3/ http://ten.test/"},
		"169.254/16":        {"http://169.254.1.1/", "http://169.253.1.1/"},
		"fd00::/8":          {"http://[fd00::1]/", "http://[fe00::1]/"},
		"192.168.*":         {"http://192.168.1.1/", "http://192.169.1.1/"},
		"build-*.corp.test": {"http://build-7.corp.test/", "http://corp.test/"},
		"<local>":           {"http://intranet/ https://wiki:8443/", "http://a.test/ http://8.8.8.8/"},
		"*":                 {"http://a.test/ https://8.8.8.8/", ""},
		"a.test ; <local>":  {"http://a.test/ http://wiki/", "http://b.test/"},
	} {
		r := ruleOf(Options{Proxy: "http://proxy.test:3128", NoProxy: entries(entry)}, System{})
		for at := range strings.FieldsSeq(c.skips) {
			if p, err := r.proxy(must(t, at)); p != nil || err != nil {
				t.Errorf("%q: %s goes through %v, %v", entry, at, p, err)
			}
		}
		for at := range strings.FieldsSeq(c.takes) {
			if p, err := r.proxy(must(t, at)); err != nil || p == nil || p.Host != "proxy.test:3128" {
				t.Errorf("%q: %s goes through %v, %v", entry, at, p, err)
			}
		}
	}
}

func TestSystem_IsReadFromTheEnvironment(t *testing.T) {
	for name, c := range map[string]struct {
		env         map[string]string
		http, https string
		noProxy     []string
	}{
		"both":            {map[string]string{"HTTP_PROXY": "http://a:1", "HTTPS_PROXY": "b:2", "NO_PROXY": "x, y"}, "http://a:1", "http://b:2", []string{"x", "y"}},
		"one for all":     {map[string]string{"ALL_PROXY": "socks5://a:1", "https_proxy": "http://b"}, "socks5://a:1", "http://b", nil},
		"small letters":   {map[string]string{"http_proxy": "http://a:1", "HTTP_PROXY": "http://b:1"}, "http://a:1", "", nil},
		"with a password": {map[string]string{"HTTPS_PROXY": "http://u:p@a:1"}, "", "http://a:1", nil},
	} {
		s, ok := fromEnvironment(func(n string) string { return c.env[n] })
		if !ok || s.HTTP != c.http || s.HTTPS != c.https || !slices.Equal(s.NoProxy, c.noProxy) || s.Source != SourceEnvironment || s.Note != "" {
			t.Errorf("%s: %+v", name, s)
		}
	}
	if s, ok := fromEnvironment(func(n string) string { return map[string]string{"NO_PROXY": "x"}[n] }); ok {
		t.Errorf("NO_PROXY alone: %+v", s)
	}
	s, _ := fromEnvironment(func(n string) string { return map[string]string{"ALL_PROXY": "socks4://u:p@a:1"}[n] })
	if s.HTTP != "" || !strings.Contains(s.Note, "scheme is socks4") || strings.Contains(s.Note, "u:p") {
		t.Errorf("one that cannot be used: %+v", s)
	}
	if _, err := ruleOf(Options{}, s).proxy(must(t, "http://a.test")); err == nil || !strings.Contains(err.Error(), "the environment") {
		t.Errorf("it is left out in silence: %v", err)
	}
}

func TestSystem_IsReadFromTheDesktop(t *testing.T) {
	const off = "org.gnome.system.proxy ignore-hosts ['localhost', '127.0.0.0/8', '::1']\norg.gnome.system.proxy mode 'none'\norg.gnome.system.proxy.http host 'left.test'\norg.gnome.system.proxy.http port 8080\n"
	manual := strings.Replace(off, "'none'", "'manual'", 1) + "org.gnome.system.proxy.http use-authentication true\norg.gnome.system.proxy.http authentication-user 'me@corp'\norg.gnome.system.proxy.http authentication-password 'p:w'\norg.gnome.system.proxy.https host ''\norg.gnome.system.proxy.https port 0\norg.gnome.system.proxy.socks host '::1'\norg.gnome.system.proxy.socks port 1080\n"
	if s := fromGSettings(off); s.Source != SourceNone || s.HTTP != "" || s.Note != "" {
		t.Errorf("off: %+v", s)
	}
	s := fromGSettings(manual)
	if s.HTTP != "http://left.test:8080" || s.HTTPS != "socks5://[::1]:1080" || !slices.Equal(s.NoProxy, []string{"localhost", "127.0.0.0/8", "::1"}) || s.Source != SourceGNOME {
		t.Errorf("manual: %+v", s)
	}
	if u, err := ParseProxy(s.http); err != nil || u.User.Username() != "me@corp" {
		t.Errorf("its name: %v, %v", u, err)
	}
	if s := fromGSettings(strings.Replace(off, "'none'", "'auto'", 1)); s.Source != SourceNone || !strings.Contains(s.Note, "script") {
		t.Errorf("auto: %+v", s)
	}
}

func TestSystem_IsReadFromMacOS(t *testing.T) {
	s := fromScutil("<dictionary> {\n  ExceptionsList : <array> {\n    0 : *.local\n    1 : 169.254/16\n  }\n  ExcludeSimpleHostnames : 1\n  HTTPEnable : 1\n  HTTPPort : 3128\n  HTTPProxy : proxy.corp.test\n  HTTPSEnable : 0\n  HTTPSProxy : left.test\n  SOCKSEnable : 1\n  SOCKSPort : 1080\n  SOCKSProxy : 10.0.0.1\n  ProxyAutoConfigEnable : 0\n}\n")
	if s.HTTP != "http://proxy.corp.test:3128" || s.HTTPS != "socks5://10.0.0.1:1080" || !slices.Equal(s.NoProxy, []string{"*.local", "169.254/16", "<local>"}) || s.Source != SourceMacOS || s.Note != "" {
		t.Errorf("got %+v", s)
	}
	s = fromScutil("<dictionary> {\n  ProxyAutoConfigEnable : 1\n  ProxyAutoConfigURLString : http://wpad/x.pac\n}\n")
	if s.Source != SourceNone || s.HTTP != "" || !strings.Contains(s.Note, "script") {
		t.Errorf("a script: %+v", s)
	}
	if s := fromScutil("<dictionary> {\n}\n"); s.Source != SourceNone || s.Note != "" {
		t.Errorf("none: %+v", s)
	}
}

func TestSystem_IsReadFromWindows(t *testing.T) {
	s := fromWindows(windowsProxy{protocols: map[string]string{"": "proxy.corp.test:8080"}, bypass: "*.corp.test;<local>;192.168.*"})
	if s.HTTP != "http://proxy.corp.test:8080" || s.HTTPS != s.HTTP || !slices.Equal(s.NoProxy, []string{"*.corp.test", "<local>", "192.168.*"}) || s.Source != SourceWindows {
		t.Errorf("one for all: %+v", s)
	}
	s = fromWindows(windowsProxy{protocols: map[string]string{"http": "a:1", "https": "b:2", "socks": "c:3"}})
	if s.HTTP != "http://a:1" || s.HTTPS != "http://b:2" {
		t.Errorf("by scheme: %+v", s)
	}
	s = fromWindows(windowsProxy{protocols: map[string]string{"socks": "c:3"}})
	if s.HTTP != "socks5://c:3" || s.HTTPS != s.HTTP {
		t.Errorf("SOCKS alone: %+v", s)
	}
	if s := fromWindows(windowsProxy{}); s.Source != SourceNone || s.Note != "" {
		t.Errorf("none: %+v", s)
	}
	if s := fromWindows(windowsProxy{finds: true}); s.Source != SourceNone || !strings.Contains(s.Note, "WPAD") {
		t.Errorf("found by itself: %+v", s)
	}
	asked := 0
	s = fromWindows(windowsProxy{scriptAt: "http://wpad/x.pac", script: func(at string) string {
		asked++
		if strings.Contains(at, "inside") {
			return ""
		}
		return "proxy.corp.test:8080"
	}})
	r := ruleOf(Options{NoProxy: []string{"skipped.test"}}, s)
	for range 2 {
		for at, want := range map[string]string{"https://a.test/x": "http://proxy.corp.test:8080", "http://inside.test/": "", "http://skipped.test": "", "http://localhost:1": ""} {
			p, err := r.proxy(must(t, at))
			if err != nil || (p == nil) != (want == "") || p != nil && p.String() != want {
				t.Errorf("the script for %s: %v, %v", at, p, err)
			}
		}
	}
	if asked != 2 {
		t.Errorf("the script ran %d times for two hosts", asked)
	}
}

func TestB60_ATestThatFailedSaysWhatOfTheSystemIsNotUsed(t *testing.T) {
	found := System{Source: SourceNone, Note: scriptNote}
	for o, want := range map[string]bool{"": true, ProxySystem: true, ProxyDirect: false} {
		if r := test(t.Context(), Options{Proxy: o}, found, "http://127.0.0.1:1/"); r.OK || strings.Contains(r.Said, scriptNote) != want {
			t.Errorf("%q: %+v", o, r)
		}
	}
}

// What is shown of an answer that a proxy gives in place of a service.
func TestB60_A407OfTheServiceItselfIsItsOwn(t *testing.T) {
	w := &way{rule: ruleOf(Options{Proxy: ProxyDirect}, System{})}
	r := &http.Request{URL: must(t, "http://a.test/")}
	if err := w.demanded(r, &http.Response{Header: http.Header{}}); err != nil {
		t.Errorf("got %v", err)
	}
}
