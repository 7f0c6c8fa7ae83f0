// Package requestlog is the record of exchanges: what each client asked, who
// answered, how long it took, and what went wrong.
//
// The invariant: what is written here was redacted before (B59). The package
// has no disk: sqlite keeps the records, relay makes them.
package requestlog

import (
	"errors"
	"time"
)

// ErrNotFound is an exchange that is not in the log.
var ErrNotFound = errors.New("it is not in the request log")

// Exchange is one client request, socket to socket.
type Exchange struct {
	// ID counts up from 1 in the order in which exchanges began.
	ID    int64
	Start time.Time
	// Client is the name of the program that asked, from its User-Agent.
	Client string
	// Key is the name of the API key it used; "" is none.
	Key string
	// Dialect is the client's protocol and Path the path it asked.
	Dialect string
	Path    string
	Stream  bool
	// Asked is the model named by the client, Served the upstream's own.
	Asked  string
	Served string
	// Provider and Account answered, or were tried last; Account is its name.
	Provider  string
	Account   string
	AccountID int64
	// Lane is carried or translated; "" before a pool was found.
	Lane Lane
	// Status is the HTTP status the client got; 499 for one that left; 0 while
	// the exchange runs.
	Status int
	// ErrorKind is an llm.Kind's name and Error the message; "" is none.
	ErrorKind string
	Error     string
	// Finish is why the answer ended; "" when it did not.
	Finish string
	// Token counts; -1 is unknown.
	TokensIn, TokensOut, TokensCached, TokensReasoning int
	// FirstToken is from Start to the first token sent; 0 is none.
	FirstToken time.Duration
	// Duration is from Start to the end; 0 while the exchange runs.
	Duration time.Duration
	// Own is the part of the time before the first byte that was ours.
	Own time.Duration
	// BytesIn is the decoded request body, BytesOut the answer's body.
	BytesIn, BytesOut int64
	// Attempts are the tries, in order.
	Attempts []Attempt
	// Notes are what codecs changed or left out, and other remarks.
	Notes []string
}

// Lane is how an exchange was passed on.
type Lane string

// The lanes.
const (
	Carried    Lane = "carried"
	Translated Lane = "translated"
)

// Attempt is one try at one upstream.
type Attempt struct {
	Provider  string `json:"provider"`
	Account   string `json:"account"`
	AccountID int64  `json:"accountId"`
	Model     string `json:"model"`
	// Reason is why this upstream was chosen and why others were not (B10).
	Reason string `json:"reason"`
	// StartMs is from the exchange's start, all times in milliseconds.
	StartMs float64 `json:"startMs"`
	// HeaderMs is from the attempt's start to the upstream's status line; 0 is
	// none. DurationMs is the whole attempt.
	HeaderMs   float64 `json:"headerMs"`
	DurationMs float64 `json:"durationMs"`
	// Status is the upstream's; 0 when there was no answer.
	Status    int    `json:"status"`
	ErrorKind string `json:"errorKind,omitempty"`
	Error     string `json:"error,omitempty"`
	// Rest is that its account or model rests since it failed, and until when; ""
	// is that it does not.
	Rest string `json:"rest,omitempty"`
}

// Body is what was kept of an exchange's bodies (a choice of the user).
type Body struct {
	ID int64
	// Request is what the client sent, decoded; Sent what the last upstream
	// got; Response what the client got. Each is cut at the user's limit.
	Request, Sent, Response []byte
	// RequestCut, SentCut, ResponseCut say that the limit was reached.
	RequestCut, SentCut, ResponseCut bool
	// ResponseType is the answer's Content-Type.
	ResponseType string
	// Times say when each piece of Response left.
	Times Times
}

// Record is one finished exchange with its bodies; Body is nil when none are kept.
type Record struct {
	Exchange Exchange
	Body     *Body
}

// Query selects exchanges. The zero value selects all, newest first.
type Query struct {
	// Before is the keyset: only exchanges with a smaller ID; 0 is no bound.
	Before int64
	// Limit bounds the page; 0 is 100, more than 1000 is 1000.
	Limit int
	// Class is ok, error, 4xx, 5xx, canceled; "" is all.
	Class string
	// Provider, Model (asked or served), Client, Key: exact; AccountID: 0 is all.
	Provider, Model, Client, Key string
	AccountID                    int64
	// Lane is how they were passed on; "" is all.
	Lane Lane
	// Text has the terms of [Terms]: each is looked for in model names, client,
	// error and account, there also within words, and in the bodies that were
	// kept.
	Text string
	// From and To bound Start; zero is no bound.
	From, To time.Time
	// Uncounted leaves Page.Total at -1, for who wants no more than the rows.
	Uncounted bool
}

// Page is one answer to a Query.
type Page struct {
	Exchanges []Exchange
	// Next is the Before of the following page; 0 when this is the last.
	Next int64
	// Total counts all that match, Before aside; -1 when it was not counted.
	Total int64
}

// Figures sum up a stretch of time, for the overview.
type Figures struct {
	Requests, Errors    int64
	TokensIn, TokensOut int64
	// FirstTokenMedian and OwnMedian are over the exchanges that have one; 0
	// when there is none.
	FirstTokenMedian, OwnMedian time.Duration
}
