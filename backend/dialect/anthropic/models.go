package anthropic

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
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
	j := rawjson.Writer{Out: make([]byte, 0, 256*(len(page)+1))}
	j.Open('{')
	j.Key("data")
	j.Open('[')
	for _, m := range page {
		appendModel(&j, m)
	}
	j.Close(']')
	j.Raw("has_more", strconv.AppendBool(nil, more))
	if len(page) == 0 {
		j.Raw("first_id", llm.RawJSON("null"))
		j.Raw("last_id", llm.RawJSON("null"))
	} else {
		j.Text("first_id", page[0].ID)
		j.Text("last_id", page[len(page)-1].ID)
	}
	j.Close('}')
	return append(dst, j.Out...), nil
}

// AppendModel appends one model.
func (Client) AppendModel(dst []byte, m dialect.Model) []byte {
	var j rawjson.Writer
	appendModel(&j, m)
	return append(dst, j.Out...)
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
func appendModel(j *rawjson.Writer, m dialect.Model) {
	j.Open('{')
	j.Text("type", "model")
	j.Text("id", m.ID)
	j.Text("display_name", m.ID)
	j.Text("created_at", time.Unix(m.Created, 0).UTC().Format(time.RFC3339))
	j.Text("lifecycle", "active")
	if m.ContextTokens > 0 {
		j.Int("max_input_tokens", m.ContextTokens)
	}
	if m.OutputTokens > 0 {
		j.Int("max_tokens", m.OutputTokens)
	}
	j.Key("capabilities")
	j.Open('{')
	for _, can := range [...]struct {
		name string
		yes  bool
	}{{"image_input", m.Can.Vision}, {"thinking", m.Can.Reasoning}} {
		if can.yes {
			j.Key(can.name)
			j.Open('{')
			j.Raw("supported", llm.RawJSON("true"))
			j.Close('}')
		}
	}
	j.Close('}')
	j.Close('}')
}
