package completions

import (
	"net/http"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/request"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// scanned is what Head learns beside the head.
type scanned struct {
	// promptAt and suffixAt are where their values stand.
	promptAt, suffixAt dialect.Span
	// echo says that the answer begins with the prompt.
	echo bool
	// prompt is it, for an answer that is not carried.
	prompt string
}

// Head reads what routing needs in one pass that also proves the body to be
// JSON.
func (c Client) Head(_ *http.Request, raw []byte) (dialect.Head, *llm.Error) {
	s := headScan{more: &scanned{}}
	s.Head.Operation = dialect.Complete
	if err := rawjson.Check(raw, "", s.member); err != nil {
		return dialect.Head{}, request.NotJSON(raw, err, "model and prompt")
	}
	if s.Err == nil && !s.more.promptAt.Found() {
		s.Err = request.BadRequest("prompt", "prompt is missing")
	}
	if s.Err != nil {
		return dialect.Head{}, s.Err
	}
	s.Place(raw, &s.more.promptAt, &s.more.suffixAt)
	s.Head.Scanned = s.more
	return s.Head, nil
}

// headScan gathers the head; see [request.Scan].
type headScan struct {
	request.Scan

	more *scanned
}

func (s *headScan) member(m rawjson.Member, _ bool) {
	at := dialect.Span{From: m.At, To: m.At + len(m.Value)}
	switch string(m.Key) {
	case "model":
		s.Head.Model, s.Head.ModelAt = s.Text("model", m.Value, "model must be a string"), at
	case "prompt":
		s.prompt(m.Value, at)
	case "suffix":
		s.more.suffixAt = at
		s.Head.Infill = s.Text("suffix", m.Value, "suffix must be a string") != ""
	case "echo":
		s.more.echo = string(m.Value) == "true"
	case "stream":
		s.Stream(m.Value, at, "stream must be true or false")
	case "stream_options":
		s.StreamOptions(m.Value, at)
	case "prompt_cache_key":
		s.Head.Sticky = rawjson.Text(m.Value)
	}
}

func (s *headScan) prompt(v []byte, at dialect.Span) {
	switch {
	case rawjson.IsNull(v):
		return
	case !rawjson.IsText(v) && v[0] != '[':
		s.Refuse("prompt", "prompt must be a string or a list")
	}
	s.more.promptAt = at
}
