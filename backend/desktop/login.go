package desktop

import (
	"context"
	"errors"
	"log/slog"

	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/desktop/tray"
	"github.com/WenChunTech/OpenAICompatible/backend/event"
)

// StartsAtLogin says whether the system starts the program at login.
func (p *Program) StartsAtLogin() (bool, error) {
	if p.o.Login == nil {
		return false, errors.New("this system has no place for what starts at login")
	}
	return p.o.Login.On()
}

// StartAtLogin makes the system start the program at login, or no longer. The
// tray shows it.
func (p *Program) StartAtLogin(on bool) error {
	if p.o.Login == nil {
		return errors.New("this system has no place for what starts at login")
	}
	if err := p.o.Login.Set(on); err != nil {
		return err
	}
	p.o.Events.Publish(event.Event{Kind: event.Config})
	return nil
}

func (p *Program) loginSwitch() tray.Switch {
	on, err := p.StartsAtLogin()
	switch {
	case err != nil:
		return tray.Unknown
	case on:
		return tray.On
	}
	return tray.Off
}

func (p *Program) switchLogin(context.Context) {
	on, err := p.StartsAtLogin()
	if err == nil {
		err = p.StartAtLogin(!on)
	}
	if err != nil {
		p.o.Log.Warn("start at login", slog.Any("error", err))
	}
}

// switchAccount turns an account on or off, as it is now.
func (p *Program) switchAccount(id int64) {
	for _, a := range p.o.Engine.Accounts() {
		if a.ID != id {
			continue
		}
		on := !a.Enabled
		if _, err := p.o.Engine.ChangeAccount(id, control.AccountPatch{Enabled: &on}); err != nil {
			p.o.Log.Warn("the account was not switched", slog.Any("error", err))
		}
	}
}
