package requestlog

import "strings"

// matchExact returns the end of the secret at i. A secret of which the text
// has only the beginning, because it was cut there, is one too.
func matchExact[T string | []byte](s T, i int, secret string) int {
	n := min(len(secret), len(s)-i)
	if n < leastSecret || string(s[i:i+n]) != secret[:n] {
		return 0
	}
	return i + n
}

// matchShape returns the end of a token that begins with a.text at i. It needs
// to be long, and to have a digit: "sk-folding-cube" is no key.
func matchShape[T string | []byte](s T, i int, a *anchor) int {
	if len(s)-i < len(a.text)+a.least || string(s[i:i+len(a.text)]) != a.text || !begins(s, i) {
		return 0
	}
	end := i + len(a.text)
	digit, dot := false, false
	for end < len(s) && (isToken(s[end]) || strings.IndexByte(a.extra, s[end]) >= 0) {
		digit = digit || s[end] >= '0' && s[end] <= '9'
		dot = dot || s[end] == '.'
		end++
	}
	if end-i < len(a.text)+a.least || !digit || a.text == "eyJ" && !dot {
		return 0
	}
	return end
}

// begins says that a word begins at i: what is before is no letter, or one
// that belongs to an escape, as in "\nsk-" and "%20sk-".
func begins[T string | []byte](s T, i int) bool {
	if i == 0 || !isToken(s[i-1]) {
		return true
	}
	return i >= 2 && s[i-2] == '\\' || i >= 3 && s[i-3] == '%'
}

// matchScheme returns what follows a scheme of the Authorization header.
func matchScheme[T string | []byte](s T, i int, text string) (from, to int) {
	from = i + len(text)
	if from >= len(s) || !equalFold(s[i:from], text) || !begins(s, i) {
		return 0, 0
	}
	blank := from
	for from < len(s) && (s[from] == ' ' || s[from] == '+') {
		from++
	}
	if from+2 < len(s) && s[from] == '%' && s[from+1] == '2' && s[from+2] == '0' {
		from += 3
	}
	to = from
	digit := false
	for to < len(s) && (isToken(s[to]) || strings.IndexByte(".~+/=|:", s[to]) >= 0) {
		digit = digit || s[to] < 'A'
		to++
	}
	// "Bearer authentication is required" and "basic understanding" say
	// nothing secret: a token has a digit or the like, or is long.
	if from == blank || to-from < 8 || !digit && to-from < 24 {
		return 0, 0
	}
	return from, to
}

// matchName returns the value of a field, a header or a variable that is named
// like text at i: "api_key": "…", X-Api-Key: …, OPENAI_API_KEY=….
func matchName[T string | []byte](s T, i int, text string) (from, to int) {
	if i > 0 && isAlphanumeric(s[i-1]) && !begins(s, i) && (s[i] >= 'a' || s[i-1] < 'a') {
		return 0, 0 // in the middle of a word that is not camelCase
	}
	at := i
	for n := 0; n < len(text); at++ {
		switch {
		case at == len(s):
			return 0, 0
		case s[at]|0x20 == text[n]:
			n++
		case s[at] != '-' && s[at] != '_' || n == 0:
			return 0, 0
		}
	}
	from, quoted := valueAfter(s, at)
	if from == 0 {
		return 0, 0
	}
	// A header has its value until the end of the line.
	line := text == "authorization" || text == "cookie"
	to = from
	for to < len(s) && !endsValue(s[to], quoted, line) {
		to++
	}
	if value := string(s[from:min(to, from+8)]); to-from < 4 || value == "null" || value == "true" || value == "false" {
		return 0, 0
	}
	return from, to
}

// valueAfter returns where the value of a name that ends at i begins, and
// whether it is in quotes; 0 when no value follows.
func valueAfter[T string | []byte](s T, i int) (from int, quoted bool) {
	skip := func(letters string) {
		for i < len(s) && strings.IndexByte(letters, s[i]) >= 0 {
			i++
		}
	}
	skip(`\"' `)
	if i == len(s) || s[i] != ':' && s[i] != '=' {
		return 0, false
	}
	i++
	skip(" \t")
	if hasPrefix(s, i, Redacted) {
		return 0, false
	}
	if i < len(s) && s[i] == '[' { // a header is printed as a list
		i++
	}
	before := i
	skip(`\"'`)
	if i == len(s) || hasPrefix(s, i, Redacted) {
		return 0, false
	}
	return i, i > before
}

// endsValue says that a value ends before c.
func endsValue(c byte, quoted, line bool) bool {
	switch c {
	case '"', '\'', '\\', '\r', '\n', '{':
		return true
	case ' ', '\t', ',', ';', '&', '}', ']', ')', '<', '>':
		return !quoted && !line
	default:
		return false
	}
}

// matchQuery returns the value of a query parameter.
func matchQuery[T string | []byte](s T, i int, text string) (from, to int) {
	from = i + len(text) + 1
	if from >= len(s) || s[from-1] != '=' || !equalFold(s[i:from-1], text) {
		return 0, 0
	}
	if i > 0 && s[i-1] != '?' && s[i-1] != '&' && s[i-1] != '"' {
		return 0, 0
	}
	to = from
	for to < len(s) && !endsValue(s[to], false, false) && s[to] != '#' {
		to++
	}
	if to-from < 4 || hasPrefix(s, from, Redacted) {
		return 0, 0
	}
	return from, to
}

// matchUserinfo returns what is between :// at i and @.
func matchUserinfo[T string | []byte](s T, i int) (from, to int) {
	from = i + len("://")
	if string(s[i:from]) != "://" {
		return 0, 0
	}
	for to = from; to < len(s) && to-from < 512; to++ {
		switch c := s[to]; {
		case c == '@' && to > from && !hasPrefix(s, from, Redacted):
			return from, to
		case c == '/' || c == '?' || c == '#' || endsValue(c, false, false):
			return 0, 0
		}
	}
	return 0, 0
}

func hasPrefix[T string | []byte](s T, i int, prefix string) bool {
	return len(s)-i >= len(prefix) && string(s[i:i+len(prefix)]) == prefix
}

func equalFold[T string | []byte](s T, lower string) bool {
	for i := range len(lower) {
		if s[i]|0x20 != lower[i] {
			return false
		}
	}
	return true
}

func isAlphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// isToken says that c is one of the letters of base64url.
func isToken(c byte) bool { return isAlphanumeric(c) || c == '-' || c == '_' }
