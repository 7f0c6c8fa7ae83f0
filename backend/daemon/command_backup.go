package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/control"
)

// Passphrase says where that of a backup comes from. It is no argument, as those
// stand in the shell's history and in the list of processes.
type Passphrase struct {
	PassphraseFile string `help:"Read the passphrase from the first line of this file." placeholder:"FILE"`
}

// passphraseVariable is the variable of the environment that may hold it.
const passphraseVariable = "OPENAICOMPATIBLE_PASSPHRASE"

// shortest is how long the passphrase of a new backup must be.
const shortest = 8

// get asks for the passphrase where it stands nowhere; a new one is asked for
// twice.
func (p Passphrase) get(ctx context.Context, s *session, fresh bool) (string, error) {
	text, err := p.given()
	if text == "" && err == nil {
		text, err = s.passphrase(ctx, fresh)
	}
	if err == nil && fresh && len(text) < shortest {
		err = fmt.Errorf("the passphrase needs at least %d characters", shortest)
	}
	return text, err
}

func (p Passphrase) given() (string, error) {
	if p.PassphraseFile == "" {
		return os.Getenv(passphraseVariable), nil
	}
	const most = 4 << 10
	text, err := os.ReadFile(p.PassphraseFile)
	if err != nil {
		return "", err
	}
	line, _, _ := strings.Cut(string(text[:min(len(text), most)]), "\n")
	if line = strings.TrimSuffix(line, "\r"); line == "" {
		return "", fmt.Errorf("%s has no passphrase in its first line", p.PassphraseFile)
	}
	return line, nil
}

func (s *session) passphrase(ctx context.Context, fresh bool) (string, error) {
	if !s.Asks {
		return "", fmt.Errorf("%w: nobody can be asked for the passphrase here: set %s, or use --passphrase-file", ErrUsage, passphraseVariable)
	}
	text, err := s.hidden(ctx, "Passphrase: ")
	if err != nil || !fresh {
		return text, err
	}
	again, err := s.hidden(ctx, "Again: ")
	if err == nil && again != text {
		err = errors.New("the two passphrases differ")
	}
	return text, err
}

// hidden asks for a line that is not shown while it is typed, where the terminal
// can do that.
func (s *session) hidden(ctx context.Context, question string) (string, error) {
	if f, ok := s.In.(*os.File); ok {
		if restore, err := hideTyping(f); err == nil {
			defer s.sayf("\n")
			defer restore()
		}
	}
	s.sayf("%s", question)
	text, err := s.line(ctx)
	if errors.Is(err, io.EOF) {
		err = errors.New("no passphrase was typed")
	}
	return text, err
}

// BackupCommand writes all that was set up into a file.
type BackupCommand struct {
	Files
	Passphrase

	File      string `arg:"" help:"The file to write; - is standard output." placeholder:"FILE"`
	Log       bool   `help:"With the request log."`
	NoSecrets bool   `help:"Without the secrets of accounts and API keys."`
	Force     bool   `short:"f" help:"Replace a file that is there."`
}

func (c *BackupCommand) run(ctx context.Context, s *session) error {
	s.hear(ctx)
	out := s.Out
	if c.File == "-" {
		s.Out = s.Logs // questions do not go into the file
	}
	passphrase, err := c.get(ctx, s, true)
	if err != nil {
		return err
	}
	write, err := s.backups.Make(ctx, control.BackupChoice{Passphrase: passphrase, Secrets: !c.NoSecrets, Log: c.Log})
	if err != nil {
		return err
	}
	if c.File == "-" {
		return write(out)
	}
	flags := os.O_CREATE | os.O_WRONLY | os.O_EXCL
	if c.Force {
		flags = os.O_CREATE | os.O_WRONLY | os.O_TRUNC
	}
	f, err := os.OpenFile(c.File, flags, 0o600)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%s is there already: choose another name, or say --force", c.File)
	}
	if err != nil {
		return err
	}
	if err := errors.Join(write(f), f.Close()); err != nil {
		return errors.Join(err, os.Remove(c.File))
	}
	s.sayf("%s holds the settings, accounts and keys%s. Without the passphrase nobody can read it, you neither.\n", c.File, c.also())
	return nil
}

func (c *BackupCommand) also() string {
	var out string
	if c.NoSecrets {
		out = ", without secrets"
	}
	if c.Log {
		out += ", and the request log"
	}
	return out
}

// RestoreCommand puts a backup in force.
type RestoreCommand struct {
	Files
	Passphrase

	File string `arg:"" optional:"" help:"The backup." placeholder:"FILE"`
	Undo bool   `help:"Put back what was there before the last restore."`
	Yes  bool   `short:"y" help:"Do not ask."`
}

func (c *RestoreCommand) run(ctx context.Context, s *session) error {
	s.hear(ctx)
	switch {
	case c.Undo:
		return c.undo(ctx, s)
	case c.File == "":
		return fmt.Errorf("%w: name a backup, or say --undo", ErrUsage)
	}
	if err := c.stage(s); err != nil {
		return err
	}
	defer func() { _ = s.backups.Discard() }() // a copy of the file
	passphrase, err := c.get(ctx, s, false)
	if err != nil {
		return err
	}
	preview, err := s.backups.Preview(passphrase)
	if err != nil {
		return err
	}
	if err := show(s, preview); err != nil {
		return err
	}
	agreed, err := s.agree(ctx, c.Yes, "Put this in the place of what is here?")
	if err != nil {
		return err
	}
	if !agreed {
		return errors.New("nothing was changed")
	}
	if err := s.backups.Restore(ctx, passphrase); err != nil {
		return err
	}
	s.sayf("Restored. What was here before is kept: 'restore --undo' puts it back.\n")
	return nil
}

func (c *RestoreCommand) undo(ctx context.Context, s *session) error {
	kept := s.backups.Kept()
	if kept == nil {
		return errors.New("there is nothing to undo")
	}
	agreed, err := s.agree(ctx, c.Yes, "Put back what was here before "+kept.At.Local().Format(time.DateTime)+"?")
	if err != nil {
		return err
	}
	if !agreed {
		return errors.New("nothing was changed")
	}
	if err := s.backups.Undo(ctx); err != nil {
		return err
	}
	s.sayf("What was here before is back.\n")
	return nil
}

// stage takes the file piece by piece, for it may have a whole log.
func (c *RestoreCommand) stage(s *session) error {
	f, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer f.Close()
	piece := make([]byte, 1<<20)
	for at := int64(0); ; {
		n, err := io.ReadFull(f, piece)
		if n > 0 || at == 0 {
			if err := s.backups.Stage(at, piece[:n]); err != nil {
				return err
			}
		}
		at += int64(n)
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return nil
		case err != nil:
			return err
		}
	}
}

// show prints what a restore would do.
func show(s *session, p control.BackupPreview) error {
	s.sayf("A backup of %s, made by version %s%s.\n", p.Created.Local().Format(time.DateTime), p.Version, map[bool]string{false: ", without secrets"}[p.Secrets])
	w := tabwriter.NewWriter(s.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "WHAT\tHERE\tBACKUP\tADDED\tCHANGED\tGONE")
	for _, part := range p.Parts {
		fmt.Fprintf(w, "%s\t%d\t%d\t%s\t%s\t%s\n", part.Name, part.Now, part.Then, strings.Join(part.Added, ", "), strings.Join(part.Changed, ", "), strings.Join(part.Gone, ", "))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if len(p.Settings) > 0 {
		s.sayf("Settings that change: %s.\n", strings.Join(p.Settings, ", "))
	}
	if p.Log {
		s.sayf("The request log is replaced by that of the backup.\n")
	}
	return nil
}
