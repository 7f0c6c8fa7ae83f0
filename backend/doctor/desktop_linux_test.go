package doctor_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/doctor"
)

func TestDesktop_NamesWhatIsMissing(t *testing.T) {
	for _, name := range []string{"DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"} {
		t.Setenv(name, "")
	}
	found := doctor.Desktop(t.Context())
	for check, want := range map[string]string{"display": "openaicompatible serve", "session bus": "dbus-run-session"} {
		i := slices.IndexFunc(found, func(f doctor.Finding) bool { return f.Check == check })
		if i < 0 || found[i].State == doctor.OK || !strings.Contains(found[i].Do, want) {
			t.Errorf("%s: %+v", check, found)
		}
	}
	t.Setenv("DISPLAY", ":7")
	if f := doctor.Desktop(t.Context())[0]; f.State != doctor.OK || f.Said != ":7" {
		t.Errorf("got %+v", f)
	}
}
