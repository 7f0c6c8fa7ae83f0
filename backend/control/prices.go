package control

import (
	"cmp"
	_ "embed" // the list of prices
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/config"
	"github.com/WenChunTech/OpenAICompatible/backend/event"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
)

// Price is what a model costs, in US dollars for a million tokens.
type Price struct {
	// Model is the name at the service, or the one that clients ask for, with *
	// for any text.
	Model  string  `json:"model" minLength:"1" maxLength:"200"`
	Input  float64 `json:"input" minimum:"0" maximum:"100000"`
	Output float64 `json:"output" minimum:"0" maximum:"100000"`
	// CachedInput is for tokens that the service had in its cache; nil is Input.
	CachedInput *float64 `json:"cachedInput,omitempty" minimum:"0" maximum:"100000"`
}

// Prices are those that the program knows, and the user's own before them.
type Prices struct {
	// Date is the day as of which the services' prices are, as 2030-01-31.
	Date     string   `json:"date"`
	Services []Tariff `json:"services"`
	Own      []Price  `json:"own"`
}

// Tariff is what one service asks for its models.
type Tariff struct {
	// Title is what the service is called here.
	Title provider.Text `json:"title"`
	// Source is the page that says so.
	Source string  `json:"source"`
	Prices []Price `json:"prices"`
}

//go:embed prices.json
var pricesText []byte

// priceList is the file of prices as it is written.
type priceList struct {
	Date     string        `json:"date"`
	Services []priceSource `json:"services"`
	// Unbilled are accounts whose tokens cost nothing: they are part of a
	// subscription, given away, or made on a computer of the user's.
	Unbilled []priceSource `json:"unbilled"`
}

// priceSource names accounts, and what their service asks.
type priceSource struct {
	Provider string `json:"provider"`
	// Ways are the ways of the provider that are meant; none is all.
	Ways []string `json:"ways"`
	// Host is where the service is, for an account with an address of its own.
	Host string `json:"host"`
	// Region is what the account's region must be, with * for any text; "" is
	// anything.
	Region string  `json:"region"`
	Source string  `json:"source"`
	Prices []Price `json:"prices"`
}

// knownPrices is the list that the program brings along. It is read when it is
// asked for: nobody asks often.
func knownPrices() priceList {
	var l priceList
	_ = json.Unmarshal(pricesText, &l) // it is a file of ours, which a test reads
	return l
}

// means says that s is about an account.
func (s *priceSource) means(a *config.Account, way string) bool {
	const region, baseURL = "region", "baseUrl"
	if s.Provider != a.Provider || s.Region != "" && !matches(s.Region, a.Settings[region]) {
		return false
	}
	if address := a.Settings[baseURL]; s.Host != "" && address != "" {
		u, err := url.Parse(address)
		return err == nil && u.Hostname() == s.Host
	}
	return len(s.Ways) == 0 || slices.Contains(s.Ways, way)
}

// matches says that a name is what a pattern says, in which * is any text. Case
// does not count.
func matches(pattern, name string) bool {
	pattern, name = strings.ToLower(pattern), strings.ToLower(name)
	parts := strings.Split(pattern, "*")
	rest, ok := strings.CutPrefix(name, parts[0])
	if !ok || len(parts) == 1 {
		return ok && rest == ""
	}
	last := len(parts) - 1
	for _, part := range parts[1:last] {
		_, rest, ok = strings.Cut(rest, part)
		if !ok {
			return false
		}
	}
	return strings.HasSuffix(rest, parts[last])
}

// closest is the price whose pattern says most of one of the names; nil is none.
func closest(prices []Price, names ...string) *Price {
	var found *Price
	for i := range prices {
		p := &prices[i]
		if slices.ContainsFunc(names, func(name string) bool { return matches(p.Model, name) }) &&
			(found == nil || said(p.Model) > said(found.Model)) {
			found = p
		}
	}
	return found
}

// said is how much a pattern says: a name without * says all.
func said(pattern string) int {
	if !strings.Contains(pattern, "*") {
		return len(pattern) + 1<<16
	}
	return len(pattern)
}

// cost is what tokens cost in US dollars.
func (p *Price) cost(in, out, cached int64) float64 {
	const million = 1e6
	cached = min(cached, in)
	ofCached := p.Input
	if p.CachedInput != nil {
		ofCached = *p.CachedInput
	}
	return (float64(in-cached)*p.Input + float64(cached)*ofCached + float64(out)*p.Output) / million
}

// Prices are those that costs are reckoned with.
func (s *Panel) Prices() Prices {
	l := knownPrices()
	out := Prices{Date: l.Date, Services: []Tariff{}, Own: ownPrices(s.o.Config.Snapshot())}
	for i := range l.Services {
		from := &l.Services[i]
		one := Tariff{Title: provider.Text{EN: from.Host, ZH: from.Host}, Source: from.Source, Prices: slices.Clone(from.Prices)}
		if p, ok := s.provider(from.Provider); ok && len(from.Ways) > 0 {
			one.Title = p.info.Way(from.Ways[0]).Title
		}
		out.Services = append(out.Services, one)
	}
	return out
}

// SetPrices replaces the user's own prices. A value that is not allowed is a
// *config.Error that names its field.
func (s *Panel) SetPrices(own []Price) (Prices, error) {
	err := s.o.Config.Update(func(c *config.Config) error {
		c.Prices = make([]config.Price, 0, len(own))
		for _, p := range own {
			p.Model = strings.TrimSpace(p.Model)
			c.Prices = append(c.Prices, config.Price(p))
		}
		slices.SortFunc(c.Prices, func(a, b config.Price) int { return cmp.Compare(a.Model, b.Model) })
		return nil
	})
	if err != nil {
		return Prices{}, err
	}
	s.o.Events.Publish(event.Event{Kind: event.Config})
	return s.Prices(), nil
}

func ownPrices(c *config.Config) []Price {
	out := make([]Price, 0, len(c.Prices))
	for _, p := range c.Prices {
		out = append(out, Price(p))
	}
	return out
}
