package main

import (
	"os"
	"os/exec"
	"testing"
	"time"
)

// The clock of another process must say the same as what that process is
// charged with at its end.
func TestCPUTime_AgreesWithTheKernelsAccount(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), busy+"=1")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 1)); err != nil { // It has spun.
		t.Fatal(err)
	}
	got, err := cpuTime(cmd.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	resident, err := residentBytes(cmd.Process.Pid)
	if err != nil || resident < 1e6 {
		t.Errorf("got %d bytes resident and %v, want what a Go program has", resident, err)
	}
	in.Close()
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	want := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	if difference := (got - want).Abs(); got < 10*time.Millisecond || difference > 20*time.Millisecond {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestCPUTime_OfNobodyIsAnError(t *testing.T) {
	if d, err := cpuTime(1 << 22); err == nil {
		t.Errorf("got %v for a process that does not exist", d)
	}
}
