package requestlog

import "time"

// Hours is how many hours an [Activity] looks back.
const Hours = 24

// Activity is what one account did of late, try by try: an exchange that came to
// a second account counts for both.
type Activity struct {
	Today Counts
	// Hours are the last ones of the clock, the oldest first; the last is the
	// present one.
	Hours [Hours]Counts
}

// Counts sum up the tries at an account. Failures are those that were the
// account's or its service's; tokens are of the answers that it gave.
type Counts struct {
	Requests, Failures  int64
	TokensIn, TokensOut int64
}

// Add adds b to c.
func (c *Counts) Add(b Counts) {
	c.Requests += b.Requests
	c.Failures += b.Failures
	c.TokensIn += b.TokensIn
	c.TokensOut += b.TokensOut
}

// Activities are those of all accounts that did anything, by their IDs, as of a
// moment.
type Activities map[int64]Activity

// Hour is the number of the hour of the clock in which t lies, in t's own zone.
func Hour(t time.Time) int64 {
	const second = 3600
	_, offset := t.Zone()
	return (t.Unix() + int64(offset%second)) / second
}
