package doctor_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/doctor"
)

func TestFolder_SaysWhatToDo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, dir string
		state     doctor.State
		said      string
	}{
		{"one that is there", dir, doctor.OK, "can be written"},
		{"one that is made later", filepath.Join(dir, "a", "b"), doctor.OK, "first start"},
		{"a file", file, doctor.Problem, "is a file"},
	} {
		f := doctor.Folder("data", c.dir)[0]
		if f.State != c.state || !strings.Contains(f.Said, c.said) || (f.State == doctor.OK) != (f.Do == "") {
			t.Errorf("%s: %+v", c.name, f)
		}
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 {
		t.Errorf("it left %v behind (%v)", left, err)
	}
}

func TestClock_WarnsOfOneThatFailsSignIns(t *testing.T) {
	t.Parallel()
	server := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for off, want := range map[time.Duration]string{
		time.Second: "within 1s", -40 * time.Second: "within 40s", 5 * time.Minute: "5m0s ahead", -time.Hour: "1h0m0s behind",
	} {
		if f := doctor.Clock(server, server.Add(off)); !strings.Contains(f.Said, want) {
			t.Errorf("%s: %+v", off, f)
		}
	}
}

func TestPrint_IsALineForEach(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	err := doctor.Print(&out, []doctor.Finding{doctor.Good("port", "%s is free", "127.0.0.1:1"), doctor.Bad("disk", "it is full", "make room")})
	if want := "ok       port         127.0.0.1:1 is free\nproblem  disk         it is full: make room\n"; err != nil || out.String() != want {
		t.Errorf("got %q, %v", out.String(), err)
	}
}
