package sqlite

import (
	"bytes"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	// indexedText bounds what is indexed of one body. Of a longer one it is the
	// beginning and the end: what is new of a conversation stands at its end.
	indexedText = 64 << 10
	// longestWord bounds a word: what is longer is no word but a picture.
	longestWord = 64
	// shortestBlob is from how many bytes on what could be base64 is taken for it.
	shortestBlob = 256
	// shortestPrefix is from how many letters on a word is also found by its
	// beginning: what begins with less is half of the index.
	shortestPrefix = 3
)

// appendWords appends the words of a body to b, with a blank after each. It
// splits what is written without blanks, as Chinese, into letters: the phrase of
// them finds every part of a sentence, however short. JSON is read as the text
// that it stands for.
func appendWords(b, body []byte) []byte {
	if len(body) > indexedText {
		b = appendWords(b, body[:indexedText/2])
		return appendLetters(b, body[len(body)-indexedText/2:], isJSON(body))
	}
	return appendLetters(b, body, isJSON(body))
}

func isJSON(body []byte) bool {
	body = bytes.TrimLeft(body, " \t\r\n")
	return len(body) > 0 && (body[0] == '{' || body[0] == '[' || bytes.HasPrefix(body, []byte("data:")) || bytes.HasPrefix(body, []byte("event:")))
}

func appendLetters(b, text []byte, escaped bool) []byte {
	word := len(b) // where the word under way begins
	end := func() {
		switch {
		case len(b) == word:
			return
		case len(b)-word > longestWord:
			b = b[:word]
		default:
			b = append(b, ' ')
		}
		word = len(b)
	}
	for len(text) > 0 {
		if n := blobAt(text, len(b) == word); n > 0 {
			text = text[n:]
			continue
		}
		r, size := utf8.DecodeRune(text)
		if escaped && r == '\\' {
			r, size = unescape(text)
		}
		text = text[size:]
		switch {
		case r == utf8.RuneError || !isLetter(r):
			end()
		case standsAlone(r):
			end()
			b = utf8.AppendRune(b, r)
			end()
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	end()
	return b
}

// blobAt is how many bytes of base64 text begins with; 0 when it is not at the
// beginning of a word, or says something.
func blobAt(text []byte, start bool) int {
	if !start {
		return 0
	}
	n := 0
	for n < len(text) && isBase64(text[n]) {
		n++
	}
	if n < shortestBlob {
		return 0
	}
	return n
}

func isBase64(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || c == '+' || c == '/' || c == '-' || c == '_'
}

// isLetter says that r belongs to a word, as SQLite's tokenizer sees it.
func isLetter(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z'
	}
	return unicode.In(r, unicode.L, unicode.N, unicode.Mn)
}

// standsAlone says that r is of a script without blanks between its words.
func standsAlone(r rune) bool {
	return r >= 0x0E00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul,
		unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// unescape reads an escape of a JSON string at the beginning of s: many programs
// write Chinese in no other way.
func unescape(s []byte) (r rune, size int) {
	if len(s) < 2 {
		return ' ', len(s)
	}
	switch s[1] {
	case 'n', 'r', 't', 'b', 'f':
		return ' ', 2
	case 'u':
		r, ok := hex(s)
		if !ok {
			return ' ', 2
		}
		if low, ok := hex(s[6:]); ok && utf16.IsSurrogate(r) {
			return utf16.DecodeRune(r, low), 12
		}
		return r, 6
	default:
		return ' ', 2 // a quote or a slash
	}
}

// hex is the letter of a \uXXXX at the beginning of s.
func hex(s []byte) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(s[2:6]), 16, 32)
	return rune(n), err == nil //nolint:gosec // Four digits fit.
}

// match is the FTS5 query that finds a term: the phrase of its words, the last of
// which may be the beginning of one; "" when there is no word in it. Everything
// else of the query language is in no word, so that nothing typed can be wrong.
func match(term string) string {
	words := strings.TrimRight(string(appendLetters(nil, []byte(term), false)), " ")
	if words == "" {
		return ""
	}
	last := words[strings.LastIndexByte(words, ' ')+1:]
	query := `"` + words + `"`
	if utf8.RuneCountInString(last) >= shortestPrefix {
		query += " *"
	}
	return query
}
