package dialecttest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// Translated proves that what an upstream codec reads of each answer reaches the
// clients of another protocol: it is written by c and read again by reader. An
// answer that failed must fail there too.
func Translated(t *testing.T, c dialect.Client, reader, u dialect.Upstream, replies []Reply) {
	t.Helper()
	for _, r := range replies {
		t.Run(r.Name, func(t *testing.T) {
			t.Parallel()
			forms(r.Body, func(form string, body []byte, size int) {
				var out bytes.Buffer
				err := c.EncodeStream(&out, u.DecodeReply("", &pieces{rest: body, size: size}), "asked", dialect.Head{Stream: true, IncludeUsage: true})
				got := Of(reader.DecodeReply(c.StreamType(), &out))
				want := r.Want
				if want.Failed {
					// Each protocol has its own words for a failure.
					want.Error = got.Error
				}
				if (err != nil) != want.Failed {
					t.Errorf("%s: got the error %v", form, err)
				}
				if diff := Diff(want, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", form, diff)
				}
			})
		})
	}
}

// Golden proves what becomes of the requests in the txtar files of a folder.
// Each has the client's request.json and either the upstream's body.json and the
// warnings, or the error. With GOLDEN=write in the environment they are written.
func Golden(t *testing.T, c dialect.Client, u dialect.Upstream, model, folder string) {
	t.Helper()
	golden(t, folder, "request.json", func(t *testing.T, body []byte) []txtar.File {
		t.Helper()
		return translated(t, c, u, model, body)
	})
}

// golden compares each file of a folder with what becomes of its first section.
func golden(t *testing.T, folder, first string, become func(t *testing.T, body []byte) []txtar.File) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files in %s: %v", folder, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			body := part(archive, first)
			got := append([]txtar.File{{Name: first, Data: body}}, become(t, body)...)
			if os.Getenv("GOLDEN") == "write" {
				archive.Files = got
				if err := os.WriteFile(file, txtar.Format(archive), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(archive.Files, got, cmp.Transformer("text", func(b []byte) string { return string(b) })); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// GoldenReplies proves what clients of another protocol read of the answers in
// the txtar files of a folder: each has the upstream's bytes and the client's.
func GoldenReplies(t *testing.T, c dialect.Client, u dialect.Upstream, folder string) {
	t.Helper()
	golden(t, folder, "upstream", func(t *testing.T, body []byte) []txtar.File {
		t.Helper()
		var out bytes.Buffer
		err := c.EncodeStream(&out, u.DecodeReply("", bytes.NewReader(body)), "asked", dialect.Head{Stream: true, IncludeUsage: true})
		files := []txtar.File{{Name: "client", Data: out.Bytes()}}
		if err != nil {
			failed := llm.AsError(err)
			files = append(files, txtar.File{Name: "error", Data: []byte(failed.Kind.String() + ": " + failed.Message + "\n")})
		}
		return files
	})
}

func part(a *txtar.Archive, name string) []byte {
	for _, f := range a.Files {
		if f.Name == name {
			return f.Data
		}
	}
	return nil
}

// translated is what becomes of one request.
func translated(t *testing.T, c dialect.Client, u dialect.Upstream, model string, body []byte) []txtar.File {
	t.Helper()
	h, failed := c.Head(httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", nil), body)
	if failed != nil {
		t.Fatal(failed)
	}
	r, warnings, failed := c.DecodeRequest(h, body)
	if failed != nil {
		t.Fatal(failed)
	}
	out, more, failed := u.EncodeRequest(r, model)
	if failed != nil {
		return []txtar.File{{Name: "error", Data: []byte(failed.Kind.String() + " " + failed.Param + ": " + failed.Message + "\n")}}
	}
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, out, "", "  "); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	pretty.WriteByte('\n')
	return []txtar.File{{Name: "body.json", Data: pretty.Bytes()}, {Name: "warnings", Data: notes(append(warnings, more...))}}
}

func notes(list []llm.Warning) []byte {
	var b bytes.Buffer
	for _, w := range list {
		b.WriteString(w.String() + "\n")
	}
	return b.Bytes()
}
