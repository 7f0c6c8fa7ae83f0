package gemini_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/dialecttest"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/gemini"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openaichat"
)

// FuzzClient proves that what is carried or translated of any request is JSON.
func FuzzClient(f *testing.F) {
	f.Add([]byte(loop))
	f.Add([]byte(`{"contents":{"parts":{"text":"x"}},"serviceTier":"flex","store":true}`))
	f.Add([]byte(`{"store":true,"serviceTier":"flex","contents":[{"role":"model","parts":[{},{"functionCall":{"id":"a","name":"f"},"thoughtSignature":""},{}]},{"parts":[{"functionResponse":{"id":"a"}}]}]}`))
	f.Add([]byte(`{"model":"m","project":"p","request":{"contents":[{"parts":[{"text":"x"}]}],"store":1,"generationConfig":{"a\"b":[1],"topK":4.0,"responseSchema":{"type":"OBJECT","nullable":true}},"tools":[{"functionDeclarations":[{"name":"f","parameters":{"type":"STRING","enum":[]}}],"googleMaps":{}}]}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, c := range []struct {
			client dialect.Client
			path   string
			us     []gemini.Upstream
		}{
			{gemini.Client{}, streamPath, []gemini.Upstream{{IDs: true}, {}}},
			{gemini.CodeAssistClient{}, "/v1internal:generateContent", []gemini.Upstream{{IDs: true, Envelope: &gemini.Envelope{Project: "p"}}}},
		} {
			h, failed := c.client.Head(asking(c.path), body)
			if failed != nil {
				continue
			}
			for _, u := range c.us {
				if out, _, failed := u.CarryRequest(nil, body, h, "gemini-3-pro-preview"); failed != nil || !json.Valid(out) {
					t.Fatalf("%q is carried as %q, %v", body, out, failed)
				}
			}
			r, _, failed := c.client.DecodeRequest(h, body)
			if failed != nil {
				continue
			}
			for _, u := range []dialect.Upstream{c.us[0], openaichat.Upstream{}} {
				if out, _, failed := u.EncodeRequest(r, "gemini-3-pro-preview"); failed == nil && !json.Valid(out) {
					t.Fatalf("%q becomes %q", body, out)
				}
			}
		}
	})
}

// FuzzTap proves that what passes of any answer is no less of a stream than what
// came, however it comes.
func FuzzTap(f *testing.F) {
	for _, r := range vectors(f) {
		f.Add(r.Body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		u := gemini.Upstream{IDs: true}
		whole, _, failed := dialecttest.Pass(u.Tap(dialect.Head{Stream: true}, "m"), body, max(len(body), 1))
		pieces, _, again := dialecttest.Pass(u.Tap(dialect.Head{Stream: true}, "m"), body, 3)
		if (failed == nil) != (again == nil) {
			t.Fatalf("%q: %v in one piece, %v in many", body, failed, again)
		}
		if failed == nil {
			a, b := dialecttest.Of(u.DecodeReply("", bytes.NewReader(whole))), dialecttest.Of(u.DecodeReply("", bytes.NewReader(pieces)))
			for i := range a.Calls {
				a.Calls[i].ID = dialecttest.AnyID // one without an id gets one of its own in each reading
			}
			if a.Failed || dialecttest.Diff(a, b) != "" {
				t.Fatalf("%q passed as %q and as %q", body, whole, pieces)
			}
		}
		if bytes.Contains(body, []byte("data")) {
			dialecttest.Repeats(t, func() dialect.Tap { return u.Tap(dialect.Head{Stream: true}, "m") }, body, 100)
		}
	})
}
