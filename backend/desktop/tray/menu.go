package tray

import (
	"fmt"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/control"
)

// lineLimit bounds a line of the menu in letters: a long reason must not make
// the menu as wide as the screen.
const lineLimit = 90

// Build makes the menu of a state. A language other than Chinese is English.
func Build(s control.Status, accounts []control.Account, login Switch, language string) Menu {
	w, l := wordsOf(language), s.Listener
	listening := l.State == control.Running
	toggle := w.start
	if listening {
		toggle = w.stop
	}
	status := statusLine(s, w)
	items := []Item{
		{ID: Status, Title: status, Disabled: true},
		{ID: Separator},
		{ID: Toggle, Title: toggle},
		{ID: CopyURL, Title: w.copyURL, Disabled: l.BaseURL == ""},
		{ID: CopyKey, Title: w.copyKey, Hidden: s.KeyID == 0},
	}
	items = append(items, accountItems(accounts, w)...)
	items = append(items,
		Item{ID: Separator},
		Item{ID: Open, Title: w.open},
		Item{ID: Requests, Title: w.requests},
		Item{ID: Login, Title: w.login, Switch: true, Checked: login == On, Hidden: login == Unknown},
		Item{ID: Separator},
		Item{ID: Quit, Title: w.quit},
	)
	return Menu{State: stateOf(s), Tooltip: "OpenAICompatible\n" + status, Items: items}
}

func stateOf(s control.Status) State {
	switch s.Listener.State {
	case control.Failed:
		return Error
	case control.Stopped:
		return Stopped
	case control.Running:
	}
	// An account that the person has switched off is nothing to warn of.
	switch {
	case s.Accounts.Total > 0 && s.Accounts.Ready == 0:
		return Error
	case s.Accounts.Total == 0, s.Accounts.Resting > 0, s.Accounts.SignIn > 0, s.ConfigProblem != "":
		return Degraded
	}
	return Running
}

// statusLine says what the icon shows, and why when something is wrong.
func statusLine(s control.Status, w words) string {
	l := s.Listener
	switch l.State {
	case control.Failed:
		return "✕ " + clip(fmt.Sprintf(w.failed, l.Error))
	case control.Stopped:
		return "○ " + w.stopped
	case control.Running:
	}
	parts := []string{fmt.Sprintf(w.running, l.Address)}
	accounts := w.none
	if s.Accounts.Total > 0 {
		accounts = fmt.Sprintf(w.accounts, s.Accounts.Ready, s.Accounts.Total)
	}
	parts = append(parts, accounts)
	if n := s.Accounts.Resting; n > 0 {
		parts = append(parts, fmt.Sprintf(w.resting, n))
	}
	if n := s.Accounts.SignIn; n > 0 {
		parts = append(parts, fmt.Sprintf(w.signIn, n))
	}
	if s.ConfigProblem != "" {
		parts = append(parts, w.config)
	}
	return "● " + clip(strings.Join(parts, " · "))
}

// clip makes one short line of a text.
func clip(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	letters := []rune(text)
	if len(letters) <= lineLimit {
		return text
	}
	return string(letters[:lineLimit-1]) + "…"
}
