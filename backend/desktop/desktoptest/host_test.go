//go:build desktop && linux

package desktoptest

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/prop"
)

const (
	watcherName  = "org.kde.StatusNotifierWatcher"
	watcherPath  = "/StatusNotifierWatcher"
	itemFace     = "org.kde.StatusNotifierItem"
	menuFace     = "com.canonical.dbusmenu"
	propertyFace = "org.freedesktop.DBus.Properties"
)

// host is a tray: it takes items in, reads them and clicks on them.
type host struct {
	t    *testing.T
	conn *dbus.Conn

	mu    sync.Mutex
	items []item
}

type item struct {
	owner string
	path  dbus.ObjectPath
}

// entry is one line of an item's menu.
type entry struct {
	id      int32
	label   string
	enabled bool
}

func newHost(t *testing.T, address string) *host {
	t.Helper()
	conn, err := dbus.Connect(address)
	if err != nil {
		t.Fatal(err)
	}
	h := &host{t: t, conn: conn}
	t.Cleanup(h.close)
	values := func(v any) *prop.Prop { return &prop.Prop{Value: v, Emit: prop.EmitFalse} }
	_, err = prop.Export(conn, watcherPath, prop.Map{watcherName: {
		"IsStatusNotifierHostRegistered": values(true), "ProtocolVersion": values(int32(0)),
		"RegisteredStatusNotifierItems": values([]string{}),
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.Export(&watcher{h}, watcherPath, watcherName); err != nil {
		t.Fatal(err)
	}
	if got, err := conn.RequestName(watcherName, 0); err != nil || got != dbus.RequestNameReplyPrimaryOwner {
		t.Fatalf("become the tray: %v %v", got, err)
	}
	return h
}

// watcher is what items call.
type watcher struct{ h *host }

// RegisterStatusNotifierItem takes an item in: named by its path, or by its bus
// name.
func (w *watcher) RegisterStatusNotifierItem(service string, sender dbus.Sender) *dbus.Error {
	i := item{string(sender), "/StatusNotifierItem"}
	if strings.HasPrefix(service, "/") {
		i.path = dbus.ObjectPath(service)
	}
	w.h.mu.Lock()
	defer w.h.mu.Unlock()
	if !slices.Contains(w.h.items, i) {
		w.h.items = append(w.h.items, i)
	}
	return nil
}

func (h *host) close() { _ = h.conn.Close() }

func (h *host) get(i item, name string) (dbus.Variant, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	var v dbus.Variant
	err := h.conn.Object(i.owner, i.path).CallWithContext(ctx, propertyFace+".Get", 0, itemFace, name).Store(&v)
	return v, err
}

// shown are the items that live and are shown.
func (h *host) shown() []item {
	h.mu.Lock()
	items := slices.Clone(h.items)
	h.mu.Unlock()
	return slices.DeleteFunc(items, func(i item) bool {
		v, err := h.get(i, "Status")
		return err != nil || v.Value() != "Active"
	})
}

// picture is the file of the one item's icon; "" when there is none.
func (h *host) picture() string {
	items := h.shown()
	if len(items) != 1 {
		return ""
	}
	v, err := h.get(items[0], "IconName")
	if err != nil {
		return ""
	}
	name, _ := v.Value().(string)
	return name
}

// layout is a menu as it travels: number, properties, children.
type layout struct {
	ID         int32
	Properties map[string]dbus.Variant
	Children   []dbus.Variant
}

// menu reads the visible lines of the one item's menu; nil when there is not
// exactly one item.
func (h *host) menu() []entry {
	items := h.shown()
	if len(items) != 1 {
		return nil
	}
	v, err := h.get(items[0], "Menu")
	if err != nil {
		return nil
	}
	path, ok := v.Value().(dbus.ObjectPath)
	if !ok {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	var revision uint32
	var top layout
	err = h.conn.Object(items[0].owner, path).CallWithContext(ctx, menuFace+".GetLayout", 0, int32(0), int32(-1), []string{}).Store(&revision, &top)
	if err != nil {
		return nil
	}
	var out []entry
	for _, child := range top.Children {
		var l layout
		if dbus.Store([]any{child.Value()}, &l) != nil {
			continue
		}
		e := entry{id: l.ID, enabled: true}
		e.label, _ = l.Properties["label"].Value().(string)
		if v, ok := l.Properties["enabled"].Value().(bool); ok {
			e.enabled = v
		}
		if v, ok := l.Properties["visible"].Value().(bool); ok && !v || e.label == "" {
			continue
		}
		out = append(out, e)
	}
	return out
}

func (h *host) labels() []string {
	var out []string
	for _, e := range h.menu() {
		out = append(out, e.label)
	}
	return out
}

// has says whether the menu has a line that begins like this.
func (h *host) has(beginning string) bool {
	return slices.ContainsFunc(h.labels(), func(l string) bool { return strings.HasPrefix(l, beginning) })
}

// click clicks on a line once it is there. A click on Quit gets no answer, so
// none is waited for.
func (h *host) click(label string) {
	h.t.Helper()
	var id int32
	for end := time.Now().Add(soon); ; {
		menu := h.menu()
		at := slices.IndexFunc(menu, func(e entry) bool { return e.label == label && e.enabled })
		if at >= 0 {
			id = menu[at].id
			break
		}
		if time.Now().After(end) {
			h.t.Fatalf("the tray's menu has no %q: %q", label, h.labels())
		}
	}
	items := h.shown()
	v, err := h.get(items[0], "Menu")
	if err != nil {
		h.t.Fatal(err)
	}
	h.conn.Object(items[0].owner, v.Value().(dbus.ObjectPath)).
		Go(menuFace+".Event", dbus.FlagNoReplyExpected, nil, id, "clicked", dbus.MakeVariant(int32(0)), uint32(0))
}
