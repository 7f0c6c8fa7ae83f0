package config_test

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/config"
)

// TestMain makes the test's own program the child that the tests below kill
// or run at the same time.
func TestMain(m *testing.M) {
	if path := os.Getenv("CONFIG_TEST_PATH"); path != "" {
		os.Exit(child(path, os.Getenv("CONFIG_TEST_CHILD")))
	}
	os.Exit(m.Run())
}

// child writes for ever, or adds ten keys of its own.
func child(path, name string) int {
	s, err := config.Open(path)
	if err != nil {
		fmt.Println(err)
		return 1
	}
	for i := 1; name == "" || i <= 10; i++ {
		err := s.Update(func(c *config.Config) error {
			if name != "" {
				c.Keys = append(c.Keys, config.Key{ID: int64(len(c.Keys) + 1), Name: fmt.Sprint(name, "-", i)})
				return nil
			}
			c.Port = 1 + i%60000
			// The size jumps, so that a torn file would show.
			c.Routing.DefaultModel = strings.Repeat("m", i%7*1000)
			return nil
		})
		if err != nil {
			fmt.Println(err)
			return 1
		}
		if i == 1 {
			fmt.Println("writing")
		}
	}
	return 0
}

func childCommand(path, name string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "CONFIG_TEST_PATH="+path, "CONFIG_TEST_CHILD="+name)
	return cmd
}

// TestB55_KillLeavesTheOldOrTheNewFile kills a process that does nothing but
// save, at a random moment, many times.
func TestB55_KillLeavesTheOldOrTheNewFile(t *testing.T) {
	t.Parallel()
	const kept = "// kept\n"
	path := write(t, kept+"{\n  \"port\": 1,\n  \"unknown\": {\"x\": [1, 2]}\n}\n")
	for round := range 40 {
		cmd := childCommand(path, "")
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		line, _ := bufio.NewReader(out).ReadString('\n')
		if line != "writing\n" {
			t.Fatalf("round %d: the child says %q", round, line)
		}
		<-time.After(rand.N(8 * time.Millisecond))
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // killed
		text := read(t, path)
		s, err := config.Open(path)
		if err != nil {
			t.Fatalf("round %d: %v\n%.200s", round, err, text)
		}
		i := s.Snapshot().Port - 1
		if !strings.HasPrefix(text, kept) || !strings.Contains(text, `{"x": [1, 2]}`) || len(s.Snapshot().Routing.DefaultModel) != i%7*1000 {
			t.Fatalf("round %d: half a change, or something lost:\n%.200s", round, text)
		}
	}
	if !strings.HasPrefix(read(t, path+".bak-v0"), kept+"{\n  \"port\": 1,") {
		t.Error("the backup is not the first file")
	}
}

// TestUpdate_TwoProcessesLoseNothing lets several processes add at once.
func TestUpdate_TwoProcessesLoseNothing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "config.json")
	var wg sync.WaitGroup
	for _, name := range []string{"a", "b", "c"} {
		wg.Go(func() {
			if out, err := childCommand(path, name).CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
	wg.Wait()
	if got := len(open(t, path).Snapshot().Keys); got != 30 {
		t.Errorf("got %d keys, want 30", got)
	}
}
