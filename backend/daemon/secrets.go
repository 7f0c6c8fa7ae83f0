package daemon

import (
	"context"
	"encoding/json"
	"path/filepath"
	"slices"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/config"
	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/network"
)

// gatherSecrets collects what must never be written down, anew after each
// change of a key or a credential (B59).
func (d *Daemon) gatherSecrets(c *config.Config) {
	out := []string{d.token}
	for _, k := range d.keys(c) {
		out = append(out, control.KeyText(k, d.secrets))
	}
	for _, a := range slices.Concat(c.Accounts, c.Imported) {
		out = append(out, texts(a.Key)...)
		out = append(out, network.Secrets(a.Network.Proxy)...)
	}
	out = slices.Concat(out, network.Secrets(c.Network.Proxy), network.Secrets(c.Proxy), secretsOf(d.traceTarget(c)))
	out = append(out, d.accounts.o.Network.System().Secrets()...)
	for _, s := range d.secrets.Below(account.CredentialNames) {
		out = append(out, texts(s.Reveal())...)
	}
	out = slices.DeleteFunc(out, func(s string) bool { return s == "" })
	d.mustNot.Store(&out)
}

// texts are the words of a credential that give it away: itself, and those in
// one that is a JSON object, as a token with a refresh token.
func texts(secret string) []string {
	const short = 12 // Bearer, a scope's name and the like are no secrets
	out := []string{secret}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			if len(v) >= short {
				out = append(out, v)
			}
		case map[string]any:
			for key, inner := range v {
				if !open(key) {
					walk(inner)
				}
			}
		}
	}
	var object map[string]any
	if json.Unmarshal([]byte(secret), &object) == nil {
		walk(object)
	}
	return out
}

// open are the members of a token that are no secret: addresses and names.
func open(member string) bool {
	return slices.Contains([]string{
		"scope", "scopes", "token_type", "expiry", "expired", "resource_url", "token_uri", "auth_uri", "universe_domain",
		"type", "email", "project_id", "client_id", "client_email", "last_refresh",
	}, member)
}

// watchSecrets takes over credentials that another process stored, and wishes
// that it left, as the command line does. Where the folder cannot be watched they
// are found when the program starts again, or when the credential is due.
func (d *Daemon) watchSecrets(ctx context.Context) error {
	const settle = 100 * time.Millisecond
	w, err := fsnotify.NewWatcher()
	if err != nil {
		<-ctx.Done()
		return nil
	}
	defer w.Close()
	if err := w.Add(d.o.DataDir); err != nil {
		<-ctx.Done()
		return nil
	}
	d.grantWishes(ctx)
	quiet := time.NewTimer(settle)
	quiet.Stop()
	defer quiet.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case e := <-w.Events:
			switch filepath.Base(e.Name) {
			case credentialsFile:
				quiet.Reset(settle)
			case wishesFile:
				d.grantWishes(ctx)
			}
		case <-w.Errors: // events may be lost
			quiet.Reset(settle)
		case <-quiet.C:
			c := d.config.Snapshot()
			d.gatherSecrets(c)
			d.guard.Store(d.guardFor(c)) // the text of a key may be another
			d.accounts.reseat()
		}
	}
}
