package save

import (
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// exporting is an API with one export, which checks what it is asked.
func exporting(t *testing.T) http.Handler {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/rows", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("format") != "csv" {
			t.Errorf("it asked for %s", r.URL)
		}
		for range 1000 {
			_, _ = io.WriteString(w, "1,chat\n")
			w.(http.Flusher).Flush() //nolint:forcetypeassert // As a stream does it.
		}
	})
	mux.HandleFunc("POST /api/backup", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if string(body) != `{"secrets":true}` || r.Header.Get("Content-Type") != "application/json" || r.Header.Get("X-Requested-With") == "" {
			t.Errorf("it sent %q with %v", body, r.Header)
		}
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusUnprocessableEntity)
		_, _ = io.WriteString(w, `{"title":"Unprocessable Entity","detail":"the password is too short"}`)
	})
	return mux
}

func wantOnly(t *testing.T, folder string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if strings.Join(got, " ") != strings.Join(names, " ") {
		t.Errorf("the folder holds %q, want %q", got, names)
	}
}

func TestWrite_TheWholeAnswerReplacesTheFile(t *testing.T) {
	folder := t.TempDir()
	target := filepath.Join(folder, "rows.csv")
	if err := os.WriteFile(target, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Write(t.Context(), exporting(t), http.MethodGet, "/api/rows?format=csv", "", target); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(target)
	if err != nil || string(got) != strings.Repeat("1,chat\n", 1000) {
		t.Errorf("the file holds %d bytes, %v", len(got), err)
	}
	wantOnly(t, folder, "rows.csv")
}

func TestWrite_ARefusalLeavesTheFileAndSaysWhy(t *testing.T) {
	folder := t.TempDir()
	target := filepath.Join(folder, "all.zip")
	if err := os.WriteFile(target, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := Write(t.Context(), exporting(t), http.MethodPost, "/api/backup", `{"secrets":true}`, target)
	if err == nil || err.Error() != "the password is too short" {
		t.Errorf("it said %v", err)
	}
	if got, _ := os.ReadFile(target); string(got) != "old" {
		t.Errorf("the file became %q", got)
	}
	wantOnly(t, folder, "all.zip")
}

func TestWrite_WhatWasGivenUpLeavesNothing(t *testing.T) {
	folder := t.TempDir()
	ctx, giveUp := context.WithCancel(t.Context())
	giveUp()
	if err := Write(ctx, exporting(t), http.MethodGet, "/api/rows?format=csv", "", filepath.Join(folder, "rows.csv")); err == nil {
		t.Error("half an export was taken for a whole one")
	}
	wantOnly(t, folder)
}

func TestWrite_AFolderThatIsNotThereIsNamed(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "gone")
	err := Write(t.Context(), exporting(t), http.MethodGet, "/api/rows?format=csv", "", filepath.Join(folder, "rows.csv"))
	if err == nil || !strings.Contains(err.Error(), folder) {
		t.Errorf("it said %v", err)
	}
}

func TestWrite_AnAnswerThatIsBrokenOffIsNoFile(t *testing.T) {
	folder := t.TempDir()
	broken := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "1,chat\n")
		panic(http.ErrAbortHandler)
	})
	err := Write(t.Context(), broken, http.MethodGet, "/api/rows", "", filepath.Join(folder, "rows.csv"))
	if err == nil || !strings.Contains(err.Error(), "to its end") {
		t.Errorf("it said %v", err)
	}
	wantOnly(t, folder)
}
