package config

import (
	"fmt"
	"math"
	"slices"
)

// Price is what a model costs, in US dollars for a million tokens.
type Price struct {
	// Model is the name at the service, or the one that clients ask for, with *
	// for any text.
	Model  string  `json:"model"`
	Input  float64 `json:"input"`
	Output float64 `json:"output"`
	// CachedInput is for tokens that the service had in its cache; nil is Input.
	CachedInput *float64 `json:"cachedInput,omitempty"`
}

// mostDollars bounds a price of a million tokens: beyond it somebody mistook the
// unit.
const mostDollars = 100_000

func checkPrices(c *Config) *Error {
	seen := map[string]bool{}
	for i, p := range c.Prices {
		field := fmt.Sprintf("prices[%d]", i)
		switch {
		case !isWord(p.Model):
			return wrong(field+".model", "must be the name of a model, without blanks around it; * stands for any text")
		case seen[p.Model]:
			return wrong(field+".model", "is there twice: '%s'", p.Model)
		case !isDollars(p.Input):
			return wrong(field+".input", "must be between 0 and %d US dollars for a million tokens", mostDollars)
		case !isDollars(p.Output):
			return wrong(field+".output", "must be between 0 and %d US dollars for a million tokens", mostDollars)
		case p.CachedInput != nil && !isDollars(*p.CachedInput):
			return wrong(field+".cachedInput", "must be between 0 and %d US dollars for a million tokens", mostDollars)
		}
		seen[p.Model] = true
	}
	return nil
}

func isDollars(f float64) bool { return !math.IsNaN(f) && f >= 0 && f <= mostDollars }

func clonePrices(prices []Price) []Price {
	n := slices.Clone(prices)
	for i := range n {
		if p := n[i].CachedInput; p != nil {
			cached := *p
			n[i].CachedInput = &cached
		}
	}
	return n
}
