//go:build unix && !darwin

package autostart

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const fileName = name + ".desktop"

// folder is where desktops look for what starts at login.
func folder() (string, error) {
	config, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("find what starts at login: %w", err)
	}
	return filepath.Join(config, "autostart"), nil
}

// content is a desktop entry.
func content(command []string) string {
	quoted := make([]string, len(command))
	for i, part := range command {
		quoted[i] = quote(part)
	}
	return "[Desktop Entry]\nType=Application\nName=OpenAICompatible\nIcon=openaicompatible\n" +
		"Exec=" + strings.Join(quoted, " ") + "\nX-GNOME-Autostart-enabled=true\n"
}

// quote writes an argument as Exec wants it: first the quoting of arguments,
// then the escapes of all values.
func quote(argument string) string {
	argument = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "`", "\\`", "$", `\$`, "%", "%%").Replace(argument)
	return `"` + strings.NewReplacer(`\`, `\\`, "\n", `\n`).Replace(argument) + `"`
}

// enabled says whether an entry is followed: desktops switch one off in it.
func enabled(entry string) bool {
	for line := range strings.Lines(entry) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		switch strings.TrimSpace(key) + "=" + strings.ToLower(strings.TrimSpace(value)) {
		case "Hidden=true", "X-GNOME-Autostart-enabled=false":
			return false
		}
	}
	return true
}
