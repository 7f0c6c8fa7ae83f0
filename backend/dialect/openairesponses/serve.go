package openairesponses

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/request"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// Serve answers a request to /v1/responses, which may become a WebSocket, and
// those for what was kept of a response.
func (c Client) Serve(w http.ResponseWriter, r *http.Request, key string, exchange func(c dialect.Client, w http.ResponseWriter, r *http.Request)) {
	c.Key = key
	_, below, _ := strings.Cut(r.URL.Path, "/responses")
	id, what, _ := strings.Cut(strings.Trim(below, "/"), "/")
	switch {
	case id == "" && r.Method == http.MethodPost:
		exchange(c, w, r)
	case id == "" && r.Method == http.MethodGet && upgrades(r):
		c.converse(w, r, exchange)
	case id == "":
		c.wrongMethod(w, r, "POST, or GET with an upgrade to a WebSocket")
	case id == countPath && what == "" && r.Method == http.MethodPost:
		exchange(c, w, r)
	case id == countPath && what == "":
		c.wrongMethod(w, r, http.MethodPost)
	case id == "compact" || id == countPath: // questions of their own, not ids
		c.EncodeError(w, notServed(r))
	default:
		c.kept(w, r, id, what)
	}
}

func (c Client) wrongMethod(w http.ResponseWriter, r *http.Request, takes string) {
	w.Header().Set("Allow", strings.ReplaceAll(takes, ", or GET with an upgrade to a WebSocket", ", GET"))
	c.EncodeError(w, &llm.Error{
		Kind: llm.KindMethod, Code: "method_not_allowed", Message: clip(r.URL.Path) + " takes " + takes + ", not " + clip(r.Method),
	})
}

func notServed(r *http.Request) *llm.Error {
	return &llm.Error{
		Kind: llm.KindNotFound, Code: "unknown_url",
		Message: "there is nothing at " + clip(r.Method) + " " + clip(r.URL.Path) + "; of responses, creating, counting (input_tokens), reading and deleting them and their input_items is served",
	}
}

// kept serves one response that was kept.
func (c Client) kept(w http.ResponseWriter, r *http.Request, id, what string) {
	takes := map[string][]string{
		"": {http.MethodGet, http.MethodHead, http.MethodDelete}, "input_items": {http.MethodGet, http.MethodHead}, "cancel": {http.MethodPost},
	}[what]
	k, found := c.find(id)
	switch {
	case takes == nil:
		c.EncodeError(w, notServed(r))
	case !slices.Contains(takes, r.Method):
		c.wrongMethod(w, r, strings.Join(takes, ", "))
	case !found:
		err := c.notFound(id, "response_id")
		err.Kind, err.Code = llm.KindNotFound, "not_found"
		err.Message = "Response with id '" + clip(id) + "' not found: it was never made here with this key, was deleted, or is no longer kept; " + c.bounds()
		c.EncodeError(w, err)
	case what == "cancel":
		c.EncodeError(w, request.Unsupported("response_id", "only a response that runs in the background can be cancelled, and those are not served here; close the connection of one that is being answered"))
	case what == "input_items":
		c.inputItems(w, r, k)
	case r.Method == http.MethodDelete:
		c.Store.Delete(id)
		write(w, append(rawjson.AppendString([]byte(`{"id":`), id), `,"object":"response","deleted":true}`...))
	case r.URL.Query().Get("stream") == "true":
		c.EncodeError(w, request.Unsupported("stream", "a response that is finished is not streamed again; ask for it without stream"))
	default:
		write(w, slices.Clone(k.Body))
	}
}

// write answers with a JSON text.
func write(w http.ResponseWriter, body []byte) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(body)+1))
	_, _ = w.Write(append(body, '\n')) // a client that left needs no answer
}

// inputItems lists what a response was asked with, the newest first unless the
// client wants it otherwise.
func (c Client) inputItems(w http.ResponseWriter, r *http.Request, k Kept) {
	q := r.URL.Query()
	limit := 20
	if s := q.Get("limit"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 || n > 100 {
			c.EncodeError(w, request.BadRequest("limit", "limit must be a whole number from 1 to 100"))
			return
		}
		limit = n
	}
	list := namedItems(k)
	if q.Get("order") != "asc" {
		slices.Reverse(list)
	}
	if after := q.Get("after"); after != "" {
		i := slices.IndexFunc(list, func(n namedItem) bool { return n.id == after })
		list = list[i+1:]
	}
	more := len(list) > limit
	write(w, appendPage(nil, list[:min(limit, len(list))], more))
}

// namedItem is an item of an input under its id.
type namedItem struct {
	id   string
	body []byte
}

// namedItems are those of a response. One that came without an id has always the
// same.
func namedItems(k Kept) []namedItem {
	var list []namedItem
	for at, item := range rawjson.Elements(k.Input) {
		id := rawjson.Text(rawjson.Get(item, "id"))
		if id == "" {
			sum := sha256.Sum256([]byte(k.ID + strconv.Itoa(at)))
			id = "item_" + hex.EncodeToString(sum[:16])
		}
		body := rawjson.AppendString([]byte(`{"id":`), id)
		for m := range rawjson.Inside(item) {
			if string(m.Key) != "id" {
				body = append(rawjson.AppendString(append(body, ','), m.Key), ':')
				body = append(body, m.Value...)
			}
		}
		if rawjson.Get(item, "type") == nil {
			body = append(body, `,"type":"message"`...)
		}
		list = append(list, namedItem{id, append(body, '}')})
	}
	return list
}

func appendPage(dst []byte, list []namedItem, more bool) []byte {
	dst = append(dst, `{"object":"list","data":[`...)
	var first, last string
	for i, n := range list {
		if i == 0 {
			first = n.id
		} else {
			dst = append(dst, ',')
		}
		last = n.id
		dst = append(dst, n.body...)
	}
	dst = appendStringOrNull(append(dst, `],"first_id":`...), first)
	dst = appendStringOrNull(append(dst, `,"last_id":`...), last)
	return append(strconv.AppendBool(append(dst, `,"has_more":`...), more), '}')
}
