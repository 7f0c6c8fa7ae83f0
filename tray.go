//go:build !darwin

package main

import "github.com/WenChunTech/OpenAICompatible/backend/desktop/trayicon"

// trayCommand starts this program as its tray.
func trayCommand(executable string) []string { return []string{executable, "tray"} }

func runTray() error { return trayicon.Run() }
