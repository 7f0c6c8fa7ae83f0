package daemon

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/WenChunTech/OpenAICompatible/backend/manual"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
)

// ErrUsage is a command line that means nothing; it is wrapped with what is
// wrong.
var ErrUsage = errors.New("usage")

// Terminal is where a command of the command line talks with its user.
type Terminal struct {
	In        io.Reader
	Out, Logs io.Writer
	// Asks says that somebody sits at In and sees Out.
	Asks bool
	// Headless looks for ./config.json first, as serve does.
	Headless bool
	// OpenBrowser opens a page on this machine; nil where there is no display.
	OpenBrowser func(url string) error
	Version     string
	// Providers are the model services there are; nil is all of this version.
	Providers []provider.Provider
}

// environ is the environment that decides settings: the window's program has
// none.
func (t Terminal) environ() []string {
	if !t.Headless {
		return nil
	}
	return os.Environ()
}

// IsTerminal says that somebody types at in, so far as the system can tell.
func IsTerminal(in io.Reader) bool {
	f, ok := in.(*os.File)
	return ok && isTerminal(f)
}

// Commands are what can be done with accounts on the command line. Both mains
// have them; they work beside a running program, which takes over what they
// change.
type Commands struct {
	Login    LoginCommand    `cmd:"" help:"Sign in at a provider with a browser."`
	Accounts AccountCommands `cmd:"" help:"Accounts: list, add, test, retry, remove."`
	Models   ModelsCommand   `cmd:"" help:"List the models of all accounts, as they were last found."`
	Import   ImportCommand   `cmd:"" help:"Take over sign-ins of other programs: the original's config.json, Gemini CLI, Qwen Code, CLIProxyAPI."`
	Connect  ConnectCommand  `cmd:"" help:"Point other programs here: Continue, Codex, Claude Code and more; list, print, undo."`
	Backup   BackupCommand   `cmd:"" help:"Write settings, accounts, keys and, if wanted, the request log into one encrypted file."`
	Restore  RestoreCommand  `cmd:"" help:"Put a backup in the place of what is here, after a preview; --undo takes the last one back."`
	Doctor   DoctorCommand   `cmd:"" help:"Look for what keeps the program from working: settings, folders, port, keyring, accounts, network."`
	Health   HealthCommand   `cmd:"" help:"Ask the program that runs with a configuration whether it answers."`

	Completion manual.Completion `cmd:"" help:"Print completions for a shell."`
	Manual     manual.Command    `cmd:"" hidden:""`
}

// Files say which configuration is meant.
type Files struct {
	Config string `help:"Configuration file; the one that the program uses otherwise." placeholder:"FILE" env:"OPENAICOMPATIBLE_CONFIG"`
	Data   string `help:"Folder of the request log and the credentials." placeholder:"DIR" env:"OPENAICOMPATIBLE_DATA"`
}

// Run does what was chosen, by the path of the command; false is
// a command of somebody else.
func (c *Commands) Run(ctx context.Context, chosen string, t Terminal) (bool, error) {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	switch chosen {
	case "health":
		return true, c.Health.run(ctx, t)
	case "doctor":
		return true, c.Doctor.run(ctx, t)
	case "completion":
		return true, c.Completion.Print(t.Out)
	case "manual":
		return true, c.Manual.Print(t.Out, t.Version)
	}
	s := &session{Terminal: t, lines: bufio.NewReader(t.In), typed: make(chan typed)}
	var do func(context.Context, *session) error
	var files Files
	switch chosen {
	case "login":
		do, files = c.Login.run, c.Login.Files
	case "accounts list":
		do, files = c.Accounts.List.run, c.Accounts.List.Files
	case "accounts add":
		do, files = c.Accounts.Add.run, c.Accounts.Add.Files
	case "accounts test":
		do, files = c.Accounts.Test.run, c.Accounts.Test.Files
	case "accounts retry":
		do, files = c.Accounts.Retry.run, c.Accounts.Retry.Files
	case "accounts remove":
		do, files = c.Accounts.Remove.run, c.Accounts.Remove.Files
	case "models":
		do, files = c.Models.run, c.Models.Files
	case "import":
		do, files = c.Import.run, c.Import.Files
	case "backup":
		do, files = c.Backup.run, c.Backup.Files
	case "restore":
		do, files = c.Restore.run, c.Restore.Files
	case "connect":
		do, files = c.Connect.run, c.Connect.Files
	default:
		return false, nil
	}
	err := beside(ctx, Options{
		ConfigPath: files.Config, DataDir: files.Data, Environ: t.environ(), Headless: t.Headless, Version: t.Version, Providers: t.Providers,
		OpenBrowser: t.OpenBrowser,
	}, func(ctx context.Context, d *Daemon) error {
		s.Daemon = d
		return do(ctx, s)
	})
	if ctx.Err() != nil && err == nil {
		err = errors.New("canceled")
	}
	return true, err
}

// session is one command being done.
type session struct {
	Terminal
	*Daemon

	lines *bufio.Reader
	// typed gives the lines, once somebody wanted one.
	typed chan typed
}

// typed is a line, or why there is none.
type typed struct {
	text string
	err  error
}

func (s *session) sayf(format string, args ...any) { fmt.Fprintf(s.Out, format, args...) }

// line waits for what the user types next, without the line's end.
func (s *session) line(ctx context.Context) (string, error) {
	select {
	case t := <-s.typed:
		return t.text, t.err
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

// hear begins to listen, for as long as ctx lasts.
func (s *session) hear(ctx context.Context) { go s.listen(ctx) }

// listen reads lines until the input or ctx ends. A read cannot be canceled:
// one that waits for a person ends with the program.
func (s *session) listen(ctx context.Context) {
	for {
		text, err := s.lines.ReadString('\n')
		if err != nil && text != "" {
			err = nil
		}
		select {
		case s.typed <- typed{strings.TrimRight(text, "\r\n"), err}:
		case <-ctx.Done():
			return
		}
	}
}

// agree asks a question that is answered by yes or no; yes answers it without
// asking.
func (s *session) agree(ctx context.Context, yes bool, question string) (bool, error) {
	if yes {
		return true, nil
	}
	s.sayf("%s [y/N] ", question)
	text, err := s.line(ctx)
	if errors.Is(err, io.EOF) {
		return false, errors.New("nobody answered: say --yes where nobody is asked")
	}
	if err != nil {
		return false, err
	}
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "y", "yes", "j", "是":
		return true, nil
	}
	return false, nil
}

// way finds a way by its name on the command line: qwen-code, gemini-vertex. A
// provider's own name stands for the first of its ways that fit and want no
// more settings than are given.
func (s *session) way(name string, fits func(provider.Way) bool, given map[string]string) (kind, way string, err error) {
	var known []string
	for _, p := range s.accounts.Providers() {
		info := p.Info()
		ways := slices.DeleteFunc(slices.Clone(info.Ways), func(w provider.Way) bool { return !fits(w) })
		if len(ways) == 0 {
			continue
		}
		known = append(known, info.Kind)
		for _, w := range ways {
			if len(info.Ways) > 1 {
				known = append(known, info.Kind+"-"+w.ID)
			}
			if strings.EqualFold(name, info.Kind+"-"+w.ID) {
				return info.Kind, w.ID, nil
			}
		}
		if strings.EqualFold(name, info.Kind) {
			i := max(0, slices.IndexFunc(ways, func(w provider.Way) bool { return content(w, info, given) }))
			return info.Kind, ways[i].ID, nil
		}
	}
	if known == nil {
		return "", "", fmt.Errorf("%w: no provider of this version can be added in this way", ErrUsage)
	}
	return "", "", fmt.Errorf("%w: there is no %q; there is %s", ErrUsage, name, strings.Join(known, ", "))
}

// content says that a way wants no more settings than are given.
func content(w provider.Way, info provider.Info, given map[string]string) bool {
	return !slices.ContainsFunc(slices.Concat(w.Fields, info.Fields), func(f provider.Field) bool {
		return f.Required && f.Default == "" && given[f.Key] == "" && w.Settings[f.Key] == ""
	})
}

// warn says what the user should know of a way before it is used.
func (s *session) warn(kind, way string) {
	for _, p := range s.control.Providers() {
		for _, w := range p.Ways {
			if p.Kind != kind || w.ID != way {
				continue
			}
			s.sayf("%s: %s\n", p.Title.EN, w.Title.EN)
			for _, n := range slices.Concat(p.Notices, w.Notices) {
				s.sayf("  - %s\n", n.EN)
			}
			if w.Ended != nil {
				s.sayf("  - %s\n", w.Ended.EN)
			}
			s.sayf("\n")
		}
	}
}
