package desktop

import (
	"os/exec"
	"strings"
)

// HasDisplay says whether a window could be shown.
func HasDisplay() bool { return true }

// systemLanguage reads the person's choice: a program that was started by the
// Finder has no locale in its environment.
func systemLanguage() string {
	out, err := exec.Command("/usr/bin/defaults", "read", "-g", "AppleLocale").Output() //nolint:noctx // It answers at once.
	if err != nil {
		return "en"
	}
	return strings.TrimSpace(string(out))
}
