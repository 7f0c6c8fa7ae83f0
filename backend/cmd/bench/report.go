package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"strings"
)

// facts are what a reader must know of the machine.
type facts struct {
	System string `json:"system"`
	CPU    string `json:"cpu"`
	Cores  int    `json:"cores"`
	Go     string `json:"go"`
	Rounds int    `json:"rounds"`
	Short  bool   `json:"short"`
}

func machine(rounds int, short bool) facts {
	return facts{
		System: runtime.GOOS + "/" + runtime.GOARCH, CPU: cpuName(), Cores: runtime.NumCPU(),
		Go: runtime.Version(), Rounds: rounds, Short: short,
	}
}

func (f facts) String() string {
	return fmt.Sprintf("%d cores of %s, %s, %s, median of %d rounds", f.Cores, f.CPU, f.System, f.Go, f.Rounds)
}

// cpuName is the processor's name, where the system tells it in a file.
func cpuName() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "an unnamed processor"
	}
	for line := range strings.Lines(string(text)) {
		if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "an unnamed processor"
}

// markdown is the table for a reader.
func markdown(f facts, verdicts []verdict) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Measured with `make bench` on %s. `rp` is Go's `httputil.ReverseProxy` with enough idle connections, `stock` the same as it comes.\n\n", f)
	b.WriteString("| | ours | `rp` | `stock` | result | bar | |\n|---|--:|--:|--:|--:|--:|---|\n")
	for _, v := range verdicts {
		mark := "✓"
		switch {
		case !v.OK:
			mark = "✗"
		case v.Bar == "":
			mark = ""
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s |\n", v.Title, v.show(ours), v.show(rp), v.show(stock), v.got(), v.Bar, mark)
	}
	return b.String()
}

const (
	markBegin = "<!-- bench:start -->"
	markEnd   = "<!-- bench:end -->"
)

// putBetween replaces what stands between the two marks of text.
func putBetween(text, table string) (string, error) {
	before, rest, ok := strings.Cut(text, markBegin)
	_, after, closed := strings.Cut(rest, markEnd)
	if !ok || !closed {
		return "", fmt.Errorf("no %s and %s in it", markBegin, markEnd)
	}
	return before + markBegin + "\n" + table + markEnd + after, nil
}

// write puts the results where the flags say.
func (o options) write(f facts, verdicts []verdict) error {
	table := markdown(f, verdicts)
	fmt.Print("\n" + table)
	if o.markdown != "" {
		if err := os.WriteFile(o.markdown, []byte(table), 0o644); err != nil { //nolint:gosec // It is to be read by all.
			return err
		}
	}
	if o.json != "" {
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		if err := e.Encode(struct {
			Facts facts     `json:"facts"`
			Rows  []verdict `json:"rows"`
		}{f, verdicts}); err != nil {
			return err
		}
		if err := os.WriteFile(o.json, b.Bytes(), 0o644); err != nil { //nolint:gosec // It is to be read by all.
			return err
		}
	}
	if o.readme == "" {
		return nil
	}
	text, err := os.ReadFile(o.readme)
	if err != nil {
		return err
	}
	changed, err := putBetween(string(text), table)
	if err != nil {
		return fmt.Errorf("%s: %w", o.readme, err)
	}
	return os.WriteFile(o.readme, []byte(changed), 0o644) //nolint:gosec // It is to be read by all.
}
