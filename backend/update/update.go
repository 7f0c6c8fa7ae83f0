// Package update asks a feed once a day whether there is a newer version, and
// tells of it.
//
// The invariant: it asks only when it is switched on, or when a person wants it
// to, and it installs nothing. What is sent is what every request has: the
// machine's address and the version. Notes are plain text to it, and a link is
// one only where it leads to the web.
package update

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/atomicfile"
)

// Options are what a Watch works with; all are needed.
type Options struct {
	// On says whether the feed is asked by itself, Feed which.
	On   func() bool
	Feed func() string
	// Client is asked for each question: the way out may be another.
	Client  func() *http.Client
	Version string
	// File is where what was learnt is kept over a restart.
	File string
	// Newer is told once of each newer version.
	Newer func(Release)
	Now   func() time.Time
	Log   *slog.Logger
}

// Release is a version that can be had.
type Release struct {
	Version string `json:"version"`
	// Notes are what is new, as plain text; Link is a page about it, "" is none.
	Notes string    `json:"notes"`
	Link  string    `json:"link"`
	Date  time.Time `json:"date,omitzero"`
}

// Notice is what is known.
type Notice struct {
	// Newer is a version above the one that runs; nil is none.
	Newer *Release
	// Asked is when the feed answered last; the zero time is never.
	Asked time.Time
	// Problem is why it did not the last time; "" is that it did.
	Problem string
}

// memory is the file's content.
type memory struct {
	Feed    string    `json:"feed"`
	ETag    string    `json:"etag"`
	Latest  *Release  `json:"latest"`
	Asked   time.Time `json:"asked"`
	Tried   time.Time `json:"tried"`
	Told    string    `json:"told"`
	Problem string    `json:"problem"`
}

// Watch asks.
type Watch struct {
	o    Options
	wake chan struct{}

	// asking is held while the feed is asked, before mu.
	asking sync.Mutex
	mu     sync.Mutex
	known  memory
}

// New is a Watch that knows what the file says.
func New(o Options) *Watch {
	w := &Watch{o: o, wake: make(chan struct{}, 1)}
	if text, err := os.ReadFile(o.File); err == nil {
		if json.Unmarshal(text, &w.known) != nil {
			w.known = memory{} // a damaged file is none
		}
	}
	return w
}

// Notice is what is known now.
func (w *Watch) Notice() Notice {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := Notice{Asked: w.known.Asked, Problem: w.known.Problem}
	if w.known.Feed == w.o.Feed() && w.known.Latest != nil && newer(w.known.Latest.Version, w.o.Version) {
		r := *w.known.Latest
		n.Newer = &r
	}
	return n
}

// Touch has the settings read again; it does not block.
func (w *Watch) Touch() {
	select {
	case w.wake <- struct{}{}:
	default: // it is told already
	}
}

// Run asks once a day until ctx ends. Not at the same time as all others: the
// day is up to two hours longer, and the first question some minutes after the
// start.
func (w *Watch) Run(ctx context.Context) error {
	const day, spread, first = 24 * time.Hour, 2 * time.Hour, 10 * time.Minute
	soonest := w.o.Now().Add(within(first))
	extra := within(spread)
	t := time.NewTimer(0)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-w.wake:
		case <-t.C:
		}
		if !w.o.On() {
			t.Stop()
			continue
		}
		w.mu.Lock()
		due := w.known.Tried.Add(day + extra)
		w.mu.Unlock()
		now := w.o.Now()
		if due.Sub(now) > day+spread { // the clock was set back
			due = now
		}
		if due.Before(soonest) {
			due = soonest
		}
		if wait := due.Sub(now); wait > 0 {
			t.Reset(wait)
			continue
		}
		_ = w.Ask(ctx) // the notice tells of it
		extra = within(spread)
		t.Reset(day)
	}
}

// within is some time up to d.
func within(d time.Duration) time.Duration {
	return rand.N(d) //nolint:gosec // it only spreads the questions
}

// Ask asks the feed now, whether it is on or not: somebody wants to know.
func (w *Watch) Ask(ctx context.Context) error {
	w.asking.Lock()
	defer w.asking.Unlock()
	feed := w.o.Feed()
	w.mu.Lock()
	was := w.known
	w.mu.Unlock()
	now := was
	if was.Feed != feed {
		now = memory{Feed: feed, Told: was.Told}
	}
	now.Tried = w.o.Now()
	err := w.ask(ctx, feed, &now)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	now.Problem = ""
	if err != nil {
		now.Problem = err.Error()
	} else {
		now.Asked = now.Tried
	}
	fresh := err == nil && now.Latest != nil && newer(now.Latest.Version, w.o.Version) && now.Told != now.Latest.Version
	if fresh {
		now.Told = now.Latest.Version
	}
	w.mu.Lock()
	w.known = now
	w.mu.Unlock()
	w.keep(now)
	if fresh {
		w.o.Newer(*now.Latest)
	}
	return err
}

func (w *Watch) keep(m memory) {
	text, err := json.Marshal(m)
	if err == nil {
		err = atomicfile.Write(w.o.File, text)
	}
	if err != nil {
		w.o.Log.Info("what is known of newer versions is not kept", slog.String("error", err.Error()))
	}
}

// ask puts what the feed says into m.
func (w *Watch) ask(ctx context.Context, feed string, m *memory) error {
	const longest, most = 30 * time.Second, 1 << 20
	ctx, stop := context.WithTimeout(ctx, longest)
	defer stop()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, feed, http.NoBody)
	if err != nil {
		return errors.New("the feed's address cannot be used: check updates.feed")
	}
	r.Header.Set("Accept", "application/json")
	r.Header.Set("User-Agent", "OpenAICompatible/"+w.o.Version)
	if m.ETag != "" {
		r.Header.Set("If-None-Match", m.ETag)
	}
	resp, err := w.o.Client().Do(r)
	if err != nil {
		if u, ok := errors.AsType[*url.Error](err); ok {
			err = u.Err
		}
		return fmt.Errorf("the feed could not be asked: %w", err)
	}
	defer resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusNotModified:
		return nil
	case http.StatusNotFound:
		return errors.New("the feed has no release yet, or updates.feed is wrong")
	case http.StatusOK:
	default:
		return fmt.Errorf("the feed answered %s; it is asked again tomorrow", resp.Status)
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, most))
	if err != nil {
		return fmt.Errorf("the feed broke off: %w", err)
	}
	latest, err := read(text)
	if err != nil {
		return err
	}
	m.Latest, m.ETag = latest, resp.Header.Get("ETag")
	return nil
}

// read takes what GitHub answers of one release.
func read(text []byte) (*Release, error) {
	var said struct {
		Tag        string    `json:"tag_name"`
		Notes      string    `json:"body"`
		Link       string    `json:"html_url"`
		Date       time.Time `json:"published_at"`
		Draft      bool      `json:"draft"`
		Prerelease bool      `json:"prerelease"`
	}
	if err := json.Unmarshal(text, &said); err != nil {
		return nil, errors.New("what the feed answered is no release: check updates.feed")
	}
	if _, ok := parse(said.Tag); !ok {
		return nil, errors.New("the feed names no version: check updates.feed")
	}
	if said.Draft || said.Prerelease {
		return nil, nil //nolint:nilnil // nobody is told of these
	}
	const longest = 16 << 10
	notes := said.Notes
	if len(notes) > longest {
		notes = strings.ToValidUTF8(notes[:longest], "") + "…"
	}
	r := &Release{Version: said.Tag, Notes: notes, Date: said.Date}
	if u, err := url.Parse(said.Link); err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http") {
		r.Link = u.String()
	}
	return r, nil
}
