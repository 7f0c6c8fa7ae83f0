package httpapi

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/event"
)

// events streams the bus to one page as server-sent events, until it leaves.
func events(bus *event.Bus) http.HandlerFunc {
	const pause = 15 * time.Second
	return func(w http.ResponseWriter, r *http.Request) {
		sub := bus.Subscribe()
		defer sub.Close()
		h := w.Header()
		h.Set("Content-Type", "text/event-stream")
		h.Set("Cache-Control", "no-cache")
		h.Set("X-Accel-Buffering", "no")
		w.WriteHeader(http.StatusOK)
		beat := time.NewTicker(pause)
		defer beat.Stop()
		for {
			select {
			case <-r.Context().Done():
				return
			case <-beat.C:
				if _, err := w.Write([]byte(": keep-alive\n\n")); err != nil {
					return
				}
			case e, ok := <-sub.C():
				if !ok || !writeEvent(w, e) {
					return
				}
			}
			if f, ok := w.(http.Flusher); ok {
				f.Flush()
			}
		}
	}
}

func writeEvent(w http.ResponseWriter, e event.Event) bool {
	b, err := json.Marshal(e)
	if err != nil {
		return false
	}
	_, err = w.Write(append(append([]byte("data: "), b...), "\n\n"...))
	return err == nil
}
