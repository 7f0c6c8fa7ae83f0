package tray_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/desktop/tray"
)

// shown are the visible lines below Accounts.
func shown(m tray.Menu) []string {
	var lines []string
	for _, item := range m.Items {
		if item.Sub && !item.Hidden {
			lines = append(lines, fmt.Sprintf("%s %v %v", item.Title, item.Checked, !item.Disabled))
		}
	}
	return lines
}

func TestBuild_AccountsHaveALineEach(t *testing.T) {
	left, more := 0.317, 0.9
	accounts := []control.Account{
		{ID: 1, Name: "work@example.com", Enabled: true, State: control.AccountReady, Quotas: []control.Quota{{Remaining: &more}, {}, {Remaining: &left}}},
		{ID: 2, Name: "Key", Enabled: false, State: control.AccountOff},
		{ID: 3, Name: "Old", Enabled: true, State: control.AccountSignIn, Original: true},
		{ID: -1, Name: "Demo", Enabled: true, State: control.AccountReady},
	}
	want := []string{"w•••@example.com · ready · 31% left true true", "Key · off false true", "Old · sign in again true false", "Demo · ready true false"}
	if diff := cmp.Diff(want, shown(tray.Build(running(nil), accounts, tray.On, "en"))); diff != "" {
		t.Errorf("the lines (-want +got):\n%s", diff)
	}
}

func TestBuild_TheFrameHasOneShapeForAnyNumberOfAccounts(t *testing.T) {
	none := tray.Build(running(nil), nil, tray.Off, "en")
	many := make([]control.Account, 1000)
	for i := range many {
		many[i] = control.Account{ID: int64(i + 1), Name: fmt.Sprintf("account %d", i), State: control.AccountReady}
	}
	m := tray.Build(running(nil), many, tray.Off, "zh-CN")
	if diff := cmp.Diff(ids(none), ids(m)); diff != "" {
		t.Errorf("the items differ:\n%s", diff)
	}
	lines := shown(m)
	if last := lines[len(lines)-1]; last != "更多账号… false true" {
		t.Errorf("a thousand accounts end with %q", last)
	}
}

func TestBuild_StartAtLoginIsWhatTheSystemSays(t *testing.T) {
	for position, want := range map[tray.Switch][2]bool{tray.Unknown: {true, false}, tray.Off: {false, false}, tray.On: {false, true}} {
		for _, item := range tray.Build(running(nil), nil, position, "en").Items {
			if item.ID == tray.Login && (item.Hidden != want[0] || item.Checked != want[1]) {
				t.Errorf("position %d is shown as %+v", position, item)
			}
		}
	}
}
