package openaichat

import "strings"

const (
	thinkOpen  = "<think>"
	thinkClose = "</think>"
)

// thinkTags splits text that begins with the model's thinking in tags. A tag
// may be cut anywhere between two pieces; tags later in the text are text.
type thinkTags struct {
	state thinkState
	held  string
}

type thinkState uint8

const (
	thinkBefore thinkState = iota
	thinkInside
	thinkAfter
	thinkOver
)

// split takes the next piece of text apart.
func (t *thinkTags) split(s string) (thought, text string) {
	s = t.held + s
	t.held = ""
	if t.state == thinkBefore {
		rest := strings.TrimLeft(s, " \t\r\n")
		switch {
		case strings.HasPrefix(rest, thinkOpen):
			t.state = thinkInside
			s = rest[len(thinkOpen):]
		case strings.HasPrefix(thinkOpen, rest):
			t.held = s
			return "", ""
		default:
			t.state = thinkOver
		}
	}
	if t.state == thinkInside {
		before, after, found := strings.Cut(s, thinkClose)
		if !found {
			keep := overlap(s, thinkClose)
			t.held = s[len(s)-keep:]
			return s[:len(s)-keep], ""
		}
		t.state = thinkAfter
		thought, s = before, after
	}
	if t.state == thinkAfter { // the line breaks behind the tag belong to it
		s = strings.TrimLeft(s, "\r\n")
		if s != "" {
			t.state = thinkOver
		}
	}
	return thought, s
}

// rest is what was held back as half a tag.
func (t *thinkTags) rest() (thought, text string) {
	held := t.held
	t.held = ""
	if t.state == thinkInside {
		return held, ""
	}
	return "", held
}

// overlap is how many bytes at the end of s could begin tag.
func overlap(s, tag string) int {
	for n := min(len(s), len(tag)-1); n > 0; n-- {
		if strings.HasSuffix(s, tag[:n]) {
			return n
		}
	}
	return 0
}
