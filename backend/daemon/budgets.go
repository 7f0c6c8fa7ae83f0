package daemon

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
)

// budget is what the headers of an answer say of one limit.
type budget struct {
	// name tells it from other limits of the same answer: its unit and its span,
	// as requests-day or input-tokens; "" where the service names neither.
	name string
	// unit is requests or tokens; "" is not said.
	unit string
	// limit and left are negative where they are not said.
	limit, left int64
	reset       time.Time
}

// budgetsOf reads what the headers of an answer say is left. Services agree on
// three words, limit, remaining and reset, and on little else: OpenAI and those
// that follow it write x-ratelimit-remaining-tokens, Anthropic
// anthropic-ratelimit-tokens-remaining, others x-ratelimit-remaining-tokens-minute,
// x-ratelimit-remaining, or the ratelimit fields of the IETF draft. So a name is
// taken apart into its words, and what is neither of the three tells the limits
// of one answer apart.
func budgetsOf(h http.Header, now time.Time) []budget {
	const most = 12
	var out []budget
	for key, values := range h {
		rest, ok := limitName(key)
		if !ok || len(values) == 0 || len(out) >= most {
			continue
		}
		if rest == "" {
			out = append(out, draftBudgets(values[0], now)...)
			continue
		}
		name, field := splitField(rest)
		if field == "" {
			continue
		}
		i := slices.IndexFunc(out, func(b budget) bool { return b.name == name })
		if i < 0 {
			i = len(out)
			out = append(out, budget{name: name, unit: unitOf(name), limit: -1, left: -1})
		}
		out[i].set(field, values[0], now)
	}
	out = slices.DeleteFunc(out, func(b budget) bool { return b.left < 0 })
	slices.SortFunc(out, func(a, b budget) int { return strings.Compare(a.name, b.name) })
	return out
}

// limitName is what a header's name says after the words for a rate limit; ok is
// false for any other header.
func limitName(key string) (rest string, ok bool) {
	if !strings.Contains(key, "imit") { // most headers, for nothing
		return "", false
	}
	key = strings.ToLower(key)
	for _, mark := range [...]string{"ratelimit", "rate-limit"} {
		before, after, found := strings.Cut(key, mark)
		if found && (before == "" || strings.HasSuffix(before, "-")) && (after == "" || after[0] == '-') {
			return strings.TrimPrefix(after, "-"), true
		}
	}
	return "", false
}

// splitField takes the field out of the words of a header's name.
func splitField(rest string) (name, field string) {
	words := strings.Split(rest, "-")
	i := slices.IndexFunc(words, func(w string) bool { return w == "limit" || w == "remaining" || w == "reset" })
	if i < 0 {
		return "", ""
	}
	return strings.Join(slices.Delete(slices.Clone(words), i, i+1), "-"), words[i]
}

func unitOf(name string) string {
	switch {
	case strings.Contains(name, "token"):
		return control.UnitTokens
	case strings.Contains(name, "request"):
		return control.UnitRequests
	}
	return ""
}

func (b *budget) set(field, value string, now time.Time) {
	switch field {
	case "limit":
		b.limit = count(value)
	case "remaining":
		b.left = count(value)
	case "reset":
		b.reset = moment(value, now)
	}
}

// count is a whole number, the first of a list; negative is none.
func count(value string) int64 {
	value, _, _ = strings.Cut(value, ",")
	value, _, _ = strings.Cut(value, ";")
	f, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	const most = 1 << 53
	if err != nil || !(f >= 0 && f <= most) { // not a number is neither
		return -1
	}
	return int64(f)
}

// moment reads a reset in any of the forms that services write: a time, a
// duration as 6m0s, seconds from now, or the seconds or milliseconds of a clock.
// The zero time is none.
func moment(value string, now time.Time) time.Time {
	const longest, epoch, millis = 400 * 24 * time.Hour, 1e9, 1e12
	value = strings.TrimSpace(value)
	at := time.Time{}
	if t, err := time.Parse(time.RFC3339, value); err == nil {
		at = t
	} else if d, err := time.ParseDuration(value); err == nil {
		at = now.Add(d)
	} else if f, err := strconv.ParseFloat(value, 64); err == nil {
		switch {
		case f >= millis && f < epoch*millis:
			at = time.UnixMilli(int64(f))
		case f >= epoch && f < millis:
			at = time.Unix(int64(f), 0)
		case f >= 0 && f < longest.Seconds():
			at = now.Add(time.Duration(f * float64(time.Second)))
		}
	}
	if at.Before(now.Add(-longest)) || at.After(now.Add(longest)) {
		return time.Time{}
	}
	return at
}

// draftBudgets reads the field of the IETF draft in both of its forms,
// "limit=100, remaining=50, reset=5" and "name";r=50;t=5.
func draftBudgets(value string, now time.Time) []budget {
	if !strings.Contains(value, ";") {
		b := budget{limit: -1, left: -1}
		for part := range strings.SplitSeq(value, ",") {
			field, number, _ := strings.Cut(strings.TrimSpace(part), "=")
			b.set(field, number, now)
		}
		return []budget{b}
	}
	var out []budget
	for item := range strings.SplitSeq(value, ",") {
		name, parameters, _ := strings.Cut(strings.TrimSpace(item), ";")
		name = strings.ToLower(strings.Trim(name, `"`))
		b := budget{name: name, unit: unitOf(name), limit: -1, left: -1}
		for p := range strings.SplitSeq(parameters, ";") {
			switch field, number, _ := strings.Cut(strings.TrimSpace(p), "="); field {
			case "r":
				b.set("remaining", number, now)
			case "t":
				b.set("reset", number, now)
			}
		}
		out = append(out, b)
	}
	return out
}

// forPool is b as the pool counts: tokens as the part that is left, for it
// cannot know what a request costs.
func (b budget) forPool(model string) provider.Quota {
	q := provider.Quota{Model: model, Remaining: -1, Left: b.left, Limit: b.limit, Reset: b.reset}
	if b.limit > 0 {
		q.Remaining = min(float64(b.left)/float64(b.limit), 1)
	} else if b.left == 0 {
		q.Remaining = 0
	}
	if b.unit == control.UnitTokens {
		q.Left, q.Limit = -1, -1
	}
	return q
}

// shown is b as the card shows it.
func (b budget) shown(model string, at time.Time) control.Quota {
	q := control.Quota{
		Model: model, Name: b.name, Unit: b.unit, Left: countOrNil(b.left), Limit: countOrNil(b.limit), At: at, Source: control.QuotaHeaders,
	}
	if b.limit > 0 {
		part := min(float64(b.left)/float64(b.limit), 1)
		q.Remaining = &part
	}
	if !b.reset.IsZero() {
		q.Reset = &b.reset
	}
	return q
}
