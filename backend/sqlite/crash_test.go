package sqlite_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
	"github.com/WenChunTech/OpenAICompatible/backend/sqlite"
)

// crashFile names the log that this process is to write until it is killed.
const crashFile = "REQUESTLOG_CRASH_FILE"

func TestMain(m *testing.M) {
	if path := os.Getenv(crashFile); path != "" {
		if err := writeForEver(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// writeForEver writes batches and prints the last id of each that is on disk.
func writeForEver(path string) error {
	ctx := context.Background()
	l, err := sqlite.Open(ctx, path, sqlite.Options{})
	if err != nil {
		return err
	}
	for id := l.LastID() + 1; ; id++ {
		x := varied(id)
		x.Start = time.Now()
		l.Put(requestlog.Record{Exchange: x, Body: &requestlog.Body{Request: noise(int(id % 3000))}})
		if id%50 != 0 {
			continue
		}
		if err := l.Flush(ctx); err != nil {
			return err
		}
		fmt.Println(id)
	}
}

func TestB55_TheLogSurvivesKilling(t *testing.T) {
	path := file(t)
	var last int64
	for round := range 3 {
		last = killAfter(t, path, last+int64(500+round*277))

		l, err := sqlite.Open(t.Context(), path, sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := l.LastID(); got < last {
			t.Fatalf("round %d: the last exchange is %d, but %d was on disk", round, got, last)
		}
		var n int64
		q := requestlog.Query{Limit: 1000}
		for {
			p := list(t, l, q)
			n += int64(len(p.Exchanges))
			if q.Before = p.Next; q.Before == 0 {
				break
			}
		}
		if n != l.LastID() {
			t.Errorf("round %d: %d exchanges of 1…%d", round, n, l.LastID())
		}
		if _, b, err := l.Get(t.Context(), last); err != nil || len(b.Request) != int(last%3000) {
			t.Errorf("round %d: the body of %d: %v, %v", round, last, b, err)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		if kept := aside(t, path, "damaged"); len(kept) > 0 {
			t.Errorf("round %d: moved aside %v", round, kept)
		}
	}
}

// killAfter runs a child that writes, kills it when it said that id is on disk,
// and returns the last id that it said this of.
func killAfter(t *testing.T, path string, id int64) (last int64) {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	child.Env = append(os.Environ(), crashFile+"="+path)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	killed := false
	for lines.Scan() {
		if last, err = strconv.ParseInt(lines.Text(), 10, 64); err != nil {
			t.Fatal(err)
		}
		if last >= id && !killed {
			killed = true
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := child.Wait(); err == nil || !killed {
		t.Fatalf("the child ended by itself: %v", err)
	}
	return last
}
