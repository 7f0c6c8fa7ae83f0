package daemon

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/config"
	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/doctor"
	"github.com/WenChunTech/OpenAICompatible/backend/event"
	"github.com/WenChunTech/OpenAICompatible/backend/network"
	"github.com/WenChunTech/OpenAICompatible/backend/pool"
	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
	"github.com/WenChunTech/OpenAICompatible/backend/route"
	"github.com/WenChunTech/OpenAICompatible/backend/sqlite"
)

// DoctorCommand looks for what keeps the program from working. It changes
// nothing, asks no model, and without Online sends nothing.
type DoctorCommand struct {
	Files

	Online  bool `help:"Also go the way to each account's service, step by step; no credential is sent."`
	Desktop bool `help:"Also look at what the window needs: display, session bus, tray, libraries. The desktop program always does."`
	JSON    bool `name:"json" help:"Print JSON."`
}

// Help is what the command line says of it at length.
func (c *DoctorCommand) Help() string {
	return "One line for each check: ok, warning or problem, and what to do. The exit code is 1 when there is a problem."
}

// examination is one run of the command.
type examination struct {
	DoctorCommand
	Terminal

	*Daemon

	found []doctor.Finding
}

func (c *DoctorCommand) run(ctx context.Context, t Terminal) error {
	x := &examination{DoctorCommand: *c, Terminal: t, Daemon: &Daemon{
		o:   Options{Environ: t.environ(), Headless: t.Headless, Version: t.Version, Providers: t.Providers, OpenBrowser: t.OpenBrowser},
		log: slog.New(slog.DiscardHandler), events: event.New(),
	}}
	x.examine(ctx)
	problems := 0
	for i := range x.found {
		f := &x.found[i]
		if x.redactor != nil {
			f.Said, f.Do = x.redactor.String(f.Said), x.redactor.String(f.Do)
		}
		if f.State == doctor.Problem {
			problems++
		}
	}
	if err := x.print(); err != nil {
		return err
	}
	switch problems {
	case 0:
		return nil
	case 1:
		return errors.New("1 problem was found")
	}
	return fmt.Errorf("%d problems were found", problems)
}

func (x *examination) print() error {
	if !x.JSON {
		return doctor.Print(x.Out, x.found)
	}
	e := json.NewEncoder(x.Out)
	e.SetIndent("", "  ")
	return e.Encode(struct {
		Version string           `json:"version"`
		System  string           `json:"system"`
		Checks  []doctor.Finding `json:"checks"`
	}{x.Version, runtime.GOOS + "/" + runtime.GOARCH, x.found})
}

func (x *examination) tell(f ...doctor.Finding) { x.found = append(x.found, f...) }

// examine looks at one thing after the other. Without settings the rest has no
// place to look at.
func (x *examination) examine(ctx context.Context) {
	x.tell(doctor.Good("version", "%s, %s/%s", x.Version, runtime.GOOS, runtime.GOARCH))
	if x.settings() {
		x.dataFolder(ctx)
		x.ports(ctx)
		if x.secretStore() {
			x.signIns(ctx)
		}
	}
	if !x.Headless || x.Desktop {
		x.tell(doctor.Desktop(ctx)...)
	}
}

// settings opens the file; false is none that can be used.
func (x *examination) settings() bool {
	const check = "settings"
	path, err := config.Locate(x.DoctorCommand.Config, x.Headless)
	if err != nil {
		x.tell(doctor.Bad(check, err.Error(), "name a file with --config"))
		return false
	}
	store, err := config.OpenIn(path, x.o.Environ)
	if err != nil {
		x.tell(doctor.Bad(check, err.Error(), "mend "+path+", the program does not start with it"))
		return false
	}
	x.config, x.o.ConfigPath = store, path
	x.o.DataDir = cmp.Or(x.Data, config.DataDir(path))
	x.settingsFile(store.Path())
	for _, name := range config.Unknown(x.o.Environ, serveVariables()...) {
		x.tell(doctor.Doubtful("environment", name+" is no setting", "correct its name, or take it out"))
	}
	for _, w := range store.Snapshot().Warnings() {
		x.tell(doctor.Doubtful(check, w, "correct it in "+store.Path()))
	}
	return true
}

// settingsFile says whether the file can be written, who reads it, and what in
// it means nothing.
func (x *examination) settingsFile(path string) {
	const check = "settings"
	info, err := os.Stat(path)
	if err != nil {
		x.tell(doctor.Good(check, "%s is not there: all is as it comes", path))
		return
	}
	x.tell(doctor.Good(check, "%s", path))
	if f, err := os.OpenFile(path, os.O_WRONLY, 0); err != nil || info.Mode().Perm()&0o200 == 0 { // #nosec G304 -- it is the file that the program reads
		x.tell(doctor.Doubtful(check, path+" is read-only", "the pages cannot change anything: give this user the right to write it"))
	} else {
		_ = f.Close() // nothing was written
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 && x.holdsSecrets() {
		x.tell(doctor.Doubtful(check, "others can read "+path+", and it holds keys", "chmod 600 "+path))
	}
	text, err := x.config.Text()
	if err != nil {
		return // it was opened a moment ago
	}
	for _, s := range config.Stray(path, text) {
		x.tell(doctor.Doubtful(check, s+" means nothing", "correct its name, or take it out"))
	}
}

func (x *examination) holdsSecrets() bool {
	c := x.config.Snapshot()
	for _, a := range append(c.Imported, c.Accounts...) {
		if a.Key != "" {
			return true
		}
	}
	for _, k := range c.Keys {
		if k.Key != "" {
			return true
		}
	}
	return false
}

func (x *examination) dataFolder(ctx context.Context) {
	x.tell(doctor.Folder("data", x.o.DataDir)...)
	const check = "request log"
	path := filepath.Join(x.o.DataDir, logFile)
	version, current, err := sqlite.Version(ctx, path)
	switch {
	case err != nil:
		x.tell(doctor.Bad(check, path+": "+err.Error(), "the program moves it aside at its next start and begins a new one; copy it first if it matters"))
	case version == 0:
		x.tell(doctor.Good(check, "it is made at the first start"))
	case version > current:
		x.tell(doctor.Doubtful(check, fmt.Sprintf("version %d is of a newer program, this one writes %d", version, current), "use the newer program: this one moves the log aside"))
	case version < current:
		x.tell(doctor.Good(check, "version %d, brought to %d at the next start", version, current))
	default:
		x.tell(doctor.Good(check, "version %d opens", version))
	}
}

// ports looks who has those that are configured.
func (x *examination) ports(ctx context.Context) {
	c := x.config.Snapshot()
	x.port(ctx, "port", c.Host, c.Port)
	if c.Server.OllamaPort != 0 {
		x.port(ctx, "Ollama port", c.Host, c.Server.OllamaPort)
	}
}

func (x *examination) port(ctx context.Context, check, host string, port int) {
	address := net.JoinHostPort(host, strconv.Itoa(port))
	var said strings.Builder
	h := HealthCommand{Host: host, Port: port}
	own := x.Terminal
	own.Out = &said
	if h.run(ctx, own) == nil {
		x.tell(doctor.Good(check, "%s", strings.TrimSpace(strings.TrimPrefix(said.String(), "ok: "))))
		return
	}
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", address)
	if err != nil {
		said, do, _ := strings.Cut(explain(ctx, address, err).Error(), "; ")
		x.tell(doctor.Bad(check, said, cmp.Or(do, "choose another with --port or in the settings")))
		return
	}
	_ = ln.Close() // nobody came
	x.tell(doctor.Good(check, "%s is free", address))
}

// secretStore opens the credentials; false is that there are none to look at.
func (x *examination) secretStore() bool {
	const check = "secrets"
	secrets, err := account.OpenCredentials(filepath.Join(x.o.DataDir, credentialsFile), account.CredentialOptions{})
	if err != nil {
		x.tell(doctor.Bad(check, err.Error(), "mend the file, or put a copy of it back"))
		return false
	}
	x.secrets = secrets
	where := secrets.Where()
	problem := secrets.Problem()
	switch {
	case problem != "":
		x.tell(doctor.Bad(check, problem, "unlock the keyring, or enter the secrets again"))
	case where == account.InKeyring:
		x.tell(doctor.Good(check, "encrypted with a key in the system's keyring"))
	case x.Headless:
		x.tell(doctor.Good(check, "in a file that only this user reads: there is no keyring here"))
	default:
		x.tell(doctor.Doubtful(check, "in a file that only this user reads, not encrypted", "start or unlock the system's keyring, and they move there"))
	}
	return true
}

// signIns tells how each account is, as it was last found: nobody is asked.
func (x *examination) signIns(ctx context.Context) {
	x.redactor = requestlog.NewRedactor(x.knownSecrets)
	balance := pool.New(pool.Options{})
	x.accounts = newAccounts(x.accountOptions(ctx, balance))
	x.control = control.New(control.Options{
		Config: x.config, Credentials: x.secrets, Events: x.events, Accounts: x.accounts, Balance: balance, Redact: x.redactor.String,
		Now: time.Now, Table: func() *route.Table { return x.accounts.table() }, Version: x.Version,
	})
	x.gatherSecrets(x.config.Snapshot())
	x.accounts.rebuild(x.config.Snapshot(), false)
	defer x.accounts.close()
	for _, w := range x.accounts.LeftOut() {
		x.tell(doctor.Doubtful("account", w, "remove it, or use the version that has it"))
	}
	all := x.control.Accounts()
	if len(all) == 0 {
		x.tell(doctor.Doubtful("account", "there is none", "add one: login, accounts add, import, or the Accounts page"))
	}
	for _, a := range all {
		x.tell(accountFinding(a))
	}
	x.proxy(ctx)
	if x.Online {
		x.online(ctx, all)
	}
}

func accountFinding(a control.Account) doctor.Finding {
	const check = "account"
	said := fmt.Sprintf("%d '%s' (%s): %s", a.ID, a.Name, a.Provider, stateWord(a))
	switch a.State {
	case control.AccountSignIn, control.AccountRefused:
		do := "sign in again, or enter another key"
		if a.Link != "" {
			do += "; see " + a.Link
		}
		return doctor.Bad(check, said, do)
	case control.AccountUnreachable:
		return doctor.Doubtful(check, said, "look where the way ends: doctor --online")
	case control.AccountReady, control.AccountChecking, control.AccountOff:
	}
	return doctor.Good(check, "%s", said)
}

// proxy says which way requests go out.
func (x *examination) proxy(ctx context.Context) {
	const check = "proxy"
	switch way := x.config.Snapshot().UpstreamProxy(); way {
	case config.ProxyDirect:
		x.tell(doctor.Good(check, "none is used"))
	case config.ProxySystem:
		s := network.ReadSystem(ctx)
		proxy := cmp.Or(s.HTTPS, s.HTTP)
		switch {
		case proxy != "":
			x.tell(doctor.Good(check, "%s, from %s", proxy, s.Source))
		case s.Note != "":
			x.tell(doctor.Doubtful(check, s.Note, "set network.proxy if services are reached through one"))
		default:
			x.tell(doctor.Good(check, "the system has none"))
		}
	default:
		x.tell(doctor.Good(check, "%s, from the settings", config.MaskedProxy(way)))
	}
}

// online goes the ways of all accounts that are on, each way once.
func (x *examination) online(ctx context.Context, all []control.Account) {
	const check = "network"
	seen := map[string]bool{}
	var date, here time.Time
	try := func(name string, test control.NetworkTest) {
		o, target, err := x.accounts.tried(ctx, test)
		if err != nil || target == "" || seen[target+"\n"+o.Proxy] {
			return // it answers in this program, or its address is not known
		}
		seen[target+"\n"+o.Proxy] = true
		r := network.Test(ctx, o, target)
		if !r.Date.IsZero() {
			date, here = r.Date, time.Now()
		}
		if r.OK {
			x.tell(doctor.Good(check, "%s: %s", name, r.Said))
			return
		}
		hop := "way"
		if n := len(r.Hops); n > 0 {
			hop = strings.ToUpper(string(r.Hops[n-1].Name)) + " of " + cmp.Or(r.Hops[n-1].Target, target)
		}
		x.tell(doctor.Bad(check, name+": it ends at "+hop+": "+r.Said, "mend that step, or set another way (network.proxy, network.caFile)"))
	}
	for _, a := range all {
		if a.Enabled {
			try("'"+a.Name+"'", control.NetworkTest{AccountID: a.ID})
		}
	}
	if len(seen) == 0 {
		try("the internet", control.NetworkTest{})
	}
	if !date.IsZero() {
		x.tell(doctor.Clock(date, here))
	}
}
