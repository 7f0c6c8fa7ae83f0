package autostart

import (
	"encoding/xml"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const (
	label    = "io.github.wenchuntech." + name
	fileName = label + ".plist"
)

// folder is where the agents of this person are.
func folder() (string, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("find what starts at login: %w", err)
	}
	return filepath.Join(home, "Library", "LaunchAgents"), nil
}

// content is an agent that is started once at login and not kept alive.
func content(command []string) string {
	var b strings.Builder
	b.WriteString(xml.Header + `<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
	<key>Label</key>
	<string>` + label + `</string>
	<key>ProgramArguments</key>
	<array>
`)
	for _, part := range command {
		b.WriteString("\t\t<string>")
		_ = xml.EscapeText(&b, []byte(part)) // A Builder takes everything.
		b.WriteString("</string>\n")
	}
	b.WriteString(`	</array>
	<key>RunAtLoad</key>
	<true/>
	<key>ProcessType</key>
	<string>Interactive</string>
</dict>
</plist>
`)
	return b.String()
}

// enabled is so while the file is there.
func enabled(string) bool { return true }
