// Command tray is the tray's child process for macOS, where one program cannot
// hold both the window's library and the tray's. Elsewhere the desktop program
// starts itself with the argument tray.
package main

import (
	"fmt"
	"os"

	"github.com/WenChunTech/OpenAICompatible/backend/desktop/trayicon"
)

func main() {
	if err := trayicon.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "openaicompatible-tray:", err)
		os.Exit(1)
	}
}
