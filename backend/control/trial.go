package control

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

const (
	// trialsAtOnce bounds the models that are tried at the same time: more would
	// be a storm on the accounts.
	trialsAtOnce = 3
	// trialLimit is long, as a large model of this machine is loaded first.
	trialLimit = 2 * time.Minute
	// trialAgent is the client of a trial in the request log.
	trialAgent = "ModelTest"
)

// Trial is what came of asking a model something small, as a client would.
type Trial struct {
	Model string `json:"model"`
	OK    bool   `json:"ok"`
	// Said is the beginning of the answer, or what was wrong.
	Said string `json:"said"`
	// Status is the answer's HTTP status.
	Status int     `json:"status"`
	Ms     float64 `json:"ms"`
	// TokensIn and TokensOut are nil where the service did not tell.
	TokensIn  *int `json:"tokensIn,omitempty"`
	TokensOut *int `json:"tokensOut,omitempty"`
	// Account is who answered, or failed last; "" is nobody.
	Account string `json:"account"`
	// RequestID is its row in the request log; 0 is none.
	RequestID int64 `json:"requestId"`
}

// TryModel asks a model, an alias, or any name, something small by the way of
// every request, which is logged and counted like any other. It waits where many
// are tried.
func (s *Panel) TryModel(ctx context.Context, model string) (Trial, error) {
	if strings.TrimSpace(model) == "" {
		return Trial{}, wrong("model", "must be the name of a model")
	}
	select {
	case s.trials <- struct{}{}:
	case <-ctx.Done():
		return Trial{}, llm.AsError(ctx.Err())
	}
	defer func() { <-s.trials }()
	ctx, cancel := context.WithTimeout(ctx, trialLimit)
	defer cancel()
	path, body := s.question(model)
	text, err := json.Marshal(body)
	if err != nil {
		return Trial{}, err
	}
	req := &http.Request{
		Method: http.MethodPost, URL: &url.URL{Path: path}, RequestURI: path, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        http.Header{"User-Agent": {trialAgent}, "Content-Type": {"application/json"}, "X-Openaicompatible-Explain": {"1"}},
		ContentLength: int64(len(text)), Body: io.NopCloser(bytes.NewReader(text)),
	}
	w := &heard{header: http.Header{}}
	began := s.o.Now()
	s.o.Ask.ServeHTTP(w, req.WithContext(ctx))
	return w.trial(model, s.o.Now().Sub(began), s.o.Redact), nil
}

// question is something small, in the operation that the model knows.
func (s *Panel) question(model string) (path string, body map[string]any) {
	if l, ok := s.o.Table().Model(model); ok && l.Model.Can.Embeddings {
		return "/v1/embeddings", map[string]any{"model": model, "input": "Hello"}
	}
	// No limit of tokens: reasoning models would spend it before they answer.
	return "/v1/chat/completions", map[string]any{
		"model": model, "messages": []map[string]string{{"role": "user", "content": "Reply with the single word: OK"}},
	}
}

// heard is an answer that nobody listens to but this program.
type heard struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (h *heard) Header() http.Header { return h.header }

func (h *heard) WriteHeader(status int) {
	if h.status == 0 {
		h.status = status
	}
}

func (h *heard) Write(p []byte) (int, error) {
	h.WriteHeader(http.StatusOK)
	return h.body.Write(p)
}

// trial reads the answer.
func (h *heard) trial(model string, took time.Duration, redact func(string) string) Trial {
	var a struct {
		Choices []struct {
			Message struct {
				Content string `json:"content"`
			} `json:"message"`
		} `json:"choices"`
		Data  []struct{} `json:"data"`
		Usage *struct {
			In  int `json:"prompt_tokens"`
			Out int `json:"completion_tokens"`
		} `json:"usage"`
		Error struct {
			Message string `json:"message"`
		} `json:"error"`
	}
	out := Trial{Model: model, Status: h.status, Ms: float64(took.Microseconds()) / 1000}
	out.RequestID, _ = strconv.ParseInt(h.header.Get("X-Request-Id"), 10, 64)
	if name, err := url.PathUnescape(h.header.Get("X-OpenAICompatible-Account")); err == nil {
		out.Account = name
	}
	err := json.Unmarshal(h.body.Bytes(), &a)
	switch {
	case err != nil:
		out.Said = "the answer cannot be read"
		return out
	case h.status != http.StatusOK:
		out.Said = redact(a.Error.Message)
		return out
	}
	out.OK = len(a.Choices) > 0 || len(a.Data) > 0
	if len(a.Choices) > 0 {
		out.Said = clipped(strings.TrimSpace(a.Choices[0].Message.Content))
	}
	if !out.OK {
		out.Said = "the answer is empty"
	}
	if a.Usage != nil {
		out.TokensIn = &a.Usage.In
		if len(a.Choices) > 0 {
			out.TokensOut = &a.Usage.Out
		}
	}
	return out
}

// clipped is the beginning of a text, for one line.
func clipped(text string) string {
	const most = 160
	letters := []rune(text)
	if len(letters) <= most {
		return text
	}
	return string(letters[:most]) + "…"
}
