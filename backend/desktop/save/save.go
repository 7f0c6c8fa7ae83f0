// Package save writes an answer of the admin API to a file that the person has
// chosen: what a browser's download is to the web edition.
//
// The invariant: the chosen file is either as it was, or the whole answer. The
// answer goes to disk as it is written and is never held in memory. The package
// asks nobody anything; where to write is the window's dialog.
package save

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

// problemLimit bounds what is read of a refusal.
const problemLimit = 64 << 10

// Write asks the handler in this process and makes its answer the file at
// target. The error of a refusal is the sentence that the API gave for it.
func Write(ctx context.Context, api http.Handler, method, path, body, target string) (err error) {
	r, err := http.NewRequestWithContext(ctx, method, "http://localhost"+path, strings.NewReader(body))
	if err != nil {
		return fmt.Errorf("ask for the file: %w", err)
	}
	r.RequestURI, r.RemoteAddr = path, "127.0.0.1:0"
	r.Header.Set("X-Requested-With", "openaicompatible")
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	// Beside the target, so that it can take its name in one step.
	file, err := os.CreateTemp(filepath.Dir(target), ".openaicompatible-*.part")
	if err != nil {
		return fmt.Errorf("write into %s: %w", filepath.Dir(target), err)
	}
	defer func() {
		if err != nil {
			_ = file.Close()
			_ = os.Remove(file.Name()) // the first error is the one to tell
		}
	}()
	a := &answer{header: http.Header{}, file: file}
	if err := errors.Join(serve(api, a, r), a.failure(ctx)); err != nil {
		return err
	}
	if err := file.Sync(); err != nil {
		return fmt.Errorf("write %s: %w", target, err)
	}
	if err := file.Close(); err != nil {
		return fmt.Errorf("write %s: %w", target, err)
	}
	if err := os.Rename(file.Name(), target); err != nil {
		return fmt.Errorf("write %s: %w", target, err)
	}
	return nil
}

// errBroken is an answer that ended before its end.
var errBroken = errors.New("the file could not be read to its end, try again")

// serve tells an answer that is broken off from one that is whole, as a server
// does by closing the connection.
func serve(api http.Handler, a *answer, r *http.Request) (err error) {
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		if cause, ok := p.(error); !ok || !errors.Is(cause, http.ErrAbortHandler) {
			panic(p)
		}
		err = errBroken
	}()
	api.ServeHTTP(a, r)
	return nil
}

// answer is a response whose body is a file, unless it is a refusal.
type answer struct {
	header  http.Header
	status  int
	file    *os.File
	problem bytes.Buffer
	err     error
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) {
	if a.status == 0 && status >= http.StatusOK {
		a.status = status
	}
}

func (a *answer) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	if a.status >= http.StatusMultipleChoices {
		a.problem.Write(b[:min(len(b), problemLimit-a.problem.Len())])
		return len(b), nil
	}
	n, err := a.file.Write(b)
	a.err = errors.Join(a.err, err)
	return n, err
}

// Flush is for those who stream: every piece is on its way to the disk already.
func (a *answer) Flush() { a.WriteHeader(http.StatusOK) }

// failure says what was wrong with the answer.
func (a *answer) failure(ctx context.Context) error {
	if a.status >= http.StatusMultipleChoices {
		var p struct {
			Title, Detail string
		}
		_ = json.Unmarshal(a.problem.Bytes(), &p) // What is no problem document has no words to show.
		switch {
		case p.Detail != "":
			return errors.New(p.Detail)
		case p.Title != "":
			return errors.New(p.Title)
		}
		return fmt.Errorf("HTTP %d", a.status)
	}
	if a.err != nil {
		return fmt.Errorf("write the file: %w", a.err)
	}
	if ctx.Err() != nil {
		return fmt.Errorf("write the file: %w", ctx.Err())
	}
	return nil
}
