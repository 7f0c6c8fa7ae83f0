package control

import (
	"slices"

	"github.com/WenChunTech/OpenAICompatible/backend/config"
	"github.com/WenChunTech/OpenAICompatible/backend/event"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// Model is one line of the model list.
type Model struct {
	// ID is the full name, as prefix/model; Prefix is the part that its accounts
	// put before the service's own name.
	ID     string `json:"id"`
	Prefix string `json:"prefix"`
	// Title and Description are the service's own words; "" is none.
	Title         string           `json:"title,omitempty"`
	Description   string           `json:"description,omitempty"`
	OwnedBy       string           `json:"ownedBy"`
	Provider      string           `json:"provider"`
	ContextTokens int              `json:"contextTokens"`
	OutputTokens  int              `json:"outputTokens"`
	Can           llm.Capabilities `json:"can"`
	// AccountIDs are the accounts that serve it, in order.
	AccountIDs []int64 `json:"accountIds"`
	// Hidden is left out of every list of a client's, and answers all the same;
	// Favourite stands first on the pages.
	Hidden    bool `json:"hidden"`
	Favourite bool `json:"favourite"`
}

// Models is every model of every account, hidden ones among them.
func (s *Panel) Models() []Model {
	loved := map[string]bool{}
	for _, name := range s.o.Config.Snapshot().Models.Favourites {
		loved[name] = true
	}
	all := s.o.Table().Models()
	out := make([]Model, 0, len(all))
	for _, l := range all {
		m := Model{
			ID: l.ID, Title: l.Model.Name, Description: l.Model.Description, OwnedBy: l.Model.OwnedBy, Provider: l.Provider,
			ContextTokens: l.Model.ContextTokens, OutputTokens: l.Model.OutputTokens, Can: l.Model.Can,
			AccountIDs: l.AccountIDs, Hidden: l.Hidden, Favourite: loved[l.ID],
		}
		if n := len(l.ID) - len(l.Model.ID) - 1; n > 0 {
			m.Prefix = l.ID[:n]
		}
		if m.Title == l.Model.ID {
			m.Title = ""
		}
		out = append(out, m)
	}
	return out
}

// ModelsPatch changes what is said of the models with these names; nil leaves it.
type ModelsPatch struct {
	Models    []string `json:"models" minItems:"1" maxItems:"20000"`
	Hidden    *bool    `json:"hidden,omitempty"`
	Favourite *bool    `json:"favourite,omitempty"`
}

// ChangeModels hides models, shows them again, and makes favourites of them or
// not. Names that nobody serves now are taken too: they may come back.
func (s *Panel) ChangeModels(p ModelsPatch) error {
	err := s.o.Config.Update(func(c *config.Config) error {
		c.Models.Hidden = marked(c.Models.Hidden, p.Models, p.Hidden)
		c.Models.Favourites = marked(c.Models.Favourites, p.Models, p.Favourite)
		return nil
	})
	if err == nil {
		s.o.Events.Publish(event.Event{Kind: event.Models})
	}
	return err
}

// marked is list with names in it, or without them; the others keep their order.
func marked(list, names []string, wanted *bool) []string {
	if wanted == nil {
		return list
	}
	named := make(map[string]bool, len(names))
	for _, name := range names {
		named[name] = true
	}
	if !*wanted {
		return slices.DeleteFunc(list, func(name string) bool { return named[name] })
	}
	for _, name := range list {
		named[name] = false
	}
	for _, name := range names {
		if named[name] {
			list = append(list, name)
			named[name] = false
		}
	}
	return list
}

// RefreshModels asks the services of all accounts that are on for their models
// anew, and does not wait for them: the accounts tell how it goes.
func (s *Panel) RefreshModels() { s.o.Accounts.Recheck() }
