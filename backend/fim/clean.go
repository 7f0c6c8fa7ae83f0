package fim

import (
	"bytes"
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// fence opens and closes a block of code in Markdown.
const fence = "```"

// nothing says that a service has nothing to say, which is an answer here.
func nothing(err error) bool { return errors.Is(err, llm.ErrEmpty) }

// cleaner takes a model's answer byte by byte, so that what comes out does not
// depend on the pieces in which it arrived. What may still turn out not to belong
// to the file is held.
type cleaner struct {
	question llm.Completion
	stop     []string

	begun  bool // the head is over
	fenced bool // the text is in a fence
	done   bool // nothing that follows belongs to the file
	code   bool // the file looks like a program
	head   []byte
	// text is all of the text, of which sent bytes went out; out waits to be taken.
	text []byte
	sent int
	out  []byte
	// enders are the words at which the text is over.
	enders []string
	// tails follow the suffix as it is, and without the space before it.
	tails [2]*overlap
	// shared is how much of what ends at each place of text, they have found.
	shared []int
	// line is where the last line begins; blank says that the one before is empty.
	line  int
	blank bool
}

func (c *cleaner) write(s string) {
	for i := 0; i < len(s) && !c.done; i++ {
		if c.begun {
			c.body(s[i])
			continue
		}
		c.head = append(c.head, s[i])
		if rest, ready := c.open(false); ready {
			c.begin(rest)
		}
	}
}

// begin goes on with the text itself.
func (c *cleaner) begin(rest string) {
	q := c.question
	c.begun, c.head = true, nil
	c.enders = append([]string{endFile, beginFile, cursor}, c.stop...)
	// A file may have fences of its own.
	if c.fenced || !strings.Contains(q.Prompt, fence) && !strings.Contains(q.Suffix, fence) {
		c.enders = append(c.enders, fence)
	}
	c.code = strings.ContainsAny(q.Prompt+q.Suffix, "{}();=<>")
	c.tails = [...]*overlap{newOverlap(q.Suffix), newOverlap(strings.TrimLeft(q.Suffix, " \t\r\n"))}
	for i := 0; i < len(rest) && !c.done; i++ {
		c.body(rest[i])
	}
}

// end takes the end of the answer.
func (c *cleaner) end() {
	if !c.begun {
		rest, _ := c.open(true)
		c.begin(rest)
	}
	if !c.done {
		c.close(len(c.text))
	}
}

// take is what is known to belong to the file, in whole characters.
func (c *cleaner) take() string {
	n := len(c.out)
	for back := 1; back < utf8.UTFMax && back <= n && !c.done; back++ {
		if utf8.RuneStart(c.out[n-back]) {
			if !utf8.FullRune(c.out[n-back:]) {
				n -= back
			}
			break
		}
	}
	s := string(c.out[:n])
	c.out = c.out[:copy(c.out, c.out[n:])]
	return s
}

// body takes one byte of the text.
func (c *cleaner) body(b byte) {
	c.text = append(c.text, b)
	c.shared = append(c.shared, max(c.tails[0].feed(b), c.tails[1].feed(b)))
	for _, word := range c.enders {
		if word != "" && bytes.HasSuffix(c.text, []byte(word)) {
			c.ender(word)
			return
		}
	}
	for _, tail := range c.tails {
		if at := len(c.text) - tail.at; tail.whole() && c.follows(at, tail) {
			c.close(spaceBefore(c.text[:at], " \t"))
			return
		}
	}
	if b == '\n' {
		c.blank = len(bytes.TrimSpace(c.text[c.line:])) == 0
		c.line = len(c.text)
	}
	if c.blank && c.code && after.Match(c.text[c.line:]) {
		c.close(lineBefore(c.text[:c.line]))
		return
	}
	c.release(len(c.text) - c.hold())
}

// ender meets a word at which the text is over, but for a mark that a model put
// into it.
func (c *cleaner) ender(word string) {
	at := len(c.text) - len(word)
	switch word {
	case cursor, beginFile:
		c.text, c.shared = c.text[:at], c.shared[:at]
	case fence:
		c.close(lineBefore(c.text[:at]))
	default:
		c.close(at)
	}
}

// follows says that what has been read from at on is the suffix: it begins at the
// end of a line, or where a line begins, or in the middle of one as the cursor.
func (c *cleaner) follows(at int, tail *overlap) bool {
	if tail.want[0] == '\n' || tail.want[0] == '\r' {
		return true
	}
	line := bytes.LastIndexByte(c.text[:at], '\n') + 1
	if len(bytes.TrimSpace(c.text[line:at])) == 0 {
		return true
	}
	prompt := c.question.Prompt
	return tail == c.tails[0] && line == 0 && strings.TrimSpace(prompt[strings.LastIndexByte(prompt, '\n')+1:]) != ""
}

// hold is how much of the end may not belong to the file.
func (c *cleaner) hold() int {
	most := 0
	keep := func(n int) {
		// With the space before it, which may go too, and what of the suffix would
		// be at the end then.
		end := len(c.text) - n
		const longest = 256 // of a run of space
		for at := max(spaceBefore(c.text[:end], " \t\r\n"), end-longest); at <= end; at++ {
			most = max(most, len(c.text)-at)
			if at > 0 {
				most = max(most, len(c.text)-at+c.shared[at-1])
			}
		}
	}
	keep(0)
	for _, word := range c.enders {
		for k := min(len(word)-1, len(c.text)-c.sent); k > 0; k-- {
			if bytes.HasSuffix(c.text, []byte(word[:k])) {
				keep(k)
				break
			}
		}
	}
	const longest = 24 // bytes of the words that begin a remark
	if n := len(c.text) - c.line; c.blank && c.code && n < longest {
		keep(n)
	}
	return min(most, len(c.text))
}

// release lets all up to at go out.
func (c *cleaner) release(at int) {
	if at > c.sent {
		c.out = append(c.out, c.text[c.sent:at]...)
		c.sent = at
	}
}

// close ends the text at a place; what stands behind the cursor already goes.
func (c *cleaner) close(at int) {
	c.text = c.text[:max(at, c.sent)]
	c.done = true
	c.release(len(c.text) - c.repeated())
}

// repeated is how much of the end stands behind the cursor already.
func (c *cleaner) repeated() int {
	for _, tail := range c.tails {
		for k := min(len(tail.want), len(c.text)); k > 0; k-- {
			if bytes.HasSuffix(c.text, []byte(tail.want[:k])) && c.foreign(tail.want[:k], tail.want[k:]) {
				return k
			}
		}
	}
	return 0
}

// foreign says that part, at the end of the text, is the beginning of what stands
// behind the cursor, and rest goes on with it. A closing bracket or a quote that
// the text itself has opened is its own, and so are words that only begin alike.
func (c *cleaner) foreign(part, rest string) bool {
	signs := strings.TrimSpace(part)
	switch {
	case signs == "":
		return true
	case strings.Trim(signs, ")]}>") == "":
		return bytes.Count(c.text, []byte{signs[0]}) > bytes.Count(c.text, []byte{opening(signs[0])})
	case strings.Trim(signs, "\"'`") == "":
		return bytes.Count(c.text, []byte{signs[0]})%2 == 1
	case strings.IndexFunc(signs, letter) < 0:
		return true
	}
	before := c.text[:len(c.text)-len(part)]
	const least = 3
	return len(signs) >= least && !joined(string(before), part) && !joined(part, rest)
}

// joined says that a word goes on from a to b.
func joined(a, b string) bool {
	last, _ := utf8.DecodeLastRuneInString(a)
	first, _ := utf8.DecodeRuneInString(b)
	return a != "" && b != "" && letter(last) && letter(first)
}

func letter(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

func opening(closing byte) byte {
	return "([{<"[strings.IndexByte(")]}>", closing)]
}

// spaceBefore is where the space at the end of b begins.
func spaceBefore(b []byte, space string) int { return len(bytes.TrimRight(b, space)) }

// lineBefore is where the end of the last line of b begins that has words.
func lineBefore(b []byte) int {
	b = bytes.TrimRight(b, " \t")
	return spaceBefore(b, "\r\n")
}
