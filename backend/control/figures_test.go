package control_test

import (
	"context"
	"maps"
	"math"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/WenChunTech/OpenAICompatible/backend/config"
	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/event"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
	"github.com/WenChunTech/OpenAICompatible/backend/provider/gemini"
	"github.com/WenChunTech/OpenAICompatible/backend/provider/openaicompat"
	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
)

type accounts struct{ control.Accounts }

func (accounts) Providers() []provider.Provider {
	return []provider.Provider{openaicompat.New(), gemini.Provider{}}
}

// uses is a request log that knows what was used, and of which stretch it was
// asked.
type uses struct {
	control.Log

	of    []requestlog.Use
	asked requestlog.Stretch
}

func (u *uses) Used(_ context.Context, s requestlog.Stretch) ([]requestlog.Use, error) {
	u.asked = s
	return u.of, nil
}

func panel(t *testing.T, l control.Log, now time.Time, change func(*config.Config)) *control.Panel {
	t.Helper()
	store, err := config.Open(filepath.Join(t.TempDir(), "config.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Update(func(c *config.Config) error { change(c); return nil }); err != nil {
		t.Fatal(err)
	}
	return control.New(control.Options{
		Config: store, Log: l, Events: event.New(), Accounts: accounts{}, Now: func() time.Time { return now },
	})
}

func account(id int64, kind, way string, settings map[string]string) config.Account {
	all := map[string]string{provider.KindSetting: way}
	maps.Copy(all, settings)
	return config.Account{ID: id, Provider: kind, Name: way, Settings: all}
}

func TestSpan_ReckonsByPriceAndSaysWhatHasNone(t *testing.T) {
	t.Parallel()
	use := func(id int64, kind, model string, in, cached, out int64) requestlog.Use {
		return requestlog.Use{
			At: 1, Provider: kind, AccountID: id, Model: model, Requests: 2, TokensIn: in, TokensCached: cached, TokensOut: out,
		}
	}
	const million = 1_000_000
	failed := requestlog.Use{At: 2, Provider: "openaicompat", AccountID: 1, Model: "gpt-5", Requests: 3, Errors: 3}
	untold := requestlog.Use{At: 2, Provider: "openaicompat", AccountID: 1, Model: "gpt-5", Requests: 1, Untold: 1}
	nobody := requestlog.Use{At: 0, Requests: 4, Errors: 4}
	counting := use(1, "openaicompat", "gpt-5", 1000, 0, 0)
	counting.Counting = true
	l := &uses{of: []requestlog.Use{
		use(1, "openaicompat", "gpt-5", million, million/2, million),
		failed, untold, nobody, counting,
		use(2, "gemini", "gemini-2.5-pro", million, 0, million), // a sign-in that costs nothing
		use(3, "gemini", "gemini-2.5-pro", million, 0, million),
		use(4, "openaicompat", "glm-4.6", million, 0, 0),                 // a coding plan
		use(5, "openaicompat", "some-model", million, 0, 0),              // nobody knows its price
		use(6, "openaicompat", "gpt-5", million, 0, 0),                   // at an address of somebody else's
		use(7, "openaicompat", "mine", million, million/4, million/1000), // a price of the user's own
		use(8, "openaicompat", "gpt-5", million, 0, 0),                   // an account that was removed
	}}
	now := time.Date(2026, 3, 1, 12, 34, 56, 0, time.FixedZone("", 5*3600+1800))
	p := panel(t, l, now, func(c *config.Config) {
		cached := 0.4
		c.Prices = []config.Price{{Model: "ours/mi*", Input: 4, Output: 1000, CachedInput: &cached}, {Model: "*/mine", Input: 9}}
		ours := account(7, "openaicompat", "custom", map[string]string{"baseUrl": "http://10.0.0.1/v1"})
		ours.Prefix = "ours"
		c.Accounts = []config.Account{
			account(1, "openaicompat", "openai", nil), account(2, "gemini", "cli", nil), account(3, "gemini", "key", nil),
			account(4, "openaicompat", "zhipu", map[string]string{"region": "china-coding-plan"}),
			account(5, "openaicompat", "openai", nil),
			account(6, "openaicompat", "openai", map[string]string{"baseUrl": "https://proxy.example.com/v1"}), ours,
		}
	})
	got, err := p.Span(t.Context(), "day")
	if err != nil {
		t.Fatal(err)
	}
	dollars := func(f float64) *float64 { return &f }
	want := []control.ModelUse{
		{Model: "gpt-5", Provider: "openaicompat", Billing: control.BilledList, Requests: 6, TokensIn: million, TokensOut: million, TokensCached: million / 2, Dollars: dollars(0.625 + 0.0625 + 10)},
		{Model: "gemini-2.5-pro", Provider: "gemini", Billing: control.BilledList, Requests: 2, TokensIn: million, TokensOut: million, Dollars: dollars(11.25)},
		{Model: "mine", Provider: "openaicompat", Billing: control.BilledOwn, Requests: 2, TokensIn: million, TokensCached: million / 4, TokensOut: 1000, Dollars: dollars(3 + 0.1 + 1)},
		{Model: "gpt-5", Provider: "openaicompat", Billing: control.BilledUnknown, Requests: 4, TokensIn: 2 * million},
		{Model: "gemini-2.5-pro", Provider: "gemini", Billing: control.BilledNothing, Requests: 2, TokensIn: million, TokensOut: million, Dollars: dollars(0)},
		{Model: "glm-4.6", Provider: "openaicompat", Billing: control.BilledNothing, Requests: 2, TokensIn: million, Dollars: dollars(0)},
		{Model: "some-model", Provider: "openaicompat", Billing: control.BilledUnknown, Requests: 2, TokensIn: million},
	}
	nearly := cmpopts.EquateApprox(0, 1e-9)
	order := cmpopts.SortSlices(func(a, b control.ModelUse) bool { return a.Model+string(a.Billing) < b.Model+string(b.Billing) })
	if d := cmp.Diff(want, got.Models, nearly, order); d != "" {
		t.Errorf("models (-want +got):\n%s", d)
	}
	if got.Models[0].Model != "gemini-2.5-pro" {
		t.Errorf("the first is %s, want the dearest", got.Models[0].Model)
	}
	total := control.SpanTotal{Requests: 26, Dollars: 11.25 + 10.6875 + 4.1, Unpriced: 6, Untold: 1, Unbilled: 4}
	if d := cmp.Diff(total, got.Total, nearly); d != "" {
		t.Errorf("total (-want +got):\n%s", d)
	}
	if got.Failed[0] != 4 || got.Failed[2] != 3 || len(got.Failed) != 96 {
		t.Errorf("failed: %v", got.Failed)
	}
	if len(got.Providers) != 3 || got.Providers[0].Provider != "openaicompat" || got.Providers[0].Requests[1] != 14 || got.Providers[2].Provider != "" && got.Providers[1].Provider != "" {
		t.Errorf("providers: %+v", got.Providers)
	}
	if from := time.Date(2026, 2, 28, 12, 45, 0, 0, now.Location()); !l.asked.From.Equal(from) || got.StepMs != 15*60*1000 {
		t.Errorf("asked from %v in steps of %d ms, want from %v", l.asked.From, got.StepMs, from)
	}
}

func TestSpan_TakesNoOtherStretch(t *testing.T) {
	t.Parallel()
	p := panel(t, &uses{}, time.Now(), func(*config.Config) {})
	if _, err := p.Span(t.Context(), "year"); err == nil {
		t.Error("a year was taken")
	}
}

// TestPrices_OfTheListAreWholeAndMeanAccountsThatThereAre reads the list as a
// person would who doubts it.
func TestPrices_OfTheListAreWholeAndMeanAccountsThatThereAre(t *testing.T) {
	t.Parallel()
	p := panel(t, &uses{}, time.Now(), func(*config.Config) {})
	all := p.Prices()
	if _, err := time.Parse(time.DateOnly, all.Date); err != nil {
		t.Errorf("the date: %v", err)
	}
	if len(all.Services) < 7 {
		t.Fatalf("%d services", len(all.Services))
	}
	for _, s := range all.Services {
		if s.Source == "" || s.Title.EN == "" || len(s.Prices) == 0 {
			t.Errorf("a service without a source, a title or prices: %+v", s)
		}
		seen := map[string]bool{}
		for _, p := range s.Prices {
			if seen[p.Model] || p.Input <= 0 || math.IsNaN(p.Output) || p.CachedInput != nil && *p.CachedInput >= p.Input {
				t.Errorf("%s: %+v", s.Title.EN, p)
			}
			seen[p.Model] = true
		}
	}
}

func TestSetPrices_ReplacesTheUsersOwn(t *testing.T) {
	t.Parallel()
	p := panel(t, &uses{}, time.Now(), func(c *config.Config) { c.Prices = []config.Price{{Model: "old"}} })
	got, err := p.SetPrices([]control.Price{{Model: " zeta "}, {Model: "alpha*", Input: 1.5, Output: 2}})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]control.Price{{Model: "alpha*", Input: 1.5, Output: 2}, {Model: "zeta"}}, got.Own); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if _, err := p.SetPrices([]control.Price{{Model: "a"}, {Model: "a"}}); err == nil {
		t.Error("a model was taken twice")
	}
	if got := p.Prices().Own; len(got) != 2 {
		t.Errorf("what was refused changed something: %+v", got)
	}
}
