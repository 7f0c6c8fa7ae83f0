package control

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"net"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/config"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
)

// Diagnostics are what a person shows to somebody who helps: a text that is read
// before it is given away. It names nobody: accounts and keys are numbers in it,
// and what may be a secret, a name, an address or a folder of the user's is
// taken out.
type Diagnostics struct {
	// ID finds this very text again.
	ID   string `json:"id"`
	Text string `json:"text"`
}

// report is the text's content.
type report struct {
	Made     time.Time       `json:"made"`
	Program  reportProgram   `json:"program"`
	Listener reportListener  `json:"listener"`
	Settings reportSettings  `json:"settings"`
	Accounts []reportAccount `json:"accounts"`
	Keys     reportKeys      `json:"keys"`
	Log      LogSize         `json:"requestLog"`
	Today    Figures         `json:"today"`
	Warnings []string        `json:"warnings"`
	Errors   []reportError   `json:"lastErrors"`
}

type reportProgram struct {
	Version string `json:"version"`
	Edition string `json:"edition"`
	System  string `json:"system"`
	Go      string `json:"go"`
	CPUs    int    `json:"cpus"`
	// MemoryMB is what the program has of the system; its window has more.
	MemoryMB    uint64 `json:"memoryMB"`
	Goroutines  int    `json:"goroutines"`
	SecretStore string `json:"secretStore"`
	// Config and Data are the places of files, without the user's folder.
	Config string `json:"configFile"`
	Data   string `json:"dataFolder"`
}

type reportListener struct {
	State    ListenerState `json:"state"`
	Port     int           `json:"port"`
	Network  bool          `json:"beyondThisComputer"`
	Problem  string        `json:"problem,omitempty"`
	FreePort int           `json:"freePort,omitempty"`
	Running  int           `json:"running"`
}

// reportSettings are those that explain how the program behaves, and no name.
type reportSettings struct {
	General   config.General  `json:"general"`
	Requests  config.Requests `json:"requests"`
	Demo      bool            `json:"demo"`
	Key       bool            `json:"requireKey"`
	Origins   int             `json:"allowedOrigins"`
	Hosts     int             `json:"allowedHosts"`
	MaxBodyMB int             `json:"maxBodyMB"`
	Ollama    bool            `json:"ollamaOpen"`
	OllamaAt  int             `json:"ollamaPort"`
	Off       []string        `json:"protocolsOff"`

	Policy      string `json:"policy"`
	Sticky      bool   `json:"sticky"`
	Attempts    int    `json:"attempts"`
	Queue       int    `json:"queueLength"`
	QueueWaitMs int    `json:"queueWaitMs"`
	RestMinutes int    `json:"maxRestMinutes"`
	Aliases     int    `json:"aliases"`
	Default     bool   `json:"hasDefaultModel"`

	// Proxy is system, direct, or the scheme of one.
	Proxy       string `json:"proxy"`
	NoProxy     int    `json:"noProxy"`
	OwnCA       bool   `json:"caFile"`
	ConnectMs   int    `json:"connectTimeoutMs"`
	FirstByteMs int    `json:"firstByteTimeoutMs"`
	IdleMs      int    `json:"idleTimeoutMs"`
	KeepAliveMs int    `json:"keepAliveMs"`
}

type reportAccount struct {
	Number     int          `json:"number"`
	Provider   string       `json:"provider"`
	Way        string       `json:"way,omitempty"`
	State      AccountState `json:"state"`
	Reason     string       `json:"reason,omitempty"`
	Standing   string       `json:"standing"`
	Rest       string       `json:"restsBecause,omitempty"`
	RestUntil  *time.Time   `json:"restsUntil,omitempty"`
	Models     int          `json:"models"`
	OwnNetwork bool         `json:"ownNetwork"`
	Requests   int64        `json:"requestsToday"`
	Failures   int64        `json:"failuresToday"`
}

type reportKeys struct {
	Total int `json:"total"`
	Off   int `json:"off"`
	// Bounded are those with models or an end of their own.
	Bounded int `json:"bounded"`
}

type reportError struct {
	At       time.Time `json:"at"`
	Status   int       `json:"status"`
	Kind     string    `json:"kind"`
	Said     string    `json:"said"`
	Protocol string    `json:"protocol"`
	Provider string    `json:"provider"`
	Account  int       `json:"account,omitempty"`
	Model    string    `json:"model"`
	Lane     string    `json:"lane"`
	Attempts int       `json:"attempts"`
}

// lastReport is the last text that was shown, so that what is saved is what was
// read.
type lastReport struct {
	mu sync.Mutex
	Diagnostics
}

const (
	// reportErrors is how many failures a report has, and reportWords how long
	// what a service said of one may be.
	reportErrors = 20
	reportWords  = 240
)

// Diagnose makes a new text.
func (s *Panel) Diagnose(ctx context.Context) (Diagnostics, error) {
	r, err := s.report(ctx)
	if err != nil {
		return Diagnostics{}, err
	}
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return Diagnostics{}, err
	}
	d := Diagnostics{ID: rand.Text(), Text: s.o.Redact(string(text)) + "\n"}
	s.lastReport.mu.Lock()
	defer s.lastReport.mu.Unlock()
	s.lastReport.Diagnostics = d
	return d, nil
}

// Diagnosed is the text that was made last, if it has that ID.
func (s *Panel) Diagnosed(id string) (Diagnostics, error) {
	s.lastReport.mu.Lock()
	defer s.lastReport.mu.Unlock()
	if id == "" || s.lastReport.ID != id {
		return Diagnostics{}, &llm.Error{Kind: llm.KindNotFound, Message: "another report was made since: look at it again before you save it"}
	}
	return s.lastReport.Diagnostics, nil
}

func (s *Panel) report(ctx context.Context) (report, error) {
	c := s.o.Config.Snapshot()
	st, err := s.Status(ctx)
	if err != nil {
		return report{}, err
	}
	size, err := s.LogSize(ctx)
	if err != nil {
		return report{}, err
	}
	page, err := s.o.Log.List(ctx, requestlog.Query{Class: "error", Limit: reportErrors})
	if err != nil {
		return report{}, err
	}
	accounts := s.Accounts()
	m := s.shade(c, accounts)
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	r := report{
		Made: s.o.Now().UTC().Truncate(time.Second), Log: size, Today: st.Today, Settings: settingsReport(c),
		Program: reportProgram{
			Version: st.Version, Edition: st.Edition, System: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version(), CPUs: runtime.NumCPU(),
			MemoryMB: memory.Sys >> 20, Goroutines: runtime.NumGoroutine(), SecretStore: st.SecretStore, Config: m.text(st.ConfigPath), Data: m.text(st.DataPath),
		},
		Listener: reportListener{
			State: st.Listener.State, Port: portOf(st.Listener.Address), Network: !c.Loopback(), Problem: m.text(st.Listener.Error),
			FreePort: st.Listener.FreePort, Running: st.Listener.Running,
		},
		Accounts: []reportAccount{}, Warnings: []string{}, Errors: []reportError{},
	}
	for i := range accounts {
		r.Accounts = append(r.Accounts, m.account(i+1, &accounts[i]))
	}
	for _, k := range c.Keys {
		r.Keys.Total++
		if k.Disabled {
			r.Keys.Off++
		}
		if len(k.Models) > 0 || k.Expires != "" {
			r.Keys.Bounded++
		}
	}
	for _, w := range slices.Concat([]string{st.ConfigProblem}, st.Warnings) {
		if w != "" {
			r.Warnings = append(r.Warnings, m.text(w))
		}
	}
	for i := range page.Exchanges {
		r.Errors = append(r.Errors, m.failure(&page.Exchanges[i]))
	}
	return r, nil
}

// portOf is the port of an address, for the rest may name the machine.
func portOf(address string) int {
	_, text, _ := net.SplitHostPort(address)
	port, _ := strconv.Atoi(text) // 0 where there is none
	return port
}

func settingsReport(c *config.Config) reportSettings {
	proxy := cmp.Or(c.UpstreamProxy(), "system")
	if scheme, _, ok := strings.Cut(proxy, "://"); ok {
		proxy = scheme
	}
	return reportSettings{
		General: c.General, Requests: c.Requests, Demo: c.Demo, Key: c.Server.RequireKey, Origins: len(c.Server.AllowedOrigins),
		Hosts: len(c.Server.AllowedHosts), MaxBodyMB: c.Server.MaxBodyMB, Ollama: c.Server.OllamaOpen, OllamaAt: c.Server.OllamaPort,
		Off: list(c.Server.ProtocolsOff), Policy: c.Routing.Policy, Sticky: c.Routing.Sticky, Attempts: c.Routing.Attempts,
		Queue: c.Routing.QueueLength, QueueWaitMs: c.Routing.QueueWaitMs, RestMinutes: c.Routing.MaxRestMinutes,
		Aliases: len(c.Routing.Aliases), Default: c.Routing.DefaultModel != "", Proxy: proxy, NoProxy: len(c.Network.NoProxy),
		OwnCA: c.Network.CAFile != "", ConnectMs: c.Network.ConnectTimeoutMs, FirstByteMs: c.Network.FirstByteTimeoutMs,
		IdleMs: c.Network.IdleTimeoutMs, KeepAliveMs: c.Network.KeepAliveMs,
	}
}

// shade takes out of texts what names somebody.
type shade struct {
	redact func(string) string
	// names are what people and their folders are called, and what stands for each.
	names  *strings.Replacer
	mail   *regexp.Regexp
	number map[int64]int
}

func (s *Panel) shade(c *config.Config, accounts []Account) *shade {
	m := &shade{redact: s.o.Redact, mail: regexp.MustCompile(`[\w.+-]+@[\w-]+(\.[\w-]+)+`), number: map[int64]int{}}
	type pair struct{ name, instead string }
	var pairs []pair
	add := func(name, instead string) {
		const short = 3 // a name like "a" is in every word
		if len(name) >= short {
			pairs = append(pairs, pair{name, instead})
		}
	}
	for i := range accounts {
		a := &accounts[i]
		m.number[a.ID] = i + 1
		add(a.Name, "account "+strconv.Itoa(i+1))
		add(a.Identity, "account "+strconv.Itoa(i+1))
	}
	for _, a := range allAccounts(c) {
		add(a.Prefix, "account "+strconv.Itoa(m.number[a.ID]))
	}
	for i, k := range c.Keys {
		add(k.Name, "key "+strconv.Itoa(i+1))
	}
	for _, a := range c.Routing.Aliases {
		add(a.Name, "an alias")
	}
	for _, name := range slices.Concat(c.Server.AllowedHosts, c.Server.AllowedOrigins) {
		add(name, "a host")
	}
	if s.o.Home != "" && s.o.Home != string(filepath.Separator) {
		add(s.o.Home, "~")
		add(filepath.Base(s.o.Home), "user")
	}
	slices.SortStableFunc(pairs, func(a, b pair) int { return cmp.Compare(len(b.name), len(a.name)) })
	var flat []string
	for _, p := range pairs {
		flat = append(flat, p.name, p.instead)
	}
	m.names = strings.NewReplacer(flat...)
	return m
}

func (m *shade) text(s string) string {
	s = m.mail.ReplaceAllString(m.names.Replace(m.redact(s)), "an e-mail address")
	return clip(s, reportWords)
}

// clip cuts a text at a character.
func clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}

func (m *shade) account(number int, a *Account) reportAccount {
	r := reportAccount{
		Number: number, Provider: a.Provider, Way: a.Way, State: a.State, Reason: m.text(a.Reason), Standing: string(a.Standing.State),
		Models: a.ModelCount, OwnNetwork: a.Network != AccountNetwork{}, Requests: a.Today.Requests, Failures: a.Today.Failures,
	}
	if rest := a.Standing.Rest; rest != nil {
		r.Rest, r.RestUntil = m.text(rest.Kind+": "+rest.Said), rest.Until
	}
	return r
}

func (m *shade) failure(x *requestlog.Exchange) reportError {
	return reportError{
		At: x.Start.UTC().Truncate(time.Second), Status: x.Status, Kind: x.ErrorKind, Said: m.text(x.Error), Protocol: x.Dialect,
		Provider: x.Provider, Account: m.number[x.AccountID], Model: m.text(cmp.Or(x.Served, x.Asked)), Lane: string(x.Lane), Attempts: len(x.Attempts),
	}
}
