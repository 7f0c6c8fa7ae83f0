package demo

import (
	"encoding/json"
	"hash/fnv"
	"math"
	"net/http"
	"strings"
)

// textRequest is what the demo reads of a text completion.
type textRequest struct {
	Model         string `json:"model"`
	Prompt        texts  `json:"prompt"`
	Suffix        string `json:"suffix"`
	MaxTokens     *int   `json:"max_tokens"`
	Stop          texts  `json:"stop"`
	Echo          bool   `json:"echo"`
	Stream        bool   `json:"stream"`
	StreamOptions *struct {
		IncludeUsage bool `json:"include_usage"`
	} `json:"stream_options"`
}

type textChoice struct {
	Text         string  `json:"text"`
	Index        int     `json:"index"`
	Logprobs     any     `json:"logprobs"`
	FinishReason *string `json:"finish_reason"`
}

type textReply struct {
	ID      string       `json:"id"`
	Object  string       `json:"object"`
	Created int64        `json:"created"`
	Model   string       `json:"model"`
	Choices []textChoice `json:"choices"`
	Usage   *usage       `json:"usage,omitempty"`
}

// missing is the text that the demo writes at a cursor: it knows no language, so
// it ends what is begun in the way that most of them do.
func missing(before string) string {
	line := before[strings.LastIndexByte(before, '\n')+1:]
	indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
	switch bare := strings.TrimRight(line, " "); {
	case strings.HasSuffix(bare, "return"), strings.HasSuffix(bare, "="), strings.HasSuffix(bare, ":="):
		if len(bare) < len(line) {
			return "42"
		}
		return " 42"
	case strings.HasSuffix(bare, "{"):
		return "\n" + indent + "\treturn 42"
	case strings.HasSuffix(bare, ":"):
		return "\n" + indent + "    return 42"
	case bare == "":
		return "demo = 42"
	case strings.HasSuffix(bare, "("):
		return "42"
	}
	return " and so on"
}

func serveText(w http.ResponseWriter, r *http.Request) {
	raw, err := readBody(r)
	var q textRequest
	if err == nil {
		err = json.Unmarshal(raw, &q)
	}
	switch f := onDemand(lookup(q.Model)); {
	case err != nil:
		refuse("", "the body could not be read").write(w)
		return
	case len(q.Prompt) != 1:
		refuse("prompt", "prompt must be one text").write(w)
		return
	case f != nil:
		f.write(w)
		return
	}
	text, finish := missing(q.Prompt[0]), "stop"
	for _, stop := range q.Stop {
		if before, _, found := strings.Cut(text, stop); found && stop != "" {
			text = before
		}
	}
	words := split(text)
	if q.MaxTokens != nil && *q.MaxTokens > 0 {
		var cut bool
		if words, cut = truncate(words, *q.MaxTokens); cut {
			finish = "length"
		}
	}
	used := usage{PromptTokens: max(1, len(raw)/4), CompletionTokens: tokens(words)}
	used.TotalTokens = used.PromptTokens + used.CompletionTokens
	if q.Echo {
		words = append([]string{q.Prompt[0]}, words...)
	}
	out := textReply{ID: "cmpl-demo-" + digest(raw), Object: "text_completion", Created: created, Model: q.Model}
	if q.Stream {
		out.stream(w, r, q, words, finish, &used)
		return
	}
	out.Choices, out.Usage = []textChoice{{Text: strings.Join(words, ""), FinishReason: &finish}}, &used
	writeJSON(w, http.StatusOK, out)
}

// stream sends a chunk for each word.
func (t textReply) stream(w http.ResponseWriter, r *http.Request, q textRequest, words []string, finish string, u *usage) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-cache")
	w.WriteHeader(http.StatusOK)
	send := func() {
		if raw, err := json.Marshal(t); err == nil {
			_, _ = w.Write(append(append([]byte("data: "), raw...), "\n\n"...)) // A client that left ends the request.
		}
	}
	for _, word := range words {
		if !pause(r.Context(), lookup(q.Model).pace) {
			return
		}
		t.Choices = []textChoice{{Text: word}}
		send()
	}
	t.Choices = []textChoice{{FinishReason: &finish}}
	send()
	if q.StreamOptions != nil && q.StreamOptions.IncludeUsage {
		t.Choices, t.Usage = []textChoice{}, u
		send()
	}
	_, _ = w.Write([]byte("data: [DONE]\n\n"))
}

// dimensions is the length of a vector for which nobody asked otherwise.
const dimensions = 256

func serveEmbeddings(w http.ResponseWriter, r *http.Request) {
	var q struct {
		Model      string `json:"model"`
		Input      texts  `json:"input"`
		Dimensions int    `json:"dimensions"`
	}
	raw, err := readBody(r)
	if err == nil {
		err = json.Unmarshal(raw, &q)
	}
	const most = 4096
	switch f := onDemand(lookup(q.Model)); {
	case err != nil:
		refuse("", "the body could not be read").write(w)
		return
	case len(q.Input) == 0 || q.Dimensions < 0 || q.Dimensions > most:
		refuse("input", "input must hold a text, and dimensions be at most 4096").write(w)
		return
	case f != nil:
		f.write(w)
		return
	case q.Dimensions == 0:
		q.Dimensions = dimensions
	}
	data, read := make([]map[string]any, 0, len(q.Input)), 0
	for i, text := range q.Input {
		read += max(1, estimate(text))
		data = append(data, map[string]any{"object": "embedding", "index": i, "embedding": vector(text, q.Dimensions)})
	}
	writeJSON(w, http.StatusOK, map[string]any{
		"object": "list", "data": data, "model": q.Model, "usage": map[string]int{"prompt_tokens": read, "total_tokens": read},
	})
}

// vector is a unit vector for a text: its words each point somewhere, so that
// texts with words in common are near each other.
func vector(text string, length int) []float32 {
	sum := make([]float64, length)
	for _, word := range append(strings.Fields(strings.ToLower(text)), "") {
		h := fnv.New64a()
		_, _ = h.Write([]byte(word))
		seed := h.Sum64() | 1
		for i := range sum {
			// The generator of xorshift64*, for the same numbers everywhere.
			seed ^= seed >> 12
			seed ^= seed << 25
			seed ^= seed >> 27
			sum[i] += float64(seed*0x2545F4914F6CDD1D>>11)/(1<<53) - 0.5
		}
	}
	norm := 0.0
	for _, x := range sum {
		norm += x * x
	}
	out := make([]float32, length)
	for i, x := range sum {
		out[i] = float32(x / math.Sqrt(norm))
	}
	return out
}
