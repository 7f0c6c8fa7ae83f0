package rawjson

import (
	"bytes"
	"math"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// IsText says whether a value is a string.
func IsText(raw []byte) bool { return len(raw) > 1 && raw[0] == '"' }

// IsNull says whether a value is absent or null.
func IsNull(raw []byte) bool { return len(raw) == 0 || string(raw) == "null" }

// Inner is the text of a string as it stands between its quotes.
func Inner(raw []byte) []byte { return raw[1 : len(raw)-1] }

// Text is the string that raw writes; "" for anything else.
func Text(raw []byte) string {
	if !IsText(raw) {
		return ""
	}
	inner := Inner(raw)
	if bytes.IndexByte(inner, '\\') < 0 {
		return string(inner)
	}
	return string(AppendText(make([]byte, 0, len(inner)), raw))
}

// AppendText appends the string that raw writes. Half a surrogate pair becomes
// the replacement character, as in encoding/json.
func AppendText(dst, raw []byte) []byte {
	b := Inner(raw)
	for i := 0; i < len(b); {
		j := plain(b, i)
		dst = append(dst, b[i:j]...)
		if j == len(b) {
			break
		}
		if b[j] != '\\' || j+1 == len(b) {
			dst = append(dst, b[j])
			i = j + 1
			continue
		}
		var n int
		dst, n = appendEscaped(dst, b[j:])
		i = j + n
	}
	return dst
}

func appendEscaped(dst, b []byte) (out []byte, n int) {
	switch c := b[1]; c {
	case 'b':
		return append(dst, '\b'), 2
	case 'f':
		return append(dst, '\f'), 2
	case 'n':
		return append(dst, '\n'), 2
	case 'r':
		return append(dst, '\r'), 2
	case 't':
		return append(dst, '\t'), 2
	case 'u':
		r, _ := hex4(b[2:])
		if utf16.IsSurrogate(r) {
			if len(b) >= 12 && b[6] == '\\' && b[7] == 'u' {
				low, _ := hex4(b[8:])
				if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
					return utf8.AppendRune(dst, pair), 12
				}
			}
			r = utf8.RuneError
		}
		return utf8.AppendRune(dst, r), min(6, len(b))
	default:
		return append(dst, c), 2
	}
}

// Int is a whole number; false for anything else, also beyond an int.
func Int(raw []byte) (int, bool) {
	if n, err := strconv.Atoi(string(raw)); err == nil {
		return n, true
	}
	f, ok := Float(raw)
	if !ok || f != math.Trunc(f) || math.Abs(f) > 1<<53 {
		return 0, false
	}
	return int(f), true
}

// Float is a number; false for anything else.
func Float(raw []byte) (float64, bool) {
	if len(raw) == 0 || raw[0] != '-' && (raw[0] < '0' || raw[0] > '9') {
		return 0, false
	}
	f, err := strconv.ParseFloat(string(raw), 64)
	return f, err == nil
}

const hex = "0123456789abcdef"

// AppendString appends s as a JSON string. Bytes that are not UTF-8 become the
// replacement character.
func AppendString[S string | []byte](dst []byte, s S) []byte {
	return append(AppendInner(append(dst, '"'), s), '"')
}

// AppendInner appends what stands between the quotes of s as a JSON string.
func AppendInner[S string | []byte](dst []byte, s S) []byte {
	b := []byte(s)
	for i := 0; i < len(b); {
		j := plain(b, i)
		dst = append(dst, b[i:j]...)
		if j == len(b) {
			break
		}
		i = j
		if c := b[i]; c < utf8.RuneSelf {
			dst = appendEscape(dst, c)
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		dst = utf8.AppendRune(dst, r)
		i += n
	}
	return dst
}

func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, '\\', 'n')
	case '\t':
		return append(dst, '\\', 't')
	case '\r':
		return append(dst, '\\', 'r')
	default:
		return append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
	}
}
