package rawjson

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"
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
	text := AppendText(nil, raw)
	// The bytes are nobody else's, as in a strings.Builder: a prompt is not to be
	// copied twice.
	return unsafe.String(unsafe.SliceData(text), len(text)) //nolint:gosec // see above
}

// AppendText appends the string that raw writes. Half a surrogate pair becomes
// the replacement character, as in encoding/json.
func AppendText(dst, raw []byte) []byte {
	b := Inner(raw)
	const word = 8
	// No escape is shorter than what it stands for, so the text fits; whole words
	// are written, and what is too much of them is overwritten.
	n := len(dst)
	dst = slices.Grow(dst, len(b)+word)
	out := dst[:n+len(b)+word]
	i := 0
	for i < len(b) {
		if i+word <= len(b) {
			x := binary.LittleEndian.Uint64(b[i:])
			binary.LittleEndian.PutUint64(out[n:], x)
			x ^= slashes
			m := (x - ones) &^ x & highs
			if m == 0 {
				i, n = i+word, n+word
				continue
			}
			k := bits.TrailingZeros64(m) >> 3
			i, n = i+k, n+k
		} else if b[i] != '\\' || i+1 == len(b) {
			out[n] = b[i]
			i, n = i+1, n+1
			continue
		}
		if i+1 == len(b) {
			continue
		}
		if c := b[i+1]; c != 'u' {
			out[n] = unescaped(c)
			i, n = i+2, n+1
			continue
		}
		r, used := unicodeEscape(b[i:])
		i += used
		n += utf8.EncodeRune(out[n:], r)
	}
	return out[:n]
}

// HasSurrogate says whether an escape in a string may be half a character, which
// not every reader of JSON takes.
func HasSurrogate(raw []byte) bool {
	const step = 4 * 8
	for len(raw) >= step+2 {
		b := raw[:step+2]
		if halves(b[:10])|halves(b[8:18])|halves(b[16:26])|halves(b[24:34]) != 0 {
			return true
		}
		raw = raw[step:]
	}
	return surrogateIn(raw)
}

// halves is not 0 where a backslash, a u and a d stand in a row in the ten bytes
// of b.
func halves(b []byte) uint64 {
	const lower = 0x20 * ones
	_ = b[9]
	x := (binary.LittleEndian.Uint64(b) ^ slashes) |
		(binary.LittleEndian.Uint64(b[1:]) ^ 'u'*ones) |
		((binary.LittleEndian.Uint64(b[2:]) | lower) ^ 'd'*ones)
	return (x - ones) &^ x & highs
}

// surrogateIn looks at each byte. An escaped backslash before the u is taken for
// an escape: nothing is lost by it.
func surrogateIn(b []byte) bool {
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '\\' && b[i+1] == 'u' && b[i+2]|0x20 == 'd' {
			return true
		}
	}
	return false
}

// unescaped is the byte that c stands for behind a backslash.
func unescaped(c byte) byte {
	switch c {
	case 'n':
		return '\n'
	case 't':
		return '\t'
	case 'r':
		return '\r'
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	default:
		return c
	}
}

// unicodeEscape reads a character that begins with \u, and its other half.
func unicodeEscape(b []byte) (r rune, used int) {
	r, _ = hex4(b[2:])
	if utf16.IsSurrogate(r) {
		if len(b) >= 12 && b[6] == '\\' && b[7] == 'u' {
			low, _ := hex4(b[8:])
			if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
				return pair, 12
			}
		}
		r = utf8.RuneError
	}
	return r, min(6, len(b))
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
