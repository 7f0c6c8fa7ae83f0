// Package doctor looks at what the program stands on: folders, the display, the
// session bus, the libraries of the system, the clock.
//
// The invariant: looking changes nothing that lasts and sends nothing over the
// network, and each finding that is not good says what to do. The package does
// not know the program's own settings, accounts and database; who knows them
// adds what they say.
package doctor

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// State is how a finding is.
type State string

// The states.
const (
	OK      State = "ok"
	Warning State = "warning"
	Problem State = "problem"
)

// Finding is what one look found.
type Finding struct {
	// Check is what was looked at, in a word or two.
	Check string `json:"check"`
	State State  `json:"state"`
	// Said is what was found, for a person.
	Said string `json:"said"`
	// Do is what to do about it; "" where all is well.
	Do string `json:"do,omitempty"`
}

// Good is a finding that needs nothing.
func Good(check, format string, args ...any) Finding {
	return Finding{Check: check, State: OK, Said: fmt.Sprintf(format, args...)}
}

// Bad says that something does not work, and what to do.
func Bad(check, said, do string) Finding {
	return Finding{Check: check, State: Problem, Said: said, Do: do}
}

// Doubtful says that something works and may not be as it was meant.
func Doubtful(check, said, do string) Finding {
	return Finding{Check: check, State: Warning, Said: said, Do: do}
}

// Print writes a line for each finding.
func Print(w io.Writer, findings []Finding) error {
	for _, f := range findings {
		line := fmt.Sprintf("%-8s %-12s %s", f.State, f.Check, f.Said)
		if f.Do != "" {
			line += ": " + f.Do
		}
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}

// lowSpace is how little free space is worth a word: the request log alone may
// take half of it. With less than noSpace the program hardly starts.
const (
	lowSpace = 1 << 30
	noSpace  = 8 << 20
)

// Folder says whether files can be made in a folder, and how much room there is.
// A folder that is not there is looked for one up, where it would be made.
func Folder(check, dir string) []Finding {
	at, there := dir, true
	for {
		info, err := os.Stat(at)
		if err == nil && !info.IsDir() {
			return []Finding{Bad(check, at+" is a file", "remove it, or name another folder with --data")}
		}
		if err == nil {
			break
		}
		if !errors.Is(err, os.ErrNotExist) {
			return []Finding{Bad(check, err.Error(), "give this user access to it, or name another folder with --data")}
		}
		up := filepath.Dir(at)
		if up == at {
			return []Finding{Bad(check, dir+" is nowhere", "name another folder with --data")}
		}
		at, there = up, false
	}
	if err := writable(at); err != nil {
		return []Finding{Bad(check, at+" cannot be written: "+plain(err), "give this user the right to write there, or name another folder with --data")}
	}
	said := dir + " can be written"
	if !there {
		said = dir + " is made at the first start"
	}
	return []Finding{Good(check, "%s", said), space(at)}
}

// writable makes a file and takes it away again.
func writable(dir string) error {
	f, err := os.CreateTemp(dir, ".doctor-*")
	if err != nil {
		return err
	}
	_, err = f.WriteString("x") // a full disk has room for names
	return errors.Join(err, f.Close(), os.Remove(f.Name()))
}

// plain is why something failed, without the name of the file, which changes.
func plain(err error) string {
	if e, ok := errors.AsType[*os.PathError](err); ok {
		return e.Err.Error()
	}
	return err.Error()
}

func space(dir string) Finding {
	const check = "disk"
	free, known := freeBytes(dir)
	switch {
	case !known:
		return Good(check, "the system does not say how much is free")
	case free < noSpace:
		return Bad(check, fmt.Sprintf("%d MiB are free for %s", free>>20, dir), "make room, or name another folder with --data")
	case free < lowSpace:
		return Doubtful(check, fmt.Sprintf("%d MiB are free for %s", free>>20, dir), "make room, or keep less of the request log (requests.maxMB)")
	}
	return Good(check, "%d GiB are free", free>>30)
}

// Clock compares this machine's clock with what a server said when it was asked
// at that time. Sign-ins and their tokens fail where it is wrong.
func Clock(server, here time.Time) Finding {
	const check, most = "clock", 2 * time.Minute
	off := here.Sub(server).Round(time.Second)
	if off.Abs() > most {
		way := "ahead"
		if off < 0 {
			way = "behind"
		}
		return Bad(check, fmt.Sprintf("this machine's clock is %s %s", off.Abs(), way), "set it by the network: sign-ins fail otherwise")
	}
	return Good(check, "within %s of the server's", max(off.Abs(), time.Second))
}
