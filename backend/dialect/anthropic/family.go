package anthropic

import (
	"slices"
	"strconv"
	"strings"
)

// thinking is how a model is told to think.
type thinking uint8

const (
	// thinksNever has no thinking.
	thinksNever thinking = iota
	// thinksByBudget thinks as long as it is told in tokens.
	thinksByBudget
	// thinksIfAsked decides itself how long, once it is asked to.
	thinksIfAsked
	// thinksUnlessTold does so by itself, and can be told not to.
	thinksUnlessTold
	// thinksBetween can only be told to think no more than between its calls.
	thinksBetween
	// thinksAlways cannot be told not to.
	thinksAlways
)

// traits are what a model takes. The list of the models' own capabilities says
// it too, but a request must not wait for that.
type traits struct {
	thinking thinking
	// efforts are the levels of output_config.effort; nil is none.
	efforts []string
	// sampling says that temperature and its like are taken, and both that
	// temperature and top_p may stand together.
	sampling, both bool
	// format says that output_config.format is taken.
	format bool
	// forced says that a tool can be required although the model thinks.
	forced bool
	// output is the limit of an answer whose client gave none.
	output int
}

// version is a model's place in the line: 4.5 is 405.
type version int

// traitsOf reads a model's name, with whatever a cloud puts around it. A name
// that is not Claude's is one of a service that copied the protocol.
func traitsOf(model string) traits {
	line, v, ok := parseModel(model)
	if !ok {
		return traits{thinking: thinksByBudget, sampling: true, both: true, output: 8192}
	}
	t := traits{thinking: thinkingOf(line, v), sampling: v < 407, both: v < 401, format: v >= 405 || v == 401, output: 64000}
	t.forced = t.thinking < thinksBetween
	switch {
	case v < 305:
		t.output = 4096
	case v < 307:
		t.output = 8192
	case v < 405:
		t.output = 32000
	}
	switch {
	case v >= 407:
		t.efforts = []string{"low", "medium", "high", "xhigh", "max"}
	case v == 406:
		t.efforts = []string{"low", "medium", "high", "max"}
	case v == 405 && line == "opus":
		t.efforts = []string{"low", "medium", "high"}
	}
	return t
}

func thinkingOf(line string, v version) thinking {
	switch {
	case line == "fable" || line == "mythos":
		return thinksAlways
	case v < 307:
		return thinksNever
	case v < 406:
		return thinksByBudget
	case v < 500:
		return thinksIfAsked
	case v < 505 || line == "haiku":
		return thinksUnlessTold
	case line == "sonnet":
		return thinksBetween
	default:
		return thinksAlways
	}
}

// newest stands for a Claude without a number, as an alias has it.
const newest version = 505

// parseModel finds the line and the version in names as claude-opus-4-5,
// claude-3-7-sonnet-20250219, anthropic.claude-sonnet-4-6-v1:0 and
// anthropic/claude-opus-4.7.
func parseModel(model string) (line string, v version, ok bool) {
	_, rest, ok := strings.Cut(strings.ToLower(model), "claude")
	if !ok {
		return "", 0, false
	}
	var numbers []int
	for _, word := range strings.FieldsFunc(rest, func(r rune) bool { return strings.ContainsRune("-._@/", r) }) {
		if slices.Contains([]string{"opus", "sonnet", "haiku", "fable", "mythos"}, word) {
			line = word
		}
		// Longer ones are dates.
		if n, err := strconv.Atoi(word); err == nil && len(word) <= 2 {
			numbers = append(numbers, n)
		}
	}
	switch len(numbers) {
	case 0:
		return line, newest, true
	case 1:
		return line, version(numbers[0] * 100), true
	default:
		return line, version(numbers[0]*100 + numbers[1]), true
	}
}
