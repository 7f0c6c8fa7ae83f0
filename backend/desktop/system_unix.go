//go:build unix && !darwin

package desktop

import (
	"cmp"
	"os"
)

// HasDisplay says whether a window could be shown. Without a display the
// window's library panics and the tray's ends the process, so it is asked
// before either.
func HasDisplay() bool {
	return os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != ""
}

func systemLanguage() string {
	return cmp.Or(os.Getenv("LC_ALL"), os.Getenv("LC_MESSAGES"), os.Getenv("LANG"))
}
