package config

// Routing is how a model's name finds its upstreams, and who of them is asked.
type Routing struct {
	// DefaultModel answers names that nobody knows; "" answers them with 404.
	DefaultModel string `json:"defaultModel"`
	// Aliases give a name an ordered list of models.
	Aliases []Alias `json:"aliases,omitempty"`
	// Policy is how the accounts of a model share the requests: one of
	// [Policies].
	Policy string `json:"policy"`
	// Sticky keeps a conversation with the account that answered it last, on top
	// of any policy.
	Sticky bool `json:"sticky"`
	// Attempts bounds the tries of one request.
	Attempts int `json:"attempts"`
	// QueueLength is how many requests may wait at one model when nothing but
	// pace stands in the way, and QueueWaitMs how long; 0 is no waiting.
	QueueLength int `json:"queueLength"`
	QueueWaitMs int `json:"queueWaitMs"`
	// MaxRestMinutes bounds the rest of an upstream that failed, but for a used
	// up quota, which names its end.
	MaxRestMinutes int `json:"maxRestMinutes"`
	// Explain tells every caller in headers which account answered and why;
	// otherwise only those that ask.
	Explain bool `json:"explain"`
	// MaxRunning and RequestsPerMinute bound all callers together; 0 is no bound.
	MaxRunning        int `json:"maxRunning"`
	RequestsPerMinute int `json:"requestsPerMinute"`
}

// Alias is a name that stands for models, or for other aliases, tried in order.
type Alias struct {
	Name   string   `json:"name"`
	Models []string `json:"models"`
}

// Policies are the values of [Routing.Policy], the default first.
func Policies() []string {
	return []string{"round_robin", "weighted", "fill_first", "least_busy", "most_quota", "soonest_reset"}
}

// OtherModels is the name in [Account.ModelPace] for each model without one.
const OtherModels = "*"

// Pace bounds how fast an account, or one of its models, is asked; 0 is no
// bound.
type Pace struct {
	RequestsPerMinute int `json:"requestsPerMinute"`
	RequestsPerDay    int `json:"requestsPerDay"`
	TokensPerMinute   int `json:"tokensPerMinute"`
	MaxInFlight       int `json:"maxInFlight"`
}
