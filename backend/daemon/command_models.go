package daemon

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// ModelsCommand lists the models.
type ModelsCommand struct {
	Files

	All  bool `help:"With those that are hidden from clients."`
	JSON bool `help:"Print JSON, as the admin API has it."`
}

func (c *ModelsCommand) run(_ context.Context, s *session) error {
	all := s.control.Models()
	if !c.All {
		all = slices.DeleteFunc(all, func(m control.Model) bool { return m.Hidden })
	}
	if c.JSON {
		e := json.NewEncoder(s.Out)
		e.SetIndent("", "  ")
		return e.Encode(map[string]any{"models": all})
	}
	if len(all) == 0 {
		s.sayf("No model is known yet. Ask the services of your accounts with: accounts test\n")
		return nil
	}
	w := tabwriter.NewWriter(s.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "MODEL\tCONTEXT\tOUTPUT\tCAN\tACCOUNTS")
	for _, m := range all {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d\n", m.ID, limitWord(m.ContextTokens), limitWord(m.OutputTokens), abilities(m.Can), len(m.AccountIDs))
	}
	return w.Flush()
}

// limitWord is a limit in a table; an unknown one is a dash.
func limitWord(n int) string {
	if n == 0 {
		return "-"
	}
	return strconv.Itoa(n)
}

// abilities are what a model can do, in a table.
func abilities(c llm.Capabilities) string {
	var can []string
	for _, a := range []struct {
		word string
		has  bool
	}{
		{"tools", c.Tools},
		{"vision", c.Vision},
		{"reasoning", c.Reasoning},
		{"embeddings", c.Embeddings},
		{"fim", c.FIM},
	} {
		if a.has {
			can = append(can, a.word)
		}
	}
	if can == nil {
		return "-"
	}
	return strings.Join(can, " ")
}
