// Package tray keeps the tray icon: a small child process that shows the menu
// it is sent and sends back what was clicked. The program's window and the tray
// both want the process's main loop, and on macOS cannot even be linked
// together, so the tray lives in a process of its own.
//
// The invariant: the child knows nothing. The menu is data, made from the state
// by Build and sent whole; the child fills a frame with it. This package does
// not draw: that is trayicon, which runs in the child.
package tray

// State is what the icon shows at a glance.
type State string

// The states, named like the pictures.
const (
	Running  State = "running"
	Stopped  State = "stopped"
	Degraded State = "degraded"
	Error    State = "error"
)

// ID names an item of the menu; a click carries it back.
type ID string

// The items. Separator has no text and cannot be clicked.
const (
	Status    ID = "status"
	Toggle    ID = "toggle"
	CopyURL   ID = "copyUrl"
	CopyKey   ID = "copyKey"
	Open      ID = "open"
	Requests  ID = "requests"
	Accounts  ID = "accounts"
	Account   ID = "account"
	More      ID = "moreAccounts"
	Login     ID = "startAtLogin"
	Quit      ID = "quit"
	Separator ID = ""
)

// Item is one line of the menu.
type Item struct {
	ID       ID     `json:"id,omitempty"`
	Title    string `json:"title,omitempty"`
	Disabled bool   `json:"disabled,omitempty"`
	Hidden   bool   `json:"hidden,omitempty"`
	// Sub says that the item is below the last one that is not.
	Sub bool `json:"sub,omitempty"`
	// Switch says that the item is on or off, and Checked which.
	Switch  bool `json:"switch,omitempty"`
	Checked bool `json:"checked,omitempty"`
	// Of is the account that an Account item is about.
	Of int64 `json:"of,omitempty"`
}

// Menu is the whole tray. Every menu has the same items in the same order, for
// a tray can fill and hide items but neither move nor remove them.
type Menu struct {
	State   State  `json:"state"`
	Tooltip string `json:"tooltip"`
	Items   []Item `json:"items"`
}

// Order is one line from the program to the child. Its fields are independent.
type Order struct {
	// Menu replaces what is shown.
	Menu *Menu `json:"menu,omitempty"`
	// Relaunch is the program and the arguments to start when the pipe closes
	// without a goodbye. It replaces the one before; nil changes nothing, and
	// an empty list means to start nothing.
	Relaunch []string `json:"relaunch,omitzero"`
	// Clipboard is text to copy. The child does it because its toolkit runs
	// when no window was ever opened.
	Clipboard string `json:"clipboard,omitempty"`
	// Goodbye says that the program ends because somebody wanted it to.
	Goodbye bool `json:"goodbye,omitempty"`
}

// Report is one line from the child to the program.
type Report struct {
	// Ready says that the icon was handed to the system.
	Ready bool `json:"ready,omitempty"`
	// Click is the item that was clicked.
	Click ID `json:"click,omitempty"`
	// Of is the account whose item it is.
	Of int64 `json:"of,omitempty"`
	// Host says whether something shows tray icons now; nil when this line says
	// nothing about it. Systems that always have a tray never send it.
	Host *bool `json:"host,omitempty"`
	// Problem is a sentence for the program's log.
	Problem string `json:"problem,omitempty"`
}
