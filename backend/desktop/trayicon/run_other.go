//go:build !desktop

package trayicon

import "errors"

// Run says that this build has no tray.
func Run() error {
	return errors.New("this program was built without the desktop: build it with -tags desktop,production")
}
