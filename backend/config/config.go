// Package config is the one file of settings: read, checked, merged and written
// atomically.
//
// The invariant: what the user wrote survives. Unknown keys, comments and the
// order of the file are kept by every write, and a crash at any moment leaves
// the old or the new file, never half of one. Readers take a snapshot that
// nobody changes. Secrets do not belong here, but are accepted where they stand.
package config

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
)

// Config is one snapshot of the file. Its JSON names are the file's.
// It is a superset of the original program's file: Host, Port, Proxy, CodeGeeX,
// Qwen, QwenCode and GeminiCLI are its keys, and load unchanged.
type Config struct {
	// Version is the file's format; 0 is the original program's.
	Version int `json:"version"`
	// Host and Port are where the proxy listens.
	Host string `json:"host"`
	Port int    `json:"port"`
	// Proxy is the original's HTTP proxy URL for upstream traffic, which counts
	// where Network.Proxy says nothing.
	Proxy    string   `json:"proxy,omitempty"`
	General  General  `json:"general"`
	Server   Server   `json:"server"`
	Routing  Routing  `json:"routing"`
	Models   Models   `json:"models"`
	Network  Network  `json:"network"`
	Requests Requests `json:"requests"`
	Updates  Updates  `json:"updates"`
	// Telemetry is off without an address.
	Telemetry Telemetry `json:"telemetry"`
	// Demo adds the built-in demo provider.
	Demo bool `json:"demo"`
	// Keys are the clients' API keys, without their secrets.
	Keys     []Key     `json:"keys,omitempty"`
	Accounts []Account `json:"accounts,omitempty"`
	// Prices are the user's own; they go before those that the program knows.
	Prices []Price `json:"prices,omitempty"`
	// Imported are the original's sections, as the accounts they stand for.
	// They are read only: what Update changes in them is not written. Provider
	// is codegeex, qwen or gemini, Settings["kind"] tells qwen's web sign-in
	// from its code one, and the fields keep the names they have in the file.
	// Key is the token; one that is an object is its JSON.
	Imported []Account `json:"-"`

	warnings []string
}

// Warnings are what the file says that the program goes on without, one line
// each, as a sign-in whose token is empty.
func (c *Config) Warnings() []string { return slices.Clone(c.warnings) }

// clone shares nothing with c.
func (c *Config) clone() *Config {
	n := *c
	n.Server.AllowedOrigins = slices.Clone(c.Server.AllowedOrigins)
	n.Server.AllowedHosts = slices.Clone(c.Server.AllowedHosts)
	n.Server.ProtocolsOff = slices.Clone(c.Server.ProtocolsOff)
	n.Routing.Aliases = slices.Clone(c.Routing.Aliases)
	for i := range n.Routing.Aliases {
		n.Routing.Aliases[i].Models = slices.Clone(n.Routing.Aliases[i].Models)
	}
	n.Models.Hidden = slices.Clone(c.Models.Hidden)
	n.Models.Favourites = slices.Clone(c.Models.Favourites)
	n.Network.NoProxy = slices.Clone(c.Network.NoProxy)
	n.Keys = slices.Clone(c.Keys)
	for i := range n.Keys {
		n.Keys[i].Models = slices.Clone(n.Keys[i].Models)
	}
	n.Accounts = cloneAccounts(c.Accounts)
	n.Imported = cloneAccounts(c.Imported)
	n.Prices = clonePrices(c.Prices)
	n.warnings = slices.Clone(c.warnings)
	return &n
}

func cloneAccounts(accounts []Account) []Account {
	n := slices.Clone(accounts)
	for i := range n {
		n[i].Models = slices.Clone(n[i].Models)
		n[i].Settings = maps.Clone(n[i].Settings)
		n[i].ModelPace = maps.Clone(n[i].ModelPace)
		if p := n[i].Pace; p != nil {
			pace := *p
			n[i].Pace = &pace
		}
	}
	return n
}

// General is what belongs to the program as a whole.
type General struct {
	// Language is system, en or zh-CN; Theme is system, light or dark.
	Language string `json:"language"`
	Theme    string `json:"theme"`
	// Closing is what closing the window does: tray or quit.
	Closing string `json:"closing"`
	// StartListener opens the proxy's port at start.
	StartListener bool `json:"startListener"`
	// FirstRunDone says that the first steps were shown, taken or skipped.
	FirstRunDone bool `json:"firstRunDone"`
	// StartHidden starts without the window.
	StartHidden bool `json:"startHidden"`
	// ReleaseSeconds is how long the window must be hidden and nothing running
	// before its memory is given back; 0 is never.
	ReleaseSeconds int `json:"releaseSeconds"`
}

// Server is who may call the proxy, and how.
type Server struct {
	// RequireKey demands an API key on loopback too. Beyond loopback one is
	// always demanded.
	RequireKey bool `json:"requireKey"`
	// AllowedOrigins are web origins that may call from a browser page.
	AllowedOrigins []string `json:"allowedOrigins"`
	// AllowedHosts are names beside the loopback ones that the Host header may
	// carry, without a port.
	AllowedHosts []string `json:"allowedHosts"`
	// MaxBodyMB bounds a decoded request body, in MiB.
	MaxBodyMB int `json:"maxBodyMB"`
	// HeaderTimeoutMs and IdleTimeoutMs bound a slow or silent client.
	HeaderTimeoutMs int `json:"headerTimeoutMs"`
	IdleTimeoutMs   int `json:"idleTimeoutMs"`
	// OllamaOpen lets programs of this machine use Ollama's paths without a key,
	// for which its clients have no place.
	OllamaOpen bool `json:"ollamaOpen"`
	// OllamaPort is a second port, for programs that look for Ollama at its usual
	// one, 11434; 0 is none.
	OllamaPort int `json:"ollamaPort"`
	// ProtocolsOff are client protocols that are not served; see [Protocols].
	ProtocolsOff []string `json:"protocolsOff"`
	// Metrics serves counts for Prometheus at /metrics, with an API key.
	Metrics bool `json:"metrics"`
}

// Requests is what the request log keeps.
type Requests struct {
	// KeepBodies is off, errors or all.
	KeepBodies string `json:"keepBodies"`
	// BodyLimitKB cuts each body that is kept, in KiB.
	BodyLimitKB int `json:"bodyLimitKB"`
	// Days and MaxMB bound the log on disk; 0 is no bound.
	Days  int `json:"days"`
	MaxMB int `json:"maxMB"`
}

// Account is one sign-in at a provider.
type Account struct {
	ID       int64  `json:"id"`
	Provider string `json:"provider"`
	Name     string `json:"name"`
	Prefix   string `json:"prefix,omitempty"`
	// Identity is its own name at the service, as an e-mail address, by which a
	// second sign-in of the same person is known; "" is unknown.
	Identity string `json:"identity,omitempty"`
	// Origin is the [Account.Print] of the entry of the original's file it was
	// imported from, which is not used beside it; "" is none.
	Origin string `json:"origin,omitempty"`
	// Disabled is the user's switch; a pointer is not needed, on is the default.
	Disabled bool `json:"disabled,omitempty"`
	// Models are upstream models listed by hand.
	Models []string `json:"models,omitempty"`
	// Settings are the provider's own fields.
	Settings map[string]string `json:"settings,omitempty"`
	// Weight is its share where accounts take turns by weight, 1 to 100; 0 is 1.
	Weight int `json:"weight,omitempty"`
	// Priority orders accounts where one is filled before the next; the highest
	// goes first.
	Priority int `json:"priority,omitempty"`
	// Pace bounds how fast it is asked; nil is what is safe for its kind.
	Pace *Pace `json:"pace,omitempty"`
	// ModelPace bounds single models by the service's own names; [OtherModels]
	// stands for each that is not named.
	ModelPace map[string]Pace `json:"modelPace,omitempty"`
	// Network is how it reaches its service; the zero value is as all do.
	Network AccountNetwork `json:"network,omitzero"`
	// Key is the secret where the user wrote it into the file; "" otherwise.
	Key string `json:"key,omitempty"`
}

// NextAccountID is the ID of a new account; those of entries that were written
// by hand without one do not count.
func (c *Config) NextAccountID() int64 {
	var highest int64
	for _, a := range c.Accounts {
		if a.ID <= maxOwnID {
			highest = max(highest, a.ID)
		}
	}
	return highest + 1
}

// Original says that the account stands in a section of the original program's
// file.
func (a *Account) Original() bool { return a.ID >= importedBase }

// Own says that the program gave the account its ID.
func (a *Account) Own() bool { return a.ID >= 1 && a.ID <= maxOwnID }

// ReplacedBy is the name of the account that was imported from a, an entry of
// the original's file, and is used in its stead; "" is none.
func (c *Config) ReplacedBy(a *Account) string {
	if !a.Original() {
		return ""
	}
	for i := range c.Accounts {
		if p := c.Accounts[i].Origin; p != "" && p == a.Print() {
			return c.Accounts[i].Name
		}
	}
	return ""
}

// Print tells the account's token in the file from others, and nothing of it;
// "" is none.
func (a *Account) Print() string {
	if a.Key == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(a.Key))
	return hex.EncodeToString(sum[:8])
}

// Default is the configuration of a fresh installation.
func Default() Config {
	return Config{
		Version: 1, Host: "127.0.0.1", Port: 8080,
		General: General{Language: "system", Theme: "system", Closing: "tray", StartListener: true, ReleaseSeconds: 600},
		Server: Server{
			RequireKey: true, AllowedOrigins: []string{}, AllowedHosts: []string{}, ProtocolsOff: []string{},
			MaxBodyMB: 64, HeaderTimeoutMs: 10_000, IdleTimeoutMs: 120_000,
		},
		Routing: Routing{
			Policy: "round_robin", Attempts: 3, QueueLength: 64, QueueWaitMs: 20_000, MaxRestMinutes: 30,
		},
		Network:  Network{ConnectTimeoutMs: 10_000, FirstByteTimeoutMs: 600_000, IdleTimeoutMs: 300_000, KeepAliveMs: 15_000},
		Requests: Requests{KeepBodies: "errors", BodyLimitKB: 256, Days: 30, MaxMB: 500},
		Updates:  Updates{Check: UpdatesOff, Feed: "https://api.github.com/repos/WenChunTech/OpenAICompatible/releases/latest"},
	}
}
