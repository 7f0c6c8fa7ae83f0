package account

import (
	"context"
	"time"
)

// SignIn is one sign-in under way, at whatever service.
type SignIn interface {
	// Prompt is what the user is shown; it does not change.
	Prompt() Prompt
	// Answer takes what the user pasted: the address that the browser ended on,
	// or a code. An error says what is wrong with the text; the sign-in goes on
	// and may be answered again.
	Answer(text string) error
	// Wait returns the credential when the user is through, or an *llm.Error:
	// refused, out of time, or ctx's end, which cancels. It is to be called
	// once, and when it returns every port is closed and nothing goes on.
	Wait(ctx context.Context) (Signed, error)
}

// Prompt is what a sign-in shows to the user.
type Prompt struct {
	// URL is the page to open in a browser.
	URL string
	// UserCode is what the user types there; "" when there is nothing to type.
	UserCode string
	// Port is the port of this machine that waits for the browser; 0 is none.
	Port int
	// Paste says that Answer is of use.
	Paste bool
	// Expires is when the sign-in gives up.
	Expires time.Time
}

// Signed is what a sign-in gave.
type Signed struct {
	Secret Secret
	// Identity is the account's own name at the service, as an e-mail address;
	// "" where the service does not tell.
	Identity string
	// Settings are to be kept with the account; nil is none.
	Settings map[string]string
}
