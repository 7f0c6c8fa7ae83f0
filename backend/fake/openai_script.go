package fake

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"
)

// script answers a request whose model has its name.
type script func(f *OpenAI, w http.ResponseWriter, r *http.Request, q gjson.Result)

// Models are the scripted names beside error-NNN, which answers that status,
// and case-NAME, which answers a case of openai_misc.json or
// dashscope_misc.json, or of the service's own file.
func (f *OpenAI) Models() []string {
	var out []string
	for name := range scripts() {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

func scripts() map[string]script {
	return map[string]script{
		"usage":           replay("openai_stream_usage.sse"),
		"no-done":         replay("openai_stream_no_done.sse"),
		"quirks":          replay("openai_stream_quirks.sse"),
		"broken-index":    replay("openai_stream_tool_calls_broken_index.sse"),
		"error-inband":    replay("openai_stream_error_inband.sse"),
		"reasoning":       replay("dashscope_stream_reasoning.sse"),
		"parallel-tools":  replay("dashscope_stream_tool_calls.sse"),
		"usage-every":     usageEvery,
		"slow-first-byte": slowFirstByte,
		"silent":          silent,
		"hang":            hang,
		"cut":             cut,
		"cut-clean":       cutClean,
		"html":            html,
		"gzip":            compressed,
		"sse-always":      sseAlways,
		"json-always":     jsonAlways,
		"empty":           empty,
		"long":            long,
		"echo-key":        echoKey,
	}
}

// answer runs the script of the model.
func (f *OpenAI) answer(w http.ResponseWriter, r *http.Request, body []byte) {
	q := gjson.ParseBytes(body)
	model := q.Get("model").String()
	if s, ok := scripts()[model]; ok {
		s(f, w, r, q)
		return
	}
	if status, err := strconv.Atoi(strings.TrimPrefix(model, "error-")); err == nil && status >= 400 && status < 600 {
		failWith(w, status)
		return
	}
	if name, ok := strings.CutPrefix(model, "case-"); ok {
		cases := slices.Concat(Cases("openai/openai_misc.json"), Cases("openai/dashscope_misc.json"))
		if f.habits.cases != "" {
			cases = Cases("openai/" + f.habits.cases)
		}
		for _, c := range cases {
			if c.Name == name {
				c.write(w)
				return
			}
		}
	}
	converse(w, q)
}

// failWith answers an error as the service words it; those that pass say when.
func failWith(w http.ResponseWriter, status int) {
	e := &refusal{status: status, message: fmt.Sprintf("test: the service answers %d", status)}
	switch status {
	case http.StatusUnauthorized:
		e.code = "invalid_api_key"
	case http.StatusNotFound:
		e.code, e.param = "model_not_found", "model"
	case http.StatusTooManyRequests:
		e.code = "rate_limit_exceeded"
		w.Header().Set("Retry-After", "7")
	case http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", "2")
	}
	e.write(w)
}

// replay sends a recorded stream, or to a caller that wants none its fold.
func replay(vector string) script {
	return func(_ *OpenAI, w http.ResponseWriter, _ *http.Request, q gjson.Result) {
		send(w, q, Vector("openai/"+vector))
	}
}

// send gives the stream to who asked for one, its fold to others. The usage
// chunk is only for those who asked for it, as with the service.
func send(w http.ResponseWriter, q gjson.Result, stream []byte) {
	if !q.Get("stream").Bool() {
		writeJSON(w, fold(stream))
		return
	}
	open(w)
	for _, event := range events(stream) {
		if !q.Get("stream_options.include_usage").Bool() && bytes.Contains(event, []byte(`"choices":[],"usage":{`)) {
			continue
		}
		w.Write(event)
		flush(w)
	}
}

// open sends the header of a stream.
func open(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.WriteHeader(http.StatusOK)
	flush(w)
}

func flush(w http.ResponseWriter) { http.NewResponseController(w).Flush() }

// usageEvery reports a growing usage in every chunk, as some services do.
func usageEvery(_ *OpenAI, w http.ResponseWriter, _ *http.Request, q gjson.Result) {
	var b bytes.Buffer
	for i, text := range []string{"Hel", "lo", "!"} {
		fmt.Fprintf(&b, `data: {"id":"chatcmpl-u","object":"chat.completion.chunk","created":1760000000,"model":"usage-every","choices":[{"index":0,"delta":{"content":%q},"finish_reason":null}],"usage":{"prompt_tokens":9,"completion_tokens":%d,"total_tokens":%d}}`+"\n\n", text, i+1, i+10)
	}
	b.WriteString(`data: {"id":"chatcmpl-u","object":"chat.completion.chunk","created":1760000000,"model":"usage-every","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":3,"total_tokens":12}}` + "\n\ndata: [DONE]\n\n")
	send(w, q, b.Bytes())
}

func slowFirstByte(f *OpenAI, w http.ResponseWriter, r *http.Request, q gjson.Result) {
	t := time.NewTimer(f.options.Delay)
	defer t.Stop()
	select {
	case <-t.C:
		send(w, q, Vector("openai/openai_stream_usage.sse"))
	case <-r.Context().Done():
	}
}

// silent never answers at all.
func silent(_ *OpenAI, _ http.ResponseWriter, r *http.Request, _ gjson.Result) { <-r.Context().Done() }

// hang begins an answer and never goes on.
func hang(_ *OpenAI, w http.ResponseWriter, r *http.Request, _ gjson.Result) {
	open(w)
	for _, event := range events(Vector("openai/openai_stream_usage.sse"))[:2] {
		w.Write(event)
	}
	flush(w)
	<-r.Context().Done()
}

// cut breaks the connection in mid-answer, in the middle of an event.
func cut(_ *OpenAI, w http.ResponseWriter, _ *http.Request, q gjson.Result) {
	stream := Vector("openai/openai_stream_usage.sse")
	if !q.Get("stream").Bool() {
		raw, _ := json.Marshal(fold(stream))
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", strconv.Itoa(len(raw)))
		w.Write(raw[:len(raw)/2])
	} else {
		open(w)
		w.Write(stream[:len(stream)*2/3])
	}
	flush(w)
	panic(http.ErrAbortHandler)
}

// cutClean ends an answer properly as HTTP goes, but before it is finished.
func cutClean(_ *OpenAI, w http.ResponseWriter, _ *http.Request, _ gjson.Result) {
	open(w)
	for _, event := range events(Vector("openai/openai_stream_usage.sse"))[:3] {
		w.Write(event)
	}
}

// html is the page of a captive portal.
func html(_ *OpenAI, w http.ResponseWriter, _ *http.Request, _ gjson.Result) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write([]byte("<!doctype html><html><head><title>Welcome</title></head><body>Sign in to the network</body></html>"))
}

// compressed answers with gzip to who allows it, streams included.
func compressed(_ *OpenAI, w http.ResponseWriter, r *http.Request, q gjson.Result) {
	if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		send(w, q, Vector("openai/openai_stream_usage.sse"))
		return
	}
	w.Header().Set("Content-Encoding", "gzip")
	z := gzip.NewWriter(w)
	defer z.Close()
	send(&gzipped{ResponseWriter: w, z: z}, q, Vector("openai/openai_stream_usage.sse"))
}

type gzipped struct {
	http.ResponseWriter
	z *gzip.Writer
}

func (g *gzipped) WriteHeader(status int) {
	g.Header().Del("Content-Length")
	g.ResponseWriter.WriteHeader(status)
}

func (g *gzipped) Write(p []byte) (int, error) {
	g.Header().Del("Content-Length")
	return g.z.Write(p)
}

// FlushError lets each event go, compressed by itself.
func (g *gzipped) FlushError() error {
	g.z.Flush()
	return http.NewResponseController(g.ResponseWriter).Flush()
}

// sseAlways streams to everybody, and names it plain text (B27).
func sseAlways(_ *OpenAI, w http.ResponseWriter, _ *http.Request, _ gjson.Result) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Write(Vector("openai/openai_stream_usage.sse"))
}

// jsonAlways streams to nobody (B27).
func jsonAlways(_ *OpenAI, w http.ResponseWriter, _ *http.Request, _ gjson.Result) {
	writeJSON(w, fold(Vector("openai/openai_stream_usage.sse")))
}

// empty finishes without having said anything (B38).
func empty(_ *OpenAI, w http.ResponseWriter, _ *http.Request, q gjson.Result) {
	send(w, q, []byte(`data: {"id":"chatcmpl-e","object":"chat.completion.chunk","created":1760000000,"model":"empty","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":"stop"}]}`+"\n\ndata: [DONE]\n\n"))
}

// long streams ten thousand words, or until the caller leaves.
func long(_ *OpenAI, w http.ResponseWriter, r *http.Request, _ gjson.Result) {
	open(w)
	for range 10_000 {
		if _, err := w.Write([]byte(`data: {"id":"chatcmpl-l","object":"chat.completion.chunk","created":1760000000,"model":"long","choices":[{"index":0,"delta":{"content":"word "},"finish_reason":null}]}` + "\n\n")); err != nil || r.Context().Err() != nil {
			return
		}
		flush(w)
	}
	w.Write([]byte(`data: {"id":"chatcmpl-l","object":"chat.completion.chunk","created":1760000000,"model":"long","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}` + "\n\ndata: [DONE]\n\n"))
}

// echoKey repeats the caller's key in its error, as some services do (B59).
func echoKey(_ *OpenAI, w http.ResponseWriter, r *http.Request, _ gjson.Result) {
	(&refusal{status: http.StatusUnauthorized, code: "invalid_api_key", message: "Incorrect API key: " + r.Header.Get("Authorization")}).write(w)
}
