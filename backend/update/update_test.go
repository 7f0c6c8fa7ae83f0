package update_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/update"
)

// feed is a strict one: it knows one question, and answers by its ETag.
type feed struct {
	t       *testing.T
	status  int
	release string
	asked   atomic.Int64
	same    atomic.Int64
}

func (f *feed) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	f.asked.Add(1)
	if r.Method != http.MethodGet || r.URL.String() != "https://feed.example/latest" || r.Header.Get("User-Agent") != "OpenAICompatible/v1.2.0" ||
		r.Header.Get("Authorization") != "" || r.Header.Get("Cookie") != "" || r.ContentLength != 0 {
		f.t.Errorf("a feed does not know %s %s %v", r.Method, r.URL, r.Header)
	}
	tag := fmt.Sprintf(`"%d"`, len(f.release))
	switch {
	case f.status != 0:
		w.WriteHeader(f.status)
	case r.Header.Get("If-None-Match") == tag:
		f.same.Add(1)
		w.WriteHeader(http.StatusNotModified)
	default:
		w.Header().Set("ETag", tag)
		_, _ = w.WriteString(f.release)
	}
	return w.Result(), nil
}

func release(version string) string {
	return fmt.Sprintf(`{"tag_name":%q,"body":"**New** <b>things</b>","html_url":"https://feed.example/%s","published_at":"2026-05-01T00:00:00Z"}`, version, version)
}

// watch is one of version v1.2.0, and the versions it told of.
func watch(t *testing.T, f *feed, file string, on *atomic.Bool) (*update.Watch, *[]string) {
	t.Helper()
	f.t = t
	told := new([]string)
	return update.New(update.Options{
		On: on.Load, Feed: func() string { return "https://feed.example/latest" }, Client: func() *http.Client { return &http.Client{Transport: f} },
		Version: "v1.2.0", File: file, Newer: func(r update.Release) { *told = append(*told, r.Version) }, Now: time.Now, Log: slog.New(slog.DiscardHandler),
	}), told
}

func TestWatch_TellsOnceOfEachNewerVersionAlsoOverARestart(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "updates.json")
	f := &feed{release: release("v1.3.0")}
	w, told := watch(t, f, file, new(atomic.Bool))
	for range 2 {
		if err := w.Ask(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	n := w.Notice()
	if n.Newer == nil || n.Newer.Version != "v1.3.0" || n.Newer.Notes != "**New** <b>things</b>" || n.Newer.Link != "https://feed.example/v1.3.0" || n.Asked.IsZero() {
		t.Errorf("got %+v", n)
	}
	again, toldAgain := watch(t, f, file, new(atomic.Bool))
	if err := again.Ask(t.Context()); err != nil {
		t.Fatal(err)
	}
	if again.Notice().Newer == nil || len(*told) != 1 || len(*toldAgain) != 0 || f.same.Load() != 2 {
		t.Errorf("told %v and %v; %d answers without content", *told, *toldAgain, f.same.Load())
	}
	f.release = release("v1.10.0")
	if err := again.Ask(t.Context()); err != nil || len(*toldAgain) != 1 {
		t.Errorf("told %v, %v", *toldAgain, err)
	}
}

func TestWatch_TellsNothingOfWhatIsNoNewerRelease(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]*feed{
		"the same":              {release: release("v1.2.0")},
		"an older one":          {release: release("v1.1.9")},
		"before the same":       {release: release("v1.2.0-rc.1")},
		"a draft":               {release: `{"tag_name":"v2.0.0","draft":true}`},
		"a version of the next": {release: `{"tag_name":"v2.0.0","prerelease":true}`},
	} {
		w, told := watch(t, f, filepath.Join(t.TempDir(), "u.json"), new(atomic.Bool))
		if err := w.Ask(t.Context()); err != nil || w.Notice().Newer != nil || len(*told) != 0 {
			t.Errorf("%s: %+v, %v", name, w.Notice(), err)
		}
	}
}

func TestWatch_SaysWhatIsWrongWithTheFeedAndKeepsWhatItKnew(t *testing.T) {
	t.Parallel()
	f := &feed{release: release("v1.3.0")}
	w, _ := watch(t, f, filepath.Join(t.TempDir(), "u.json"), new(atomic.Bool))
	if err := w.Ask(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		status int
		text   string
		said   string
	}{
		{403, "", "403"},
		{404, "", "no release yet"},
		{0, "<html>", "is no release"},
		{0, `{"tag_name":"nightly"}`, "names no version"},
	} {
		f.status, f.release = c.status, c.text
		err := w.Ask(t.Context())
		if n := w.Notice(); err == nil || !strings.Contains(n.Problem, c.said) || n.Newer == nil {
			t.Errorf("%d %q: %+v, %v", c.status, c.text, n, err)
		}
	}
	f.status, f.release = 0, `{"tag_name":"v3.0.0","html_url":"javascript:alert(1)"}`
	if err := w.Ask(t.Context()); err != nil || w.Notice().Newer.Link != "" {
		t.Errorf("got %+v, %v", w.Notice().Newer, err)
	}
}

func TestWatch_AsksOnceADayAndOnlyWhenItIsOn(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "u.json")
	synctest.Test(t, func(t *testing.T) {
		on := new(atomic.Bool)
		f := &feed{release: release("v1.2.0")}
		w, _ := watch(t, f, file, on)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- w.Run(ctx) }()
		time.Sleep(72 * time.Hour)
		if n := f.asked.Load(); n != 0 {
			t.Errorf("it was off and asked %d times", n)
		}
		on.Store(true)
		w.Touch()
		time.Sleep(10 * 24 * time.Hour)
		if n := f.asked.Load(); n < 9 || n > 11 {
			t.Errorf("in ten days it asked %d times", n)
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}
