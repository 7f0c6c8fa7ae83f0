package refusal_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/refusal"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

func TestB05_AServicesOwn5xxPassesThrough(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		err  llm.Error
		want int
	}{
		{llm.Error{Kind: llm.KindTransient}, http.StatusBadGateway},
		{llm.Error{Kind: llm.KindTransient, Status: 521}, 521},
		{llm.Error{Kind: llm.KindTransient, Status: 404}, http.StatusBadGateway},
		{llm.Error{Kind: llm.KindRate, Status: 503}, http.StatusTooManyRequests},
		{llm.Error{}, http.StatusInternalServerError},
	} {
		if got := refusal.Status(&test.err); got != test.want {
			t.Errorf("%v with %d: got %d, want %d", test.err.Kind, test.err.Status, got, test.want)
		}
	}
}

func TestWrite_TellsABoundedWaitAndNothingToWhoLeft(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	refusal.Write(w, &llm.Error{Kind: llm.KindQuota, RetryAfter: 40 * 24 * time.Hour}, http.StatusTooManyRequests, "application/json", []byte("{}"))
	if got := w.Header().Get("Retry-After"); got != "86400" || w.Body.String() != "{}\n" || w.Code != http.StatusTooManyRequests {
		t.Errorf("got %d, a wait of %q and %q", w.Code, got, w.Body)
	}
	w = httptest.NewRecorder()
	refusal.Write(w, &llm.Error{Kind: llm.KindCanceled}, 499, "application/json", []byte("{}"))
	if w.Body.Len() > 0 || len(w.Header()) > 0 {
		t.Errorf("who left got %q", w.Body)
	}
}
