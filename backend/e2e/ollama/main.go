// Package main drives the program with Ollama's own Go client, as the scripts
// in ../sdk do with the clients of other makers: it prints, as JSON, what the
// client saw, and the Go test that started it judges. It is a module of its own,
// so that nothing of Ollama is in the program's. It does not know what is right.
package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/ollama/ollama/api"
)

const (
	question = "What is the weather in Berlin? get_weather"
	weather  = `18 degrees, "clear"`
	place    = `{"type":"object","properties":{"city":{"type":"string"},"celsius":{"type":"integer"}},"required":["city","celsius"]}`
	tools    = `[{"type":"function","function":{"name":"get_weather","description":"The weather in a city",
		"parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}}]`
)

// targets are the models to ask, as the test knows them.
type targets struct {
	Chat, Tools, Hang, Errors, ParallelAsk, Pixel, Embed string
}

// asker is a client, and whom it asks.
type asker struct {
	*api.Client
	to    targets
	tools api.Tools
}

type (
	// saw is an answer as the client saw it.
	saw struct {
		Model, Text, Finish                string
		Chunks, TokensIn, TokensOut, Asked int
		Calls                              []call
	}
	call struct{ ID, Name, Arguments string }
	// refusal is how the client classed an error.
	refusal struct {
		Type, Message string
		Status        int
	}
	report map[string]any
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	var a asker
	if err := json.Unmarshal([]byte(os.Getenv("TARGET")), &a.to); err != nil {
		return fmt.Errorf("TARGET: %w", err)
	}
	if err := json.Unmarshal([]byte(tools), &a.tools); err != nil {
		return err
	}
	var err error
	if a.Client, err = connect(os.Getenv("API_KEY")); err != nil {
		return err
	}
	found := report{}
	for name, scenario := range map[string]func() (any, error){
		"list": a.list, "running": a.running, "heartbeat": a.heartbeat, "version": a.version, "show": a.show,
		"chat": a.whole, "stream": a.streamed, "tools": a.oneTool, "parallelTools": a.twoTools, "toolLoop": a.toolLoop,
		"jsonSchema": a.schema, "image": a.picture, "generate": a.generate, "infill": a.infill, "embed": a.embed, "cancel": a.cancel,
	} {
		if found[name], err = scenario(); err != nil {
			found[name] = report{"failure": fmt.Sprintf("%T: %v", err, err)}
		}
	}
	// Last, for after a refused credential the account rests.
	if found["errors"], err = a.errors(); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(found)
}

func connect(key string) (*api.Client, error) {
	root, err := url.Parse(os.Getenv("ROOT"))
	if err != nil {
		return nil, fmt.Errorf("ROOT: %w", err)
	}
	return api.NewClient(root, &http.Client{Transport: keyed(key)}), nil
}

// keyed is a transport that shows a key: the client knows none.
type keyed string

// RoundTrip sends r with the key.
func (k keyed) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+string(k))
	return http.DefaultTransport.RoundTrip(r)
}

func say(content string) []api.Message { return []api.Message{{Role: "user", Content: content}} }

// chat asks and reads the answer, with its last message as the client keeps it.
func (a asker) chat(req api.ChatRequest, stream bool) (saw, api.Message, error) {
	var s saw
	m := api.Message{Role: "assistant"}
	req.Stream = &stream
	err := a.Chat(context.Background(), &req, func(r api.ChatResponse) error {
		s.add(r.Model, r.Message.Content, r.DoneReason, r.Metrics)
		m.Content += r.Message.Content
		for _, c := range r.Message.ToolCalls {
			m.ToolCalls = append(m.ToolCalls, c)
			s.Calls = append(s.Calls, call{ID: c.ID, Name: c.Function.Name, Arguments: c.Function.Arguments.String()})
		}
		return nil
	})
	return s, m, err
}

func (s *saw) add(model, text, finish string, spent api.Metrics) {
	s.Chunks++
	s.Model, s.Finish, s.TokensIn, s.TokensOut = model, finish, spent.PromptEvalCount, spent.EvalCount
	s.Text += text
}

func (a asker) list() (any, error) {
	l, err := a.List(context.Background())
	if err != nil {
		return nil, err
	}
	ids := make([]string, 0, len(l.Models))
	for _, m := range l.Models {
		ids = append(ids, m.Name)
	}
	return report{"ids": ids}, nil
}

func (a asker) running() (any, error) {
	l, err := a.ListRunning(context.Background())
	if err != nil {
		return nil, err
	}
	return report{"models": len(l.Models)}, nil
}

func (a asker) heartbeat() (any, error) { return report{}, a.Heartbeat(context.Background()) }

func (a asker) version() (any, error) {
	v, err := a.Version(context.Background())
	return report{"version": v}, err
}

func (a asker) show() (any, error) {
	m, err := a.Show(context.Background(), &api.ShowRequest{Model: a.to.Chat})
	if err != nil {
		return nil, err
	}
	return report{"capabilities": m.Capabilities, "template": m.Template, "architecture": m.ModelInfo["general.architecture"]}, nil
}

func (a asker) whole() (any, error) {
	s, _, err := a.chat(api.ChatRequest{Model: a.to.Chat, Messages: say("hello")}, false)
	return s, err
}

func (a asker) streamed() (any, error) {
	s, _, err := a.chat(api.ChatRequest{Model: a.to.Chat, Messages: say("hello")}, true)
	return s, err
}

func (a asker) oneTool() (any, error) {
	s, _, err := a.chat(api.ChatRequest{Model: a.to.Tools, Messages: say(question), Tools: a.tools}, false)
	return s, err
}

func (a asker) twoTools() (any, error) {
	s, _, err := a.chat(api.ChatRequest{Model: a.to.Tools, Messages: say(a.to.ParallelAsk), Tools: a.tools}, true)
	return s, err
}

func (a asker) toolLoop() (any, error) {
	asked := api.ChatRequest{Model: a.to.Tools, Messages: say(a.to.ParallelAsk), Tools: a.tools}
	first, answer, err := a.chat(asked, true)
	if err != nil {
		return nil, err
	}
	asked.Messages = append(asked.Messages, answer)
	for _, c := range answer.ToolCalls {
		asked.Messages = append(asked.Messages, api.Message{Role: "tool", ToolName: c.Function.Name, ToolCallID: c.ID, Content: weather})
	}
	last, _, err := a.chat(asked, false)
	last.Asked = len(first.Calls)
	return last, err
}

func (a asker) schema() (any, error) {
	_, m, err := a.chat(api.ChatRequest{Model: a.to.Tools, Messages: say("Where and how warm?"), Format: json.RawMessage(place)}, false)
	if err != nil {
		return nil, err
	}
	return report{"parsed": json.RawMessage(m.Content)}, nil
}

func (a asker) picture() (any, error) {
	_, data, _ := strings.Cut(a.to.Pixel, ",")
	raw, err := base64.StdEncoding.DecodeString(data)
	if err != nil {
		return nil, err
	}
	messages := say("What is this?")
	messages[0].Images = []api.ImageData{raw}
	s, _, err := a.chat(api.ChatRequest{Model: a.to.Tools, Messages: messages}, false)
	return s, err
}

func (a asker) generate() (any, error) {
	return a.complete(api.GenerateRequest{Model: a.to.Chat, Prompt: "hello"})
}

func (a asker) infill() (any, error) {
	return a.complete(api.GenerateRequest{
		Model: a.to.Chat, Prompt: "func add(a, b int) int {\n\treturn ", Suffix: "\n}", Options: map[string]any{"num_predict": 64},
	})
}

func (a asker) complete(req api.GenerateRequest) (any, error) {
	var s saw
	err := a.Generate(context.Background(), &req, func(r api.GenerateResponse) error {
		s.add(r.Model, r.Response, r.DoneReason, r.Metrics)
		return nil
	})
	return s, err
}

func (a asker) embed() (any, error) {
	if a.to.Embed == "" {
		return report{}, nil
	}
	many, err := a.Embed(context.Background(), &api.EmbedRequest{Model: a.to.Embed, Input: []string{"one", "two"}})
	if err != nil {
		return nil, err
	}
	one, err := a.Embeddings(context.Background(), &api.EmbeddingRequest{Model: a.to.Embed, Prompt: "one"})
	if err != nil {
		return nil, err
	}
	return report{"vectors": len(many.Embeddings), "length": min(len(many.Embeddings[0]), len(one.Embedding))}, nil
}

func (a asker) cancel() (any, error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	chunks := 0
	err := a.Chat(ctx, &api.ChatRequest{Model: a.to.Hang, Messages: say("hello")}, func(api.ChatResponse) error {
		chunks++
		cancel()
		return ctx.Err()
	})
	if err != nil && !errors.Is(err, context.Canceled) {
		return nil, err
	}
	return report{"chunks": chunks}, nil
}

func (a asker) errors() (any, error) {
	stranger, err := connect("wrong")
	if err != nil {
		return nil, err
	}
	_, wrongKey := stranger.List(context.Background())
	_, _, unknown := a.chat(api.ChatRequest{Model: "nobody/knows", Messages: say("hello")}, true)
	_, _, bad := a.chat(api.ChatRequest{Model: a.to.Chat, Messages: []api.Message{{Role: "nobody", Content: "hello"}}}, false)
	found := report{"wrong key": class(wrongKey), "unknown model": class(unknown), "bad request": class(bad)}
	for _, status := range []string{"404", "429", "500", "401"} {
		for _, stream := range []bool{false, true} {
			_, _, err := a.chat(api.ChatRequest{Model: a.to.Errors + status, Messages: say("hello")}, stream)
			name := status
			if stream {
				name += " streamed"
			}
			found[name] = class(err)
		}
	}
	return found, nil
}

func class(err error) refusal {
	var refused api.StatusError
	var unauthorized api.AuthorizationError
	switch {
	case errors.As(err, &refused):
		return refusal{Type: "StatusError", Message: refused.ErrorMessage, Status: refused.StatusCode}
	case errors.As(err, &unauthorized):
		return refusal{Type: "AuthorizationError", Message: unauthorized.Error(), Status: unauthorized.StatusCode}
	default:
		return refusal{Type: fmt.Sprintf("%T", err), Message: fmt.Sprint(err)}
	}
}
