package desktop

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/desktop/tray"
	"github.com/WenChunTech/OpenAICompatible/backend/event"
)

const (
	// forceAfter bounds a stop (B50): the engine drains for four seconds.
	forceAfter = 4900 * time.Millisecond
	// relaunches bounds the crashes in a row after which the program is started
	// again; calm is how long it must live for the count to begin anew.
	relaunches = 3
	calm       = 5 * time.Minute
	// busyAgain is the pause before the next look when exchanges were running.
	busyAgain = 5 * time.Second
)

// errRelease says that the program is to be replaced by its background form.
var errRelease = errors.New("the window's memory is given back")

// Run is the program's life, until Quit, a signal or the end of ctx. It returns
// when the engine has drained and everything is closed, or does not return at
// all, when the program was replaced by its background form.
func (p *Program) Run(ctx context.Context) error {
	defer close(p.ended)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	serving, stopServing := context.WithCancel(ctx)
	defer stopServing()
	all, ctx := errgroup.WithContext(ctx)

	running, stopEngine := context.WithCancel(ctx)
	defer stopEngine()
	engineDone := make(chan struct{})
	all.Go(func() error {
		defer close(engineDone)
		return p.o.Engine.Run(running)
	})
	answering := make(chan struct{})
	all.Go(func() error {
		defer close(answering)
		return p.o.Instance.Serve(serving)
	})
	trayDone := make(chan struct{})
	all.Go(func() error {
		defer close(trayDone)
		return p.o.Tray.Run(ctx)
	})

	if err := p.loop(ctx); errors.Is(err, errRelease) {
		stopServing()
		<-answering
		if err := p.release(ctx, trayDone, func() { stopEngine(); <-engineDone }); err != nil {
			// Half of the program is closed. Without a goodbye the tray starts
			// it again, in the background.
			p.o.Log.Error("the window's memory was not given back", slog.Any("error", err))
			p.o.Exit(1)
		}
		p.o.Exit(0)
	}
	force := time.AfterFunc(forceAfter, func() { p.o.Exit(1) })
	defer force.Stop()
	p.Quit()
	p.o.Tray.Goodbye()
	if p.viewNow() != unopened {
		p.o.Window.Hide()
	}
	stopEngine()
	<-engineDone
	cancel()
	p.acts.Wait()
	err := all.Wait()
	if p.viewNow() != unopened {
		p.o.Window.Close()
	}
	return errors.Join(err, p.o.Instance.Close())
}

// loop reacts until the program is to end.
func (p *Program) loop(ctx context.Context) error {
	changes := p.o.Events.Subscribe()
	defer changes.Close()
	release := time.NewTimer(time.Hour)
	release.Stop()
	calmed := time.AfterFunc(calm, func() { p.o.Events.Publish(event.Event{Kind: event.Listener}) })
	defer calmed.Stop()
	reports := p.o.Tray.Reports()
	t := &trayState{}
	p.refresh(ctx)
	p.tellOfCrash(ctx)
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-p.leave:
			return nil
		case <-p.o.Signals:
			return nil
		case r, ok := <-reports:
			if !ok {
				reports = nil // The child does not stay.
				r.Host = new(bool)
			}
			p.hear(ctx, r, t)
		case <-p.o.Instance.Asked():
			p.Show("")
		case e := <-changes.C():
			if shows(e.Kind) {
				p.refresh(ctx)
			}
			if e.Kind == event.Attention {
				p.attend(ctx, e.Data)
			}
		case <-p.closed:
			p.closeAsked(t, release)
		case <-release.C:
			if p.mayRelease(ctx) {
				return errRelease
			}
			release.Reset(busyAgain)
		}
	}
}

// trayState is what the loop knows of the tray.
type trayState struct {
	// missing says that nothing shows the icon.
	missing bool
}

// shows says whether the tray's menu may look different after a change.
func shows(k event.Kind) bool {
	switch k {
	case event.Resync, event.Listener, event.Config, event.Accounts:
		return true
	case event.Models, event.SignIns, event.Exchanges, event.Running, event.Attention, event.Piece:
	}
	return false
}

// refresh sends the menu of this moment, and how to start again in this state.
func (p *Program) refresh(ctx context.Context) {
	s, err := p.o.Engine.Status(ctx)
	if err != nil {
		if ctx.Err() == nil {
			p.o.Log.Warn("the tray shows an old state", slog.Any("error", err))
		}
		return
	}
	p.o.Tray.Show(tray.Build(s, p.o.Engine.Accounts(), p.loginSwitch(), p.o.Preferences().Language))
	p.o.Tray.Relaunch(p.relaunch(s.Listener.State == control.Stopped))
}

// relaunch is the command that starts the program again after a crash, with the
// listener as it is; empty when it has crashed too often.
func (p *Program) relaunch(stopped bool) []string {
	count := p.o.Relaunched
	if time.Since(p.began) > calm {
		count = 0
	}
	if count >= relaunches {
		return []string{}
	}
	command := append(append([]string{}, p.o.Command...), "--relaunched="+strconv.Itoa(count+1))
	if stopped {
		command = append(command, "--stopped")
	}
	return command
}

// tellOfCrash says once that the program was started again.
func (p *Program) tellOfCrash(ctx context.Context) {
	if p.o.Relaunched == 0 {
		return
	}
	p.o.Log.Warn("the program ended unexpectedly and was started again", slog.Int("count", p.o.Relaunched))
	w := wordsOf(p.o.Preferences().Language)
	p.act(ctx, func(context.Context) {
		if err := p.o.Notify(w.name, w.crashed); err != nil {
			p.o.Log.Info("no notification could be shown", slog.Any("error", err))
		}
	})
}

// act does something that takes time beside the loop; Run waits for it. What a
// person has begun is not cut by the program's end, but has little time.
func (p *Program) act(ctx context.Context, do func(ctx context.Context)) {
	p.acts.Go(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), forceAfter)
		defer cancel()
		do(ctx)
	})
}

// hear reacts to the tray.
func (p *Program) hear(ctx context.Context, r tray.Report, t *trayState) {
	if r.Problem != "" {
		p.o.Log.Warn("tray", slog.String("problem", r.Problem))
	}
	if r.Host != nil {
		if t.missing = !*r.Host; t.missing && p.o.NeedsTray && p.viewNow() == unopened {
			p.o.Log.Info("this desktop shows no tray icons, so the window is opened")
			p.Show("")
		}
	}
	switch r.Click {
	case tray.Toggle:
		p.act(ctx, p.toggle)
	case tray.CopyURL:
		if s, err := p.o.Engine.Status(ctx); err == nil {
			p.o.Tray.Copy(s.Listener.BaseURL)
		}
	case tray.CopyKey:
		p.act(ctx, p.copyKey)
	case tray.Open:
		p.Show("")
	case tray.Requests:
		p.Show("/requests")
	case tray.Account:
		p.act(ctx, func(context.Context) { p.switchAccount(r.Of) })
	case tray.More:
		p.Show("/accounts")
	case tray.Login:
		p.act(ctx, p.switchLogin)
	case tray.Quit:
		p.Quit()
	case tray.Status, tray.Separator, tray.Accounts:
	}
}

// toggle opens or closes the port. What went wrong is the listener's state,
// which the tray shows.
func (p *Program) toggle(ctx context.Context) {
	s, err := p.o.Engine.Status(ctx)
	if err == nil && s.Listener.State == control.Running {
		err = p.o.Engine.StopListener(ctx)
	} else if err == nil {
		err = p.o.Engine.StartListener(ctx, 0)
	}
	if err != nil {
		p.o.Log.Warn("listener", slog.Any("error", err))
	}
}

func (p *Program) copyKey(ctx context.Context) {
	s, err := p.o.Engine.Status(ctx)
	if err != nil || s.KeyID == 0 {
		return
	}
	key, err := p.o.Engine.KeySecret(ctx, s.KeyID)
	if err != nil {
		p.o.Log.Warn("the key was not copied", slog.Any("error", err))
		return
	}
	p.o.Tray.Copy(key)
}
