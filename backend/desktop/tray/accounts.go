package tray

import (
	"fmt"
	"math"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/control"
)

// Switch is something that is on, off, or not known here.
type Switch int

// The positions.
const (
	Unknown Switch = iota
	Off
	On
)

// accountSlots is how many accounts the menu has room for: its frame is made
// once. Whoever has more finds them in the window.
const accountSlots = 24

// accountItems are the accounts, one line each; a click switches one on or off.
func accountItems(accounts []control.Account, w words) []Item {
	items := []Item{{ID: Accounts, Title: w.accountList, Hidden: len(accounts) == 0}}
	for slot := range accountSlots {
		if slot >= len(accounts) {
			items = append(items, Item{ID: Account, Sub: true, Switch: true, Hidden: true})
			continue
		}
		a := &accounts[slot]
		items = append(items, Item{
			ID: Account, Sub: true, Switch: true, Title: accountLine(a, w), Checked: a.Enabled, Of: a.ID,
			// The demo and the accounts of the original's file are not switched here.
			Disabled: a.ID <= 0 || a.Original,
		})
	}
	return append(items, Item{ID: More, Sub: true, Title: w.moreAccounts, Hidden: len(accounts) <= accountSlots})
}

// accountLine is an account's name, state and what is left of its tightest
// quota.
func accountLine(a *control.Account, w words) string {
	state := string(a.State)
	if a.State == control.AccountReady && a.Standing.State != "" {
		state = string(a.Standing.State)
	}
	parts := []string{masked(a.Name)}
	if word := w.account[state]; word != "" {
		parts = append(parts, word)
	}
	least := math.Inf(1)
	for _, q := range a.Quotas {
		if q.Remaining != nil {
			least = min(least, *q.Remaining)
		}
	}
	if a.Enabled && !math.IsInf(least, 1) {
		parts = append(parts, fmt.Sprintf(w.left, int(math.Floor(least*100))))
	}
	return clip(strings.Join(parts, " · "))
}

// masked hides most of a name that is an address: a menu is seen by who stands
// by.
func masked(name string) string {
	at := strings.LastIndexByte(name, '@')
	if at <= 0 || strings.ContainsAny(name, " ") {
		return name
	}
	first := []rune(name)[:1]
	return string(first) + "•••" + name[at:]
}
