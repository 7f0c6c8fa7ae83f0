// Package event is the bus that tells the user interface what changed. It says
// what, not how: a listener re-reads.
//
// The invariant: a publisher never waits. A listener that is too slow loses
// events and is told so by a Resync, which also opens every subscription.
package event

import "encoding/json"

// Kind is what changed.
type Kind string

// The kinds, in the words of the user interface's queries.
const (
	// Resync means: re-read everything. First of every subscription, and after
	// any loss.
	Resync Kind = "resync"
	// Listener means that the proxy's listener opened, closed or failed.
	Listener Kind = "listener"
	// Config means that settings, keys or accounts were changed.
	Config Kind = "config"
	// Accounts means that an account's state changed.
	Accounts Kind = "accounts"
	// SignIns means that a sign-in under way went a step further.
	SignIns Kind = "signIns"
	// Models means that the list of models changed.
	Models Kind = "models"
	// Exchanges means that finished exchanges were written to the log.
	Exchanges Kind = "exchanges"
	// Running carries the running exchanges, at most every 250 ms, and once
	// more, empty, when the last has ended.
	Running Kind = "running"
	// Attention asks for a person: its data says what for. Each occurrence is told
	// once.
	Attention Kind = "attention"
	// Piece carries lines of an answer that a page asked for, while it comes. What
	// is lost stands in the answer itself.
	Piece Kind = "piece"
)

// Event is one change. Data is JSON, only of Running, Attention and Piece; nil
// otherwise.
type Event struct {
	Kind Kind            `json:"kind"`
	Data json.RawMessage `json:"data,omitempty"`
}
