// Package backend_test holds the rules of the tree that no linter knows: what a
// program may link, which list a folder must stand in, which words a name may
// not have. Each failure says what to change.
//
// The list of files is git's: what is committed or about to be, and nothing
// that was built. Rules about one package stand beside it: that every field of
// an exchange has a column in sqlite, that a secret is never printed in account.
package backend_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"net/http"
	"net/http/httptest"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/WenChunTech/OpenAICompatible/backend/daemon"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

const module = "github.com/WenChunTech/OpenAICompatible"

func TestEveryPackage_HasOneDocComment(t *testing.T) {
	for dir, files := range goFolders(t) {
		shipped := slices.DeleteFunc(slices.Clone(files), isTest)
		if len(shipped) == 0 {
			shipped = files
		}
		var docs []string
		for _, file := range shipped {
			if parse(t, file, parser.PackageClauseOnly|parser.ParseComments).Doc != nil {
				docs = append(docs, file)
			}
		}
		if len(docs) != 1 {
			t.Errorf("%s has a package doc comment in %d files %v, want it in one", dir, len(docs), docs)
		}
	}
}

func TestServer_LinksNoDesktopNoTestingNoC(t *testing.T) {
	// With cgo on, so that a package that would use C shows it.
	deps := run(t, []string{"CGO_ENABLED=1"}, "go", "list", "-deps",
		"-f", "{{.ImportPath}} {{if not .Standard}}{{len .CgoFiles}}{{else}}0{{end}}", "./backend/cmd/server")
	for _, line := range deps {
		name, c, _ := strings.Cut(line, " ")
		if c != "0" {
			t.Errorf("the headless server links %s, which needs a C compiler", name)
		}
		for _, banned := range []string{"github.com/wailsapp", "github.com/getlantern", "testing", module + "/backend/desktop"} {
			if name == banned || strings.HasPrefix(name, banned+"/") {
				t.Errorf("the headless server links %s", name)
			}
		}
	}
}

// On macOS both libraries define the Objective-C class AppDelegate: one program
// with the two does not link.
func TestDarwin_WindowAndTrayAreTwoPrograms(t *testing.T) {
	for _, c := range []struct{ program, banned string }{
		{".", "github.com/getlantern/systray"},
		{"./backend/cmd/tray", "github.com/wailsapp/wails"},
	} {
		deps := run(t, []string{"GOOS=darwin", "CGO_ENABLED=1"},
			"go", "list", "-deps", "-tags", "desktop,production", c.program)
		for _, name := range deps {
			if strings.HasPrefix(name, c.banned) {
				t.Errorf("on macOS %s reaches %s", c.program, name)
			}
		}
	}
}

func TestEveryProviderAndDialect_IsListedAndRunsTheSharedSuite(t *testing.T) {
	for _, c := range []struct{ folder, suite, list string }{
		{"backend/provider", "providertest", "backend/daemon/providers.go"},
		{"backend/dialect", "dialecttest", "backend/daemon/dialects.go"},
	} {
		used := imports(t, c.list)
		if c.suite == "dialecttest" {
			// A protocol that only services speak is what their provider uses.
			used = append(used, importsOf(t, "backend/provider/")...)
		}
		for dir, files := range goFolders(t) {
			if path.Dir(dir) != c.folder || path.Base(dir) == c.suite || path.Base(dir) == "internal" {
				continue
			}
			if !slices.Contains(used, module+"/"+dir) {
				t.Errorf("%s is in neither %s nor a provider: it would never be used", dir, c.list)
			}
			runs := slices.ContainsFunc(files, func(file string) bool {
				return isTest(file) && slices.Contains(imports(t, file), module+"/"+c.folder+"/"+c.suite)
			})
			if !runs {
				t.Errorf("no test of %s runs the shared suite %s", dir, c.suite)
			}
		}
	}
}

// importsOf is what the shipped files below a folder import.
func importsOf(t *testing.T, below string) []string {
	t.Helper()
	var all []string
	for dir, files := range goFolders(t) {
		if !strings.HasPrefix(dir+"/", below) {
			continue
		}
		for _, file := range files {
			if !isTest(file) {
				all = append(all, imports(t, file)...)
			}
		}
	}
	return all
}

func TestEveryKind_HasItsStatusInEveryClientDialect(t *testing.T) {
	for _, d := range daemon.Dialects() {
		c := d.Client
		for _, kind := range llm.Kinds() {
			if kind == llm.KindCanceled {
				continue // nobody is left to read an answer
			}
			w := httptest.NewRecorder()
			c.EncodeError(w, &llm.Error{Kind: kind, Message: "why"})
			if w.Code < 400 || w.Code > 599 {
				t.Errorf("%s answers %v with the status %d, want an error", c.Name(), kind, w.Code)
			}
			// A kind that a codec forgot falls to the status of our own faults.
			if w.Code == http.StatusInternalServerError && kind != llm.KindInternal {
				t.Errorf("%s answers %v with 500, as if it were our fault", c.Name(), kind)
			}
			if !json.Valid(w.Body.Bytes()) {
				t.Errorf("%s answers %v with %q, want JSON", c.Name(), kind, w.Body)
			}
		}
	}
}

func TestNoFile_IsLongerThan500Lines(t *testing.T) {
	generated := regexp.MustCompile(`(_test\.go|[._]gen\.(go|ts)|\.test\.tsx?|wailsjs/.*)$`)
	for _, file := range tree(t) {
		if !slices.Contains([]string{".go", ".ts", ".tsx", ".css"}, path.Ext(file)) || generated.MatchString(file) {
			continue
		}
		if n := bytes.Count(read(t, file), []byte("\n")); n > 500 {
			t.Errorf("%s has %d lines: more than one concern?", file, n)
		}
	}
}

func TestTree_HoldsNoBinary(t *testing.T) {
	picture := regexp.MustCompile(`^(build|docs/images|frontend/(public|src)|backend/desktop)/.*\.(png|ico|icns|gif)$`)
	for _, file := range tree(t) {
		packed := file == "backend/tokens/o200k_base.zst" // words of a language, whose test proves the checksum
		if bytes.IndexByte(read(t, file), 0) >= 0 && !picture.MatchString(file) && !packed {
			t.Errorf("%s is a binary file: build it, or say in .gitignore that it is built", file)
		}
	}
}

func TestTree_NamesNoMachine(t *testing.T) {
	homes := regexp.MustCompile(`(^|["'\x60 =(:])(/home/[a-z][a-z0-9_-]*/|/Users/[A-Za-z]|[A-Z]:\\+Users\\+[A-Za-z]|/tmp/[a-z_]*jobs)`)
	tests := regexp.MustCompile(`(^|/)(testdata|testing)/|_test\.go$|\.test\.tsx?$`)
	here := []string{string(filepath.Separator) + filepath.Base(filepath.Dir(root(t))) + string(filepath.Separator) + filepath.Base(root(t)), root(t)}
	for _, file := range tree(t) {
		text := read(t, file)
		if bytes.IndexByte(text, 0) >= 0 {
			continue
		}
		// Tests may make somebody up.
		if m := homes.Find(text); m != nil && !tests.MatchString(file) {
			t.Errorf("%s names a folder of somebody's machine: %s", file, m)
		}
		for _, p := range here {
			if bytes.Contains(text, []byte(p+"/")) {
				t.Errorf("%s names the folder it was written in: %s", file, p)
			}
		}
	}
}

func TestLockFiles_NameNoRegistry(t *testing.T) {
	resolved := regexp.MustCompile(`"resolved": "(https?:[^"]*)"`)
	registry := regexp.MustCompile(`(?m)^\s*(@[^:=]+:)?registry\s*=`)
	for _, file := range tree(t) {
		switch path.Base(file) {
		case "package-lock.json":
			for _, m := range resolved.FindAllStringSubmatch(string(read(t, file)), -1) {
				t.Errorf("%s takes a package from %s: where it comes from is the user's choice", file, m[1])
			}
		case ".npmrc":
			if registry.Match(read(t, file)) {
				t.Errorf("%s names a registry: that is the user's choice", file)
			}
		}
	}
}

// The words are those of the plan's "Never" list: each hides what a thing is.
func TestNames_AvoidTheEmptyWords(t *testing.T) {
	never := []string{"manager", "handler", "service", "util", "utils", "common", "helper", "helpers", "translator", "adapter", "channel", "node"}
	for dir, files := range goFolders(t) {
		for _, file := range files {
			f := parse(t, file, parser.SkipObjectResolution)
			if slices.Contains(never, strings.TrimSuffix(f.Name.Name, "_test")) {
				t.Errorf("%s: the package is called %s", dir, f.Name)
			}
			if isTest(file) {
				continue
			}
			for name := range typeNames(f) {
				for _, word := range words(name) {
					if slices.Contains(never, word) {
						t.Errorf("%s: the type %s is called a %s; say what it is", file, name, word)
					}
				}
			}
		}
	}
	for _, file := range tree(t) {
		if !strings.HasPrefix(file, "frontend/src/") {
			continue
		}
		for part := range strings.SplitSeq(strings.TrimSuffix(file, path.Ext(file)), "/") {
			if slices.Contains(never, strings.ToLower(part)) {
				t.Errorf("%s is called %s; say what it is", file, part)
			}
		}
	}
}

// The pages name what the window can do for them in an interface of their own,
// so that they also build without Wails.
func TestWindow_OffersWhatThePagesCall(t *testing.T) {
	var want []string
	for _, d := range parse(t, "app.go", parser.SkipObjectResolution).Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Recv == nil || !f.Name.IsExported() {
			continue
		}
		if star, ok := f.Recv.List[0].Type.(*ast.StarExpr); ok && fmt.Sprint(star.X) == "App" {
			want = append(want, f.Name.Name)
		}
	}
	const page = "frontend/src/desktop/desktop.ts"
	declared := regexp.MustCompile(`(?s)interface App \{(.*?)\n\}`).FindSubmatch(read(t, page))
	if declared == nil {
		t.Fatalf("%s has no interface App", page)
	}
	var got []string
	for _, m := range regexp.MustCompile(`(?m)^  (\w+)\(`).FindAllSubmatch(declared[1], -1) {
		got = append(got, string(m[1]))
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the interface App in %s is not what app.go offers (-app.go +page):\n%s", page, diff)
	}
}
