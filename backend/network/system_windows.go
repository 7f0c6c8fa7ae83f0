package network

import (
	"sync"

	"github.com/mattn/go-ieproxy"
)

// windowsTurn has one reader at a time: the library keeps what it read in
// variables of its own.
//
//nolint:gochecknoglobals // It guards the globals of another package.
var windowsTurn sync.Mutex

// readWindows asks WinINET, WinHTTP and the registry, in this order.
func readWindows() windowsProxy {
	windowsTurn.Lock()
	found := ieproxy.ReloadConf()
	windowsTurn.Unlock()
	w := windowsProxy{finds: found.Automatic.Active, scriptAt: found.Automatic.PreConfiguredURL}
	if found.Static.Active {
		w.protocols, w.bypass = found.Static.Protocols, found.Static.NoProxy
	}
	if found.Automatic.Active && w.scriptAt != "" {
		w.script = found.Automatic.FindProxyForURL
	}
	return w
}
