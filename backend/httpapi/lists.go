package httpapi

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/relay"
)

// listing is a protocol that lists models.
type listing interface {
	dialect.Client
	dialect.Lister
}

// lister is the codec that lists the models to who sent r: that of its protocol,
// or the first that can.
func (p *Proxy) lister(r *http.Request) listing {
	wanted := speaks(r)
	var first listing
	for _, e := range p.o.Endpoints {
		l, ok := e.Client.(listing)
		switch {
		case !ok:
		case l.Name() == wanted:
			return l
		case first == nil:
			first = l
		}
	}
	return first
}

// models answers with the list of what the caller may ask for, in the shape of
// the protocol that asks.
func (p *Proxy) models(w http.ResponseWriter, r *http.Request, c relay.Caller) {
	l := p.lister(r)
	list := p.o.Models()
	if p.o.Allows != nil && c.Key != "" {
		list = slices.DeleteFunc(list, func(m dialect.Model) bool { return !p.o.Allows(c.Key, m.ID) })
	}
	body, err := l.AppendModels(nil, r, list)
	if err != nil {
		l.EncodeError(w, err)
		return
	}
	writeBody(w, body)
}

// model answers for one name, which may hold slashes, escaped or not.
func (p *Proxy) model(w http.ResponseWriter, r *http.Request, _ relay.Caller) {
	_, id, _ := strings.Cut(r.URL.Path, "/models/")
	p.describe(w, r, id)
}

func (p *Proxy) describe(w http.ResponseWriter, r *http.Request, id string) {
	l := p.lister(r)
	m, ok := p.o.Model(id)
	if plain, err := url.PathUnescape(id); !ok && err == nil {
		m, ok = p.o.Model(plain)
	}
	if plain, tagged := strings.CutSuffix(id, ":latest"); !ok && tagged { // as Ollama's clients call a model without a tag
		m, ok = p.o.Model(plain)
	}
	if !ok {
		l.EncodeError(w, &llm.Error{
			Kind: llm.KindNotFound, Code: "model_not_found", Param: "model",
			Message: "the model '" + clip(id) + "' does not exist here; GET /v1/models lists what there is",
		})
		return
	}
	writeBody(w, l.AppendModel(nil, m))
}

// ollamaVersion is what clients of Ollama are told: some want one that has tools
// and pictures (B42).
const ollamaVersion = "0.33.0"

// ollama are Ollama's paths beside those of its conversations.
func (p *Proxy) ollama() map[string]endpoint {
	still := func(body string) func(http.ResponseWriter, *http.Request, relay.Caller) {
		return func(w http.ResponseWriter, _ *http.Request, _ relay.Caller) { writeBody(w, []byte(body)) }
	}
	return map[string]endpoint{
		"/api/tags":    {methods: "GET, HEAD", serve: p.models},
		"/api/show":    {methods: "POST", serve: p.show},
		"/api/ps":      {methods: "GET, HEAD", serve: still(`{"models":[]}`)},
		"/api/version": {methods: "GET, HEAD", serve: still(`{"version":"` + ollamaVersion + `"}`)},
	}
}

// show answers for the model that a body names.
func (p *Proxy) show(w http.ResponseWriter, r *http.Request, _ relay.Caller) {
	const most = 64 << 10
	var q struct{ Model, Name string }
	err := json.NewDecoder(io.LimitReader(r.Body, most)).Decode(&q)
	if q.Model == "" {
		q.Model = q.Name // what older clients call it
	}
	if failed, ok := errors.AsType[*llm.Error](err); ok {
		p.refuse(w, r, endpoint{}, failed)
		return
	}
	if q.Model == "" {
		p.refuse(w, r, endpoint{}, &llm.Error{Kind: llm.KindBadRequest, Param: "model", Message: "model is required"})
		return
	}
	p.describe(w, r, q.Model)
}

// heartbeat says that a client of Ollama asks whether anybody is there.
func heartbeat(r *http.Request) bool {
	return strings.Contains(strings.ToLower(r.UserAgent()), "ollama")
}

func writeBody(w http.ResponseWriter, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(append(body, '\n'))
}
