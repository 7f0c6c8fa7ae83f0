package doctor

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/godbus/dbus/v5"
)

// Desktop is what the window's program needs of the system.
func Desktop(ctx context.Context) []Finding {
	out := []Finding{display()}
	out = append(out, bus(ctx)...)
	return append(out, libraries()...)
}

func display() Finding {
	const check = "display"
	if d := cmp.Or(os.Getenv("WAYLAND_DISPLAY"), os.Getenv("DISPLAY")); d != "" {
		return Good(check, "%s", d)
	}
	return Bad(check, "neither DISPLAY nor WAYLAND_DISPLAY is set", "start it in a desktop session; without a window it runs as: openaicompatible serve")
}

// bus looks for the session's bus, and for who shows tray icons there. A bus
// that would have to be started is none: the program does not start one.
func bus(ctx context.Context) []Finding {
	const check, tray = "session bus", "tray"
	ctx, stop := context.WithTimeout(ctx, 2*time.Second)
	defer stop()
	address := os.Getenv("DBUS_SESSION_BUS_ADDRESS")
	if path := filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "bus"); address == "" {
		if _, err := os.Stat(path); err == nil && filepath.IsAbs(path) { //nolint:gosec // it is only looked for
			address = "unix:path=" + path
		}
	}
	if address == "" {
		return []Finding{Doubtful(check, "there is none", "tray icon, notifications and keyring need one: start the program in a desktop session, or under dbus-run-session")}
	}
	c, err := dbus.Connect(address, dbus.WithContext(ctx))
	if err != nil {
		return []Finding{Doubtful(check, "it does not answer", "tray icon, notifications and keyring need it: sign out and in again ("+err.Error()+")")}
	}
	defer c.Close()
	var hosted bool
	const watcher = "org.kde.StatusNotifierWatcher"
	err = c.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.NameHasOwner", 0, watcher).Store(&hosted)
	if err == nil && hosted {
		return []Finding{Good(check, "it answers"), Good(tray, "this desktop shows tray icons")}
	}
	return []Finding{
		Good(check, "it answers"),
		Doubtful(tray, "this desktop shows no tray icons", "in GNOME install the extension AppIndicator; without it the program is reached by starting it again"),
	}
}

// libraries are those that the window's program is linked with. The system's
// loader refuses to start it without them, before a line of it runs.
func libraries() []Finding {
	var out []Finding
	for _, l := range []struct{ check, file, packages string }{
		{"WebKit", "libwebkit2gtk-4.1.so.0", "libwebkit2gtk-4.1-0 (Debian, Ubuntu), webkit2gtk4.1 (Fedora) or webkit2gtk-4.1 (Arch)"},
		{"GTK", "libgtk-3.so.0", "libgtk-3-0 (Debian, Ubuntu) or gtk3 (Fedora, Arch)"},
		{"AppIndicator", "libayatana-appindicator3.so.1", "libayatana-appindicator3-1 (Debian, Ubuntu), libayatana-appindicator-gtk3 (Fedora) or libayatana-appindicator (Arch)"},
	} {
		if at := library(l.file); at != "" {
			out = append(out, Good(l.check, "%s", at))
		} else {
			out = append(out, Bad(l.check, l.file+" was not found", "install "+l.packages))
		}
	}
	return out
}

// library is where a shared library stands, in the folders in which loaders
// look; "" is nowhere.
func library(file string) string {
	folders := filepath.SplitList(os.Getenv("LD_LIBRARY_PATH"))
	for _, pattern := range []string{"/usr/lib/*-linux-gnu*", "/lib/*-linux-gnu*", "/usr/lib64", "/lib64", "/usr/lib", "/lib", "/usr/local/lib"} {
		found, _ := filepath.Glob(pattern)
		folders = append(folders, found...)
	}
	for _, dir := range folders {
		at := filepath.Join(dir, file)
		if _, err := os.Stat(at); err == nil { //nolint:gosec // it is only looked for
			return at
		}
	}
	return ""
}
