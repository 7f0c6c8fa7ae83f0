package e2e_test

import (
	"encoding/json"
	"fmt"
	"go/format"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/WenChunTech/OpenAICompatible/backend/fake"
)

// The page says that what it shows works: its files are laid over the tree, which
// stays as it is, compiled, put through the shared suite, and asked by a client.
func TestDocs_TheProviderOfTheWalkThroughWorks(t *testing.T) {
	overlay := layOver(t, filepath.Join("..", "..", "docs", "contributors", "add-a-provider.md"))

	suite := filepath.Join(t.TempDir(), "acorn.test")
	goTool(t, "test", "-c", "-vet=off", "-overlay", overlay, "-o", suite, "../provider/acorn")
	out, err := exec.Command(suite, "-test.v").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestProvider_PassesTheSuite/ModelsErrors") {
		t.Fatalf("the suite: %v\n%s", err, out)
	}

	server := filepath.Join(t.TempDir(), "server")
	goTool(t, "build", "-overlay", overlay, "-o", server, "../cmd/server")
	service := acorn(t)
	p := startAs(t, server, func(config map[string]any) {
		accounts, _ := config["accounts"].([]any)
		config["accounts"] = append(accounts, map[string]any{
			"id": 3, "provider": "acorn", "name": "nuts", "key": upstreamKey, "settings": map[string]string{"baseUrl": service},
		})
	})
	eventually(t, "the model of the new provider is listed", func() bool {
		_, models := p.do(t, http.MethodGet, "/v1/models", "")
		return strings.Contains(string(models), `"acorn/hazel-1"`)
	})
	status, body := p.do(t, http.MethodPost, "/v1/chat/completions", `{"model":"acorn/hazel-1","messages":[{"role":"user","content":"Hello"}]}`)
	if text := gjson.GetBytes(body, "choices.0.message.content").String(); status != http.StatusOK || text == "" {
		t.Errorf("the client got %d: %s", status, body)
	}
}

// layOver takes the Go files out of a page and gives the path of an overlay for
// the go command that has them, and the one line that the page adds.
func layOver(t *testing.T, page string) string {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	dir, replace := t.TempDir(), map[string]string{}
	lay := func(name, content string) {
		file := filepath.Join(dir, fmt.Sprintf("%d.go", len(replace)))
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		replace[filepath.Join(root, filepath.FromSlash(name))] = file
	}
	files := regexp.MustCompile("(?s)\n`(backend/[^`\n]+\\.go)`\n\n```go\n(.*?)\n```").FindAllStringSubmatch(string(text), -1)
	for _, f := range files {
		content := f[2] + "\n"
		if formatted, err := format.Source([]byte(content)); err != nil || string(formatted) != content {
			t.Errorf("%s is not as gofmt writes it: %v", f[1], err)
		}
		lay(f[1], content)
	}
	line := regexp.MustCompile(`(?m)^\+\t*(acorn\.Provider\{.*\},)$`).FindStringSubmatch(string(text))
	if len(files) != 4 || line == nil {
		t.Fatalf("the page shows %d files and the line %q", len(files), line)
	}
	list := filepath.Join(root, "backend", "daemon", "providers.go")
	was, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	now := strings.Replace(string(was), "\t\tdemo.New(),", "\t\t"+line[1]+"\n\t\tdemo.New(),", 1)
	now = strings.Replace(now, "import (", "import (\n\t\"github.com/WenChunTech/OpenAICompatible/backend/provider/acorn\"", 1)
	lay("backend/daemon/providers.go", now)

	raw, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	overlay := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(overlay, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return overlay
}

func goTool(t *testing.T, args ...string) {
	t.Helper()
	c := exec.Command("go", args...)
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("go %s: %v\n%s", args[0], err, out)
	}
}

// acorn is the service of the page.
func acorn(t *testing.T) string {
	t.Helper()
	openai := fake.NewOpenAI(fake.Options{Key: upstreamKey, Strict: true})
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/chat", func(w http.ResponseWriter, r *http.Request) {
		r.Header.Set("Authorization", "Bearer "+r.Header.Get("X-Acorn-Key"))
		r.URL.Path = "/v1/chat/completions"
		openai.ServeHTTP(w, r)
	})
	mux.HandleFunc("GET /api/nuts", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Acorn-Key") != upstreamKey {
			http.Error(w, `{"error":{"message":"unknown key"}}`, http.StatusUnauthorized)
			return
		}
		_, _ = w.Write([]byte(`{"nuts":[{"name":"hazel-1","window":32768,"tools":true}]}`))
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL
}
