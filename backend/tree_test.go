package backend_test

import (
	"bytes"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// root is the folder of the whole tree.
func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// run runs a command in the root and returns its lines.
func run(t *testing.T, env []string, name string, args ...string) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = root(t)
	cmd.Env = append(os.Environ(), env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, &stderr)
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

// tree lists the files that belong to the project, from the root, with slashes.
func tree(t *testing.T) []string {
	t.Helper()
	files := run(t, nil, "git", "-c", "core.quotepath=off", "ls-files", "--cached", "--others", "--exclude-standard")
	return slices.DeleteFunc(files, func(file string) bool {
		_, err := os.Lstat(filepath.Join(root(t), file))
		return errors.Is(err, fs.ErrNotExist)
	})
}

// goFolders are the Go files of each folder that has some. Folders that the go
// command does not see are left out.
func goFolders(t *testing.T) map[string][]string {
	t.Helper()
	folders := map[string][]string{}
	for _, file := range tree(t) {
		if path.Ext(file) == ".go" && !strings.Contains(file, "testdata/") && !strings.HasPrefix(file, "backend/tools/") {
			folders[path.Dir(file)] = append(folders[path.Dir(file)], file)
		}
	}
	return folders
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root(t), file))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func parse(t *testing.T, file string, mode parser.Mode) *ast.File {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root(t), file), nil, mode)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func imports(t *testing.T, file string) []string {
	t.Helper()
	var out []string
	for _, i := range parse(t, file, parser.ImportsOnly).Imports {
		out = append(out, strings.Trim(i.Path.Value, `"`))
	}
	return out
}

func isTest(file string) bool { return strings.HasSuffix(file, "_test.go") }

// typeNames yields the names of the types that a file declares.
func typeNames(f *ast.File) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, s := range g.Specs {
				if s, ok := s.(*ast.TypeSpec); ok && !yield(s.Name.Name) {
					return
				}
			}
		}
	}
}

// words takes a camel-case name apart, in lower case.
func words(name string) []string {
	var out []string
	from := 0
	for i, r := range name {
		if i > 0 && unicode.IsUpper(r) {
			out = append(out, strings.ToLower(name[from:i]))
			from = i
		}
	}
	return append(out, strings.ToLower(name[from:]))
}
