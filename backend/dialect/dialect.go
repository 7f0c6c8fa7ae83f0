// Package dialect says what a codec of a wire protocol must be able to do: the
// client face, how we look to callers, and the upstream face, how we call a
// service. The protocols themselves are the packages below this one.
//
// The invariant: a codec is a value without state; whatever one exchange needs
// to remember lives in what its methods return. A dialect knows no provider, no
// account and no relay.
package dialect

import (
	"io"
	"net/http"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// Name is a wire protocol, as it stands in the request log.
type Name string

// The protocols.
const (
	OpenAIChat      Name = "openai-chat"
	OpenAIResponses Name = "openai-responses"
	// Completions is OpenAI's text completion, and FIM Mistral's fill-in-the-middle.
	Completions Name = "completions"
	FIM         Name = "fim"
	// Embeddings is OpenAI's.
	Embeddings Name = "openai-embeddings"
	Anthropic  Name = "anthropic"
	Gemini     Name = "gemini"
	Ollama     Name = "ollama"
	// CodeAssist is Gemini in the envelope of Gemini CLI's own service.
	CodeAssist Name = "code-assist"
	// CodeGeeX is the chat of codegeex.cn, and CodeGeeXInline its completion of code;
	// nobody but that site speaks them.
	CodeGeeX       Name = "codegeex"
	CodeGeeXInline Name = "codegeex-inline"
)

// Operation is what is asked of a service.
type Operation uint8

// The operations.
const (
	// Chat is an answer to a conversation, streamed or not.
	Chat Operation = iota
	// Embed is vectors for texts.
	Embed
	// CountTokens is the size of a conversation in tokens.
	CountTokens
	// Complete is the text that follows a prompt, or that belongs between a
	// prompt and a suffix.
	Complete
)

// Span is the half-open byte range [From, To) of a value in a raw body. The
// zero value is no value.
type Span struct{ From, To int }

// Found says that there is a value.
func (s Span) Found() bool { return s.To > s.From }

// Head is what routing needs to know of a request, read by one scan of the
// body's top-level keys. Nothing is decoded but the fields named here.
type Head struct {
	// Operation is what the client wants; Chat is the zero value.
	Operation Operation
	// Model is the name asked for; "" when the client named none.
	Model string
	// ModelAt is where the model's JSON value stands in the body, quotes
	// included; not found when the model is part of the path.
	ModelAt Span
	// Stream says that the client wants events.
	Stream bool
	// StreamAt is where the stream flag's value stands.
	StreamAt Span
	// Infill says that a completion is to stand between two texts, not only to go
	// on behind one.
	Infill bool
	// IncludeUsage says that a streaming client wants the usage at the end.
	IncludeUsage bool
	// StreamOptionsAt is where the value of stream_options stands (OpenAI only).
	StreamOptionsAt Span
	// ObjectAt is the body's outermost object, braces included.
	ObjectAt Span
	// OddChoiceAt is where a tool choice stands that the protocol does not know
	// and that is to be read as auto (B39).
	OddChoiceAt Span
	// Sticky is the client's own id of the conversation (prompt_cache_key,
	// session headers); "" is none.
	Sticky string
	// Previews are what the client wants of the protocol that is not a part of it
	// yet, by the names that it gave in a header of the protocol's own
	// (anthropic-beta), separated by commas; "" is nothing.
	Previews string
	// Splice permits DecodeRequest to leave a text empty that has its raw form
	// beside it; see [Splicer]. Head never sets it.
	Splice bool
	// Scanned is what the scan learnt beside that, for the codec itself; nobody else
	// knows its type. It holds for the body that was scanned alone.
	Scanned any
	// Tools, Images say that the request offers tools, or holds pictures, as
	// far as the scan can tell without decoding; for the log alone.
	Tools, Images bool
}

// Client is how we look to callers: one protocol's server side.
type Client interface {
	Name() Name
	// Head reads what routing needs. raw is the decoded body; the error is a
	// bad request that names the place.
	Head(r *http.Request, raw []byte) (Head, *llm.Error)
	// DecodeRequest reads everything. What it does not know it keeps as Extra.
	// It may keep references to raw's bytes.
	DecodeRequest(h Head, raw []byte) (*llm.Request, []llm.Warning, *llm.Error)
	// EncodeStream writes s as the protocol's events, one Write an event. The
	// model named in them is model, the name the client asked for (B46). An
	// error in s is written as the protocol's error event and its terminal
	// marker (B23), and returned. A failing w ends s and is returned. Nothing is
	// written before the first event of s.
	EncodeStream(w io.Writer, s llm.Stream, model string, h Head) error
	// EncodeReply writes a whole answer.
	EncodeReply(w io.Writer, r *llm.Reply, model string, h Head) error
	// EncodeError answers with the protocol's error shape, status, Retry-After.
	EncodeError(w http.ResponseWriter, err *llm.Error)
	// AppendStreamError appends the error event and the terminal marker, for a
	// failure after the first byte.
	AppendStreamError(dst []byte, err *llm.Error) []byte
	// KeepAlive is what may stand between two events to keep the connection
	// open; nil where the protocol's clients fail on it.
	KeepAlive() []byte
	// StreamType is the Content-Type of a streamed answer.
	StreamType() string
}

// Model is one line of the model list as clients see it.
type Model struct {
	// ID is the name to ask for; its prefix is the provider's.
	ID string
	// Created is Unix seconds, never 0: some clients fail without it (B43).
	Created int64
	OwnedBy string
	// ContextTokens and OutputTokens are limits; 0 is unknown.
	ContextTokens int
	OutputTokens  int
	Can           llm.Capabilities
}

// Lister is the ability of a Client whose protocol has a list of models.
type Lister interface {
	// AppendModels appends the list, whole or the page that r's query asks for.
	AppendModels(dst []byte, r *http.Request, list []Model) ([]byte, *llm.Error)
	// AppendModel appends one line as an answer of its own.
	AppendModel(dst []byte, m Model) []byte
}

// Server is the ability of a Client whose protocol is more than questions that
// are POSTed to its path: answers that are asked for again, connections that
// stay for several turns.
type Server interface {
	// Serve answers any request to the protocol's path or to one below it. key is
	// the name of the caller's API key; "" is none. exchange answers a request
	// that asks a model, as c would have it, and returns when it is answered.
	Serve(w http.ResponseWriter, r *http.Request, key string, exchange func(c Client, w http.ResponseWriter, r *http.Request))
}

// EmbedClient is the ability of a Client to be asked for embeddings: its Head
// gives the operation Embed.
type EmbedClient interface {
	// DecodeEmbed is DecodeRequest for them.
	DecodeEmbed(h Head, raw []byte) (*llm.EmbedRequest, []llm.Warning, *llm.Error)
	// EncodeEmbeddings writes the answer; model is the name the client asked for.
	EncodeEmbeddings(w io.Writer, e *llm.Embeddings, model string, h Head) error
}

// CountClient is the ability of a Client to be asked how many tokens a
// conversation has: its Head gives the operation CountTokens, and DecodeRequest
// reads the conversation.
type CountClient interface {
	EncodeCount(w io.Writer, tokens int, model string, h Head) error
}

// EmbedUpstream is the ability of an Upstream whose service makes embeddings.
type EmbedUpstream interface {
	// EncodeEmbed writes the body for the upstream's model.
	EncodeEmbed(r *llm.EmbedRequest, model string) ([]byte, []llm.Warning, *llm.Error)
	// DecodeEmbeddings reads a whole answer: one vector for each input, in order.
	DecodeEmbeddings(raw []byte) (*llm.Embeddings, *llm.Error)
}

// Batcher is the ability of an EmbedUpstream whose service takes only so many
// texts at a time; who asks for more asks several times.
type Batcher interface {
	// MostInputs is how many; 0 is any number.
	MostInputs(model string) int
}

// Completer is the ability of an Upstream whose service completes text as such,
// without a conversation around it: its EncodeRequest takes a request with a
// Completion. Every other codec refuses one, and is asked in a conversation.
type Completer interface {
	// Completes says whether the model goes on with a text, or with infill,
	// whether it also finds what belongs between two.
	Completes(model string, infill bool) bool
}

// CountUpstream is the ability of an Upstream whose service counts tokens.
type CountUpstream interface {
	EncodeCount(r *llm.Request, model string) ([]byte, []llm.Warning, *llm.Error)
	// DecodeCount reads a whole answer.
	DecodeCount(raw []byte) (tokens int, err *llm.Error)
}

// Upstream is how we call a service: one protocol's client side.
type Upstream interface {
	Name() Name
	// EncodeRequest writes the body for the upstream's model. It always asks
	// for a stream with usage where the protocol can.
	EncodeRequest(r *llm.Request, model string) ([]byte, []llm.Warning, *llm.Error)
	// DecodeReply reads an answer, streamed or whole: the same events. It
	// sniffs when contentType lies (B27). It reads body only when ranged over
	// and never closes it. Errors in it are *llm.Error.
	DecodeReply(contentType string, body io.Reader) llm.Stream
	// DecodeError reads an answer whose status is not 2xx.
	DecodeError(status int, h http.Header, body []byte) *llm.Error
}

// Appender is the ability of an Upstream to write the body of a request into
// memory that it is given, so that who asks for the same long prompt again and
// again need not make new memory each time.
type Appender interface {
	// AppendRequest is EncodeRequest, behind dst. On an error dst is lost.
	AppendRequest(dst []byte, r *llm.Request, model string) ([]byte, []llm.Warning, *llm.Error)
}

// Restorer is the ability of an Upstream whose EncodeRequest writes something
// that only the request explains: a tool's name that the service would refuse, a
// tool that is described in the prompt. Who decodes a translated answer passes
// it through Restore.
type Restorer interface {
	// Restore gives the answer s as the sender of r must see it: the tools under
	// their own names, a call as a call. It reads s only when ranged over.
	Restore(r *llm.Request, s llm.Stream) llm.Stream
}

// Splicer is the ability of an Upstream whose protocol is JSON too and that
// writes a text as the token it was read from: a long prompt is then neither
// unescaped nor escaped again. Who decodes for one sets Head.Splice.
type Splicer interface {
	// Splices says that EncodeRequest needs no Text of an llm.Text with a Raw, and
	// no Description of an llm.Tool with a RawDescription.
	Splices() bool
}

// Carrier is the ability of an Upstream to pass a client's own bytes on when
// both speak one protocol (the carried lane).
type Carrier interface {
	// Carries is the client protocol it can pass on.
	Carries() Name
	// CarryRequest appends to dst the client's body with the model and the
	// usage flags edited in place, and what the upstream is known not to take
	// left out. Each change but the model's is a Warning.
	CarryRequest(dst, raw []byte, h Head, model string) ([]byte, []llm.Warning, *llm.Error)
	// Tap makes the watch over one streamed answer. asked is the model name
	// that the client gave and gets back.
	Tap(h Head, asked string) Tap
	// CarryReply appends to dst a whole answer for the client and says what was
	// in it. An error object inside a 2xx body is returned as the error.
	CarryReply(dst, raw []byte, h Head, asked string) ([]byte, Seen, *llm.Error)
}

// Tap watches and mends a streamed answer on its way through. What it returns
// is always a whole number of events, so that a keep-alive may stand between
// two calls. It holds back what opens an answer (a role without content) until
// there is something to read, so that an empty or failed answer can still be
// answered by another upstream.
type Tap interface {
	// Feed takes the next bytes of the upstream's body and returns what to send
	// on: a part of p's own memory where nothing had to be changed, or what was
	// appended to dst, which may be nil. It is valid until the next call. An
	// error is the upstream's, found in the stream; nothing more is to be fed
	// then.
	Feed(dst, p []byte) (out []byte, err *llm.Error)
	// End takes the end of the body: it flushes an unfinished last line (B24)
	// and closes the protocol's stream where the upstream did not. A body that
	// ended before its answer was finished is an error (B23a).
	End(dst []byte) (out []byte, err *llm.Error)
	// Seen is what has been learnt so far.
	Seen() Seen
}

// Seen is what the watch over an answer learnt, for the request log.
type Seen struct {
	// Token says that text, thinking or a call has begun.
	Token bool
	// Model is the upstream's own name of what answered.
	Model string
	Usage llm.Usage
	// Reason is why the answer ended; "" when it has not.
	Reason llm.Reason
	// Closed says that the protocol's end was written: whatever comes after it is
	// nobody's.
	Closed bool
	// Notes are the changes that were made to the answer.
	Notes []llm.Warning
}
