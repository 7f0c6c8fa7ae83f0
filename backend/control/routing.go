package control

import (
	"slices"

	"github.com/WenChunTech/OpenAICompatible/backend/config"
	"github.com/WenChunTech/OpenAICompatible/backend/event"
	"github.com/WenChunTech/OpenAICompatible/backend/pool"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
)

// Counts sum up the requests of an account since midnight.
type Counts struct {
	Requests  int64 `json:"requests"`
	Failures  int64 `json:"failures"`
	TokensIn  int64 `json:"tokensIn"`
	TokensOut int64 `json:"tokensOut"`
}

// Dot is one hour of an account.
type Dot struct {
	Requests int64 `json:"requests"`
	Failures int64 `json:"failures"`
}

// Routing is what the routing page shows beside the settings.
type Routing struct {
	// Aliases are the names that stand for models.
	Aliases []Alias `json:"aliases"`
	// SignInPace is the pace of a signed-in account that has none of its own.
	SignInPace Pace `json:"signInPace"`
	// Running is how many exchanges go on now.
	Running  int   `json:"running"`
	Accounts Tally `json:"accounts"`
}

// Pace bounds how fast an account, or one of its models, is asked; 0 is no
// bound.
type Pace struct {
	RequestsPerMinute int `json:"requestsPerMinute" required:"false" minimum:"0" maximum:"1000000"`
	RequestsPerDay    int `json:"requestsPerDay" required:"false" minimum:"0" maximum:"100000000"`
	TokensPerMinute   int `json:"tokensPerMinute" required:"false" minimum:"0" maximum:"1000000000"`
	MaxInFlight       int `json:"maxInFlight" required:"false" minimum:"0" maximum:"10000"`
}

// AccountNetwork is how an account reaches its service, where it is not as all
// accounts do.
type AccountNetwork struct {
	// Proxy is system, direct, or a URL; "" is what all have. A password is shown
	// as dots, and an address that comes back with them keeps its password.
	Proxy string `json:"proxy" required:"false" maxLength:"2048"`
	// CAFile is trusted beside the others; "" is none.
	CAFile string `json:"caFile" required:"false" maxLength:"4096"`
}

// Routing is what the routing page shows beside the settings.
func (s *Panel) Routing() Routing {
	c := s.o.Config.Snapshot()
	out := Routing{
		Aliases: make([]Alias, 0, len(c.Routing.Aliases)), SignInPace: shownPace(pool.DefaultPace(provider.CredentialSignIn)),
		Running: s.o.Socket.State().Running, Accounts: s.tally(c),
	}
	for _, a := range c.Routing.Aliases {
		out.Aliases = append(out.Aliases, Alias{Name: a.Name, Models: list(a.Models)})
	}
	return out
}

// OrderAccounts puts the accounts into the order of these IDs; those that are
// not named stay behind them, in the order they had. IDs that nobody has are
// passed over, for an account may go while it is dragged.
func (s *Panel) OrderAccounts(ids []int64) error {
	rank := make(map[int64]int, len(ids))
	for i, id := range ids {
		if _, twice := rank[id]; twice {
			return wrong("ids", "name an account twice: %d", id)
		}
		rank[id] = i
	}
	err := s.o.Config.Update(func(c *config.Config) error {
		slices.SortStableFunc(c.Accounts, func(a, b config.Account) int {
			return place(rank, a.ID) - place(rank, b.ID)
		})
		return nil
	})
	if err == nil {
		s.o.Events.Publish(event.Event{Kind: event.Accounts})
	}
	return err
}

// place is the rank of an account; those without one come last.
func place(rank map[int64]int, id int64) int {
	if at, ok := rank[id]; ok {
		return at
	}
	return len(rank)
}

func shownPace(p pool.Pace) Pace {
	return Pace{
		RequestsPerMinute: p.PerMinute, RequestsPerDay: p.PerDay, TokensPerMinute: p.TokensPerMinute, MaxInFlight: p.InFlight,
	}
}

// showBalance says how the account shares the requests with others, and how
// fast it is asked.
func (s *Panel) showBalance(out *Account, c *config.Account, way provider.Way) {
	out.Weight, out.Priority = max(c.Weight, 1), c.Priority
	out.Network = AccountNetwork{Proxy: config.MaskedProxy(c.Network.Proxy), CAFile: c.Network.CAFile}
	out.PaceDefault = c.Pace == nil
	if c.Pace != nil {
		out.Pace = Pace(*c.Pace)
	} else {
		out.Pace = shownPace(pool.DefaultPace(way.Credential))
	}
	for model, p := range c.ModelPace {
		out.ModelPace[model] = Pace(p)
	}
}

// changeBalance applies what p says of the same.
func (p AccountPatch) changeBalance(a *config.Account) error {
	set(&a.Weight, p.Weight)
	set(&a.Priority, p.Priority)
	if p.PaceDefault != nil && *p.PaceDefault {
		a.Pace = nil
	}
	if p.Pace != nil {
		a.Pace = new(config.Pace(*p.Pace))
	}
	if p.ModelPace != nil {
		a.ModelPace = make(map[string]config.Pace, len(*p.ModelPace))
		for model, pace := range *p.ModelPace {
			a.ModelPace[model] = config.Pace(pace)
		}
	}
	if p.Network == nil {
		return nil
	}
	n, err := p.Network.meant(a.Network.Proxy)
	if err == nil {
		a.Network = n
	}
	return err
}

// meant is what a person chose who was shown the stored proxy without its
// password.
func (n AccountNetwork) meant(stored string) (config.AccountNetwork, error) {
	proxy, ok := config.UnmaskedProxy(n.Proxy, stored)
	if !ok {
		return config.AccountNetwork{}, wrong("accounts[].network.proxy", passwordAgain)
	}
	out := config.AccountNetwork{Proxy: proxy, CAFile: n.CAFile}
	return out, out.Check()
}

// passwordAgain is said of an address that was changed beside its dots.
const passwordAgain = "enter the password again: the one that is kept belongs to the address as it was"
