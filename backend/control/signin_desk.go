package control

import (
	"context"
	"crypto/rand"
	"sync"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// The bounds of sign-ins.
const (
	// signInsAtOnce is how many may be under way.
	signInsAtOnce = 8
	// signInsKept is how many that have ended are remembered, for keptFor.
	signInsKept = 32
	keptFor     = 10 * time.Minute
	// confirmWithin is how long a credential waits for its user's word, in
	// memory alone.
	confirmWithin = 10 * time.Minute
	// answerWithin bounds a sign-in whose service names no end.
	answerWithin = 15 * time.Minute
)

// desk holds the sign-ins under way and those that have just ended: the only
// state that a Panel has.
type desk struct {
	now func() time.Time
	// jobs are taken by Panel.Run, which owns the goroutines.
	jobs chan func(context.Context)

	mu  sync.Mutex
	all map[string]*signIn
}

func newDesk(now func() time.Time) *desk {
	return &desk{now: now, jobs: make(chan func(context.Context)), all: map[string]*signIn{}}
}

// signIn is one of them. What a caller sees of it is view.
type signIn struct {
	cancel context.CancelFunc
	// begun is closed when the prompt is known or the beginning failed, with
	// failure then; ended when nothing goes on any more.
	begun, ended chan struct{}
	// words are the user's, that the credential is to be kept.
	words chan confirmation

	mu      sync.Mutex
	view    SignIn
	service account.SignIn
	failure error
	endedAt time.Time
}

// confirmation is the user's word, and who waits for what became of it.
type confirmation struct {
	name string
	done chan error
}

func (x *signIn) show() SignIn {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.view
}

func (x *signIn) edit(change func(*SignIn)) {
	x.mu.Lock()
	defer x.mu.Unlock()
	change(&x.view)
}

// over says that the sign-in has reached an end.
func (v *SignIn) over() bool {
	return v.State == SignInDone || v.State == SignInFailed || v.State == SignInCanceled
}

// enter makes a place for a new sign-in. One of the same way that is under way
// makes room, and its port is free when enter returns.
func (d *desk) enter(ctx context.Context, view SignIn, cancel context.CancelFunc) (*signIn, error) {
	x := &signIn{
		cancel: cancel, begun: make(chan struct{}), ended: make(chan struct{}), words: make(chan confirmation), view: view,
	}
	x.view.ID = rand.Text()
	d.mu.Lock()
	d.prune()
	var before []*signIn
	busy := 0
	for _, other := range d.all {
		v := other.show()
		switch {
		case v.over():
		case v.Provider == view.Provider && v.Way == view.Way:
			before = append(before, other)
		default:
			busy++
		}
	}
	if busy >= signInsAtOnce {
		d.mu.Unlock()
		return nil, &llm.Error{Kind: llm.KindRate, Message: "too many sign-ins are under way: finish or cancel one first"}
	}
	d.all[x.view.ID] = x
	d.mu.Unlock()
	for _, other := range before {
		if err := other.stop(ctx); err != nil {
			d.leave(x)
			return nil, err
		}
	}
	return x, nil
}

// stop cancels and returns when nothing goes on any more.
func (x *signIn) stop(ctx context.Context) error {
	x.cancel()
	select {
	case <-x.ended:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (d *desk) leave(x *signIn) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.all, x.view.ID) // the ID never changes
}

// prune forgets what has ended long ago, and the oldest beyond the bound. mu is
// held.
func (d *desk) prune() {
	var kept int
	var oldest string
	var at time.Time
	for id, x := range d.all {
		x.mu.Lock()
		ended := x.endedAt
		x.mu.Unlock()
		switch {
		case ended.IsZero():
			continue
		case d.now().Sub(ended) > keptFor:
			delete(d.all, id)
			continue
		}
		kept++
		if oldest == "" || ended.Before(at) {
			oldest, at = id, ended
		}
	}
	if kept > signInsKept {
		delete(d.all, oldest)
	}
}

func (d *desk) find(id string) (*signIn, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.prune()
	x, ok := d.all[id]
	if !ok {
		return nil, &llm.Error{Kind: llm.KindNotFound, Message: "this sign-in is over: begin another one"}
	}
	return x, nil
}
