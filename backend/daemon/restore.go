package daemon

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/atomicfile"
	"github.com/WenChunTech/OpenAICompatible/backend/config"
	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/event"
	"github.com/WenChunTech/OpenAICompatible/backend/sqlite"
)

// wholeState is all that a restore puts in force.
type wholeState struct {
	config  []byte
	secrets func() error
	// log is a file with the request log; "" leaves the one that is here.
	log string
	// then are the accounts that will be.
	then []config.Account
}

// beforeNote stands beside what was before a restore. Done is false while the
// restore is under way: a program that finds it so ended in the middle of it.
type beforeNote struct {
	control.KeptState

	Done bool `json:"done"`
}

const (
	noteFile = "note.json"
	// undoneFolder is what was before, while it is put back.
	undoneFolder = "undone"
)

// Restore puts the staged file in force.
func (b *backups) Restore(ctx context.Context, passphrase string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	coming := b.at(comingLog)
	if err := forget(coming); err != nil {
		return err
	}
	defer func() { _ = forget(coming) }()                                     // it is used up, or of no use
	log, err := os.OpenFile(coming, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600) // #nosec G304 -- in the data folder
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return refused("no backup was chosen")
		}
		return err
	}
	c, then, err := b.read(passphrase, log)
	if err := errors.Join(err, log.Close()); err != nil {
		return err
	}
	to := wholeState{config: c.Config, then: then.Accounts}
	if c.About.Log {
		if _, err := sqlite.Inspect(ctx, coming); err != nil {
			return refused("the request log in the backup cannot be used: " + err.Error())
		}
		to.log = coming
	}
	secrets, err := b.secretsFor(then, c.Secrets, c.About.Secrets)
	if err != nil {
		return err
	}
	to.secrets = func() error { return b.d.secrets.Replace(secrets, backedUp()...) }
	if err := b.change(ctx, to); err != nil {
		return err
	}
	b.d.log.Info("backup restored", slog.Time("of", c.About.Created))
	return forget(b.at(stagedFile))
}

// secretsFor are the secrets after a restore: those of the backup, or where it
// has none, those that are here of the accounts and keys that stay the same. An
// API key without a text would lock its user out: it gets a new one.
func (b *backups) secretsFor(then *config.Config, given map[string]string, has bool) (map[string]account.Secret, error) {
	out := map[string]account.Secret{}
	for name, text := range given {
		out[name] = account.NewSecret(text)
	}
	if has {
		return out, nil
	}
	here, err := b.d.secrets.Export(backedUp()...)
	if err != nil {
		return nil, err
	}
	now := b.d.config.Snapshot()
	for _, a := range then.Accounts {
		i := slices.IndexFunc(now.Accounts, func(x config.Account) bool { return x.ID == a.ID && x.Provider == a.Provider })
		if i < 0 {
			continue
		}
		name := account.CredentialName(a.ID)
		if now.Accounts[i].Key != "" {
			out[name] = account.NewSecret(now.Accounts[i].Key)
		}
		for n, s := range here {
			if n == name || strings.HasPrefix(n, name+"/") {
				out[n] = s
			}
		}
	}
	for _, k := range then.Keys {
		name, text := account.KeyName(k.ID), ""
		i := slices.IndexFunc(now.Keys, func(x config.Key) bool { return x.ID == k.ID && x.Name == k.Name })
		if i >= 0 {
			text = control.KeyText(now.Keys[i], b.d.secrets)
		}
		out[name] = account.NewSecret(cmp.Or(text, account.NewKey()))
	}
	return out, nil
}

// Kept is what was before the last restore.
func (b *backups) Kept() *control.KeptState {
	note, ok := b.note()
	if !ok || !note.Done {
		return nil
	}
	return &note.KeptState
}

func (b *backups) note() (n beforeNote, ok bool) {
	text, err := os.ReadFile(b.at(beforeFolder, noteFile))
	return n, err == nil && json.Unmarshal(text, &n) == nil
}

// Undo puts back what was before the last restore.
func (b *backups) Undo(ctx context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if note, ok := b.note(); !ok || !note.Done {
		return refused("there is nothing to undo")
	}
	if err := os.RemoveAll(b.at(undoneFolder)); err != nil {
		return err
	}
	if err := os.Rename(b.at(beforeFolder), b.at(undoneFolder)); err != nil {
		return err
	}
	to, err := b.stateIn(undoneFolder)
	if err == nil {
		err = b.change(ctx, to)
	}
	if err != nil {
		return errors.Join(err, os.RemoveAll(b.at(beforeFolder)), os.Rename(b.at(undoneFolder), b.at(beforeFolder)))
	}
	b.d.log.Info("restore undone")
	return errors.Join(os.RemoveAll(b.at(beforeFolder)), os.RemoveAll(b.at(undoneFolder)))
}

// Forget deletes what was before the last restore.
func (b *backups) Forget() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return os.RemoveAll(b.at(beforeFolder))
}

// ForgetLogs deletes every copy of the request log. An undo leaves the log as it
// is then.
func (b *backups) ForgetLogs() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := errors.Join(forget(b.at(beforeFolder, logFile)), forget(b.at(waitingLog)), b.sweep()); err != nil {
		return err
	}
	note, ok := b.note()
	if !ok || !note.Log {
		return nil
	}
	note.Log = false
	return b.writeNote(b.at(beforeFolder), note)
}

// sweep deletes the copies of the log that a backup or a restore was made with.
func (b *backups) sweep() error {
	going, err := filepath.Glob(b.at(goingLog + "*"))
	if err != nil {
		return err
	}
	for _, path := range append(going, b.at(comingLog)) {
		err = errors.Join(err, forget(path))
	}
	return err
}

// change puts a state in force, or leaves all as it is. What is here now is kept.
func (b *backups) change(ctx context.Context, to wholeState) error {
	unlock, err := b.holdRefreshes(to.then)
	if err != nil {
		return err
	}
	defer unlock()
	if err := b.keep(ctx, to.log != ""); err != nil {
		return fmt.Errorf("what is here could not be kept, so nothing was changed: %w", err)
	}
	if err := b.put(ctx, to); err != nil {
		return errors.Join(fmt.Errorf("nothing was changed: %w", err), b.putBack(context.WithoutCancel(ctx)))
	}
	note, _ := b.note()
	note.Done = true
	if err := b.writeNote(b.at(beforeFolder), note); err != nil {
		return errors.Join(fmt.Errorf("nothing was changed: %w", err), b.putBack(context.WithoutCancel(ctx)))
	}
	b.tell()
	return nil
}

// holdRefreshes keeps credentials from being renewed while they are replaced: a
// refresh that began before would write its token over the restored one.
func (b *backups) holdRefreshes(then []config.Account) (unlock func(), err error) {
	var names []string
	for _, a := range slices.Concat(b.d.config.Snapshot().Accounts, then) {
		names = append(names, account.CredentialName(a.ID))
	}
	slices.Sort(names)
	var held []func()
	unlock = func() {
		for _, one := range held {
			one()
		}
	}
	for _, name := range slices.Compact(names) {
		one, err := b.d.secrets.Lock(name)
		if err != nil {
			unlock()
			return nil, err
		}
		held = append(held, one)
	}
	return unlock, nil
}

// keep copies what is here, whole or not at all.
func (b *backups) keep(ctx context.Context, log bool) error {
	fresh := b.at("keeping")
	if err := os.RemoveAll(fresh); err != nil {
		return err
	}
	if err := os.MkdirAll(fresh, 0o700); err != nil {
		return err
	}
	settings, err := b.d.config.Text()
	if err != nil {
		return err
	}
	secrets, err := b.d.secrets.File()
	if err != nil {
		return err
	}
	for name, text := range map[string][]byte{settingsFile: settings, credentialsFile: secrets} {
		if text == nil {
			continue
		}
		if err := atomicfile.Write(filepath.Join(fresh, name), text); err != nil {
			return err
		}
	}
	if log {
		if err := b.withLog(ctx, func(l *sqlite.Log) error { return l.Copy(ctx, filepath.Join(fresh, logFile)) }); err != nil {
			return err
		}
	}
	if err := b.writeNote(fresh, beforeNote{KeptState: control.KeptState{At: time.Now(), Log: log}}); err != nil {
		return err
	}
	if err := os.RemoveAll(b.at(beforeFolder)); err != nil {
		return err
	}
	return os.Rename(fresh, b.at(beforeFolder))
}

// settingsFile is the name of the kept file of settings.
const settingsFile = "config.json"

func (b *backups) writeNote(folder string, n beforeNote) error {
	text, err := json.Marshal(n)
	if err != nil {
		return err
	}
	return atomicfile.Write(filepath.Join(folder, noteFile), text)
}

// stateIn is a state that was kept.
func (b *backups) stateIn(folder string) (wholeState, error) {
	settings, err := readOrNil(b.at(folder, settingsFile))
	if err != nil {
		return wholeState{}, err
	}
	if settings == nil {
		settings = []byte("{}\n")
	}
	secrets, err := readOrNil(b.at(folder, credentialsFile))
	if err != nil {
		return wholeState{}, err
	}
	s := wholeState{config: settings, secrets: func() error { return b.d.secrets.PutBack(secrets) }}
	if then, err := config.Parse(settings); err == nil {
		s.then = then.Accounts
	}
	if log := b.at(folder, logFile); fileThere(log) {
		s.log = log
	}
	return s, nil
}

func readOrNil(path string) ([]byte, error) {
	text, err := os.ReadFile(path) // #nosec G304 -- in the data folder
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return text, err
}

func fileThere(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// put puts a state in force: the log first, as the largest it fails most often.
func (b *backups) put(ctx context.Context, to wholeState) error {
	d := b.d
	if to.log != "" && d.requests != nil {
		if err := b.putLog(ctx, to.log); err != nil {
			return err
		}
	}
	if err := to.secrets(); err != nil {
		return err
	}
	if err := d.config.Replace(to.config); err != nil {
		return err
	}
	if to.log == "" || d.requests != nil {
		return nil
	}
	// A command of the command line: the program that runs takes it over, or the
	// next one that starts.
	if err := forget(b.at(waitingLog)); err != nil {
		return err
	}
	if err := copyFile(to.log, b.at(waitingLog)); err != nil {
		return err
	}
	return leaveWishes(d.o.DataDir, []wish{{Log: true}})
}

func (b *backups) putLog(ctx context.Context, path string) error {
	if err := b.d.requests.Replace(ctx, path); err != nil {
		return err
	}
	if b.d.relay != nil {
		b.d.relay.Skip(b.d.requests.LastID())
	}
	b.d.events.Publish(event.Event{Kind: event.Exchanges})
	return nil
}

// takeLog takes over the request log that a command restored.
func (b *backups) takeLog(ctx context.Context) {
	b.mu.Lock()
	defer b.mu.Unlock()
	path := b.at(waitingLog)
	if !fileThere(path) {
		return
	}
	if _, err := sqlite.Inspect(ctx, path); err != nil {
		b.d.log.Warn("restored request log is not taken over", slog.String("error", err.Error()))
		return
	}
	if err := b.putLog(ctx, path); err != nil {
		b.d.log.Warn("restored request log is not taken over", slog.String("error", err.Error()))
		return
	}
	_ = forget(path) // taken over twice it is the same
}

// copyFile closes what it wrote before it says that all went well.
func copyFile(from, to string) (err error) {
	in, err := os.Open(from) // #nosec G304 -- in the data folder
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600) // #nosec G304 -- in the data folder
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	_, err = io.Copy(out, in)
	return err
}

// putBack puts what was kept in force again, after something failed.
func (b *backups) putBack(ctx context.Context) error {
	was, err := b.stateIn(beforeFolder)
	if err == nil {
		err = b.put(ctx, was)
	}
	if err != nil {
		return fmt.Errorf("and what was here before could not be put back; it is kept in %s: %w", b.at(beforeFolder), err)
	}
	return os.RemoveAll(b.at(beforeFolder))
}

// recover deletes what is of no use any more, and puts back what was there before
// a restore in the middle of which the program ended.
func (b *backups) recover(ctx context.Context) {
	// What a program that was killed left behind.
	if err := errors.Join(b.sweep(), forget(b.at(stagedFile))); err != nil {
		b.d.log.Warn("copies of the request log are not deleted", slog.String("error", err.Error()))
	}
	if note, ok := b.note(); !ok || note.Done {
		return
	}
	b.d.log.Warn("a restore did not come to its end: what was there before it is put back")
	if err := b.putBack(ctx); err != nil { // it is tried again at the next start
		b.d.log.Error("restore is not taken back", slog.String("error", err.Error()))
	}
}

// tell has everything follow what was put in force: where the settings are the
// same text and the secrets are not, nothing else says so.
func (b *backups) tell() {
	d := b.d
	c := d.config.Snapshot()
	if d.socket != nil {
		d.apply(c)
	} else {
		d.gatherSecrets(c)
		d.accounts.rebuild(c, false)
	}
	for _, kind := range []event.Kind{event.Config, event.Accounts, event.Models} {
		d.events.Publish(event.Event{Kind: kind})
	}
}
