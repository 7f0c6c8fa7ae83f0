package control

import (
	"context"
	"time"
)

// Updates knows of newer versions; nothing is installed by it.
type Updates interface {
	Notice() UpdateNotice
	// Ask asks the feed now; the Notice then says what came of it.
	Ask(ctx context.Context) error
}

// UpdateNotice is what is known of newer versions.
type UpdateNotice struct {
	// Version is the newer one; "" is that none is known.
	Version string `json:"version"`
	// Notes are what is new in it, as plain text; Link is a page about it, "" is
	// none.
	Notes string `json:"notes"`
	Link  string `json:"link"`
	// AskedAt is when the feed answered last; nil is never.
	AskedAt *time.Time `json:"askedAt,omitempty"`
	// Problem is why it did not answer the last time; "" is that it did.
	Problem string `json:"problem"`
}

// Updates says what is known of newer versions.
func (s *Panel) Updates() UpdateNotice { return s.o.Updates.Notice() }

// AskForUpdates asks the feed now. What went wrong stands in the notice.
func (s *Panel) AskForUpdates(ctx context.Context) (UpdateNotice, error) {
	_ = s.o.Updates.Ask(ctx)
	return s.o.Updates.Notice(), ctx.Err()
}
