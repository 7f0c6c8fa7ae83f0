package memory_test

import (
	"bytes"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/desktop/memory"
)

func TestRelease_GivesBackTheFilesAndLosesNothing(t *testing.T) {
	start := memory.AtStart()
	own, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	sum := func() int { return bytes.Count(own, []byte{0}) } // Some code and some data.
	want, before := sum(), fileKB(t)
	start.Release()
	after := fileKB(t)
	if got := sum(); got != want {
		t.Errorf("the program computes %d after the release, want %d", got, want)
	}
	if after >= before {
		t.Errorf("files take %d kB after the release, %d before: nothing was given back", after, before)
	}
}

func fileKB(t *testing.T) int {
	t.Helper()
	data, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		if rest, ok := strings.CutPrefix(line, "RssFile:"); ok {
			n, err := strconv.Atoi(strings.Fields(rest)[0])
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatal("the system does not say how much memory files take")
	return 0
}
