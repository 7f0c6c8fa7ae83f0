package main

import (
	"bytes"
	"fmt"
	"strings"
)

// foreign is the work that a request belongs to, if its client does not speak
// Chat Completions. The model stands in the body, or, for Gemini, in the path.
func (s *session) foreign(h header, model []byte) (work, bool) {
	name := string(model)
	if path, ok := strings.CutPrefix(string(h.first), "POST /v1beta/models/"); ok {
		name, _, _ = strings.Cut(path, ":")
	}
	w, ok := s.works[strings.TrimPrefix(name, prefix)]
	return w, ok && w.client != chatAPI
}

// understandForeign checks a request of such a client: as it was sent, from a
// yardstick or where it is carried; by what it says where it was translated.
func (s *session) understandForeign(h header, w work, model string) (string, error) {
	number, at, err := s.number()
	if err != nil {
		return "", err
	}
	api, key := w.client, clientKey // It came through untouched.
	if w.client == geminiAPI {
		path, _ := bytes.CutPrefix(h.first, []byte("POST /v1beta/models/"))
		name, _, _ := bytes.Cut(path, []byte(":"))
		model = string(name)
	}
	if !strings.HasPrefix(model, prefix) {
		api, key = w.service, upstreamKey
	}
	if !api.shows(h, key) {
		return "", fmt.Errorf("the request for %q shows the wrong key", model)
	}
	stream := w.stream || api != w.client // Whoever translates always asks for a stream.
	if want := "POST " + api.path(model, stream) + " HTTP/1.1"; string(h.first) != want {
		return "", fmt.Errorf("asked for %q, want %q", h.first, want)
	}
	if asked := (ask{model: model}); s.asked != asked {
		s.last, s.asked = s.foreignReply(w, api, model), asked
	}
	if api != w.client {
		return number, s.verify(w, at, saidOpenAI)
	}
	s.last.own.stamp(number)
	if err := same(s.last.own.text, s.body); err != nil {
		return "", fmt.Errorf("the request was changed: %w", err)
	}
	return number, nil
}

// foreignReply is the framed answer in the protocol that was asked in.
func (s *session) foreignReply(w work, in api, model string) reply {
	asked := w
	if in != w.client {
		asked.client, asked.stream = in, true
	}
	r := frame(asked.answer(model, true))
	r.work, r.own = asked, w.request(model, false)
	return r
}
