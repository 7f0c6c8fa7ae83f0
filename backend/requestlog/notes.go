package requestlog

import (
	"strconv"
	"strings"
	"time"
)

// What notes say that the program itself reads again.
const (
	replayNote = "replay of request "
	waitNote   = "waited "
	waitWhy    = " for its turn: "
)

// ReplayNote is the note of an exchange that sends another's request again.
func ReplayNote(id int64) string { return replayNote + strconv.FormatInt(id, 10) }

// ReplayOf is the exchange of which the notes say that it was sent again; 0 is none.
func ReplayOf(notes []string) int64 {
	for _, n := range notes {
		if text, ok := strings.CutPrefix(n, replayNote); ok {
			if id, err := strconv.ParseInt(text, 10, 64); err == nil {
				return id
			}
		}
	}
	return 0
}

// WaitNote is the note of an exchange that had to wait for an account.
func WaitNote(d time.Duration, why string) string {
	return waitNote + d.Round(time.Millisecond).String() + waitWhy + why
}

// Waited is how long the notes say that was, in all.
func Waited(notes []string) time.Duration {
	var sum time.Duration
	for _, n := range notes {
		text, ok := strings.CutPrefix(n, waitNote)
		if !ok {
			continue
		}
		text, _, ok = strings.Cut(text, waitWhy)
		if d, err := time.ParseDuration(text); ok && err == nil {
			sum += d
		}
	}
	return sum
}
