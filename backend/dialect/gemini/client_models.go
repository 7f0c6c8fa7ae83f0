package gemini

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/request"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// How many models a page has: Google's own numbers.
const (
	usualPage   = 50
	largestPage = 1000
)

// AppendModels appends the page of the list that r's pageSize and pageToken ask
// for. The token is the name that the page before ended with, so that a list
// that changes in between neither repeats nor loses others.
func (Client) AppendModels(dst []byte, r *http.Request, list []dialect.Model) ([]byte, *llm.Error) {
	size, from, err := page(r, list)
	if err != nil {
		return dst, err
	}
	to := min(from+size, len(list))
	dst = append(dst, `{"models":[`...)
	for i, m := range list[from:to] {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendModel(dst, m)
	}
	dst = append(dst, ']')
	if to < len(list) {
		dst = append(dst, `,"nextPageToken":"`...)
		dst = base64.RawURLEncoding.AppendEncode(dst, []byte(list[to-1].ID))
		dst = append(dst, '"')
	}
	return append(dst, '}'), nil
}

// AppendModel appends one model.
func (Client) AppendModel(dst []byte, m dialect.Model) []byte { return appendModel(dst, m) }

// page reads which part of the list is wanted.
func page(r *http.Request, list []dialect.Model) (size, from int, err *llm.Error) {
	query := r.URL.Query()
	size = usualPage
	if given := parameter(query, "pageSize", "page_size"); given != "" {
		n, bad := strconv.Atoi(given)
		if bad != nil || n < 0 {
			return 0, 0, request.BadRequest("pageSize", "pageSize must be a number")
		}
		if n > 0 {
			size = min(n, largestPage)
		}
	}
	token := parameter(query, "pageToken", "page_token")
	if token == "" {
		return size, 0, nil
	}
	last, bad := base64.RawURLEncoding.DecodeString(token)
	at := slices.IndexFunc(list, func(m dialect.Model) bool { return m.ID == string(last) })
	if bad != nil || at < 0 {
		return 0, 0, request.BadRequest("pageToken", "pageToken is of no list that is now; ask again without it")
	}
	return size, at + 1, nil
}

func parameter(query map[string][]string, names ...string) string {
	for _, n := range names {
		if v := query[n]; len(v) > 0 {
			return v[0]
		}
	}
	return ""
}

func appendModel(dst []byte, m dialect.Model) []byte {
	dst = append(dst, `{"name":`...)
	dst = rawjson.AppendString(dst, "models/"+m.ID)
	dst = append(dst, `,"version":"001","displayName":`...)
	dst = rawjson.AppendString(dst, m.ID)
	dst = append(dst, `,"description":`...)
	dst = rawjson.AppendString(dst, "Served by "+m.OwnedBy+" through OpenAICompatible")
	if m.ContextTokens > 0 {
		dst = append(dst, `,"inputTokenLimit":`...)
		dst = strconv.AppendInt(dst, int64(m.ContextTokens), 10)
	}
	if m.OutputTokens > 0 {
		dst = append(dst, `,"outputTokenLimit":`...)
		dst = strconv.AppendInt(dst, int64(m.OutputTokens), 10)
	}
	dst = append(dst, `,"supportedGenerationMethods":["`...)
	dst = append(append(dst, strings.Join(methods(m), `","`)...), `"]`...)
	if m.Can.Reasoning {
		dst = append(dst, `,"thinking":true`...)
	}
	return append(dst, '}')
}

// methods are what a model can truly be asked for. One that is known to embed
// and to do nothing else does not chat.
func methods(m dialect.Model) []string {
	if m.Can == (llm.Capabilities{Embeddings: true}) {
		return []string{methodEmbed, methodBatch}
	}
	list := []string{methodGenerate, methodStream, methodCount}
	if m.Can.Embeddings {
		list = append(list, methodEmbed, methodBatch)
	}
	return list
}
