package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestRun_AnswersWithoutAWindow(t *testing.T) {
	t.Setenv("DISPLAY", "")
	t.Setenv("WAYLAND_DISPLAY", "")
	for _, c := range []struct {
		name string
		args []string
		code int
		out  string // a part of what is printed
		logs string
	}{
		{"the version", []string{"version"}, 0, version, ""},
		{"the version, as a flag", []string{"--version"}, 0, version, ""},
		{"help", []string{"--help"}, 0, "serve", ""},
		{"help of a command", []string{"serve", "--help"}, 0, "--port", ""},
		{"a flag that is not there", []string{"--colour"}, 2, "", "unknown flag --colour"},
		{"a command that is not there", []string{"dance"}, 2, "", "dance"},
		{"a port that is no number", []string{"serve", "--port", "many"}, 2, "", "--port"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out, logs bytes.Buffer
			if got := run(c.args, strings.NewReader(""), &out, &logs); got != c.code {
				t.Errorf("exit code %d, want %d; it said %q", got, c.code, logs.String())
			}
			if !strings.Contains(out.String(), c.out) || !strings.Contains(logs.String(), c.logs) {
				t.Errorf("it printed %q and said %q, want %q and %q", out.String(), logs.String(), c.out, c.logs)
			}
		})
	}
}

func TestRun_HelpHidesWhatIsForTheProgramItself(t *testing.T) {
	var out, logs bytes.Buffer
	run([]string{"desktop", "--help"}, strings.NewReader(""), &out, &logs)
	run([]string{"--help"}, strings.NewReader(""), &out, &logs)
	for _, hidden := range []string{"--relaunched", "--successor", "--stopped", "\n  tray"} {
		if strings.Contains(out.String(), hidden) {
			t.Errorf("the help shows %q:\n%s", hidden, out.String())
		}
	}
}

func TestRun_WithoutADisplaySaysWhatToDo(t *testing.T) {
	t.Setenv("DISPLAY", "")
	t.Setenv("WAYLAND_DISPLAY", "")
	var out, logs bytes.Buffer
	code := run(nil, strings.NewReader(""), &out, &logs)
	said := logs.String()
	if code != 1 || !strings.Contains(said, "openaicompatible serve") || strings.Count(said, "\n") != 1 {
		t.Errorf("exit code %d, said %q", code, said)
	}
}
