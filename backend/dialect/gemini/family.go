package gemini

import (
	"strconv"
	"strings"
)

// family is what a model's name tells of its abilities.
type family struct {
	gemini           bool
	major, minor     int
	flash, lite, pro bool
	image            bool
}

// familyOf reads a name as gemini-3.1-flash-lite-preview. A name that means the
// latest is taken for one.
func familyOf(model string) family {
	name := model[strings.LastIndexByte(model, '/')+1:]
	rest, ok := strings.CutPrefix(name, "gemini-")
	if !ok {
		return family{}
	}
	f := family{
		gemini: true, flash: strings.Contains(rest, "flash"), lite: strings.Contains(rest, "lite"),
		pro: strings.Contains(rest, "pro"), image: strings.Contains(rest, "image"),
	}
	version, _, _ := strings.Cut(rest, "-")
	major, minor, _ := strings.Cut(version, ".")
	n, err := strconv.Atoi(major)
	switch {
	case err == nil:
		f.major = n
		f.minor, _ = strconv.Atoi(minor) // 0 for gemini-3-pro
	case strings.Contains(rest, "latest"):
		f.major, f.minor = 3, latestMinor(f)
	}
	return f
}

// latestMinor is the newest of a line that is known.
func latestMinor(f family) int {
	switch {
	case f.lite:
		return 5
	case f.flash:
		return 8
	default:
		return 1
	}
}

// since says whether the model is of a version or later.
func (f family) since(major, minor int) bool {
	return f.gemini && (f.major > major || f.major == major && f.minor >= minor)
}

// three says whether the rules of Gemini 3 hold: signatures are enforced,
// thinking has levels, penalties are refused.
func (f family) three() bool { return f.since(3, 0) }

// fixedSampling says whether temperature and its like are refused.
func (f family) fixedSampling() bool { return f.since(3, 6) && f.flash && !f.lite }

// noPrefill says whether a conversation must not end with the model's own turn.
func (f family) noPrefill() bool { return f.since(3, 8) }
