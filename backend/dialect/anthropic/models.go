package anthropic

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/request"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// longestPage is the most models of a page, and how many one has whose client
// did not say: clients that turn no pages see all of them.
const longestPage = 1000

// AppendModels appends the page of the list that the query asks for.
func (c Client) AppendModels(dst []byte, r *http.Request, list []dialect.Model) ([]byte, *llm.Error) {
	page, more, err := pageOf(r, list)
	if err != nil {
		return dst, err
	}
	j := writer{out: make([]byte, 0, 256*(len(page)+1))}
	j.open('{')
	j.key("data")
	j.open('[')
	for _, m := range page {
		appendModel(&j, m)
	}
	j.close(']')
	j.raw("has_more", strconv.AppendBool(nil, more))
	if len(page) == 0 {
		j.raw("first_id", llm.RawJSON("null"))
		j.raw("last_id", llm.RawJSON("null"))
	} else {
		j.text("first_id", page[0].ID)
		j.text("last_id", page[len(page)-1].ID)
	}
	j.close('}')
	return append(dst, j.out...), nil
}

// AppendModel appends one model.
func (Client) AppendModel(dst []byte, m dialect.Model) []byte {
	var j writer
	appendModel(&j, m)
	return append(dst, j.out...)
}

// pageOf cuts the page out, and says whether there are more in its direction.
func pageOf(r *http.Request, list []dialect.Model) (page []dialect.Model, more bool, err *llm.Error) {
	q := r.URL.Query()
	limit := longestPage
	if s := q.Get("limit"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 || n > longestPage {
			return nil, false, request.BadRequest("limit", "limit: Input should be a whole number from 1 to "+strconv.Itoa(longestPage))
		}
		limit = n
	}
	at := func(name string) (int, *llm.Error) {
		i := slices.IndexFunc(list, func(m dialect.Model) bool { return m.ID == q.Get(name) })
		if i < 0 {
			return 0, request.BadRequest(name, name+": there is no model of that id in the list")
		}
		return i, nil
	}
	if q.Get("before_id") != "" {
		to, err := at("before_id")
		if err != nil {
			return nil, false, err
		}
		from := max(0, to-limit)
		return list[from:to], from > 0, nil
	}
	from := 0
	if q.Get("after_id") != "" {
		i, err := at("after_id")
		if err != nil {
			return nil, false, err
		}
		from = i + 1
	}
	to := min(len(list), from+limit)
	return list[from:to], to < len(list), nil
}

// appendModel writes a line of the list. What nobody knows of a model is left
// out.
func appendModel(j *writer, m dialect.Model) {
	j.open('{')
	j.text("type", "model")
	j.text("id", m.ID)
	j.text("display_name", m.ID)
	j.text("created_at", time.Unix(m.Created, 0).UTC().Format(time.RFC3339))
	j.text("lifecycle", "active")
	if m.ContextTokens > 0 {
		j.int("max_input_tokens", m.ContextTokens)
	}
	if m.OutputTokens > 0 {
		j.int("max_tokens", m.OutputTokens)
	}
	j.key("capabilities")
	j.open('{')
	for _, can := range [...]struct {
		name string
		yes  bool
	}{{"image_input", m.Can.Vision}, {"thinking", m.Can.Reasoning}} {
		if can.yes {
			j.key(can.name)
			j.open('{')
			j.raw("supported", llm.RawJSON("true"))
			j.close('}')
		}
	}
	j.close('}')
	j.close('}')
}
