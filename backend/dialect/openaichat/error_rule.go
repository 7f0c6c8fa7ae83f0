package openaichat

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// ErrorRule is one line of a service's error table: what a failure with these
// marks is, whatever its status says (B08). A rule fits when all the marks it
// names do; of a table the first rule that fits decides, before the status and
// before the words that all services share. It is used alike for an answer that
// is not 2xx, for an error object in a whole answer and for one in a stream.
type ErrorRule struct {
	// Status is the HTTP status of the answer; 0 is any, also one of success.
	Status int
	// Codes are the service's own codes or types, in lower case; nil is any. A
	// number is written in digits, and one that ends with * stands for all that
	// begin so.
	Codes []string
	// Says is a part of the message, whatever its case; "" is any.
	Says string
	// Not are parts of the message that exempt a failure from the rule,
	// whatever their case, as where one code has two meanings.
	Not []string
	// Kind is what the failure is.
	Kind llm.Kind
	// Account says that it is about the account, not about the model that was
	// asked for: money, mostly.
	Account bool
	// Advice is what the user can do; it follows the service's own words.
	Advice string
	// Zone is where a point in time in the message is meant, as in "resets at
	// 2026-11-23 18:00:00": it becomes the RetryAfter. Nil reads none.
	Zone *time.Location
}

func (r ErrorRule) fits(f fault, status int) bool {
	said := strings.ToLower(f.message)
	in := func(part string) bool { return strings.Contains(said, strings.ToLower(part)) }
	switch {
	case r.Status != 0 && r.Status != status:
		return false
	case r.Codes != nil && !slices.ContainsFunc(r.Codes, f.coded):
		return false
	case !in(r.Says):
		return false
	default:
		return !slices.ContainsFunc(r.Not, in)
	}
}

// coded says whether the failure has this code or type.
func (f fault) coded(code string) bool {
	return like(code, f.code) || like(code, f.kind)
}

// apply gives a failure what the rule knows of it.
func (r ErrorRule) apply(err *llm.Error, at time.Time) {
	err.Kind, err.Account = r.Kind, r.Account
	if r.Zone != nil {
		err.RetryAfter = untilReset(err.Message, r.Zone, at)
	}
	if r.Advice != "" {
		err.Message = strings.TrimLeft(strings.TrimRight(err.Message, ".。 ")+"; "+r.Advice, "; ")
	}
}

// untilReset is how long it is until the point in time that a message names.
func untilReset(message string, zone *time.Location, at time.Time) time.Duration {
	s := regexp.MustCompile(`\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d`).FindString(message)
	t, err := time.ParseInLocation(time.DateTime, strings.Replace(s, "T", " ", 1), zone)
	if err != nil {
		return 0
	}
	return max(0, t.Sub(at))
}
