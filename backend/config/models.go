package config

import (
	"fmt"
	"slices"
)

// Models is what the user thinks of single models, by their full names, as
// prefix/model. A name that no account serves now is kept: it may come back.
type Models struct {
	// Hidden are left out of every list of models; they still answer to whoever
	// asks for them by name.
	Hidden []string `json:"hidden,omitempty"`
	// Favourites stand first on the pages.
	Favourites []string `json:"favourites,omitempty"`
}

func checkModels(c *Config) *Error {
	for _, l := range []struct {
		field string
		names []string
	}{{"models.hidden", c.Models.Hidden}, {"models.favourites", c.Models.Favourites}} {
		for i, name := range l.names {
			if !isWord(name) {
				return wrong(fmt.Sprintf("%s[%d]", l.field, i), "must be the name of a model, without blanks around it")
			}
		}
	}
	return nil
}

func checkAliases(c *Config) *Error {
	models := map[string][]string{}
	for i, a := range c.Routing.Aliases {
		field := fmt.Sprintf("routing.aliases[%d]", i)
		switch _, twice := models[a.Name]; {
		case !isWord(a.Name):
			return wrong(field+".name", "must be a name that clients can ask for, without blanks around it")
		case twice:
			return wrong(field+".name", "is there twice: put the models of both into one alias")
		case len(a.Models) == 0:
			return wrong(field+".models", "must name at least one model")
		}
		for j, model := range a.Models {
			if !isWord(model) || model == a.Name {
				return wrong(fmt.Sprintf("%s.models[%d]", field, j), "must be the name of another model")
			}
		}
		models[a.Name] = a.Models
	}
	return checkCircles(c.Routing.Aliases, models)
}

// checkCircles finds an alias that stands for itself by way of others.
func checkCircles(aliases []Alias, models map[string][]string) *Error {
	for i, a := range aliases {
		for j, model := range a.Models {
			if reaches(models, model, a.Name, map[string]bool{}) {
				return wrong(fmt.Sprintf("routing.aliases[%d].models[%d]", i, j), "leads back to this alias: an alias cannot stand for itself by way of another")
			}
		}
	}
	return nil
}

// reaches says whether one name stands for another; seen are those looked at.
func reaches(models map[string][]string, name, wanted string, seen map[string]bool) bool {
	if seen[name] {
		return false
	}
	seen[name] = true
	return slices.ContainsFunc(models[name], func(model string) bool {
		return model == wanted || reaches(models, model, wanted, seen)
	})
}
