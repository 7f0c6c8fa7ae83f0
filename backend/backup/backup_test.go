package backup

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"maps"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func sample() Contents {
	return Contents{
		About:  About{Program: "1.2.3", Created: time.Date(2030, 1, 31, 12, 0, 0, 0, time.UTC), Secrets: true},
		Config: []byte("{\n  // mine\n  \"version\": 1\n}\n"), Secrets: map[string]string{"account/1": "canary-token", "key/1": "canary-key"},
	}
}

// few make a test quick: what a guess costs is tried once.
const few = 10

// made is a backup of a sample with a log of that size.
func made(t *testing.T, size int) ([]byte, []byte) {
	t.Helper()
	log := bytes.Repeat([]byte("0123456789abcdef"), size/16+1)[:size]
	var b bytes.Buffer
	if err := writeFile(&b, "open sesame", few, sample(), bytes.NewReader(log), int64(size)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), log
}

func TestBackup_GivesBackWhatItGot(t *testing.T) {
	for _, size := range []int{0, 1, chunkSize, 3*chunkSize + 5} {
		file, log := made(t, size)
		var got bytes.Buffer
		c, err := Read(bytes.NewReader(file), "open sesame", &got)
		if err != nil {
			t.Fatalf("%d bytes: %v", size, err)
		}
		want := sample()
		if !bytes.Equal(c.Config, want.Config) || !maps.Equal(c.Secrets, want.Secrets) || !c.About.Log || c.About.Program != "1.2.3" || !c.About.Created.Equal(want.About.Created) {
			t.Errorf("%d bytes: got %+v", size, c)
		}
		if !bytes.Equal(got.Bytes(), log) {
			t.Errorf("the log of %d bytes came back with %d", size, got.Len())
		}
	}
}

func TestBackup_WithoutLog(t *testing.T) {
	var b bytes.Buffer
	if err := Write(&b, "p", sample(), nil, 0); err != nil {
		t.Fatal(err)
	}
	if n := binary.BigEndian.Uint32(b.Bytes()[len(mark)+1:]); n < 600_000 {
		t.Errorf("a guess costs %d rounds, want 600,000 or more", n)
	}
	c, err := Read(&b, "p", nil)
	if err != nil || c.About.Log {
		t.Errorf("got %+v, %v, want no log", c.About, err)
	}
}

func TestBackup_ShowsNothingWithoutThePassphrase(t *testing.T) {
	file, _ := made(t, 100)
	for _, word := range []string{"canary", "version", "1.2.3", "account", "0123456789"} {
		if bytes.Contains(file, []byte(word)) {
			t.Errorf("%q can be read in the file", word)
		}
	}
	if _, err := Read(bytes.NewReader(file), "open sesamy", nil); !errors.Is(err, ErrPassphrase) {
		t.Errorf("a wrong passphrase: got %v", err)
	}
	again, _ := made(t, 100)
	if bytes.Equal(file, again) {
		t.Error("two backups of the same are the same file")
	}
}

func TestBackup_KnowsACutAndADamagedFile(t *testing.T) {
	file, _ := made(t, 2*chunkSize)
	piece := chunkSize + 16
	for _, at := range []int{len(mark) + 3, headerSize, headerSize + 10, headerSize + piece, headerSize + 2*piece, len(file) - 1} {
		if _, err := Read(bytes.NewReader(file[:at]), "open sesame", nil); !errors.Is(err, ErrCut) {
			t.Errorf("cut at %d of %d: got %v", at, len(file), err)
		}
	}
	for _, at := range []int{headerSize + 1, headerSize + piece - 1} {
		bad := bytes.Clone(file)
		bad[at] ^= 1
		if _, err := Read(bytes.NewReader(bad), "open sesame", nil); !errors.Is(err, ErrDamaged) {
			t.Errorf("a bit changed at %d: got %v", at, err)
		}
	}
	swapped := bytes.Clone(file)
	copy(swapped[headerSize:], file[headerSize+piece:headerSize+2*piece])
	copy(swapped[headerSize+piece:], file[headerSize:headerSize+piece])
	if _, err := Read(bytes.NewReader(swapped), "open sesame", nil); !errors.Is(err, ErrDamaged) {
		t.Errorf("two pieces in the wrong order: got %v", err)
	}
	if _, err := Read(io.MultiReader(bytes.NewReader(file), strings.NewReader("more")), "open sesame", nil); err == nil {
		t.Error("something after the end is not noticed")
	}
}

func TestBackup_KnowsForeignAndNewerFiles(t *testing.T) {
	for _, text := range []string{"", "{}", strings.Repeat("x", 500)} {
		if _, err := Read(strings.NewReader(text), "p", nil); !errors.Is(err, ErrNotBackup) {
			t.Errorf("%.10q: got %v", text, err)
		}
	}
	file, _ := made(t, 1)
	file[len(mark)] = version + 1
	if _, err := Read(bytes.NewReader(file), "open sesame", nil); !errors.Is(err, ErrNewer) {
		t.Errorf("a newer header: got %v", err)
	}
	var b bytes.Buffer
	s, err := seal(&b, "p", few)
	if err != nil {
		t.Fatal(err)
	}
	if err := writePart(s, partAbout, strings.NewReader(`{"format":2}`), 12); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(&b, "p", nil); !errors.Is(err, ErrNewer) {
		t.Errorf("a newer content: got %v", err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(mark + "\x01\x00\x00\x00\x01"))
	f.Fuzz(func(t *testing.T, file []byte) {
		if len(file) > len(mark)+5 { // a header that costs seconds proves nothing
			copy(file[len(mark)+1:], []byte{0, 0, 0, 1})
		}
		if _, err := Read(bytes.NewReader(file), "p", nil); err == nil {
			t.Error("something that nobody sealed is read")
		}
	})
}
