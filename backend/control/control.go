// Package control is everything a person can do or see, as methods with typed
// inputs and outputs. The admin API, the tray and the command line are thin
// faces of it.
//
// The invariant: it owns no state but the sign-ins under way. What it shows is
// read from the listener's socket, the configuration, the accounts' health and
// the request log at that moment.
package control

import "time"

// Status is what the overview and the tray show.
type Status struct {
	Version  string   `json:"version"`
	Listener Listener `json:"listener"`
	Accounts Tally    `json:"accounts"`
	Today    Figures  `json:"today"`
	// Demo says that the built-in demo provider answers demo/*.
	Demo bool `json:"demo"`
	// KeyRequired says that callers must send an API key.
	KeyRequired bool `json:"keyRequired"`
	// KeyID is the key that the overview offers to copy; 0 is none. KeyMasked
	// is its first and last letters.
	KeyID     int64  `json:"keyId"`
	KeyMasked string `json:"keyMasked"`
	// SecretStore is keyring or file: where secrets are kept.
	SecretStore string `json:"secretStore" enum:"keyring,file"`
	// Edition is window, in the desktop app, or web.
	Edition string `json:"edition" enum:"window,web"`
	// ConfigProblem is what is wrong with the file on disk while the last good
	// one stays in force; "" is nothing.
	ConfigProblem string `json:"configProblem"`
	// Warnings are what the file has that could not be used as it stands, secrets
	// that cannot be read now, and a second port that is not open; each is a
	// sentence for a person.
	Warnings []string `json:"warnings"`
	// ConfigPath and DataPath are the folders of settings and of the log.
	ConfigPath string `json:"configPath"`
	DataPath   string `json:"dataPath"`
}

// ListenerState is the state of the proxy's socket.
type ListenerState string

// The states.
const (
	Running ListenerState = "running"
	Stopped ListenerState = "stopped"
	Failed  ListenerState = "failed"
)

// Listener is the proxy's socket as it is now (B50).
type Listener struct {
	State ListenerState `json:"state" enum:"running,stopped,failed"`
	// Address is host:port as bound, or as it would be.
	Address string `json:"address"`
	// BaseURL is what a client is pointed at, with /v1.
	BaseURL string `json:"baseUrl"`
	// Error says why it failed and names the port's owner where the system
	// tells it (B51); "" is none.
	Error string `json:"error"`
	// FreePort is the next free port after a failure; 0 is none.
	FreePort int `json:"freePort"`
	// Since is when it opened; nil when it is not open.
	Since *time.Time `json:"since,omitempty"`
	// Running is the number of exchanges now.
	Running int `json:"running"`
	// OllamaError says why Ollama's port, where one is wanted, is not open; "" is
	// nothing.
	OllamaError string `json:"ollamaError,omitempty"`
}

// Tally counts accounts. A disabled account counts in Total alone.
type Tally struct {
	Total int `json:"total"`
	// Ready may be asked now, or when the requests that they have are done.
	Ready int `json:"ready"`
	// Resting are well but for a pause after a failure; they are not Ready.
	Resting int `json:"resting"`
	// SignIn are those that need a new sign-in or key.
	SignIn int `json:"signIn"`
}

// Figures sum up today. Nil medians mean that there was nothing to measure.
type Figures struct {
	Requests     int64    `json:"requests"`
	Errors       int64    `json:"errors"`
	TokensIn     int64    `json:"tokensIn"`
	TokensOut    int64    `json:"tokensOut"`
	FirstTokenMs *float64 `json:"firstTokenMs,omitempty"`
	OwnMs        *float64 `json:"ownMs,omitempty"`
}

// Exchange is one row of the request log.
type Exchange struct {
	ID        int64     `json:"id"`
	Start     time.Time `json:"start"`
	Client    string    `json:"client"`
	Key       string    `json:"key"`
	Dialect   string    `json:"dialect"`
	Path      string    `json:"path"`
	Stream    bool      `json:"stream"`
	Asked     string    `json:"asked"`
	Served    string    `json:"served"`
	Provider  string    `json:"provider"`
	Account   string    `json:"account"`
	AccountID int64     `json:"accountId"`
	Lane      string    `json:"lane" enum:",carried,translated"`
	// Running says that it has not ended; Status is 0 then and the numbers are
	// those of the moment.
	Running   bool   `json:"running"`
	Status    int    `json:"status"`
	ErrorKind string `json:"errorKind"`
	Error     string `json:"error"`
	Finish    string `json:"finish"`
	// Tokens; nil is unknown.
	TokensIn        *int `json:"tokensIn,omitempty"`
	TokensOut       *int `json:"tokensOut,omitempty"`
	TokensCached    *int `json:"tokensCached,omitempty"`
	TokensReasoning *int `json:"tokensReasoning,omitempty"`
	// FirstTokenMs is nil when no token was sent.
	FirstTokenMs *float64 `json:"firstTokenMs,omitempty"`
	DurationMs   float64  `json:"durationMs"`
	OwnMs        float64  `json:"ownMs"`
	BytesIn      int64    `json:"bytesIn"`
	BytesOut     int64    `json:"bytesOut"`
	// AttemptCount is how many upstreams were tried.
	AttemptCount int `json:"attemptCount"`
}

// ExchangePage is one page of the request log, newest first.
type ExchangePage struct {
	Exchanges []Exchange `json:"exchanges"`
	// Next is the "before" of the following page; 0 when this is the last.
	Next int64 `json:"next"`
	// Total counts all that match; -1 when it was not counted.
	Total int64 `json:"total"`
}

// ExchangeDetail is one exchange with all that is known of it.
type ExchangeDetail struct {
	Exchange
	Attempts []Attempt `json:"attempts"`
	Notes    []string  `json:"notes"`
	// Remarks are the Notes as data, in the same order; Failure is the Error.
	Remarks []Phrase `json:"remarks"`
	Failure *Phrase  `json:"failure,omitempty"`
	// Body is nil when the user's settings kept none.
	Body *ExchangeBody `json:"body,omitempty"`
	// BodyPolicy is the setting that decided: off, errors or all.
	BodyPolicy string `json:"bodyPolicy" enum:"off,errors,all"`
	// QueueMs is how long it waited for an account whose pace stood in the way.
	QueueMs float64 `json:"queueMs"`
	// ReplayOf is the exchange whose request was sent again; 0 is none.
	ReplayOf int64 `json:"replayOf,omitempty"`
	// Replaying says that it is a replay under way, which can be ended.
	Replaying bool `json:"replaying,omitempty"`
}

// ExchangeBody is what was kept.
type ExchangeBody struct {
	Request    string `json:"request"`
	RequestCut bool   `json:"requestCut"`
	// Sent is what the last upstream got.
	Sent        string `json:"sent"`
	SentCut     bool   `json:"sentCut"`
	Response    string `json:"response"`
	ResponseCut bool   `json:"responseCut"`
	// ResponseType is the answer's Content-Type, and Pieces say when each part of
	// Response left for the client; none where they were not recorded.
	ResponseType string  `json:"responseType"`
	Pieces       []Piece `json:"pieces"`
	// Text is the answer as it was assembled from Response; Thought is the
	// thinking; Calls are the tool calls.
	Text    string     `json:"text"`
	Thought string     `json:"thought"`
	Calls   []ToolCall `json:"calls"`
}

// Piece is a part of an answer that left at one time.
type Piece struct {
	// End is where it ends in the answer, in bytes of UTF-8.
	End int `json:"end"`
	// Ms is from the exchange's start.
	Ms float64 `json:"ms"`
}

// ToolCall is one call in an assembled answer.
type ToolCall struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Arguments string `json:"arguments"`
}

// Attempt is one try at one upstream; times are milliseconds.
type Attempt struct {
	Provider   string  `json:"provider"`
	Account    string  `json:"account"`
	Model      string  `json:"model"`
	Reason     string  `json:"reason"`
	StartMs    float64 `json:"startMs"`
	HeaderMs   float64 `json:"headerMs"`
	DurationMs float64 `json:"durationMs"`
	Status     int     `json:"status"`
	ErrorKind  string  `json:"errorKind"`
	Error      string  `json:"error"`
	// Why is the part of the Reason about the one that was chosen, Others are what
	// kept others from it.
	Why    Phrase   `json:"why"`
	Others []Phrase `json:"others"`
	// Rest is that the account, or its model, rests since this failed; none is
	// that it does not.
	Rest *Phrase `json:"rest,omitempty"`
}

// Settings is what the settings page shows and changes. A PATCH with some of
// the fields changes those alone.
type Settings struct {
	Host           string   `json:"host"`
	Port           int      `json:"port" minimum:"1" maximum:"65535"`
	RequireKey     bool     `json:"requireKey"`
	AllowedOrigins []string `json:"allowedOrigins"`
	AllowedHosts   []string `json:"allowedHosts"`
	MaxBodyMB      int      `json:"maxBodyMB" minimum:"1" maximum:"1024"`
	// OllamaOpen opens Ollama's paths to programs of this machine without a key,
	// OllamaPort is its own port; 0 is none.
	OllamaOpen bool `json:"ollamaOpen"`
	OllamaPort int  `json:"ollamaPort" minimum:"0" maximum:"65535"`
	// ProtocolsOff are client protocols that are not served.
	ProtocolsOff  []string `json:"protocolsOff" enum:"responses,completions,embeddings,anthropic,gemini,ollama"`
	Language      string   `json:"language" enum:"system,en,zh-CN"`
	Theme         string   `json:"theme" enum:"system,light,dark"`
	Closing       string   `json:"closing" enum:"tray,quit"`
	StartListener bool     `json:"startListener"`
	StartHidden   bool     `json:"startHidden"`
	FirstRunDone  bool     `json:"firstRunDone"`
	KeepBodies    string   `json:"keepBodies" enum:"off,errors,all"`
	BodyLimitKB   int      `json:"bodyLimitKB" minimum:"1" maximum:"65536"`
	Days          int      `json:"days" minimum:"0" maximum:"3650"`
	MaxMB         int      `json:"maxMB" minimum:"0" maximum:"1048576"`
	DefaultModel  string   `json:"defaultModel"`
	Attempts      int      `json:"attempts" minimum:"1" maximum:"10"`
	Demo          bool     `json:"demo"`
	UpdateCheck   string   `json:"updateCheck" enum:"off,daily"`
	OTLPEndpoint  string   `json:"otlpEndpoint"`

	// Policy is how the accounts of a model share the requests; Sticky keeps a
	// conversation with its account, on top of any policy.
	Policy string `json:"policy" enum:"round_robin,weighted,fill_first,least_busy,most_quota,soonest_reset"`
	Sticky bool   `json:"sticky"`
	// QueueLength and QueueWaitMs bound the waiting when only pace stands in the
	// way; 0 is none.
	QueueLength    int `json:"queueLength" minimum:"0" maximum:"10000"`
	QueueWaitMs    int `json:"queueWaitMs" minimum:"0" maximum:"3600000"`
	MaxRestMinutes int `json:"maxRestMinutes" minimum:"1" maximum:"1440"`
	// Explain tells every caller who answered and why.
	Explain bool `json:"explain"`
	// MaxRunning and RequestsPerMinute bound all callers together; 0 is no bound.
	MaxRunning        int `json:"maxRunning" minimum:"0" maximum:"100000"`
	RequestsPerMinute int `json:"requestsPerMinute" minimum:"0" maximum:"1000000"`

	// Proxy is system, direct, or a URL. A password is shown as dots, and an
	// address that comes back with them keeps its password.
	Proxy   string   `json:"proxy"`
	NoProxy []string `json:"noProxy"`
	CAFile  string   `json:"caFile"`
	// The bounds of what upstreams may take, in milliseconds; 0 is no bound.
	ConnectTimeoutMs   int `json:"connectTimeoutMs" minimum:"0" maximum:"86400000"`
	FirstByteTimeoutMs int `json:"firstByteTimeoutMs" minimum:"0" maximum:"86400000"`
	IdleTimeoutMs      int `json:"idleTimeoutMs" minimum:"0" maximum:"86400000"`
	KeepAliveMs        int `json:"keepAliveMs" minimum:"0" maximum:"86400000"`
}
