package openairesponses

import (
	"bytes"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/request"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// Kept is a response as it is kept.
type Kept struct {
	ID string
	// Key is the name of the API key that made it: nobody else may read it. ""
	// is a caller without one.
	Key string
	// Previous is the response that it goes on from; "" is none.
	Previous string
	// Conversation is the same for all responses that go on from one another.
	Conversation string
	// Created is Unix seconds.
	Created int64
	// Input are the items that the request added, a JSON list.
	Input []byte
	// Body is the response object as the client read it.
	Body []byte
}

// Store keeps responses. It is safe for concurrent use.
type Store interface {
	// Put keeps a response. It must not wait for a disk.
	Put(k Kept)
	// Get finds a response; false is one that is not, or no more.
	Get(id string) (Kept, bool)
	// Delete forgets a response.
	Delete(id string)
	// Bounds says for a person how long responses are kept, as a part of a
	// sentence that explains why one is not found.
	Bounds() string
}

// The bounds of a conversation that is put together.
const (
	mostTurns = 4096
	mostBytes = 64 << 20
)

// find is the response of that id, if the caller may know of it.
func (c Client) find(id string) (Kept, bool) {
	if c.talk != nil {
		if k, ok := c.talk.get(id); ok {
			return k, true
		}
	}
	if c.Store == nil {
		return Kept{}, false
	}
	k, ok := c.Store.Get(id)
	return k, ok && k.Key == c.Key
}

// chain is the conversation that ends with the response of that id, oldest
// first.
func (c Client) chain(id string) ([]Kept, *llm.Error) {
	var chain []Kept
	size := 0
	for at := id; at != ""; {
		k, ok := c.find(at)
		size += len(k.Input) + len(k.Body)
		switch {
		case !ok && at == id:
			return nil, c.notFound(id, "previous_response_id")
		case !ok:
			return nil, &llm.Error{
				Kind: llm.KindBadRequest, Code: "previous_response_not_found", Param: "previous_response_id",
				Message: "the response '" + clip(id) + "' goes on from '" + clip(at) + "', which is no longer kept; " + c.bounds() + "; send the whole conversation in input",
			}
		case len(chain) == mostTurns || size > mostBytes:
			return nil, request.BadRequest("previous_response_id", "the conversation that ends with '"+clip(id)+"' is too long to be put together; send what matters of it in input")
		}
		chain = append(chain, k)
		at = k.Previous
	}
	for i, j := 0, len(chain)-1; i < j; i, j = i+1, j-1 {
		chain[i], chain[j] = chain[j], chain[i]
	}
	return chain, nil
}

func (c Client) notFound(id, param string) *llm.Error {
	return &llm.Error{
		Kind: llm.KindBadRequest, Code: "previous_response_not_found", Param: param,
		Message: "Previous response with id '" + clip(id) + "' not found: it was never made here with this key, was deleted, or is no longer kept; " + c.bounds() +
			"; send the whole conversation in input instead",
	}
}

func (c Client) bounds() string {
	if c.Store == nil {
		return "no responses are kept"
	}
	return c.Store.Bounds()
}

// keep keeps an answer, if its request wants that. body is the response object.
func (s *scan) keep(id string, body []byte) {
	if !s.keeps() || id == "" {
		return
	}
	k := Kept{
		ID: id, Key: s.client.Key, Previous: s.previous, Conversation: s.conversation,
		Created: s.client.now().Unix(), Input: items(s.input), Body: bytes.Clone(body),
	}
	if s.client.talk != nil {
		s.client.talk.put(k)
	}
	if s.stored && s.client.Store != nil {
		s.client.Store.Put(k)
	}
}

// items is an input as a list of items, in memory of its own.
func items(input []byte) []byte {
	switch {
	case rawjson.IsNull(input):
		return []byte("[]")
	case input[0] == '[':
		return bytes.Clone(input)
	default:
		out := append([]byte(nil), `[{"type":"message","role":"user","content":[{"type":"input_text","text":`...)
		return append(append(out, input...), `}]}]`...)
	}
}

// before gives the items of the conversation so far, one by one, and where each
// comes from.
func (s *scan) before(yield func(item []byte, answered bool) bool) {
	for _, k := range s.chain {
		for _, e := range rawjson.Elements(k.Input) {
			if !yield(e, false) {
				return
			}
		}
		for _, e := range rawjson.Elements(rawjson.Get(k.Body, "output")) {
			if !yield(e, true) {
				return
			}
		}
	}
}

func clip(s string) string {
	const most = 80
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}
