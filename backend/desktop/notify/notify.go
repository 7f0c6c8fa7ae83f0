// Package notify shows a message outside the window, as the system does it.
//
// The invariant: it never waits for the person, and where the system has no
// such messages it says so with an error and does nothing else.
package notify

import (
	"fmt"

	"github.com/gen2brain/beeep"
)

// Send shows a message.
func Send(title, text string) error {
	beeep.AppName = "OpenAICompatible"
	if err := beeep.Notify(title, text, ""); err != nil {
		return fmt.Errorf("notify: %w", err)
	}
	return nil
}
