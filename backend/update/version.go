package update

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"
)

// version is a semantic version, without what does not order versions.
type version struct {
	numbers [3]uint64
	// before are the words of a version before the release; none is the release.
	before []string
}

// parse reads 1.2.3, v1.2.3, v1.2.3-rc.1 and v1.2.3+build. What git adds to a
// version that was built some commits after it is not a part of it.
func parse(text string) (version, bool) {
	text = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(text), "v"), "-dirty")
	text = regexp.MustCompile(`-\d+-g[0-9a-f]+$`).ReplaceAllString(text, "")
	text, _, _ = strings.Cut(text, "+")
	core, before, isBefore := strings.Cut(text, "-")
	var v version
	parts := strings.Split(core, ".")
	if len(parts) != len(v.numbers) || isBefore && before == "" {
		return v, false
	}
	for i, part := range parts {
		n, err := strconv.ParseUint(part, 10, 32)
		if err != nil {
			return v, false
		}
		v.numbers[i] = n
	}
	if isBefore {
		v.before = strings.Split(before, ".")
	}
	return v, true
}

// newer says that a is above b. Nothing is above a version that is none, as that
// of a program that somebody built.
func newer(a, b string) bool {
	va, okA := parse(a)
	vb, okB := parse(b)
	return okA && okB && va.compare(vb) > 0
}

func (v version) compare(o version) int {
	for i := range v.numbers {
		if c := cmp.Compare(v.numbers[i], o.numbers[i]); c != 0 {
			return c
		}
	}
	if len(v.before) == 0 || len(o.before) == 0 {
		return cmp.Compare(len(o.before), len(v.before)) // the release is above all before it
	}
	for i := range min(len(v.before), len(o.before)) {
		if c := compareWords(v.before[i], o.before[i]); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(v.before), len(o.before))
}

// compareWords orders numbers by their value, below all words.
func compareWords(a, b string) int {
	na, errA := strconv.ParseUint(a, 10, 64)
	nb, errB := strconv.ParseUint(b, 10, 64)
	switch {
	case errA == nil && errB == nil:
		return cmp.Compare(na, nb)
	case errA == nil:
		return -1
	case errB == nil:
		return 1
	}
	return cmp.Compare(a, b)
}
