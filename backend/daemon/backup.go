package daemon

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/backup"
	"github.com/WenChunTech/OpenAICompatible/backend/config"
	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
	"github.com/WenChunTech/OpenAICompatible/backend/sqlite"
)

// backups make and restore backups. What it needs for that stands in a folder of
// its own in the data folder.
type backups struct {
	d *Daemon
	// mu is held while anything is made, read or put in force.
	mu sync.Mutex
}

var _ control.Backups = (*backups)(nil)

// What stands in the folder.
const (
	backupFolder = "restore"
	// stagedFile is the backup that is to be restored, encrypted as it came.
	stagedFile = "staged.backup"
	// comingLog is the request log of a backup, waitingLog one that the running
	// program is to take. What begins with goingLog is a copy of the present one on
	// its way into a backup; two may be made at a time.
	comingLog, waitingLog = "coming.db", "waiting.db"
	goingLog              = "going-"
	// beforeFolder is the state before the last restore.
	beforeFolder = "before"
)

func (b *backups) at(parts ...string) string {
	return filepath.Join(append([]string{b.d.o.DataDir, backupFolder}, parts...)...)
}

// backedUp are the secrets that belong to what was set up; that of the admin
// pages belongs to this machine.
func backedUp() []string { return []string{account.CredentialNames, account.KeyNames} }

// Make collects what a backup is to hold.
func (b *backups) Make(ctx context.Context, choice control.BackupChoice) (func(io.Writer) error, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	c, err := b.contents(choice.Secrets)
	if err != nil {
		return nil, err
	}
	if !choice.Log {
		return func(to io.Writer) error { return backup.Write(to, choice.Passphrase, c, nil, 0) }, nil
	}
	if err := os.MkdirAll(b.at(), 0o700); err != nil {
		return nil, err
	}
	path := b.at(goingLog + rand.Text() + ".db")
	if err := b.withLog(ctx, func(l *sqlite.Log) error { return l.Copy(ctx, path) }); err != nil {
		return nil, errors.Join(err, forget(path))
	}
	log, err := os.Open(path) // #nosec G304 -- in the data folder
	if err != nil {
		return nil, err
	}
	return func(to io.Writer) error {
		defer func() { _ = log.Close(); _ = forget(path) }() // a copy, which the next start would delete
		info, err := log.Stat()
		if err != nil {
			return err
		}
		return backup.Write(to, choice.Passphrase, c, log, info.Size())
	}, nil
}

// contents are all but the log.
func (b *backups) contents(secrets bool) (backup.Contents, error) {
	d := b.d
	c := backup.Contents{About: backup.About{Program: d.o.Version, Created: time.Now(), Secrets: secrets}}
	text, err := d.config.Text()
	if err != nil {
		return c, err
	}
	if c.Config = text; text == nil {
		c.Config = []byte("{}\n")
	}
	if !secrets {
		c.Config, err = bare(c.Config, d.offered())
		return c, err
	}
	all, err := d.secrets.Export(backedUp()...)
	if err != nil {
		return c, err
	}
	c.Secrets = map[string]string{}
	for name, s := range all {
		c.Secrets[name] = s.Reveal()
	}
	return c, nil
}

// bare is a file of settings without any secret that was written into it. The
// sections of the original program go as a whole, for they are sign-ins.
func bare(text []byte, providers []provider.Provider) ([]byte, error) {
	c, err := config.Parse(text)
	if err != nil {
		return nil, err
	}
	hidden := map[string]bool{}
	for _, p := range providers {
		info := p.Info()
		fields := info.Fields
		for _, w := range info.Ways {
			fields = append(slices.Clip(fields), w.Fields...)
		}
		for _, f := range fields {
			if f.Kind == provider.FieldSecret {
				hidden[info.Kind+"."+f.Key] = true
			}
		}
	}
	c.Proxy, c.Network.Proxy = config.BareProxy(c.Proxy), config.BareProxy(c.Network.Proxy)
	for i := range c.Keys {
		c.Keys[i].Key = ""
	}
	for i := range c.Accounts {
		a := &c.Accounts[i]
		a.Key, a.Network.Proxy = "", config.BareProxy(a.Network.Proxy)
		for key := range a.Settings {
			if hidden[a.Provider+"."+key] {
				delete(a.Settings, key)
			}
		}
	}
	c.Version = config.Current
	out, err := json.MarshalIndent(c, "", "  ")
	return append(out, '\n'), err
}

// withLog does something with the request log, which a command of the command
// line opens for itself.
func (b *backups) withLog(ctx context.Context, do func(*sqlite.Log) error) error {
	if b.d.requests != nil {
		return do(b.d.requests)
	}
	l, err := sqlite.Open(ctx, filepath.Join(b.d.o.DataDir, logFile), sqlite.Options{Read: readStored})
	if err != nil {
		return err
	}
	return errors.Join(do(l), l.Close())
}

// mostStaged bounds a file that is sent to be restored.
const mostStaged = 64 << 30

// Stage takes a piece of a file that is to be restored.
func (b *backups) Stage(at int64, piece []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := os.MkdirAll(b.at(), 0o700); err != nil {
		return err
	}
	flags := os.O_CREATE | os.O_WRONLY
	if at == 0 {
		flags |= os.O_TRUNC
	}
	f, err := os.OpenFile(b.at(stagedFile), flags, 0o600) // #nosec G304 -- in the data folder
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // after the other Close it does nothing
	if info, err := f.Stat(); err != nil || info.Size() != at || at > mostStaged {
		return errors.Join(refused("the file did not come in one piece: choose it again"), err)
	}
	if _, err := f.WriteAt(piece, at); err != nil {
		return fmt.Errorf("keep the file: %w", err)
	}
	return f.Close()
}

// Discard forgets the file.
func (b *backups) Discard() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return forget(b.at(stagedFile))
}

// Preview reads all of the file, so that what it says can be restored.
func (b *backups) Preview(passphrase string) (control.BackupPreview, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	c, then, err := b.read(passphrase, nil)
	if err != nil {
		return control.BackupPreview{}, err
	}
	p := control.BackupPreview{Version: c.About.Program, Created: c.About.Created, Secrets: c.About.Secrets, Log: c.About.Log}
	p.Settings, p.Parts = control.CompareBackup(b.d.config.Snapshot(), then)
	return p, nil
}

// read reads the staged file, and the settings in it.
func (b *backups) read(passphrase string, log io.Writer) (backup.Contents, *config.Config, error) {
	f, err := os.Open(b.at(stagedFile))
	if errors.Is(err, fs.ErrNotExist) {
		return backup.Contents{}, nil, refused("no backup was chosen")
	}
	if err != nil {
		return backup.Contents{}, nil, err
	}
	defer f.Close()
	c, err := backup.Read(f, passphrase, log)
	switch {
	case errors.Is(err, backup.ErrPassphrase):
		return c, nil, &config.Error{Field: "passphrase", Message: err.Error()}
	case errors.Is(err, backup.ErrNotBackup), errors.Is(err, backup.ErrNewer), errors.Is(err, backup.ErrCut), errors.Is(err, backup.ErrDamaged):
		return c, nil, refused(err.Error())
	case err != nil:
		return c, nil, err
	}
	then, err := config.Parse(c.Config)
	if err != nil {
		return c, nil, refused("the settings in the backup cannot be used: " + err.Error())
	}
	return c, then, nil
}

// refused is something that cannot be restored, and why.
func refused(why string) error { return &llm.Error{Kind: llm.KindBadRequest, Message: why} }

// forget deletes a file, and what SQLite keeps beside it; one that is not there
// is no error.
func forget(path string) error {
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
