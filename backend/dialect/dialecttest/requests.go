package dialecttest

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// Request is a body that a real client sent.
type Request struct {
	Name string
	Body []byte
}

// Requests proves that both lanes lose nothing of a client's body that their
// warnings do not name. canonical makes two writings of one meaning equal; nil
// leaves them.
func Requests(t *testing.T, c dialect.Client, u CarryUpstream, canonical func(any) any, requests []Request) {
	t.Helper()
	if canonical == nil {
		canonical = func(v any) any { return v }
	}
	for _, r := range requests {
		t.Run(r.Name, func(t *testing.T) {
			t.Parallel()
			h, failed := c.Head(httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", nil), r.Body)
			if failed != nil {
				t.Fatal(failed)
			}
			carried, warnings, failed := u.CarryRequest(nil, r.Body, h, "upstream")
			if failed != nil {
				t.Fatal(failed)
			}
			same(t, "carried", canonical, r.Body, carried, warnings)
			request, first, failed := c.DecodeRequest(h, r.Body)
			if failed != nil {
				t.Fatal(failed)
			}
			translated, second, failed := u.EncodeRequest(request, "upstream")
			if failed != nil {
				t.Fatal(failed)
			}
			same(t, "translated", canonical, r.Body, translated, append(first, second...))
		})
	}
}

// same compares two bodies path by path. A difference is right if a warning
// names its path or one above it; the model always differs.
func same(t *testing.T, lane string, canonical func(any) any, before, after []byte, warnings []llm.Warning) {
	t.Helper()
	var a, b any
	if err := json.Unmarshal(before, &a); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(after, &b); err != nil {
		t.Fatalf("%s: %v\n%s", lane, err, after)
	}
	used := map[int]bool{}
	for _, path := range Paths(canonical(a), canonical(b)) {
		i := slices.IndexFunc(warnings, func(w llm.Warning) bool {
			return path == w.Field || strings.HasPrefix(path, w.Field+".") || strings.HasPrefix(path, w.Field+"[")
		})
		if i < 0 && path != "model" {
			t.Errorf("%s: %s differs and no warning says so", lane, path)
		}
		used[i] = true
	}
	for i, w := range warnings {
		if !used[i] {
			t.Errorf("%s: the warning %q names no difference", lane, w)
		}
	}
}

// Paths are where two JSON values differ, as messages[2].content.
func Paths(a, b any) []string {
	var out []string
	differ("", a, b, &out)
	sort.Strings(out)
	return out
}

func differ(path string, a, b any, out *[]string) {
	x, xok := a.(map[string]any)
	y, yok := b.(map[string]any)
	if xok && yok {
		keys := map[string]bool{}
		for k := range x {
			keys[k] = true
		}
		for k := range y {
			keys[k] = true
		}
		for k := range keys {
			differ(strings.TrimPrefix(path+"."+k, "."), x[k], y[k], out)
		}
		return
	}
	v, vok := a.([]any)
	w, wok := b.([]any)
	if vok && wok && len(v) == len(w) {
		for i := range v {
			differ(fmt.Sprintf("%s[%d]", path, i), v[i], w[i], out)
		}
		return
	}
	if !reflect.DeepEqual(a, b) {
		*out = append(*out, path)
	}
}

// Errors proves that a client codec answers every kind of error with a status,
// and with a body that check accepts.
func Errors(t *testing.T, c dialect.Client, check func(body []byte) error) {
	t.Helper()
	for _, kind := range llm.Kinds() {
		if kind == llm.KindCanceled {
			continue // nobody is there to read it
		}
		w := httptest.NewRecorder()
		c.EncodeError(w, &llm.Error{Kind: kind, Message: "a \"message\"\nwith <marks>"})
		if w.Code < 400 || w.Code > 599 {
			t.Errorf("%v: got the status %d", kind, w.Code)
		}
		if kind != llm.KindInternal && w.Code == 500 {
			t.Errorf("%v: is answered as a fault of our own", kind)
		}
		if err := check(w.Body.Bytes()); err != nil {
			t.Errorf("%v: %v\n%s", kind, err, w.Body)
		}
	}
}

// Captures are the requests of real clients that lie in a folder, a JSON file
// each.
func Captures(tb testing.TB, folder string) []Request {
	tb.Helper()
	dir := os.DirFS(folder)
	files, err := fs.Glob(dir, "*.json")
	if err != nil || len(files) == 0 {
		tb.Fatalf("no captures in %s: %v", folder, err)
	}
	var requests []Request
	for _, file := range files {
		body, err := fs.ReadFile(dir, file)
		if err != nil {
			tb.Fatal(err)
		}
		requests = append(requests, Request{Name: file, Body: body})
	}
	return requests
}
