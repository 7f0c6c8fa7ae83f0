package main

import (
	"encoding/binary"
	"os"
	"testing"
)

func TestKinds_AreThoseOfTheFirstLevel(t *testing.T) {
	t.Parallel()
	b := make([]byte, 16+3*8)
	binary.LittleEndian.PutUint16(b[14:], 3)
	for i, kind := range []uint32{14, 16, 24} {
		binary.LittleEndian.PutUint32(b[16+i*8:], kind)
	}
	got := kinds(b)
	if len(got) != 3 || !got[14] || !got[16] || !got[24] {
		t.Errorf("got %v", got)
	}
	if got := kinds(b[:30]); len(got) != 1 {
		t.Errorf("of a torn tree got %v", got)
	}
}

func TestLook_RefusesWhatIsNoWindowsProgram(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if look(self) == nil && os.PathSeparator == '/' {
		t.Error("a program of this system passes for one of Windows with an icon")
	}
}
