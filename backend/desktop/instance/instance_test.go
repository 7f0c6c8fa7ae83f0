package instance_test

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/desktop/instance"
)

func serve(t *testing.T, i *instance.Instance) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- i.Serve(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
		_ = i.Close()
	})
}

func TestB52_SecondStartIsAnsweredByTheFirst(t *testing.T) {
	folder := t.TempDir()
	first, err := instance.Acquire(t.Context(), folder, 0)
	if err != nil {
		t.Fatal(err)
	}
	serve(t, first)

	if _, err := instance.Acquire(t.Context(), folder, 0); !errors.Is(err, instance.ErrTaken) {
		t.Fatalf("a second start got %v, want %v", err, instance.ErrTaken)
	}
	if err := instance.Request(t.Context(), folder, instance.Show); err != nil {
		t.Fatal(err)
	}
	if got := <-first.Asked(); got != instance.Show {
		t.Errorf("the first was asked %q, want %q", got, instance.Show)
	}
}

func TestAcquire_OfManyAtOnceExactlyOneIsTheProgram(t *testing.T) {
	folder := t.TempDir()
	var won atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			i, err := instance.Acquire(t.Context(), folder, 0)
			if err == nil {
				won.Add(1)
				t.Cleanup(func() { _ = i.Close() })
				return
			}
			if !errors.Is(err, instance.ErrTaken) {
				t.Errorf("acquire: %v", err)
			}
		})
	}
	all.Wait()
	if won.Load() != 1 {
		t.Errorf("%d starts became the program, want 1", won.Load())
	}
}

func TestAcquire_SuccessorGetsTheLockWhenItIsFree(t *testing.T) {
	folder := t.TempDir()
	first, err := instance.Acquire(t.Context(), folder, 0)
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan error, 1)
	go func() {
		second, err := instance.Acquire(t.Context(), folder, instance.SuccessorWait)
		if err == nil {
			err = second.Close()
		}
		got <- err
	}()
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-got; err != nil {
		t.Errorf("the successor got %v", err)
	}
}

func TestServe_RefusesAWrongToken(t *testing.T) {
	folder := t.TempDir()
	i, err := instance.Acquire(t.Context(), folder, 0)
	if err != nil {
		t.Fatal(err)
	}
	serve(t, i)
	conn, err := net.Dial("tcp", i.Leave().Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.Write([]byte(`{"token":"guess","ask":"show"}` + "\n")); err != nil {
		t.Fatal(err)
	}
	answer := make([]byte, 64)
	n, err := conn.Read(answer)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(answer[:n]), "{\"ok\":false}\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if len(i.Asked()) != 0 {
		t.Error("a stranger's wish was passed on")
	}
}

func TestAcquire_KeepsTheTokenFromOthers(t *testing.T) {
	folder := t.TempDir()
	i, err := instance.Acquire(t.Context(), folder, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = i.Close() }()
	info, err := os.Stat(filepath.Join(folder, "instance.json"))
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != 0o600 {
		t.Errorf("the address file has mode %o, want 600", got)
	}
}
