package control

import (
	"fmt"
	"slices"

	"github.com/WenChunTech/OpenAICompatible/backend/config"
	"github.com/WenChunTech/OpenAICompatible/backend/event"
	"github.com/WenChunTech/OpenAICompatible/backend/route"
)

// Alias is a name that stands for models, or for other aliases, tried in order.
type Alias struct {
	Name   string   `json:"name" maxLength:"256"`
	Models []string `json:"models" maxItems:"64"`
}

// AliasState is an alias with what becomes of it now.
type AliasState struct {
	Alias
	// Unknown are those of its models that nobody serves now: they are passed
	// over.
	Unknown []string `json:"unknown"`
	// Covers is the full name of the model that would answer to the alias's name
	// without it; "" is none.
	Covers string `json:"covers"`
	// Blocked says that a model has the whole of its name and answers in its
	// place.
	Blocked bool `json:"blocked"`
}

// Aliases are the names that stand for models.
func (s *Panel) Aliases() []AliasState {
	aliases := s.o.Config.Snapshot().Routing.Aliases
	table := s.o.Table()
	out := make([]AliasState, 0, len(aliases))
	for _, a := range aliases {
		state := AliasState{Alias: Alias{Name: a.Name, Models: list(a.Models)}, Unknown: []string{}, Covers: table.Full(a.Name)}
		if state.Covers == a.Name {
			state.Covers, state.Blocked = "", true
		}
		for _, name := range a.Models {
			if behind, known := table.Behind(name); !known || len(behind) == 0 {
				state.Unknown = append(state.Unknown, name)
			}
		}
		out = append(out, state)
	}
	return out
}

// SetAliases puts these in the place of all there were. An alias that cannot be
// is a *config.Error that names its field; one that was there before is left
// alone, whatever the accounts have by now.
func (s *Panel) SetAliases(aliases []Alias) ([]AliasState, error) {
	table := s.o.Table()
	err := s.o.Config.Update(func(c *config.Config) error {
		before := c.Routing.Aliases
		c.Routing.Aliases = make([]config.Alias, 0, len(aliases))
		for i, a := range aliases {
			made := config.Alias{Name: a.Name, Models: slices.Clone(a.Models)}
			c.Routing.Aliases = append(c.Routing.Aliases, made)
			if slices.ContainsFunc(before, func(b config.Alias) bool { return b.Name == made.Name && slices.Equal(b.Models, made.Models) }) {
				continue
			}
			if err := checkAlias(made, table, fmt.Sprintf("routing.aliases[%d]", i)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.o.Events.Publish(event.Event{Kind: event.Models})
	return s.Aliases(), nil
}

// checkAlias finds what the configuration alone cannot know, or lets pass for the
// sake of files that were written by hand.
func checkAlias(a config.Alias, table *route.Table, field string) error {
	if table.Full(a.Name) == a.Name && a.Name != "" {
		return wrong(field+".name", "is the whole name of a model, which would always answer: choose another name")
	}
	for i, name := range a.Models {
		if slices.Contains(a.Models[:i], name) {
			return wrong(fmt.Sprintf("%s.models[%d]", field, i), "is there twice: the second one would never be asked")
		}
	}
	return nil
}
