// Command licences prints the licences of everything that is in the programs:
// Go itself, the Go modules that any of them links on any system, the npm
// packages that are bundled into the pages, and data of others in this tree.
//
// The invariant: nothing is shipped whose licence text is not in the output. A
// module or package without one, or with one that asks for more than to be
// named, fails the build until somebody has looked.
//
//	go run ./build/licences > THIRD-PARTY-LICENCES.txt
//	go run ./build/licences frontend/dist/licences.txt.gz
//
// The second packs it for the pages, which show it.
package main

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// part is one thing of somebody else's that is shipped.
type part struct {
	name, version string
	// dir is where its files are.
	dir string
}

func main() {
	do := func() error { return run(os.Stdout) }
	if len(os.Args) > 1 {
		do = func() error { return pack(os.Args[1]) }
	}
	if err := do(); err != nil {
		fmt.Fprintln(os.Stderr, "licences:", err)
		os.Exit(1)
	}
}

func run(out io.Writer) error {
	parts, err := modules()
	if err != nil {
		return err
	}
	pages, err := bundled("frontend")
	if err != nil {
		return err
	}
	return write(out, slices.Concat(parts, pages, copied()))
}

// mostPacked keeps what the program carries of others' words small.
const mostPacked = 150 << 10

// pack writes the same, packed, into a file that is there as a whole or not at
// all.
func pack(path string) error {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return err
	}
	if err := run(w); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	if b.Len() > mostPacked {
		return fmt.Errorf("%s would have %d bytes, more than %d", path, b.Len(), mostPacked)
	}
	fresh := path + ".new"
	if err := os.WriteFile(fresh, b.Bytes(), 0o600); err != nil { //nolint:gosec // The build says where.
		return err
	}
	return os.Rename(fresh, path) //nolint:gosec // The same.
}

// write prints each licence once, under the names of all that have it word for
// word.
func write(out io.Writer, parts []part) error {
	slices.SortFunc(parts, func(a, b part) int {
		return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.version, b.version))
	})
	var texts []string
	having := map[string][]part{}
	for _, p := range parts {
		text, err := licence(p)
		if err != nil {
			return err
		}
		if having[text] == nil {
			texts = append(texts, text)
		}
		having[text] = append(having[text], p)
	}
	var b strings.Builder
	b.WriteString("OpenAICompatible contains the work of others. What it contains, and under which terms:\n")
	for _, text := range texts {
		b.WriteString("\n" + strings.Repeat("=", 80) + "\n")
		for _, p := range having[text] {
			fmt.Fprintf(&b, "%s %s\n", p.name, p.version)
		}
		fmt.Fprintf(&b, "\n%s\n", text)
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// licence reads the files of a part that say its terms, the licence before the
// notices that have to go with it.
func licence(p part) (string, error) {
	entries, err := os.ReadDir(p.dir)
	if err != nil {
		return "", fmt.Errorf("%s %s: %w", p.name, p.version, err)
	}
	says := regexp.MustCompile(`(?i)^(un)?(licen[cs]e|copying|notice|copyright|patents)([-.].*)?$`)
	code := regexp.MustCompile(`(?i)\.(go|js|ts|mjs|cjs|json|html)$`)
	demanding := regexp.MustCompile(`(?i)GNU (AFFERO |LESSER )?GENERAL PUBLIC LICENSE|Server Side Public License|Commons Clause`)
	var texts []string
	licensed := false
	for _, e := range entries {
		if e.IsDir() || !says.MatchString(e.Name()) || code.MatchString(e.Name()) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(p.dir, e.Name()))
		if err != nil {
			return "", err
		}
		// By its heading: other licences name these within.
		if m := demanding.Find(text[:min(len(text), 400)]); m != nil {
			return "", fmt.Errorf("%s %s has terms that cannot be shipped like this: %s", p.name, p.version, m)
		}
		texts = append(texts, strings.TrimSpace(strings.ReplaceAll(string(text), "\r\n", "\n")))
		licensed = licensed || !regexp.MustCompile(`(?i)^(notice|patents)`).MatchString(e.Name())
	}
	if !licensed {
		text, ok := elsewhere()[p.name]
		if !ok {
			return "", fmt.Errorf("%s %s has no licence file in %s: see what it says and add it to elsewhere()", p.name, p.version, p.dir)
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, "\n\n"), nil
}
