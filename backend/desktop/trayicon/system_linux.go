//go:build desktop && linux

package trayicon

// #cgo pkg-config: gtk+-3.0
// #include <stdlib.h>
// #include <gtk/gtk.h>
//
// static gboolean put_text(gpointer text) {
//   GtkClipboard *board = gtk_clipboard_get(GDK_SELECTION_CLIPBOARD);
//   gtk_clipboard_set_text(board, text, -1);
//   gtk_clipboard_set_can_store(board, NULL, 0);
//   gtk_clipboard_store(board);
//   free(text);
//   return G_SOURCE_REMOVE;
// }
//
// static void copy_text(char *text) { g_idle_add(put_text, text); }
// // It returns at once.
import "C"

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"syscall"

	"github.com/godbus/dbus/v5"
	"golang.org/x/sys/unix"

	"github.com/WenChunTech/OpenAICompatible/backend/desktop/tray"
)

// claimOutput keeps the standard output for reports. Libraries print to it, so
// they get the standard error instead.
func claimOutput() (*os.File, error) {
	fd, err := unix.FcntlInt(1, unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return nil, fmt.Errorf("claim the output: %w", err)
	}
	if err := unix.Dup3(2, 1, 0); err != nil {
		return nil, fmt.Errorf("claim the output: %w", err)
	}
	return os.NewFile(uintptr(fd), "reports"), nil
}

// prepare sets what the libraries read when they start. systray keeps its
// picture as a file and leaves it there when it is killed, so it gets a folder
// of its own, which is returned.
func prepare() (string, error) {
	folder, err := os.MkdirTemp("", "openaicompatible-tray-")
	if err != nil {
		return "", fmt.Errorf("make a folder for the icon: %w", err)
	}
	for name, value := range map[string]string{
		"TMPDIR": folder,
		// The tray draws nothing itself: without GL it is 56 MB smaller.
		"GDK_GL": "disable",
	} {
		if err := os.Setenv(name, value); err != nil {
			return "", fmt.Errorf("set %s: %w", name, err)
		}
	}
	return folder, nil
}

func copyText(text string) error {
	C.copy_text(C.CString(text)) // It frees the text.
	return nil
}

// detach gives the program its own session, so that it lives on when the
// terminal that started its predecessor closes.
func detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }

const watcher = "org.kde.StatusNotifierWatcher"

// watchHost reports whether something shows tray icons, now and at each change.
// Without a session bus nothing can, and nothing ever will.
func watchHost(ctx context.Context, l *link) {
	no := false
	bus, err := dbus.ConnectSessionBus(dbus.WithContext(ctx))
	if err != nil {
		l.report(tray.Report{Host: &no, Problem: "no session bus, so no tray icon: " + err.Error()})
		return
	}
	changes := make(chan *dbus.Signal, 8)
	bus.Signal(changes)
	err = bus.AddMatchSignal(dbus.WithMatchInterface("org.freedesktop.DBus"),
		dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, watcher))
	if err != nil {
		l.report(tray.Report{Host: &no, Problem: "watch for a tray: " + err.Error()})
		return
	}
	var owned bool
	_ = bus.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.NameHasOwner", 0, watcher).Store(&owned) // A bus that is gone has no tray.
	l.report(tray.Report{Host: &owned})
	go func() { // Ends with ctx, which closes the connection and the channel.
		for change := range changes {
			// The bus sends this connection its own name as well.
			var name, before, now string
			if dbus.Store(change.Body, &name, &before, &now) == nil && name == watcher {
				here := now != ""
				l.report(tray.Report{Host: &here})
			}
		}
	}()
}
