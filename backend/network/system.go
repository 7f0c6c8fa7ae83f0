package network

import (
	"cmp"
	"context"
	"net"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"
)

// Source is where the system's proxies were found.
type Source string

// The sources.
const (
	SourceNone        Source = "none"
	SourceEnvironment Source = "environment"
	SourceGNOME       Source = "gnome"
	SourceMacOS       Source = "macos"
	SourceWindows     Source = "windows"
)

// System is what the environment or the desktop says of proxies. It shows no
// name and no password.
type System struct {
	// HTTP and HTTPS are the proxies for addresses of these schemes; "" is none.
	HTTP  string
	HTTPS string
	// NoProxy are the hosts that are reached without them.
	NoProxy []string
	Source  Source
	// Note is what else was found and is not used, for a person; "" is nothing.
	Note string

	// http and https are as they stand there, with name and password.
	http, https string
	script      func(address string) string
	scriptAt    string
}

// name is the source for a person.
func (s System) name() string {
	switch s.Source {
	case SourceEnvironment:
		return "the environment"
	case SourceGNOME:
		return "the desktop's settings"
	case SourceMacOS:
		return "the settings of macOS"
	case SourceWindows:
		return "the settings of Windows"
	case SourceNone:
	}
	return "the system"
}

// Secrets are the passwords in it, which nothing must show.
func (s System) Secrets() []string { return slices.Concat(Secrets(s.http), Secrets(s.https)) }

// same says that two findings lead to the same connections.
func (s System) same(o System) bool {
	return s.http == o.http && s.https == o.https && s.scriptAt == o.scriptAt && slices.Equal(s.NoProxy, o.NoProxy)
}

// shown fills in what may be seen.
func (s System) shown() System {
	show := func(text string) string {
		if text == "" {
			return ""
		}
		u, err := ParseProxy(text)
		if err != nil {
			s.Note = strings.TrimSpace(s.Note + " The proxy of " + s.name() + " cannot be used: " + err.Error() + ".")
			return ""
		}
		return naming(u)
	}
	s.HTTP, s.HTTPS = show(s.http), show(s.https)
	return s
}

// ReadSystem finds the system's proxies: those of the environment (HTTP_PROXY,
// HTTPS_PROXY, ALL_PROXY, NO_PROXY, in capitals or not), or else those that the
// user chose for the desktop.
func ReadSystem(ctx context.Context) System {
	if s, ok := fromEnvironment(os.Getenv); ok {
		return s
	}
	const patience = 2 * time.Second
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	switch runtime.GOOS {
	case "windows":
		return fromWindows(readWindows())
	case "darwin":
		if out, err := exec.CommandContext(ctx, "/usr/sbin/scutil", "--proxy").Output(); err == nil {
			return fromScutil(string(out))
		}
	default:
		// Without a desktop there is nobody who would have chosen one.
		if os.Getenv("XDG_CURRENT_DESKTOP") == "" {
			break
		}
		if out, err := exec.CommandContext(ctx, "gsettings", "list-recursively", "org.gnome.system.proxy").Output(); err == nil {
			return fromGSettings(string(out))
		}
	}
	return System{Source: SourceNone}
}

func fromEnvironment(get func(string) string) (System, bool) {
	either := func(name string) string { return cmp.Or(get(strings.ToLower(name)), get(name)) }
	all := either("ALL_PROXY")
	s := System{Source: SourceEnvironment, http: cmp.Or(either("HTTP_PROXY"), all), https: cmp.Or(either("HTTPS_PROXY"), all)}
	if s.http == "" && s.https == "" {
		return System{}, false
	}
	s.NoProxy = entries(either("NO_PROXY"))
	return s.shown(), true
}

// entries takes a list apart, whichever way its entries are set apart.
func entries(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ';' || r == ' ' })
}

// scriptNote is said where the system finds proxies by a script that cannot be
// run here.
const scriptNote = "The system finds its proxy by a script (PAC), which is not run here: enter the proxy by hand."

// fromGSettings reads the lines of gsettings list-recursively: schema, key and
// value.
func fromGSettings(text string) System {
	values := map[string]string{}
	for line := range strings.Lines(text) {
		if f := strings.SplitN(strings.TrimSpace(line), " ", 3); len(f) == 3 {
			values[strings.TrimPrefix(f[0], "org.gnome.system.proxy")+"."+f[1]] = strings.Trim(f[2], "'")
		}
	}
	one := func(schema, scheme string) string {
		host, port := values["."+schema+".host"], values["."+schema+".port"]
		if host == "" || port == "0" || port == "" {
			return ""
		}
		user := ""
		if schema == "http" && values[".http.use-authentication"] == "true" {
			user = url.UserPassword(values[".http.authentication-user"], values[".http.authentication-password"]).String() + "@"
		}
		return scheme + "://" + user + net.JoinHostPort(host, port)
	}
	s := System{Source: SourceGNOME}
	switch values[".mode"] {
	case "manual":
	case "auto":
		return System{Source: SourceNone, Note: scriptNote}
	default:
		return System{Source: SourceNone}
	}
	socks := one("socks", "socks5")
	s.http, s.https = cmp.Or(one("http", "http"), socks), cmp.Or(one("https", "http"), socks)
	for _, m := range regexp.MustCompile(`'([^']*)'`).FindAllStringSubmatch(values[".ignore-hosts"], -1) {
		s.NoProxy = append(s.NoProxy, m[1])
	}
	return s.shown()
}

// fromScutil reads the dictionary that scutil --proxy prints.
func fromScutil(text string) System {
	values := map[string]string{}
	var skipped []string
	for line := range strings.Lines(text) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), " : ")
		switch {
		case !ok:
		case strings.Trim(name, "0123456789") == "":
			skipped = append(skipped, value)
		default:
			if _, twice := values[name]; !twice { // those of single interfaces come later
				values[name] = value
			}
		}
	}
	one := func(name, scheme string) string {
		if values[name+"Enable"] != "1" || values[name+"Proxy"] == "" {
			return ""
		}
		host := values[name+"Proxy"]
		if port := values[name+"Port"]; port != "" {
			host = net.JoinHostPort(host, port)
		}
		return scheme + "://" + host
	}
	socks := one("SOCKS", "socks5")
	s := System{Source: SourceMacOS, http: cmp.Or(one("HTTP", "http"), socks), https: cmp.Or(one("HTTPS", "http"), socks), NoProxy: skipped}
	if values["ExcludeSimpleHostnames"] == "1" {
		s.NoProxy = append(s.NoProxy, "<local>")
	}
	if s.http == "" && s.https == "" {
		s = System{Source: SourceNone}
	}
	if values["ProxyAutoConfigEnable"] == "1" || values["ProxyAutoDiscoveryEnable"] == "1" {
		s.Note = scriptNote
	}
	return s.shown()
}

// windowsProxy is what Windows says.
type windowsProxy struct {
	// protocols are the proxies by scheme, "" the one for all.
	protocols map[string]string
	bypass    string
	// scriptAt is the address of a script; script runs it.
	scriptAt string
	script   func(address string) string
	// finds says that Windows looks for a script by itself.
	finds bool
}

func fromWindows(w windowsProxy) System {
	socks := w.protocols["socks"]
	if socks != "" && !strings.Contains(socks, "://") {
		socks = "socks5://" + socks
	}
	s := System{
		Source:  SourceWindows,
		http:    cmp.Or(w.protocols["http"], w.protocols[""], socks),
		https:   cmp.Or(w.protocols["https"], w.protocols[""], socks),
		NoProxy: entries(w.bypass), scriptAt: w.scriptAt, script: w.script,
	}
	if s.http == "" && s.https == "" && w.scriptAt == "" {
		s = System{Source: SourceNone}
		if w.finds && len(w.protocols) == 0 {
			s.Note = "Windows may look for a proxy script by itself (WPAD), which is not done here: enter the proxy by hand if there is one."
		}
	}
	if w.scriptAt != "" {
		s.Note = "The proxy is found by the script " + w.scriptAt + "."
	}
	return s.shown()
}
