package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
)

// AccountCommands are the commands below accounts.
type AccountCommands struct {
	List   ListCommand   `cmd:"" default:"withargs" help:"List the accounts with what is known of them (the default)."`
	Add    AddCommand    `cmd:"" help:"Add an account with a key, which is read from standard input or a file."`
	Test   TestCommand   `cmd:"" help:"Ask the services of accounts now. The exit code is 1 when one does not work."`
	Retry  RetryCommand  `cmd:"" help:"End the rest of accounts, so that the next request tries them."`
	Remove RemoveCommand `cmd:"" help:"Remove an account and its secrets."`
}

// ListCommand lists the accounts.
type ListCommand struct {
	Files

	JSON bool `help:"Print JSON, as the admin API has it."`
}

func (c *ListCommand) run(_ context.Context, s *session) error {
	all := s.control.Accounts()
	if c.JSON {
		e := json.NewEncoder(s.Out)
		e.SetIndent("", "  ")
		return e.Encode(map[string]any{"accounts": all})
	}
	if len(all) == 0 {
		s.sayf("There are no accounts in %s. Add one with: login gemini, or accounts add openaicompat\n", s.config.Path())
		return nil
	}
	return s.table(all)
}

func (s *session) table(all []control.Account) error {
	w := tabwriter.NewWriter(s.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tNAME\tPROVIDER\tSTATE\tMODELS\tIDENTITY")
	for _, a := range all {
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%d\t%s\n", a.ID, a.Name, strings.TrimSuffix(a.Provider+"-"+a.Way, "-"), stateWord(a), a.ModelCount, a.Identity)
	}
	return w.Flush()
}

// stateWord is the state in a table.
func stateWord(a control.Account) string {
	switch {
	case a.State == control.AccountChecking:
		return "not asked yet"
	case a.Reason != "":
		return string(a.State) + ": " + a.Reason
	}
	if rest := restWord(a, time.Now()); rest != "" {
		return string(a.State) + ": " + rest
	}
	return string(a.State)
}

// AddCommand adds an account with a key.
type AddCommand struct {
	Files

	Provider string            `arg:"" help:"The provider and, after a dash, the way: openaicompat, openaicompat-deepseek, gemini-key, qwen-dashscope." placeholder:"PROVIDER"`
	Name     string            `help:"What to call the account."`
	Prefix   string            `help:"What stands before its models' names, as prefix/model."`
	Set      map[string]string `help:"A setting of the account, as --set baseUrl=https://api.example.com/v1." placeholder:"KEY=VALUE"`
	Models   []string          `help:"Models listed by hand, for a service that has no list." placeholder:"MODEL"`
	KeyFile  string            `help:"Read the key, or the credential, from this file instead of from standard input." placeholder:"FILE"`
}

func (c *AddCommand) run(ctx context.Context, s *session) error {
	kind, way, err := s.way(c.Provider, func(w provider.Way) bool { return w.Credential != provider.CredentialSignIn }, c.Set)
	if err != nil {
		return err
	}
	if s.Asks {
		s.warn(kind, way)
	}
	key, err := c.key(ctx, s, kind, way)
	if err != nil {
		return err
	}
	a, err := s.control.AddAccount(control.NewAccount{
		Provider: kind, Way: way, Name: c.Name, Prefix: c.Prefix, Settings: c.Set, Models: c.Models, Key: key,
	})
	if err != nil {
		return err
	}
	if a, err = s.control.TestAccount(ctx, a.ID); err != nil {
		return err
	}
	return s.report(a)
}

// key reads the secret. It is no argument, as those stand in the shell's
// history and in the list of processes.
func (c *AddCommand) key(ctx context.Context, s *session, kind, way string) (string, error) {
	const most = 64 << 10
	if c.KeyFile != "" {
		text, err := os.ReadFile(c.KeyFile)
		if err == nil && len(text) > most {
			err = fmt.Errorf("%s is too long for a key", c.KeyFile)
		}
		return string(text), err
	}
	p, ok := s.accounts.providers[kind]
	if !ok {
		return "", nil
	}
	info := p.Info()
	w := info.Way(way)
	if w.Credential == provider.CredentialNone {
		return "", nil
	}
	if !s.Asks { // a pipe, which may hold a file of several lines
		text, err := io.ReadAll(io.LimitReader(s.lines, most))
		return string(text), err
	}
	s.hear(ctx)
	if w.KeyPage != "" {
		s.sayf("Make a key at %s\n", w.KeyPage)
	}
	return s.secret(ctx)
}

// secret asks for a key and does not show it while it is typed, where the
// terminal can do that.
func (s *session) secret(ctx context.Context) (string, error) {
	seen := " It can be seen while you type."
	if f, ok := s.In.(*os.File); ok {
		if restore, err := hideTyping(f); err == nil {
			seen = ""
			defer s.sayf("\n")
			defer restore()
		}
	}
	s.sayf("Paste the key and press Enter.%s\n", seen)
	text, err := s.line(ctx)
	if errors.Is(err, io.EOF) {
		err = nil // there is none: the form says whether one is needed
	}
	return text, err
}

// TestCommand asks the services of accounts.
type TestCommand struct {
	Files

	Accounts []string `arg:"" optional:"" help:"IDs or names; none is all that are on." placeholder:"ACCOUNT"`
}

func (c *TestCommand) run(ctx context.Context, s *session) error {
	chosen, err := s.choose(c.Accounts)
	if err != nil {
		return err
	}
	if len(c.Accounts) == 0 {
		chosen = slices.DeleteFunc(chosen, func(a control.Account) bool { return !a.Enabled })
	}
	var wg sync.WaitGroup
	errs := make([]error, len(chosen))
	for i := range chosen {
		wg.Go(func() { chosen[i], errs[i] = s.control.TestAccount(ctx, chosen[i].ID) })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if err := s.table(chosen); err != nil {
		return err
	}
	bad := 0
	for _, a := range chosen {
		if a.State != control.AccountReady {
			bad++
		}
	}
	if bad > 0 {
		return fmt.Errorf("%d of %d accounts do not work", bad, len(chosen))
	}
	return nil
}

// choose finds accounts by their IDs or names; none names all.
func (s *session) choose(names []string) ([]control.Account, error) {
	all := s.control.Accounts()
	if len(names) == 0 {
		return all, nil
	}
	var out []control.Account
	for _, name := range names {
		i := slices.IndexFunc(all, func(a control.Account) bool { return strconv.FormatInt(a.ID, 10) == name })
		if i < 0 {
			i = slices.IndexFunc(all, func(a control.Account) bool { return a.Name == name })
		}
		if i < 0 {
			return nil, fmt.Errorf("%w: there is no account %q; 'accounts list' shows them", ErrUsage, name)
		}
		out = append(out, all[i])
	}
	return out, nil
}

// RemoveCommand removes an account.
type RemoveCommand struct {
	Files

	Account string `arg:"" help:"Its ID or its name." placeholder:"ACCOUNT"`
	Yes     bool   `short:"y" help:"Do not ask."`
}

func (c *RemoveCommand) run(ctx context.Context, s *session) error {
	s.hear(ctx)
	chosen, err := s.choose([]string{c.Account})
	if err != nil {
		return err
	}
	a := chosen[0]
	remove, err := s.agree(ctx, c.Yes, fmt.Sprintf("Remove account %d, '%s' (%s), and its secrets?", a.ID, a.Name, a.Provider))
	if err != nil {
		return err
	}
	if !remove {
		return errors.New("nothing was removed")
	}
	if err := s.control.DeleteAccount(a.ID); err != nil {
		return err
	}
	s.sayf("'%s' is removed.\n", a.Name)
	return nil
}
