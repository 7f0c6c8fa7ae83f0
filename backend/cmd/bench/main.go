// Command bench measures what the proxy costs: processor time for a request,
// added time, memory. It starts the headless server, a service for it to call
// and two yardsticks, each as a process of its own, sends them the same requests
// in turn and compares round by round, so that what else the machine does weighs
// on all alike.
//
// The invariant: every answer is compared with what must come. A figure counts
// right answers only, and a wrong one of ours fails the run. It uses the loopback
// interface alone, and writes nothing outside a temporary folder but the reports
// that it is asked for.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"sync/atomic"
	"syscall"
	"time"
)

// roleArgument makes this program one of the benchmark's own processes.
const roleArgument = "role"

// options are the flags.
type options struct {
	rounds   int
	short    bool
	run      *regexp.Regexp
	server   string
	json     string
	markdown string
	readme   string
}

func main() {
	if len(os.Args) > 2 && os.Args[1] == roleArgument {
		exit(play(os.Args[2], os.Args[3:]))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, flags())
	stop()
	exit(err)
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func flags() options {
	o := options{run: regexp.MustCompile("")}
	flag.IntVar(&o.rounds, "rounds", 0, "rounds of each row, whose median counts (5, or 2 if short)")
	flag.BoolVar(&o.short, "short", false, "half a minute for every day: all answers checked, bars half as wide again")
	flag.Func("run", "only the rows whose name matches this `regexp`", func(s string) (err error) {
		o.run, err = regexp.Compile(s)
		return err
	})
	flag.StringVar(&o.server, "server", "", "measure this executable instead of building the server")
	flag.StringVar(&o.json, "json", "", "write the figures of all rounds to this `file`")
	flag.StringVar(&o.markdown, "markdown", "", "write the table to this `file`")
	flag.StringVar(&o.readme, "readme", "", "put the table between the marks in this `file`")
	flag.Parse()
	if o.rounds == 0 {
		o.rounds = 5
		if o.short {
			o.rounds = 2
		}
	}
	return o
}

// bench is one run: the processes, and what was found.
type bench struct {
	launcher
	results
	works   map[string]work
	targets map[string]*target
	short   bool
	// slice is how long a target is measured in a round, rest how long memory
	// gets to settle, slow the work of slow streams.
	slice, rest time.Duration
	slow        string
	numbers     atomic.Uint64
	// answers and wrong count by target; why is the first that was wrong.
	answers, wrong map[string]int
	why            map[string]error
}

func newBench(o options, dir string) *bench {
	b := &bench{
		launcher: launcher{dir: dir, server: o.server}, results: results{}, works: works(), targets: map[string]*target{},
		short: o.short, slice: time.Second, rest: 4 * time.Second, slow: "slow",
		answers: map[string]int{}, wrong: map[string]int{}, why: map[string]error{},
	}
	if o.short {
		b.slice, b.rest, b.slow = 300*time.Millisecond, 1500*time.Millisecond, "brief"
	}
	return b
}

// run measures all rows and writes the reports. It fails when a bar does.
func run(ctx context.Context, o options) error {
	const files = 16384
	if err := raiseFiles(files); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	f := machine(o.rounds, o.short)
	fmt.Println("bench:", f)
	b := newBench(o, dir)
	if o.server == "" {
		if err := b.build(ctx); err != nil {
			return err
		}
	}
	if err := b.startAll(ctx); err != nil {
		return err
	}
	defer b.stopAll()
	if err := b.measure(ctx, o); err != nil {
		return err
	}
	list := bars()
	widen := 1.0
	if o.short {
		widen = 1.5
	}
	verdicts := judge(b.results, list, widen)
	if err := o.write(f, verdicts); err != nil {
		return err
	}
	return b.conclude(verdicts)
}

// startAll starts the upstream first, since the others need its address.
func (b *bench) startAll(ctx context.Context) error {
	for _, name := range []string{direct, ours, rp, stock} {
		t, err := b.start(ctx, name)
		if err != nil {
			b.stopAll()
			return err
		}
		b.targets[name] = t
		if name == direct {
			b.upstreamAddr = t.addr
		}
	}
	return nil
}

func (b *bench) stopAll() {
	for _, t := range b.targets {
		t.stop()
	}
}

// measure runs the rounds of every row.
func (b *bench) measure(ctx context.Context, o options) error {
	for _, r := range rows() {
		if !o.run.MatchString(r.name) {
			continue
		}
		begin, rounds := time.Now(), o.rounds
		if r.rounds > 0 {
			rounds = min(rounds, b.pick(r.rounds, 1))
		}
		for round := range rounds {
			if err := r.run(ctx, b, r, round); err != nil {
				return fmt.Errorf("row %s: %w", r.name, err)
			}
		}
		fmt.Printf("bench: %-9s %d rounds in %.1fs\n", r.name, rounds, time.Since(begin).Seconds())
	}
	for _, name := range []string{ours, rp, stock} {
		b.record(answersRow, "wrong", name, float64(b.wrong[name]))
		b.record(answersRow, "checked", name, float64(b.answers[name]))
	}
	return b.checkLog()
}

// checkLog makes sure that the server wrote its request log: without it the
// figures would not be what they claim to be.
func (b *bench) checkLog() error {
	const least = 32 // Bytes an exchange cannot do without.
	var size int64
	err := filepath.WalkDir(b.dir, func(path string, entry os.DirEntry, err error) error {
		if name := filepath.Base(path); err != nil || entry.IsDir() || name == "output" || name == filepath.Base(b.server) {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			size += info.Size()
		}
		return err
	})
	if err != nil {
		return err
	}
	fmt.Printf("bench: the server's files hold %.1f MB after %d exchanges\n", float64(size)/1e6, b.answers[ours])
	if size < int64(least*b.answers[ours]) {
		return errors.New("the server wrote no request log")
	}
	return nil
}

// conclude says what failed.
func (b *bench) conclude(verdicts []verdict) error {
	var errs []error
	for _, name := range []string{direct, ours, rp, stock} {
		if b.wrong[name] == 0 {
			continue
		}
		fmt.Printf("bench: %s: %d wrong answers; the first: %v\n", name, b.wrong[name], b.why[name])
		if name == direct {
			errs = append(errs, errors.New("the benchmark's own answers are wrong"))
		}
	}
	for _, v := range verdicts {
		if !v.OK {
			errs = append(errs, fmt.Errorf("%s: %s, bar %s", v.Title, v.got(), v.Bar))
		}
	}
	return errors.Join(errs...)
}

// order rotates names from round to round, so that none is always first.
func order(round int, names []string) []string {
	first := round % len(names)
	return append(append([]string{}, names[first:]...), names[:first]...)
}

// turn is order for the processes that live as long as the run.
func (b *bench) turn(round int, names []string) []*target {
	list := make([]*target, 0, len(names))
	for _, name := range order(round, names) {
		list = append(list, b.targets[name])
	}
	return list
}

// pick is long, or short in a short run.
func (b *bench) pick(long, short int) int {
	if b.short {
		return short
	}
	return long
}
