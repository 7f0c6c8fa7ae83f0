package config

import "strings"

// hiddenPassword stands where a password is not shown. It is in no address that
// can be used: a URL has ASCII alone.
const hiddenPassword = "•••"

// MaskedProxy is a proxy's address with dots for its password.
func MaskedProxy(proxy string) string {
	before, password, after := passwordIn(proxy)
	if password == "" {
		return proxy
	}
	return before + hiddenPassword + after
}

// UnmaskedProxy is the address that a person means who was shown stored by
// [MaskedProxy]: given back as it was shown it is stored. False is an address
// with dots that is another one: its password is not known, and one that was
// entered for a proxy is sent to no other.
func UnmaskedProxy(given, stored string) (string, bool) {
	switch {
	case !strings.Contains(given, hiddenPassword):
		return given, true
	case given == MaskedProxy(stored):
		return stored, true
	}
	return "", false
}

// BareProxy is a proxy's address without its password.
func BareProxy(proxy string) string {
	before, password, after := passwordIn(proxy)
	if password == "" {
		return proxy
	}
	return strings.TrimSuffix(before, ":") + after
}

// passwordIn takes an address apart round its password. It reads the text, for
// what is shown must differ from what was written in nothing else.
func passwordIn(proxy string) (before, password, after string) {
	begin := 0
	if _, rest, ok := strings.Cut(proxy, "://"); ok {
		begin = len(proxy) - len(rest)
	}
	end := len(proxy)
	if i := strings.IndexAny(proxy[begin:], "/?#"); i >= 0 {
		end = begin + i
	}
	at := strings.LastIndexByte(proxy[begin:end], '@')
	if at < 0 {
		return proxy, "", ""
	}
	colon := strings.IndexByte(proxy[begin:begin+at], ':')
	if colon < 0 {
		return proxy, "", ""
	}
	colon += begin + 1
	return proxy[:colon], proxy[colon : begin+at], proxy[begin+at:]
}
