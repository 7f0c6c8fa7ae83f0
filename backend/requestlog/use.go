package requestlog

import "time"

// Stretch is a stretch of time in steps of one length.
type Stretch struct {
	From  time.Time
	Step  time.Duration
	Steps int
}

// Use is what one model of one account was used for in one step of a [Stretch].
type Use struct {
	// At is the step's number, from 0.
	At int
	// Provider, AccountID and Model are those that answered, or were tried last;
	// "" and 0 where it came to none.
	Provider  string
	AccountID int64
	Model     string
	// Counting says that the service was asked for nothing but a count of tokens.
	Counting         bool
	Requests, Errors int64
	// Tokens are those that the service told; Cached are part of In.
	TokensIn, TokensOut, TokensCached int64
	// Untold is how many requests went well without a word about tokens.
	Untold int64
}
