package control

import (
	"slices"

	"github.com/WenChunTech/OpenAICompatible/backend/config"
)

// SettingsPatch changes the fields that are not nil.
type SettingsPatch struct {
	Host           *string   `json:"host,omitempty"`
	Port           *int      `json:"port,omitempty" minimum:"1" maximum:"65535"`
	RequireKey     *bool     `json:"requireKey,omitempty"`
	AllowedOrigins *[]string `json:"allowedOrigins,omitempty"`
	AllowedHosts   *[]string `json:"allowedHosts,omitempty"`
	MaxBodyMB      *int      `json:"maxBodyMB,omitempty" minimum:"1" maximum:"1024"`
	OllamaOpen     *bool     `json:"ollamaOpen,omitempty"`
	OllamaPort     *int      `json:"ollamaPort,omitempty" minimum:"0" maximum:"65535"`
	ProtocolsOff   *[]string `json:"protocolsOff,omitempty" enum:"responses,completions,embeddings,anthropic,gemini,ollama"`
	Language       *string   `json:"language,omitempty" enum:"system,en,zh-CN"`
	Theme          *string   `json:"theme,omitempty" enum:"system,light,dark"`
	Closing        *string   `json:"closing,omitempty" enum:"tray,quit"`
	StartListener  *bool     `json:"startListener,omitempty"`
	StartHidden    *bool     `json:"startHidden,omitempty"`
	FirstRunDone   *bool     `json:"firstRunDone,omitempty"`
	KeepBodies     *string   `json:"keepBodies,omitempty" enum:"off,errors,all"`
	BodyLimitKB    *int      `json:"bodyLimitKB,omitempty" minimum:"1" maximum:"65536"`
	Days           *int      `json:"days,omitempty" minimum:"0" maximum:"3650"`
	MaxMB          *int      `json:"maxMB,omitempty" minimum:"0" maximum:"1048576"`
	DefaultModel   *string   `json:"defaultModel,omitempty"`
	Attempts       *int      `json:"attempts,omitempty" minimum:"1" maximum:"10"`
	Demo           *bool     `json:"demo,omitempty"`
	UpdateCheck    *string   `json:"updateCheck,omitempty" enum:"off,daily"`
	OTLPEndpoint   *string   `json:"otlpEndpoint,omitempty" maxLength:"2048"`

	Policy            *string `json:"policy,omitempty" enum:"round_robin,weighted,fill_first,least_busy,most_quota,soonest_reset"`
	Sticky            *bool   `json:"sticky,omitempty"`
	QueueLength       *int    `json:"queueLength,omitempty" minimum:"0" maximum:"10000"`
	QueueWaitMs       *int    `json:"queueWaitMs,omitempty" minimum:"0" maximum:"3600000"`
	MaxRestMinutes    *int    `json:"maxRestMinutes,omitempty" minimum:"1" maximum:"1440"`
	Explain           *bool   `json:"explain,omitempty"`
	MaxRunning        *int    `json:"maxRunning,omitempty" minimum:"0" maximum:"100000"`
	RequestsPerMinute *int    `json:"requestsPerMinute,omitempty" minimum:"0" maximum:"1000000"`

	Proxy              *string   `json:"proxy,omitempty" maxLength:"2048"`
	NoProxy            *[]string `json:"noProxy,omitempty"`
	CAFile             *string   `json:"caFile,omitempty" maxLength:"4096"`
	ConnectTimeoutMs   *int      `json:"connectTimeoutMs,omitempty" minimum:"0" maximum:"86400000"`
	FirstByteTimeoutMs *int      `json:"firstByteTimeoutMs,omitempty" minimum:"0" maximum:"86400000"`
	IdleTimeoutMs      *int      `json:"idleTimeoutMs,omitempty" minimum:"0" maximum:"86400000"`
	KeepAliveMs        *int      `json:"keepAliveMs,omitempty" minimum:"0" maximum:"86400000"`
}

// Settings are the settings in force.
func (s *Panel) Settings() Settings {
	c := s.o.Config.Snapshot()
	return Settings{
		Host: c.Host, Port: c.Port, RequireKey: c.Server.RequireKey, AllowedOrigins: list(c.Server.AllowedOrigins),
		AllowedHosts: list(c.Server.AllowedHosts), MaxBodyMB: c.Server.MaxBodyMB,
		OllamaOpen: c.Server.OllamaOpen, OllamaPort: c.Server.OllamaPort, ProtocolsOff: list(c.Server.ProtocolsOff), Language: c.General.Language,
		Theme: c.General.Theme, Closing: c.General.Closing, StartListener: c.General.StartListener,
		StartHidden: c.General.StartHidden, FirstRunDone: c.General.FirstRunDone, KeepBodies: c.Requests.KeepBodies, BodyLimitKB: c.Requests.BodyLimitKB,
		Days: c.Requests.Days, MaxMB: c.Requests.MaxMB, DefaultModel: c.Routing.DefaultModel,
		Attempts: c.Routing.Attempts, Demo: c.Demo,
		UpdateCheck: c.Updates.Check, OTLPEndpoint: c.Telemetry.OTLPEndpoint,

		Policy: c.Routing.Policy, Sticky: c.Routing.Sticky, QueueLength: c.Routing.QueueLength,
		QueueWaitMs: c.Routing.QueueWaitMs, MaxRestMinutes: c.Routing.MaxRestMinutes, Explain: c.Routing.Explain,
		MaxRunning: c.Routing.MaxRunning, RequestsPerMinute: c.Routing.RequestsPerMinute,

		Proxy: config.MaskedProxy(c.UpstreamProxy()), NoProxy: list(c.Network.NoProxy), CAFile: c.Network.CAFile,
		ConnectTimeoutMs: c.Network.ConnectTimeoutMs, FirstByteTimeoutMs: c.Network.FirstByteTimeoutMs,
		IdleTimeoutMs: c.Network.IdleTimeoutMs, KeepAliveMs: c.Network.KeepAliveMs,
	}
}

// list is never nil, so that JSON has a list.
func list(s []string) []string {
	if s == nil {
		return []string{}
	}
	return slices.Clone(s)
}

// UpdateSettings writes the given fields into the file and puts them in force.
// A value that is not allowed is a *config.Error that names its field.
func (s *Panel) UpdateSettings(p SettingsPatch) (Settings, error) {
	err := s.o.Config.Update(func(c *config.Config) error {
		set(&c.Host, p.Host)
		set(&c.Port, p.Port)
		set(&c.Server.RequireKey, p.RequireKey)
		set(&c.Server.AllowedOrigins, p.AllowedOrigins)
		set(&c.Server.AllowedHosts, p.AllowedHosts)
		set(&c.Server.MaxBodyMB, p.MaxBodyMB)
		set(&c.Server.OllamaOpen, p.OllamaOpen)
		set(&c.Server.OllamaPort, p.OllamaPort)
		set(&c.Server.ProtocolsOff, p.ProtocolsOff)
		set(&c.General.Language, p.Language)
		set(&c.General.Theme, p.Theme)
		set(&c.General.Closing, p.Closing)
		set(&c.General.StartListener, p.StartListener)
		set(&c.General.StartHidden, p.StartHidden)
		set(&c.General.FirstRunDone, p.FirstRunDone)
		set(&c.Requests.KeepBodies, p.KeepBodies)
		set(&c.Requests.BodyLimitKB, p.BodyLimitKB)
		set(&c.Requests.Days, p.Days)
		set(&c.Requests.MaxMB, p.MaxMB)
		set(&c.Routing.DefaultModel, p.DefaultModel)
		set(&c.Routing.Attempts, p.Attempts)
		set(&c.Demo, p.Demo)
		set(&c.Updates.Check, p.UpdateCheck)
		set(&c.Telemetry.OTLPEndpoint, p.OTLPEndpoint)
		p.balance(&c.Routing)
		return p.network(c)
	})
	if err != nil {
		return Settings{}, err
	}
	return s.Settings(), nil
}

func (p SettingsPatch) balance(r *config.Routing) {
	set(&r.Policy, p.Policy)
	set(&r.Sticky, p.Sticky)
	set(&r.QueueLength, p.QueueLength)
	set(&r.QueueWaitMs, p.QueueWaitMs)
	set(&r.MaxRestMinutes, p.MaxRestMinutes)
	set(&r.Explain, p.Explain)
	set(&r.MaxRunning, p.MaxRunning)
	set(&r.RequestsPerMinute, p.RequestsPerMinute)
}

func (p SettingsPatch) network(c *config.Config) error {
	n := &c.Network
	if was := c.UpstreamProxy(); p.Proxy != nil && *p.Proxy != config.MaskedProxy(was) {
		proxy, ok := config.UnmaskedProxy(*p.Proxy, was)
		if !ok {
			return wrong("network.proxy", passwordAgain)
		}
		n.Proxy = proxy
	}
	set(&n.NoProxy, p.NoProxy)
	set(&n.CAFile, p.CAFile)
	set(&n.ConnectTimeoutMs, p.ConnectTimeoutMs)
	set(&n.FirstByteTimeoutMs, p.FirstByteTimeoutMs)
	set(&n.IdleTimeoutMs, p.IdleTimeoutMs)
	set(&n.KeepAliveMs, p.KeepAliveMs)
	return nil
}

func set[T any](field *T, value *T) {
	if value != nil {
		*field = *value
	}
}
