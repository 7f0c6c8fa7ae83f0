package connect

import (
	"regexp"
	"slices"
	"strings"
)

// Line is a line of a diff.
type Line struct {
	// Op is " " for a line that stays, "+" for a new one, "-" for one that goes,
	// and "@" for lines that are left out.
	Op string
	// Text is the line, with secrets masked.
	Text string
}

const (
	aroundLines = 3
	// tableMax bounds the memory of a comparison; more changed lines than that
	// are shown as one block.
	tableMax = 4_000_000
)

// Diff compares two texts line by line. Secrets in them are masked.
func Diff(before, after []byte) []Line {
	a, b := diffLines(before), diffLines(after)
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	all := make([]Line, 0, len(a)+len(b))
	for _, text := range a[:head] {
		all = append(all, Line{" ", text})
	}
	all = append(all, changed(a[head:len(a)-tail], b[head:len(b)-tail])...)
	for _, text := range a[len(a)-tail:] {
		all = append(all, Line{" ", text})
	}
	return near(all)
}

// diffLines splits a text and masks what is secret in it. Lines that differ in
// their line ends alone are the same to a reader.
func diffLines(text []byte) []string {
	s := strings.TrimPrefix(string(text), byteOrderMark)
	if s == "" {
		return nil
	}
	lines := strings.Split(strings.TrimSuffix(s, "\n"), "\n")
	for i := range lines {
		lines[i] = maskLine(strings.TrimSuffix(lines[i], "\r"))
	}
	return lines
}

// changed is the shortest way from a to b.
func changed(a, b []string) []Line {
	var out []Line
	if len(a)*len(b) > tableMax {
		for _, text := range a {
			out = append(out, Line{"-", text})
		}
		for _, text := range b {
			out = append(out, Line{"+", text})
		}
		return out
	}
	// common[i][j] is how many lines a[i:] and b[j:] share in order.
	common := make([][]int, len(a)+1)
	for i := range common {
		common[i] = make([]int, len(b)+1)
	}
	for i := range slices.Backward(a) {
		for j := range slices.Backward(b) {
			if a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			out = append(out, Line{" ", a[i]})
			i, j = i+1, j+1
		case i < len(a) && (j == len(b) || common[i+1][j] >= common[i][j+1]):
			out = append(out, Line{"-", a[i]})
			i++
		default:
			out = append(out, Line{"+", b[j]})
			j++
		}
	}
	return out
}

// near keeps the lines around changes.
func near(all []Line) []Line {
	keep := make([]bool, len(all))
	for i, l := range all {
		if l.Op == " " {
			continue
		}
		for j := max(0, i-aroundLines); j <= min(len(all)-1, i+aroundLines); j++ {
			keep[j] = true
		}
	}
	out := []Line{}
	for i, l := range all {
		switch {
		case keep[i]:
			out = append(out, l)
		case len(out) == 0 || out[len(out)-1].Op != "@":
			out = append(out, Line{Op: "@"})
		}
	}
	if len(out) == 1 && out[0].Op == "@" {
		return []Line{}
	}
	return out
}

// maskLine hides the value of a line whose name says that it is secret, but for
// its ends, by which its owner knows it.
func maskLine(text string) string {
	m := regexp.MustCompile(`(?i)((?:key|token|secret|password|authorization)["']?\s*[:=]\s*["']?)([^"'\s,#{}\[\]$][^"',#]*)`).FindStringSubmatchIndex(text)
	if m == nil {
		return text
	}
	value := text[m[4]:m[5]]
	trimmed := strings.TrimRight(value, " \t")
	// Words and numbers are settings: max_token: 4096, requires_key: true.
	if len(trimmed) < 8 || regexp.MustCompile(`^[\d.]+$`).MatchString(trimmed) {
		return text
	}
	return text[:m[4]] + masked(trimmed) + value[len(trimmed):] + text[m[5]:]
}

// masked keeps the ends of a secret.
func masked(secret string) string {
	if len(secret) < 16 {
		return "••••"
	}
	return secret[:3] + "••••" + secret[len(secret)-4:]
}
