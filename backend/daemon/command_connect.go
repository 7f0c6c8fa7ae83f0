package daemon

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/WenChunTech/OpenAICompatible/backend/control"
)

// ConnectCommand points other programs here.
type ConnectCommand struct {
	Files

	Client string `arg:"" optional:"" help:"The program: continue, codex, claude-code, …; without one, all are listed." placeholder:"CLIENT"`
	Model  string `help:"The model that it asks for; the one it has, or the first, otherwise." placeholder:"MODEL"`
	Key    string `help:"The name of an API key for it; one of its own otherwise." placeholder:"NAME"`
	Undo   bool   `help:"Restore its files byte for byte." xor:"what"`
	Print  bool   `help:"Print what to set instead of changing files." xor:"what"`
	Yes    bool   `short:"y" help:"Do not ask."`
}

// local is the seat of who types at this machine.
func local() control.Seat { return control.Seat{Local: true} }

func (c *ConnectCommand) run(ctx context.Context, s *session) error {
	s.hear(ctx)
	list := s.control.Clients(ctx, local())
	if c.Client == "" {
		return c.list(s, list)
	}
	for _, client := range list.Clients {
		if !strings.EqualFold(client.ID, c.Client) && !strings.EqualFold(client.Title, c.Client) {
			continue
		}
		switch {
		case c.Undo:
			return c.undo(ctx, s, client)
		case c.Print || len(client.Files) == 0 || !list.Here:
			return c.print(ctx, s, client)
		}
		return c.apply(ctx, s, client)
	}
	return fmt.Errorf("%w: there is no client %q; 'connect' lists them", ErrUsage, c.Client)
}

// list prints how all clients stand.
func (*ConnectCommand) list(s *session, list control.ClientList) error {
	w := tabwriter.NewWriter(s.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "CLIENT\tSTATE\tMODEL\tFILE")
	for _, client := range list.Clients {
		file := "(by hand: connect " + client.ID + " --print)"
		if len(client.Files) > 0 {
			file = client.Files[0]
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", client.ID, client.State, client.Model, cmp.Or(client.Problem, file))
	}
	return w.Flush()
}

// choice is what the flags say, and the best guess where they do not.
func (c *ConnectCommand) choice(s *session, client control.Client) (control.ClientChoice, error) {
	choice := control.ClientChoice{Model: cmp.Or(c.Model, client.Model), KeyID: client.KeyID}
	if models := s.control.Models(); choice.Model == "" && len(models) > 0 {
		choice.Model = models[0].ID
	}
	if choice.Model == "" {
		return choice, errors.New("no account offers a model yet: add one, or name a model with --model")
	}
	if c.Key == "" {
		return choice, nil
	}
	for _, k := range s.control.Keys() {
		if k.Name == c.Key {
			choice.KeyID = k.ID
			return choice, nil
		}
	}
	return choice, fmt.Errorf("%w: there is no API key with the name %q", ErrUsage, c.Key)
}

// apply shows the change, asks, and makes it.
func (c *ConnectCommand) apply(ctx context.Context, s *session, client control.Client) error {
	choice, err := c.choice(s, client)
	if err != nil {
		return err
	}
	preview, err := s.control.PreviewClient(client.ID, local(), choice)
	if err != nil {
		return err
	}
	digests, err := s.changes(preview.Changes)
	if err != nil {
		return err
	}
	agreed, err := s.agree(ctx, c.Yes, fmt.Sprintf("Point %s at %s with %s?", client.Title, preview.BaseURL, choice.Model))
	if err != nil {
		return err
	}
	if !agreed {
		return errors.New("nothing was changed")
	}
	if _, err := s.control.ApplyClient(client.ID, local(), control.ClientApply{ClientChoice: choice, Digests: digests}); err != nil {
		return err
	}
	s.sayf("%s points here. 'connect %s --undo' restores what was there.\n", client.Title, client.ID)
	s.steps(client)
	return nil
}

// undo restores, and asks first where a person changed the file since.
func (c *ConnectCommand) undo(ctx context.Context, s *session, client control.Client) error {
	var seen []string
	if client.State != "configured" {
		preview, err := s.control.PreviewUndo(client.ID, local())
		if err != nil {
			return err
		}
		if seen, err = s.changes(preview.Changes); err != nil {
			return err
		}
		agreed, err := s.agree(ctx, c.Yes, "It was changed since. Restore it all the same?")
		if err != nil {
			return err
		}
		if !agreed {
			return errors.New("nothing was changed")
		}
	}
	if _, err := s.control.UndoClient(client.ID, local(), seen); err != nil {
		return err
	}
	s.sayf("%s is as it was before.\n", client.Title)
	return nil
}

// changes prints what would change, and gives the digests of what is there.
func (s *session) changes(changes []control.ClientChange) (digests []string, err error) {
	signs := map[string]string{"same": " ", "new": "+", "gone": "-", "gap": "…"}
	for _, change := range changes {
		digests = append(digests, change.Digest)
		if change.Problem != "" {
			err = errors.New(change.Problem)
			continue
		}
		s.sayf("%s\n", change.Path)
		for _, l := range change.Lines {
			s.sayf("  %s%s\n", signs[l.Kind], l.Text)
		}
	}
	return digests, err
}

// print says what to set. It makes no key: the client's own where it has one, or
// the first.
func (c *ConnectCommand) print(ctx context.Context, s *session, client control.Client) error {
	choice, err := c.choice(s, client)
	if err != nil {
		return err
	}
	preview, err := s.control.PreviewClient(client.ID, local(), choice)
	if keys := s.control.Keys(); err == nil && preview.KeyID == 0 && len(keys) > 0 {
		choice.KeyID = keys[0].ID
		preview, err = s.control.PreviewClient(client.ID, local(), choice)
	}
	if err != nil {
		return err
	}
	key := "YOUR_API_KEY"
	if preview.KeyID != 0 {
		if key, err = s.control.KeySecret(ctx, preview.KeyID); err != nil {
			return err
		}
	}
	with := func(text string) string { return strings.ReplaceAll(text, preview.Mark, key) }
	s.steps(client)
	s.sayf("\n# base URL %s\n# API key  %s\n# model    %s\n", preview.BaseURL, key, choice.Model)
	for _, change := range preview.Changes {
		s.sayf("\n# %s\n%s", change.Path, with(change.Snippet))
	}
	for _, snippet := range preview.Snippets {
		s.sayf("\n# %s\n%s", snippet.Kind, with(snippet.Text))
	}
	return nil
}

// steps prints what a person does.
func (s *session) steps(client control.Client) {
	if client.Caution != nil {
		s.sayf("Note: %s\n", client.Caution.EN)
	}
	for i, step := range client.Steps {
		s.sayf("%d. %s\n", i+1, step.EN)
	}
}
