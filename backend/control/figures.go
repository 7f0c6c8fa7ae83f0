package control

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/config"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
)

// Span is what was asked in a stretch of time, and what it cost.
type Span struct {
	// From is when the first step begins; StepMs is how long each is.
	From   time.Time `json:"from"`
	StepMs int64     `json:"stepMs"`
	// Providers are those that were asked, the busiest first.
	Providers []ProviderUse `json:"providers"`
	// Failed are the requests that failed, step by step.
	Failed []int64 `json:"failed"`
	// Models are what was used, the dearest first, then the busiest.
	Models []ModelUse `json:"models"`
	Total  SpanTotal  `json:"total"`
	// PricesDate is the day as of which the program knows prices.
	PricesDate string `json:"pricesDate"`
}

// ProviderUse is how often a provider was asked, step by step.
type ProviderUse struct {
	// Provider is its kind; "" is requests that came to none.
	Provider string  `json:"provider"`
	Requests []int64 `json:"requests"`
}

// Billing says by which price a cost was reckoned.
type Billing string

// The ways to reckon.
const (
	// BilledOwn is the user's own price, BilledList one that the program knows.
	BilledOwn  Billing = "own"
	BilledList Billing = "list"
	// BilledNothing is part of a subscription, free, or made on a computer of the
	// user's: its tokens cost nothing.
	BilledNothing Billing = "nothing"
	// BilledUnknown has no price.
	BilledUnknown Billing = "unknown"
)

// ModelUse is what a model was used for in a stretch of time.
type ModelUse struct {
	Model        string  `json:"model"`
	Provider     string  `json:"provider"`
	Billing      Billing `json:"billing" enum:"own,list,nothing,unknown"`
	Requests     int64   `json:"requests"`
	TokensIn     int64   `json:"tokensIn"`
	TokensOut    int64   `json:"tokensOut"`
	TokensCached int64   `json:"tokensCached"`
	// Dollars is what it cost; nil is not known.
	Dollars *float64 `json:"dollars,omitempty"`
}

// SpanTotal sums up a stretch of time.
type SpanTotal struct {
	Requests int64 `json:"requests"`
	// Dollars are those of the requests with a price.
	Dollars float64 `json:"dollars"`
	// Unpriced requests have no price, and of Untold ones the service did not say
	// how many tokens it took: neither is in Dollars. Unbilled cost nothing.
	Unpriced int64 `json:"unpriced"`
	Untold   int64 `json:"untold"`
	Unbilled int64 `json:"unbilled"`
}

// The stretches that can be asked for. The last step is the present one.
const (
	hourSteps, hourStep = 60, time.Minute
	daySteps, dayStep   = 96, 15 * time.Minute
	weekSteps, weekStep = 84, 2 * time.Hour
)

// Span is what was asked in the last hour, day or week.
func (s *Panel) Span(ctx context.Context, name string) (Span, error) {
	stretch, ok := stretchOf(name, s.o.Now())
	if !ok {
		return Span{}, &llm.Error{Kind: llm.KindBadRequest, Message: "there is no stretch of time '" + name + "': ask for hour, day or week"}
	}
	used, err := s.o.Log.Used(ctx, stretch)
	if err != nil {
		return Span{}, err
	}
	out := Span{From: stretch.From, StepMs: stretch.Step.Milliseconds(), Failed: make([]int64, stretch.Steps)}
	out.Providers = byProvider(used, stretch.Steps)
	for _, u := range used {
		out.Failed[u.At] += u.Errors
		out.Total.Requests += u.Requests
	}
	b := s.bill()
	out.PricesDate = b.known.Date
	out.Models = b.reckon(used, &out.Total)
	return out, nil
}

// stretchOf is the stretch of a name that ends with the step of now. Steps begin
// at whole minutes and hours of the user's clock.
func stretchOf(name string, now time.Time) (requestlog.Stretch, bool) {
	var s requestlog.Stretch
	switch name {
	case "hour":
		s.Steps, s.Step = hourSteps, hourStep
	case "day":
		s.Steps, s.Step = daySteps, dayStep
	case "week":
		s.Steps, s.Step = weekSteps, weekStep
	default:
		return s, false
	}
	_, offset := now.Zone()
	shift := time.Duration(offset) * time.Second
	last := now.Add(shift).Truncate(s.Step).Add(-shift)
	s.From = last.Add(-s.Step * time.Duration(s.Steps-1))
	return s, true
}

func byProvider(used []requestlog.Use, steps int) []ProviderUse {
	counts := map[string][]int64{}
	totals := map[string]int64{}
	for _, u := range used {
		if counts[u.Provider] == nil {
			counts[u.Provider] = make([]int64, steps)
		}
		counts[u.Provider][u.At] += u.Requests
		totals[u.Provider] += u.Requests
	}
	out := make([]ProviderUse, 0, len(counts))
	for kind, requests := range counts {
		out = append(out, ProviderUse{Provider: kind, Requests: requests})
	}
	slices.SortFunc(out, func(a, b ProviderUse) int {
		return cmp.Or(cmp.Compare(totals[b.Provider], totals[a.Provider]), cmp.Compare(a.Provider, b.Provider))
	})
	return out
}

// bill reckons what was used by the prices in force.
type bill struct {
	known    priceList
	own      []Price
	accounts map[int64]billed
}

// billed is an account as its bill sees it.
type billed struct {
	// prefix is what clients write before its models' names.
	prefix   string
	list     []Price
	unbilled bool
}

func (s *Panel) bill() bill {
	c := s.o.Config.Snapshot()
	b := bill{known: knownPrices(), own: ownPrices(c), accounts: map[int64]billed{}}
	for _, all := range [][]config.Account{c.Accounts, c.Imported} {
		for i := range all {
			b.accounts[all[i].ID] = b.billed(&all[i], s)
		}
	}
	return b
}

func (b *bill) billed(a *config.Account, s *Panel) billed {
	var out billed
	kind, prefix := a.Settings[provider.KindSetting], a.Prefix
	if p, ok := s.provider(a.Provider); ok {
		way := p.info.Way(kind)
		kind, prefix = way.ID, cmp.Or(prefix, way.Prefix, p.info.Prefix)
	}
	out.prefix = prefix
	for i := range b.known.Unbilled {
		out.unbilled = out.unbilled || b.known.Unbilled[i].means(a, kind)
	}
	for i := range b.known.Services {
		if from := &b.known.Services[i]; from.means(a, kind) {
			out.list = append(out.list, from.Prices...)
		}
	}
	return out
}

// price is what a model of an account costs; nil with BilledNothing and
// BilledUnknown.
func (b *bill) price(u *requestlog.Use) (*Price, Billing) {
	a, known := b.accounts[u.AccountID]
	if p := closest(b.own, u.Model, a.prefix+"/"+u.Model); p != nil {
		return p, BilledOwn
	}
	if a.unbilled || !known && u.Provider == "demo" {
		return nil, BilledNothing
	}
	if p := closest(a.list, u.Model); p != nil {
		return p, BilledList
	}
	return nil, BilledUnknown
}

// reckon sums up by model, and adds to the total. What was refused before it came
// to a model, and counts of tokens, cost nothing and are nobody's.
func (b *bill) reckon(used []requestlog.Use, total *SpanTotal) []ModelUse {
	type line struct {
		model, provider string
		billing         Billing
	}
	lines := map[line]*ModelUse{}
	for i := range used {
		u := &used[i]
		if u.Model == "" || u.Counting {
			continue
		}
		price, billing := b.price(u)
		key := line{u.Model, u.Provider, billing}
		m := lines[key]
		if m == nil {
			m = &ModelUse{Model: u.Model, Provider: u.Provider, Billing: billing}
			lines[key] = m
		}
		m.Requests += u.Requests
		m.TokensIn += u.TokensIn
		m.TokensOut += u.TokensOut
		m.TokensCached += u.TokensCached
		m.add(price, u, total)
	}
	out := make([]ModelUse, 0, len(lines))
	for _, m := range lines {
		out = append(out, *m)
	}
	slices.SortFunc(out, func(a, b ModelUse) int {
		return cmp.Or(
			cmp.Compare(dollarsOf(&b), dollarsOf(&a)), cmp.Compare(b.Requests, a.Requests),
			cmp.Compare(a.Model, b.Model), cmp.Compare(a.Provider, b.Provider), cmp.Compare(a.Billing, b.Billing),
		)
	})
	return out
}

// add adds what u cost.
func (m *ModelUse) add(price *Price, u *requestlog.Use, total *SpanTotal) {
	asked := u.Requests - u.Errors
	var dollars float64
	switch m.Billing {
	case BilledUnknown:
		total.Unpriced += asked
		return
	case BilledNothing:
		total.Unbilled += asked
	case BilledOwn, BilledList:
		dollars = price.cost(u.TokensIn, u.TokensOut, u.TokensCached)
		total.Untold += u.Untold
	}
	if m.Dollars == nil {
		m.Dollars = new(float64)
	}
	*m.Dollars += dollars
	total.Dollars += dollars
}

func dollarsOf(m *ModelUse) float64 {
	if m.Dollars == nil {
		return 0
	}
	return *m.Dollars
}
