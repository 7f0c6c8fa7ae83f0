package trayicon

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/WenChunTech/OpenAICompatible/backend/desktop/tray"
)

// fakeScreen notes what it is told.
type fakeScreen struct {
	menus  []tray.Menu
	copied []string
}

func (f *fakeScreen) show(m tray.Menu)     { f.menus = append(f.menus, m) }
func (f *fakeScreen) copyText(text string) { f.copied = append(f.copied, text) }

func TestFollow_ObeysAndKnowsWhatToStartAtTheEnd(t *testing.T) {
	for _, c := range []struct {
		name, orders string
		want         []string
	}{
		{"the pipe closes", `{"relaunch":["a","--background"]}` + "\n", []string{"a", "--background"}},
		{"the last word counts", `{"relaunch":["a"]}` + "\n" + `{"relaunch":["a","--stopped"]}` + "\n", []string{"a", "--stopped"}},
		{"a menu changes nothing of it", `{"relaunch":["a"]}` + "\n" + `{"menu":{"state":"running"}}` + "\n", []string{"a"}},
		{"too many crashes", `{"relaunch":["a"]}` + "\n" + `{"relaunch":[]}` + "\n", []string{}},
		{"a goodbye", `{"relaunch":["a"]}` + "\n" + `{"goodbye":true}` + "\n", nil},
		{"killed in the middle of a line", `{"relaunch":["a"]}` + "\n" + `{"relaunch":["b`, []string{"a"}},
		{"nothing was ever said", "", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := &link{in: strings.NewReader(c.orders)}
			if diff := cmp.Diff(c.want, l.follow(&fakeScreen{})); diff != "" {
				t.Errorf("to start (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFollow_ShowsAndCopies(t *testing.T) {
	l, s := &link{in: strings.NewReader(`{"menu":{"state":"stopped","items":[{"id":"quit","title":"Quit"}]}}` + "\n" + `{"clipboard":"sk-1"}` + "\n")}, &fakeScreen{}
	l.follow(s)
	want := &fakeScreen{menus: []tray.Menu{{State: tray.Stopped, Items: []tray.Item{{ID: tray.Quit, Title: "Quit"}}}}, copied: []string{"sk-1"}}
	if diff := cmp.Diff(want, s, cmp.AllowUnexported(fakeScreen{})); diff != "" {
		t.Errorf("the screen (-want +got):\n%s", diff)
	}
}
