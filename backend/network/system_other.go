//go:build !windows

package network

func readWindows() windowsProxy { return windowsProxy{} }
