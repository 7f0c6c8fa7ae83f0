package daemon

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"

	"github.com/WenChunTech/OpenAICompatible/backend/control"
)

// ImportCommand takes over sign-ins of other programs.
type ImportCommand struct {
	Files

	File string `arg:"" optional:"" help:"A file or a folder; without one, the places where other programs keep sign-ins are looked at and named." placeholder:"FILE"`
	Yes  bool   `short:"y" help:"Take all that can be used, without asking."`
}

func (c *ImportCommand) run(ctx context.Context, s *session) error {
	s.hear(ctx)
	if c.File == "" {
		return c.found(s)
	}
	source := control.ImportSource{Path: c.File}
	preview, err := s.control.PreviewImport(source)
	if err != nil {
		return err
	}
	keys, err := c.show(s, preview)
	if err != nil {
		return err
	}
	if len(keys) == 0 {
		s.sayf("There is nothing to take.\n")
		return nil
	}
	take, err := s.agree(ctx, c.Yes, fmt.Sprintf("Take %d of %d?", len(keys), len(preview.Finds)))
	if err != nil {
		return err
	}
	if !take {
		return errors.New("nothing was taken")
	}
	done, err := s.control.TakeImport(control.ImportChoice{ImportSource: source, Keys: keys})
	if err != nil {
		return err
	}
	s.sayf("%d added, %d updated. 'accounts test' asks their services.\n", len(done.Added), len(done.Updated))
	return nil
}

// found names the places where there is something.
func (c *ImportCommand) found(s *session) error {
	places := s.control.FoundImports()
	if len(places) == 0 {
		s.sayf("No sign-ins of other programs are at their usual places. Name a file: import FILE\n")
		return nil
	}
	for _, p := range places {
		s.sayf("%s: import %s\n", p.Title, p.Path)
	}
	return nil
}

// show prints what an import would do, and gives the keys of what can be taken.
func (c *ImportCommand) show(s *session, preview control.Import) ([]string, error) {
	var keys []string
	w := tabwriter.NewWriter(s.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "WHAT\tNAME\tPROVIDER\tIDENTITY\tNOTE")
	for _, f := range preview.Finds {
		if f.State == control.ImportNew || f.State == control.ImportUpdate {
			keys = append(keys, f.Key)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", f.State, f.Name, f.Provider, f.Identity, f.Problem)
	}
	if err := w.Flush(); err != nil {
		return nil, err
	}
	for _, note := range preview.Notes {
		s.sayf("Note: %s.\n", note)
	}
	return keys, nil
}
