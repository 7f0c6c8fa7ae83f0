package fim

import (
	"regexp"
	"strings"
)

// mostHead bounds what is held before the text begins.
const mostHead = 8 << 10

// open finds where the text begins: behind a fence, behind words to the reader,
// behind what stands before the cursor already. ready is false while more is
// needed to tell.
func (c *cleaner) open(final bool) (rest string, ready bool) {
	s := string(c.head)
	final = final || len(s) > mostHead
	s, ready = c.unwrap(s, final)
	if !ready {
		return "", false
	}
	return c.behind(s, final)
}

// unwrap is the text without the words and the fence before it.
func (c *cleaner) unwrap(s string, final bool) (rest string, ready bool) {
	for spoke := false; ; {
		trimmed := strings.TrimLeft(s, " \t\r\n")
		switch {
		case strings.HasPrefix(trimmed, fence):
			_, rest, whole := strings.Cut(trimmed, "\n")
			c.fenced = true
			return rest, whole || final
		case strings.HasPrefix(fence, trimmed):
			return s, final
		}
		line, rest, whole := strings.Cut(trimmed, "\n")
		if !whole && !final && mayGreet(line) && len(line) < 400 {
			return "", false
		}
		if !c.greets(line) {
			if spoke {
				return trimmed, true
			}
			return s, true
		}
		if !whole {
			return "", final
		}
		spoke = true
		// A promise of code has the code behind it; words without one have a fence
		// behind them, or nothing.
		if !promises(line) {
			at := strings.Index(rest, fence)
			if at < 0 {
				return "", final
			}
			rest = rest[at:]
		}
		s = rest
	}
}

// behind is the text without what stands before the cursor already.
func (c *cleaner) behind(s string, final bool) (rest string, ready bool) {
	before := c.question.Prompt[max(0, len(c.question.Prompt)-mostOverlap):]
	s = strings.TrimPrefix(s, beginFile)
	trimmed := strings.TrimLeft(s, " \t\r\n")
	if !final && (trimmed == "" || strings.Contains(before, trimmed) || strings.HasPrefix(beginFile, trimmed)) {
		return "", false
	}
	line := before[strings.LastIndexByte(before, '\n')+1:]
	if k := again(before, line, trimmed); k > 0 {
		return trimmed[k:], true
	}
	return c.indented(s, line), true
}

// again is how much of s repeats the end of before: the line of the cursor from
// its beginning, or several lines.
func again(before, line, s string) int {
	for k := min(len(before), len(s)); k > 0; k-- {
		if !strings.HasSuffix(before, s[:k]) {
			continue
		}
		at := len(before) - k
		start := strings.TrimSpace(before[strings.LastIndexByte(before[:at], '\n')+1:at]) == ""
		several := k > len(line) && strings.Contains(strings.TrimSpace(s[:k]), "\n")
		current := strings.TrimSpace(line) != "" && k <= len(line)
		letters := len(strings.TrimSpace(s[:k]))
		switch {
		case start && (several || current && letters > 2 || current && k == len(line) && letters > 1):
			return k
		case start && k > len(line) && strings.TrimSpace(line) != "":
			return k // earlier lines too
		case current && letters > 8 && !joined(before[:at], s):
			return k
		}
	}
	return 0
}

// indented is s without the space that stands before the cursor already, line
// being what stands there.
func (c *cleaner) indented(s, line string) string {
	blank := strings.TrimSpace(line) == ""
	if c.question.Suffix != "" && blank {
		s = strings.TrimLeft(s, "\r\n")
	}
	switch {
	case line != "" && blank:
		return strings.TrimPrefix(s, line)
	case strings.HasSuffix(line, " "):
		return strings.TrimLeft(s, " ")
	}
	return s
}

// The words with which models begin to talk to the reader instead of writing the
// file. A line counts when it begins with one of them and names what it is about.
var (
	greeting = regexp.MustCompile(`(?i)^(sure|certainly|of course|okay|ok|absolutely|understood|great|here|the|to|you|i|i'm|i’m|i'll|based|this|below|let|sorry|unfortunately|there|nothing|no|it|we|as|looking|given)([^a-z0-9_]|$)|^(以下|好的|这是|这里|当然|下面|补全|抱歉|很抱歉|根据|没有)`)
	subject  = regexp.MustCompile(`(?i)\b(code|completions?|complete[sd]?|snippets?|missing|implementation|cursor|insert(ed|ion)?|fill(s|ed)?|continu(e|es|ation)|apologi[sz]e|can't|cannot|can’t|happy to|help)\b|代码|补全|缺失|光标|插入|完成|帮|续写`)
	short    = regexp.MustCompile(`(?i)^(sure|certainly|of course|okay|ok|absolutely|understood|great|好的|当然)[^\w]*$`)
	after    = regexp.MustCompile(`(?i)^\W*(explanation|note|notes|this (code|function|completes|completion|implementation|snippet|will|adds|fills|inserts)|the (above|code|completion|missing|completed|inserted|function above)|i('ve| have|’ve| added| completed| filled)|here('s| is|’s)|let me know|hope this|in this (code|completion|example)|this is the|解释|说明[：:]|这段代码|以上|上述|注意[：:])`)
)

// greets says that a line is a word to the reader.
func (c *cleaner) greets(line string) bool {
	line = strings.TrimSpace(line)
	prompt := c.question.Prompt
	if inLine := strings.TrimSpace(prompt[strings.LastIndexByte(prompt, '\n')+1:]) != ""; inLine && c.question.Suffix != "" && !promises(line) {
		return false // a sentence may be what is missing, as in a comment
	}
	return short.MatchString(line) || greeting.MatchString(line) && subject.MatchString(line) && !strings.ContainsAny(line, "{};=")
}

// mayGreet says that an unfinished line may become a word to the reader.
func mayGreet(line string) bool {
	line = strings.TrimSpace(line)
	return line == "" || greeting.MatchString(line) || len(line) < 14 && isWord(line)
}

func isWord(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool {
		return r < 0x80 && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != ' ' && r != '\''
	}) < 0
}

// promises says that a line announces what comes.
func promises(line string) bool {
	line = strings.TrimSpace(line)
	return strings.HasSuffix(line, ":") || strings.HasSuffix(line, "：") || short.MatchString(line)
}
