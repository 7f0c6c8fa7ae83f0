package daemon

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/WenChunTech/OpenAICompatible/backend/provider"
)

// terminal is a terminal whose person is the test.
func terminal(t *testing.T) (person, program *os.File) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { person.Close() })
	if err := unix.IoctlSetPointerInt(int(person.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(person.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	program, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { program.Close() })
	return person, program
}

func TestCommands_AKeyIsNotShownWhileItIsTyped(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
	person, program := terminal(t)
	if !IsTerminal(program) || IsTerminal(strings.NewReader("")) {
		t.Error("a terminal is not known for one")
	}
	c := Commands{}
	c.Accounts.Add.Config = t.TempDir() + "/config.json"
	c.Accounts.Add.Provider = "clock"
	var said, logs bytes.Buffer
	ended := make(chan error, 1)
	go func() {
		_, err := c.Run(context.Background(), "accounts add", Terminal{
			In: program, Out: program, Logs: &logs, Asks: true, Providers: []provider.Provider{&keyed{}},
		})
		ended <- err
	}()
	read := make([]byte, 4096)
	hears := func(word string) {
		t.Helper()
		for !strings.Contains(said.String(), word) {
			n, err := person.Read(read)
			if err != nil {
				t.Fatal(err)
			}
			said.Write(read[:n])
		}
	}
	hears("press Enter")
	if _, err := person.WriteString("a-typed-key\n"); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		if err != nil {
			t.Fatalf("%v: %s", err, logs.String())
		}
	case <-time.After(5 * time.Second):
		t.Fatal("it does not end")
	}
	hears("is ready")
	if strings.Contains(said.String(), "a-typed-key") {
		t.Errorf("it showed %q", said.String())
	}
	state, err := unix.IoctlGetTermios(int(program.Fd()), getTermios)
	if err != nil || state.Lflag&unix.ECHO == 0 {
		t.Errorf("the terminal stays silent: %v", err)
	}
}

// keyed is a clock with a key.
type keyed struct{ clock }

func (keyed) Info() provider.Info {
	return provider.Info{Kind: "clock", Title: provider.Text{EN: "Clock"}, Prefix: "clock", Ways: []provider.Way{{ID: "key", Credential: provider.CredentialKey}}}
}
