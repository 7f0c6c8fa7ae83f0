package control

import (
	"cmp"
	"context"
	"encoding/json"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/config"
)

// Backups write all that was set up into a file, and put a file in the place of
// it. One file at a time waits to be restored.
type Backups interface {
	// Make collects what was chosen, and gives what writes the file.
	Make(ctx context.Context, c BackupChoice) (write func(io.Writer) error, err error)
	// Stage takes a piece of a file; the first has the offset 0.
	Stage(at int64, piece []byte) error
	// Discard forgets the file.
	Discard() error
	// Preview says what is in the file, and changes nothing.
	Preview(passphrase string) (BackupPreview, error)
	// Restore puts it in force: all of it, or nothing.
	Restore(ctx context.Context, passphrase string) error
	// Kept is what was there before the last restore; nil is nothing.
	Kept() *KeptState
	// Undo puts back what was there before the last restore.
	Undo(ctx context.Context) error
	// Forget deletes what was there before the last restore.
	Forget() error
	// ForgetLogs deletes every copy of the request log.
	ForgetLogs() error
}

// BackupChoice says what goes into a backup.
type BackupChoice struct {
	// Passphrase encrypts the file.
	Passphrase string `json:"passphrase" minLength:"8" maxLength:"1024"`
	// Secrets adds those of accounts and API keys.
	Secrets bool `json:"secrets"`
	// Log adds the request log.
	Log bool `json:"log"`
}

// BackupPreview is what a backup holds, beside what is here.
type BackupPreview struct {
	// Version is the program's that made it.
	Version string    `json:"version"`
	Created time.Time `json:"created"`
	Secrets bool      `json:"secrets"`
	// Log says that the request log is in it and would take the place of this one.
	Log bool `json:"log"`
	// Settings are those that differ, as server.maxBodyMB.
	Settings []string     `json:"settings"`
	Parts    []BackupPart `json:"parts"`
}

// BackupPart is one kind of things.
type BackupPart struct {
	Name string `json:"name" enum:"accounts,keys,aliases,prices"`
	// Now and Then are how many there are here, and in the backup.
	Now  int `json:"now"`
	Then int `json:"then"`
	// Added, Changed and Gone are the names of those that would come, become
	// another, and go.
	Added   []string `json:"added"`
	Changed []string `json:"changed"`
	Gone    []string `json:"gone"`
}

// KeptState is what was here before a restore.
type KeptState struct {
	// At is when it was replaced.
	At time.Time `json:"at"`
	// Log says that the request log was replaced too.
	Log bool `json:"log"`
}

// Backups make and restore backups.
func (s *Panel) Backups() Backups { return s.o.Backups }

// CompareBackup says what would become of the settings in force.
func CompareBackup(now, then *config.Config) (settings []string, parts []BackupPart) {
	was, is := flatSettings(now), flatSettings(then)
	for _, name := range slices.Sorted(maps.Keys(is)) {
		if was[name] != is[name] {
			settings = append(settings, name)
		}
		delete(was, name)
	}
	settings = append(settings, slices.Sorted(maps.Keys(was))...)
	slices.Sort(settings)
	return list(settings), []BackupPart{
		compareNamed("accounts", allAccounts(now), allAccounts(then), func(a config.Account) string { return cmp.Or(a.Name, a.Provider) }),
		compareNamed("keys", now.Keys, then.Keys, func(k config.Key) string { return k.Name }),
		compareNamed("aliases", now.Routing.Aliases, then.Routing.Aliases, func(a config.Alias) string { return a.Name }),
		compareNamed("prices", now.Prices, then.Prices, func(p config.Price) string { return p.Model }),
	}
}

func allAccounts(c *config.Config) []config.Account { return slices.Concat(c.Accounts, c.Imported) }

// flatSettings are the settings as names and JSON, without those that are parts
// of their own.
func flatSettings(c *config.Config) map[string]string {
	out := map[string]string{}
	text, err := json.Marshal(c)
	if err != nil { // numbers, texts and lists alone
		return out
	}
	var groups map[string]json.RawMessage
	if json.Unmarshal(text, &groups) != nil {
		return out
	}
	for name, raw := range groups {
		if slices.Contains([]string{"version", "accounts", "keys", "prices"}, name) {
			continue
		}
		var members map[string]json.RawMessage
		if json.Unmarshal(raw, &members) != nil || members == nil {
			out[name] = string(raw)
			continue
		}
		for member, value := range members {
			if name+"."+member != "routing.aliases" {
				out[name+"."+member] = string(value)
			}
		}
	}
	return out
}

func compareNamed[T any](part string, now, then []T, name func(T) string) BackupPart {
	p := BackupPart{Name: part, Now: len(now), Then: len(then), Added: []string{}, Changed: []string{}, Gone: []string{}}
	left := map[string][]string{} // the JSON of those here, by name
	for _, one := range now {
		left[name(one)] = append(left[name(one)], asJSON(one))
	}
	for _, one := range then {
		called := name(one)
		same := left[called]
		if len(same) == 0 {
			p.Added = append(p.Added, called)
			continue
		}
		i := slices.Index(same, asJSON(one))
		if i < 0 {
			i = 0
			p.Changed = append(p.Changed, called)
		}
		left[called] = slices.Delete(same, i, i+1)
	}
	for _, called := range slices.Sorted(maps.Keys(left)) {
		for range left[called] {
			p.Gone = append(p.Gone, called)
		}
	}
	return p
}

func asJSON(v any) string {
	text, err := json.Marshal(v)
	if err != nil { // a part of the configuration, which was read from JSON
		return ""
	}
	return string(text)
}
