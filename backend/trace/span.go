package trace

import (
	"crypto/rand"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
)

// The types are those of OTLP's JSON: numbers of 64 bits are texts in it, and
// identities are hexadecimal.
type (
	document struct {
		ResourceSpans []resourceSpans `json:"resourceSpans"`
	}
	resourceSpans struct {
		Resource   resource     `json:"resource"`
		ScopeSpans []scopeSpans `json:"scopeSpans"`
	}
	resource struct {
		Attributes []attribute `json:"attributes"`
	}
	scopeSpans struct {
		Scope scope  `json:"scope"`
		Spans []span `json:"spans"`
	}
	scope struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	}
	span struct {
		TraceID    string      `json:"traceId"`
		SpanID     string      `json:"spanId"`
		ParentID   string      `json:"parentSpanId,omitempty"`
		Name       string      `json:"name"`
		Kind       int         `json:"kind"`
		Start      string      `json:"startTimeUnixNano"`
		End        string      `json:"endTimeUnixNano"`
		Attributes []attribute `json:"attributes"`
		Status     status      `json:"status"`
	}
	status struct {
		Code    int    `json:"code,omitempty"`
		Message string `json:"message,omitempty"`
	}
	attribute struct {
		Key   string `json:"key"`
		Value value  `json:"value"`
	}
	// value has one of its members.
	value struct {
		Text  *string `json:"stringValue,omitempty"`
		Whole *string `json:"intValue,omitempty"`
		Flag  *bool   `json:"boolValue,omitempty"`
		List  *list   `json:"arrayValue,omitempty"`
	}
	list struct {
		Values []value `json:"values"`
	}
)

// The numbers of OTLP.
const (
	kindServer  = 2
	kindClient  = 3
	statusError = 2
)

// attributes collect what is known: what is not is left out.
type attributes []attribute

func (a *attributes) text(key, s string) {
	if s != "" {
		*a = append(*a, attribute{key, value{Text: &s}})
	}
}

// whole adds a number that is not negative; those are unknown.
func (a *attributes) whole(key string, n int64) {
	if n >= 0 {
		s := strconv.FormatInt(n, 10)
		*a = append(*a, attribute{key, value{Whole: &s}})
	}
}

func (e *Exporter) document(to Target, part []requestlog.Exchange) document {
	var of attributes
	of.text("service.name", to.Service)
	of.text("service.version", e.o.Version)
	in := scopeSpans{Scope: scope{Name: "openaicompatible", Version: e.o.Version}}
	for i := range part {
		in.Spans = append(in.Spans, spans(&part[i])...)
	}
	return document{[]resourceSpans{{Resource: resource{of}, ScopeSpans: []scopeSpans{in}}}}
}

// spans are an exchange, and each of its tries below it.
func spans(x *requestlog.Exchange) []span {
	operation := operationOf(x.Path)
	root := span{
		TraceID: identity(16), SpanID: identity(8), Name: strings.TrimSpace(operation + " " + x.Asked), Kind: kindServer,
		Start: at(x.Start), End: at(x.Start.Add(x.Duration)),
	}
	var of attributes
	of.text("gen_ai.operation.name", operation)
	of.text("gen_ai.provider.name", providerName(x.Provider))
	of.text("gen_ai.request.model", x.Asked)
	of.text("gen_ai.response.model", x.Served)
	of.whole("gen_ai.usage.input_tokens", int64(x.TokensIn))
	of.whole("gen_ai.usage.output_tokens", int64(x.TokensOut))
	of.whole("gen_ai.usage.cache_read.input_tokens", int64(x.TokensCached))
	if x.Finish != "" {
		of = append(of, attribute{"gen_ai.response.finish_reasons", value{List: &list{[]value{{Text: &x.Finish}}}}})
	}
	of.text("error.type", x.ErrorKind)
	of.text("http.request.method", "POST")
	of.text("url.path", x.Path)
	of.whole("http.response.status_code", int64(x.Status))
	of.text("openaicompatible.dialect", x.Dialect)
	of.text("openaicompatible.lane", string(x.Lane))
	of.text("openaicompatible.client", x.Client)
	of = append(of, attribute{"openaicompatible.stream", value{Flag: &x.Stream}})
	of.whole("openaicompatible.request_id", x.ID)
	if x.FirstToken > 0 {
		of.whole("openaicompatible.first_token_ms", x.FirstToken.Milliseconds())
	}
	root.Attributes, root.Status = of, failed(x.ErrorKind)
	all := []span{root}
	for i := range x.Attempts {
		all = append(all, attempt(x, &x.Attempts[i], operation, &root))
	}
	return all
}

func attempt(x *requestlog.Exchange, t *requestlog.Attempt, operation string, root *span) span {
	start := x.Start.Add(millis(t.StartMs))
	var of attributes
	of.text("gen_ai.operation.name", operation)
	of.text("gen_ai.provider.name", providerName(t.Provider))
	of.text("gen_ai.request.model", t.Model)
	of.text("error.type", t.ErrorKind)
	if t.Status > 0 {
		of.whole("http.response.status_code", int64(t.Status))
	}
	of.whole("openaicompatible.account_id", t.AccountID)
	return span{
		TraceID: root.TraceID, SpanID: identity(8), ParentID: root.SpanID, Name: strings.TrimSpace(operation + " " + t.Model), Kind: kindClient,
		Start: at(start), End: at(start.Add(millis(t.DurationMs))), Attributes: of, Status: failed(t.ErrorKind),
	}
}

// failed is the state of a span. What a service said of a failure was redacted,
// and yet it may quote the question: the kind tells enough.
func failed(kind string) status {
	if kind == "" {
		return status{}
	}
	return status{Code: statusError, Message: kind}
}

// operationOf is what a path asks for, in the words of the conventions.
func operationOf(path string) string {
	switch {
	case strings.Contains(path, "mbed"): // embeddings, embed, :embedContent
		return "embeddings"
	case strings.HasSuffix(path, "/completions") && !strings.HasSuffix(path, "/chat/completions"), strings.HasSuffix(path, "/api/generate"):
		return "text_completion"
	case strings.Contains(path, "enerateContent"):
		return "generate_content"
	}
	return "chat"
}

// providerName is a provider in the words of the conventions, where they have one.
func providerName(kind string) string {
	if kind == "gemini" {
		return "gcp.gemini"
	}
	return kind
}

func millis(ms float64) time.Duration { return time.Duration(ms * float64(time.Millisecond)) }

func at(t time.Time) string { return strconv.FormatInt(t.UnixNano(), 10) }

// identity is a new one of n bytes.
func identity(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // it never fails
	return hex.EncodeToString(b)
}
