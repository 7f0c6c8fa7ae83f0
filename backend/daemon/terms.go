package daemon

import (
	"github.com/WenChunTech/OpenAICompatible/backend/config"
	"github.com/WenChunTech/OpenAICompatible/backend/pool"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
)

// terms are what the user set for an account, or what is safe for its kind. mu
// is held.
func (a *accounts) terms(s *seat) *pool.Terms {
	c := &s.config
	_, embedded := s.provider.(provider.Embedded)
	t := &pool.Terms{
		Off: !s.account.Enabled, Weight: c.Weight, Priority: c.Priority, Tireless: embedded,
		Pace: pool.DefaultPace(s.way.Credential),
	}
	if c.Pace != nil {
		t.Pace = paceOf(*c.Pace)
	}
	if len(c.ModelPace) > 0 {
		t.Models = make(map[string]pool.Pace, len(c.ModelPace))
		for model, p := range c.ModelPace {
			if model == config.OtherModels {
				model = ""
			}
			t.Models[model] = paceOf(p)
		}
	}
	return t
}

func paceOf(p config.Pace) pool.Pace {
	return pool.Pace{
		PerMinute: p.RequestsPerMinute, PerDay: p.RequestsPerDay, TokensPerMinute: p.TokensPerMinute, InFlight: p.MaxInFlight,
	}
}
