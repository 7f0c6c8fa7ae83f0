//go:build desktop

package trayicon

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/getlantern/systray"

	"github.com/WenChunTech/OpenAICompatible/backend/desktop/memory"
	"github.com/WenChunTech/OpenAICompatible/backend/desktop/tray"
	"github.com/WenChunTech/OpenAICompatible/backend/desktop/tray/icons"
)

// settle is when the icon and its menu have been drawn for sure.
const settle = 2 * time.Second

// Run shows the tray until the standard input ends. It must be called on the
// main thread, and does not return on macOS.
func Run() error {
	// Who read the output may have gone; the end of the input says what to do.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	start := memory.AtStart()
	environment := os.Environ() // As the program had it, for its next start.
	out, err := claimOutput()
	if err != nil {
		return err
	}
	folder, err := prepare()
	if err != nil {
		return err
	}
	l := &link{in: os.Stdin, out: out}
	ctx, stop := context.WithCancel(context.Background())
	ready := func() {
		frame := &frame{link: l, pictures: icons.All()}
		l.report(tray.Report{Ready: true})
		watchHost(ctx, l)
		settled := time.AfterFunc(settle, start.Release)
		defer settled.Stop()
		relaunch := l.follow(frame)
		if len(relaunch) > 0 {
			if err := launch(relaunch, environment); err != nil {
				fmt.Fprintln(os.Stderr, "openaicompatible:", err)
			}
		}
		systray.Quit()
	}
	systray.Run(ready, func() {
		stop()
		_ = os.RemoveAll(folder) // Nothing but the picture that is shown now.
	})
	return nil
}

// launch starts the program again, apart from this process.
func launch(command, environment []string) error {
	// The program that died may still be letting go of its lock and its port.
	time.Sleep(200 * time.Millisecond)
	cmd := exec.Command(command[0], command[1:]...) //nolint:gosec,noctx // Our own program; it outlives this process.
	cmd.Env, cmd.Stderr = environment, os.Stderr
	detach(cmd)
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start the program again: %w", err)
	}
	return cmd.Process.Release()
}

// frame is the menu as systray has it: a row of items that is made once, from
// the first menu, and then filled and hidden.
type frame struct {
	link     *link
	pictures icons.Set
	items    []*systray.MenuItem // nil for a separator
	of       []atomic.Int64      // the account of each item now
	shown    tray.Menu
}

func (f *frame) show(m tray.Menu) {
	if f.items == nil {
		f.build(m)
	}
	if len(m.Items) != len(f.items) {
		return // Not our program's menu: all of its menus have one shape.
	}
	for i, item := range m.Items {
		if f.items[i] != nil && (f.shown.Items == nil || f.shown.Items[i] != item) {
			f.of[i].Store(item.Of)
			fill(f.items[i], item)
		}
	}
	if f.shown.State != m.State {
		picture := f.picture(m.State)
		systray.SetTemplateIcon(picture, picture)
	}
	if f.shown.Tooltip != m.Tooltip {
		systray.SetTooltip(m.Tooltip)
	}
	f.shown = m
}

// build makes the row. systray sends a click without waiting for a receiver, so
// each item has one of its own.
func (f *frame) build(m tray.Menu) {
	f.of = make([]atomic.Int64, len(m.Items))
	var above *systray.MenuItem
	for i, item := range m.Items {
		if item.ID == tray.Separator {
			systray.AddSeparator()
			f.items = append(f.items, nil)
			continue
		}
		entry := add(above, item)
		if !item.Sub {
			above = entry
		}
		f.items = append(f.items, entry)
		go func() {
			for range entry.ClickedCh { // Ends with the process.
				f.link.report(tray.Report{Click: item.ID, Of: f.of[i].Load()})
			}
		}()
	}
}

// add makes an entry. On Linux only one that was made as a switch can be one.
func add(above *systray.MenuItem, item tray.Item) *systray.MenuItem {
	switch {
	case item.Sub && item.Switch:
		return above.AddSubMenuItemCheckbox(item.Title, "", item.Checked)
	case item.Sub:
		return above.AddSubMenuItem(item.Title, "")
	case item.Switch:
		return systray.AddMenuItemCheckbox(item.Title, "", item.Checked)
	}
	return systray.AddMenuItem(item.Title, "")
}

func fill(entry *systray.MenuItem, item tray.Item) {
	entry.SetTitle(item.Title)
	if item.Checked {
		entry.Check()
	} else {
		entry.Uncheck()
	}
	if item.Disabled {
		entry.Disable()
	} else {
		entry.Enable()
	}
	// Last, for on Linux each of the above shows the item.
	if item.Hidden {
		entry.Hide()
	} else {
		entry.Show()
	}
}

func (f *frame) picture(s tray.State) []byte {
	switch s {
	case tray.Running:
		return f.pictures.Running
	case tray.Degraded:
		return f.pictures.Degraded
	case tray.Error:
		return f.pictures.Error
	case tray.Stopped:
	}
	return f.pictures.Stopped
}

func (f *frame) copyText(text string) {
	if err := copyText(text); err != nil {
		f.link.report(tray.Report{Problem: "copy: " + err.Error()})
	}
}
