package relay_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openaichat"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/relay"
)

// pictured asks about three pictures: one twice, one that is inline.
const pictured = `{"model":"asked","messages":[{"role":"system","content":"be kind"},{"role":"user","content":[` +
	`{"type":"text","text":"what is it?"},{"type":"image_url","image_url":{"url":"https://a.example/1.png","detail":"low"}},` +
	`{"type":"image_url","image_url":{"url":"data:image/gif;base64,R0lG"}},{"type":"image_url","image_url":{"url":"https://a.example/2.png"}},` +
	`{"type":"image_url","image_url":{"url":"https://a.example/1.png"}}]}]}`

// listening is a service that keeps what it was sent, and refuses the first
// requests.
func listening(t *testing.T, refuse int32) (address string, sent func() []string) {
	t.Helper()
	var mu sync.Mutex
	var bodies []string
	var asked atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		bodies = append(bodies, string(body))
		mu.Unlock()
		if asked.Add(1) <= refuse {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		good(w, r)
	}))
	t.Cleanup(srv.Close)
	return srv.URL, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return bodies
	}
}

func TestB65_PicturesAreFetchedForUpstreamsThatTakeNoAddress(t *testing.T) {
	var fetched atomic.Int32
	b := newBench(t, limits())
	b.fetch = func(_ context.Context, url string) (string, string, *llm.Error) {
		fetched.Add(1)
		return "image/png", "DATA" + url[len(url)-5:len(url)-4], nil
	}
	// The first takes no address and fails, the second takes addresses and
	// fails, the third takes none again.
	first, firstSent := listening(t, 1)
	second, secondSent := listening(t, 1)
	third, thirdSent := listening(t, 0)
	b.add("first", map[string]string{"url": first, "translate": "true", "inline": "true"})
	b.add("second", map[string]string{"url": second, "translate": "true"})
	b.add("third", map[string]string{"url": third, "translate": "true", "inline": "true"})
	if code, text := b.ask(pictured); code != 200 || !strings.Contains(text, "Hello") && !strings.Contains(text, "Hel") {
		t.Fatalf("got %d %s", code, text)
	}
	if n := fetched.Load(); n != 2 {
		t.Errorf("%d fetches, want each of 2 pictures once", n)
	}
	for _, sent := range []string{firstSent()[0], thirdSent()[0]} {
		if strings.Contains(sent, "a.example") || strings.Count(sent, "data:image/png;base64,DATA1") != 2 ||
			strings.Count(sent, "data:image/png;base64,DATA2") != 1 || !strings.Contains(sent, "data:image/gif;base64,R0lG") || !strings.Contains(sent, `"low"`) {
			t.Errorf("sent %s", sent)
		}
	}
	if sent := secondSent()[0]; strings.Count(sent, "https://a.example/1.png") != 2 || strings.Contains(sent, "DATA") {
		t.Errorf("an upstream that takes addresses got %s", sent)
	}
}

func TestB65_APictureThatCannotBeHadIsTheClientsToMend(t *testing.T) {
	b := newBench(t, limits())
	address, sent := listening(t, 0)
	b.add("first", map[string]string{"url": address, "translate": "true", "inline": "true"})
	b.fetch = func(ctx context.Context, url string) (string, string, *llm.Error) {
		if strings.HasSuffix(url, "2.png") {
			return "", "", &llm.Error{Kind: llm.KindNetwork, Message: "a.example answered 404"}
		}
		<-ctx.Done() // the others need not be waited for
		return "", "", &llm.Error{Kind: llm.KindCanceled, Message: "canceled"}
	}
	code, text := b.ask(pictured)
	if code != 400 || !strings.Contains(text, "messages[1].content[3]") || !strings.Contains(text, "a.example answered 404") {
		t.Errorf("got %d %s", code, text)
	}
	many := make([]string, 65)
	for i := range many {
		many[i] = `{"type":"image_url","image_url":{"url":"https://a.example/` + strings.Repeat("x", i) + `"}}`
	}
	if code, text := b.ask(`{"model":"asked","messages":[{"role":"user","content":[` + strings.Join(many, ",") + `]}]}`); code != 400 || !strings.Contains(text, "65 pictures") {
		t.Errorf("got %d %s", code, text)
	}
	if len(sent()) != 0 {
		t.Error("the upstream was asked")
	}
}

func TestB65_ARequestWithoutPicturesFetchesNone(t *testing.T) {
	b := newBench(t, limits())
	address, _ := listening(t, 0)
	b.add("first", map[string]string{"url": address, "translate": "true", "inline": "true"})
	b.fetch = func(context.Context, string) (string, string, *llm.Error) {
		t.Error("a picture was fetched")
		return "", "", &llm.Error{}
	}
	if code, text := b.ask(whole); code != 200 {
		t.Errorf("got %d %s", code, text)
	}
}

func TestRelay_AFetchEndsWithTheClient(t *testing.T) {
	b := newBench(t, limits())
	b.add("first", map[string]string{"url": "http://127.0.0.1:1", "translate": "true", "inline": "true"})
	ctx, leave := context.WithCancel(t.Context())
	b.fetch = func(ctx context.Context, _ string) (string, string, *llm.Error) {
		leave()
		<-ctx.Done()
		return "", "", &llm.Error{Kind: llm.KindCanceled, Message: "canceled"}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, b.server.URL, strings.NewReader(pictured))
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := http.DefaultClient.Do(req); err == nil {
		resp.Body.Close()
		t.Fatal("an answer came")
	}
	if e := b.record().Exchange; e.Status != 499 {
		t.Errorf("recorded %+v", e)
	}
}

func TestRelay_ATranslatedAnswerIsRestoredByItsCodec(t *testing.T) {
	b := newBench(t, limits())
	address, _ := listening(t, 0)
	b.add("first", map[string]string{"url": address, "translate": "true", "inline": "true"})
	for _, body := range []string{whole, streamed} {
		if code, text := b.ask(body); code != 200 || !strings.Contains(text, "/asked") {
			t.Errorf("got %d %s", code, text)
		}
	}
}

func TestB65_WithoutAFetcherPicturesByAddressAreRefused(t *testing.T) {
	b := newBench(t, limits())
	b.add("first", map[string]string{"url": "http://127.0.0.1:1", "translate": "true", "inline": "true"})
	r := relay.New(relay.Options{
		Router: func() relay.Router { return b }, Recorder: b, Redactor: censor{},
		Limits: func() *relay.Limits { return &b.limits },
	})
	w := httptest.NewRecorder()
	r.Serve(w, httptest.NewRequest(http.MethodPost, "/", strings.NewReader(pictured)), openaichat.Client{}, relay.Caller{})
	if w.Code/100 != 4 || !strings.Contains(w.Body.String(), "data: URL") {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}
