package desktop

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"time"
)

// toldName is the file that says that the person knows where the window goes.
const toldName = "told-tray"

// closeAsked does what closing the window does. The window itself stays for the
// time being.
func (p *Program) closeAsked(t *trayState, release *time.Timer) {
	select {
	case <-p.o.Signals: // The window closes at a signal too: nobody pressed its button.
		p.Quit()
		return
	default:
	}
	preferences := p.o.Preferences()
	w := wordsOf(preferences.Language)
	switch {
	case preferences.Quit:
		p.Quit()
	case t.missing:
		p.talk(func() {
			if p.o.Window.Ask(w.name, w.noTray) {
				p.Quit()
				return
			}
			p.o.Window.Minimise()
		})
	case !p.told():
		p.talk(func() {
			p.o.Window.Tell(w.name, w.stays)
			p.hide(release)
		})
	default:
		p.hide(release)
	}
}

// talk shows one dialog at a time, beside the loop. It is not waited for: a
// dialog may be open when the program ends, and goes with the window.
func (p *Program) talk(do func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.asking {
		return
	}
	p.asking = true
	go func() {
		do()
		p.mu.Lock()
		defer p.mu.Unlock()
		p.asking = false
	}()
}

func (p *Program) hide(release *time.Timer) {
	p.setView(hidden)
	p.o.Window.Hide()
	if d := p.o.Preferences().Release; d > 0 {
		release.Reset(d)
	}
}

// told says whether the person was told before, and that this is now so.
func (p *Program) told() bool {
	name := filepath.Join(p.o.DataDir, toldName)
	if _, err := os.Stat(name); err == nil {
		return true
	}
	if err := os.WriteFile(name, nil, 0o600); err != nil && !errors.Is(err, os.ErrExist) {
		p.o.Log.Warn("it will be told again where the window goes", slog.Any("error", err))
	}
	return false
}

// mayRelease says whether nobody would notice: the window is hidden and no
// exchange runs.
func (p *Program) mayRelease(ctx context.Context) bool {
	s, err := p.o.Engine.Status(ctx)
	return err == nil && s.Listener.Running == 0 && p.viewNow() == hidden
}
