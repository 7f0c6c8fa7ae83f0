// Package llm is the vocabulary of the engine: one chat request, one stream of
// events that answers it, and one error that says what went wrong. Every wire
// protocol is a codec between its own bytes and these types.
//
// The invariant: nothing is lost in silence. A field that a codec cannot place
// is dropped with a [Warning], or refused with an [Error] of [KindUnsupported].
// The package knows no transport and no encoding: raw JSON travels as bytes
// that nobody here looks into.
package llm

// RawJSON is one complete JSON value as it stood on the wire. Nil means absent.
// Who receives one may keep it but must not change its bytes.
type RawJSON []byte

// Role says who speaks a message.
type Role string

// The roles of a conversation. RoleDeveloper is kept apart from RoleSystem
// because some services answer only to the one and some refuse the other.
const (
	RoleSystem    Role = "system"
	RoleDeveloper Role = "developer"
	RoleUser      Role = "user"
	RoleAssistant Role = "assistant"
	RoleTool      Role = "tool"
)

// Request is one chat request in nobody's dialect. A nil pointer or an empty
// value means that the client did not say; a codec then leaves the field out
// rather than sending a default of its own.
type Request struct {
	// Model is the name the client asked for, before any route.
	Model string
	// Messages are in the order of the conversation, system messages included
	// where the client put them.
	Messages []Message
	// Completion asks for text instead of an answer to a conversation; nil is a
	// conversation.
	Completion *Completion
	Tools      []Tool
	// ToolChoice says whether and which tool must be called.
	ToolChoice ToolChoice
	// ParallelToolCalls permits more than one call a turn; nil leaves it to
	// the service.
	ParallelToolCalls *bool
	// MaxTokens bounds the answer in tokens, thinking included; nil is the
	// service's own limit.
	MaxTokens *int
	// MaxTokensName is the client's own name for that field, for an upstream of
	// the same dialect: services know one name, or the other, or both.
	MaxTokensName    string
	Temperature      *float64
	TopP             *float64
	TopK             *int
	PresencePenalty  *float64
	FrequencyPenalty *float64
	Seed             *int64
	// Choices is how many answers are wanted; 0 and 1 both mean one.
	Choices int
	Stop    []string
	// Logprobs asks for the log probabilities of the answer's tokens, and
	// TopLogprobs for that many alternatives of each.
	Logprobs    bool
	TopLogprobs *int
	Format      Format
	Reasoning   Reasoning
	// User is the client's own id of its user, passed on where the service has
	// a place for it.
	User string
	// Stream says that the client reads events; IncludeUsage that it wants the
	// usage at the end of them.
	Stream       bool
	IncludeUsage bool
	// Extra are the top-level fields the client codec does not know, in their
	// order. A codec of the same dialect sends them on; any other drops them
	// with a Warning each.
	Extra []Field
	// Minter is the dialect that Extra belongs to.
	Minter string
}

// Field is a field of a wire protocol that the vocabulary has no name for.
type Field struct {
	Name  string
	Value RawJSON
}

// Message is one turn, or a part of one, by one role.
type Message struct {
	Role Role
	// Name tells speakers of one role apart; "" is none.
	Name  string
	Parts []Part
	// Extra are fields of the message that the codec does not know, kept for an
	// upstream that speaks the same dialect (Request.Minter).
	Extra []Field
}

// Part is one piece of a message. The set is sealed: Text, Image, Audio, File,
// Refusal, Thought, ToolCall, ToolResult and Opaque.
//
//sumtype:decl
type Part interface{ part() }

// Text is words for the reader.
type Text struct {
	Text string
	// Raw is the text as the JSON string that it was read from, quotes included,
	// for a codec that writes JSON and would only escape it again; nil where it
	// was not read from JSON. Text is "" beside it only for a codec that said it
	// needs Raw alone. Who changes Text must clear Raw.
	Raw RawJSON
	// Extra are the part's own unknown fields, as cache_control.
	Extra []Field
}

// Empty says that there is not a word in it.
func (t Text) Empty() bool { return t.Text == "" && len(t.Raw) <= len(`""`) }

// Image is a picture, inline or by address.
type Image struct {
	// MIME is the media type of Data, as image/png; "" when URL is set.
	MIME string
	// Data is base64 as it stood on the wire, so that a big picture is neither
	// decoded nor encoded again. Empty when URL is set.
	Data string
	// URL is an http or https address; "" when Data is set.
	URL string
	// Detail is low, high or auto; "" is unsaid.
	Detail string
	Extra  []Field
}

// Audio is recorded sound.
type Audio struct {
	// Format is the container, as wav or mp3.
	Format string
	// Data is base64 as it stood on the wire.
	Data  string
	Extra []Field
}

// File is a document, inline or by the service's id of an upload.
type File struct {
	Name string
	MIME string
	// Data is base64 as it stood on the wire; "" when ID is set.
	Data string
	ID   string
	// Extra are the part's own unknown fields.
	Extra []Field
}

// Refusal is the model's own refusal to answer, shown as such.
type Refusal struct{ Text string }

// Thought is what the model thought before it spoke.
type Thought struct {
	Text string
	// Signature proves the thought to the service that minted it; "" is none.
	Signature string
	// Minter is the dialect whose service made the signature. A codec of any
	// other dialect drops the signature: it would be refused there.
	Minter string
}

// ToolCall is the model's wish to have a tool run.
type ToolCall struct {
	// ID is unique in the conversation and pairs the call with its ToolResult.
	ID   string
	Name string
	// Arguments is the text of a JSON object, exactly as the model wrote it: it
	// may be invalid JSON, and for a Custom tool it is free text.
	Arguments string
	// Custom marks a call of a tool that takes free text instead of JSON.
	Custom bool
	// Signature is the thought signature that came with the call; "" is none.
	Signature string
	Extra     []Field
}

// ToolResult is what a tool returned, verbatim.
type ToolResult struct {
	// CallID is the ToolCall's ID; results are matched by it, never by order.
	CallID string
	// Name is the tool's name; "" where the protocol does not repeat it.
	Name string
	// Parts are Text, Image, Audio or File.
	Parts []Part
	// Failed says that the tool reports an error.
	Failed bool
}

// Opaque is a part no codec but its minter's understands. Any other drops it
// with a Warning.
type Opaque struct {
	Minter string
	Value  RawJSON
}

func (Text) part()       {}
func (Image) part()      {}
func (Audio) part()      {}
func (File) part()       {}
func (Refusal) part()    {}
func (Thought) part()    {}
func (ToolCall) part()   {}
func (ToolResult) part() {}
func (Opaque) part()     {}

// Tool is something the model may ask to have run.
type Tool struct {
	Name        string
	Description string
	// RawDescription is the description as the JSON string that it was read from,
	// instead of Description, for a codec that said it needs that alone; see Text.
	RawDescription RawJSON
	// Parameters is the JSON Schema of the arguments; nil is a tool without any.
	Parameters RawJSON
	// Strict asks the service to keep to the schema; nil is unsaid.
	Strict *bool
	// Custom marks a tool that takes free text; Parameters is nil then and
	// Format holds the grammar, if any.
	Custom bool
	Format RawJSON
	// Builtin is the name of a tool that the service itself runs, as
	// web_search; "" for the client's own. Raw is its definition then.
	Builtin string
	Raw     RawJSON
	Extra   []Field
}

// ChoiceMode says how free the model is in calling tools.
type ChoiceMode string

// The modes. The zero value is the service's own default.
const (
	ChoiceUnset    ChoiceMode = ""
	ChoiceAuto     ChoiceMode = "auto"
	ChoiceNone     ChoiceMode = "none"
	ChoiceRequired ChoiceMode = "required"
	ChoiceTool     ChoiceMode = "tool"
)

// ToolChoice is a mode and, for ChoiceTool, the tool's name. Allowed narrows
// auto and required to some tools; nil means all.
type ToolChoice struct {
	Mode    ChoiceMode
	Name    string
	Allowed []string
}

// FormatKind is the shape that the answer's text must have.
type FormatKind string

// The shapes. The zero value is free text.
const (
	FormatText   FormatKind = ""
	FormatJSON   FormatKind = "json"
	FormatSchema FormatKind = "schema"
)

// Format asks for JSON, or for JSON after a schema.
type Format struct {
	Kind        FormatKind
	Name        string
	Description string
	Schema      RawJSON
	Strict      *bool
}

// Reasoning asks for more or less thinking.
type Reasoning struct {
	// Effort is none, minimal, low, medium, high, xhigh or max; "" is unsaid.
	Effort string
	// BudgetTokens bounds the thinking; nil is unsaid, 0 turns it off.
	BudgetTokens *int
	// Summary asks to see the thinking: auto, concise, detailed; "" is unsaid.
	Summary string
}

// Warning says in one line what a codec changed or left out, for the notes of
// the request log: "dropped stream_options", "renamed max_tokens".
type Warning struct {
	// Field is the path in the client's protocol, as messages[2].name.
	Field string
	// What happened to it, in lower case.
	What string
}

// String is the line for the notes.
func (w Warning) String() string { return w.What + " " + w.Field }

// Model is what a service offers under one name.
type Model struct {
	// ID is the service's own name, without any prefix of ours.
	ID string
	// Name is for people; "" when the service has none.
	Name string
	// Description is what the service says of it, in a sentence; "" is nothing.
	Description string
	OwnedBy     string
	// Created is Unix seconds; 0 is unknown.
	Created int64
	// ContextTokens and OutputTokens are limits in tokens; 0 is unknown.
	ContextTokens int
	OutputTokens  int
	Can           Capabilities
}

// Capabilities say what a model can do, as far as it is known; false may also
// mean that nobody told.
type Capabilities struct {
	Tools      bool `json:"tools"`
	Vision     bool `json:"vision"`
	Reasoning  bool `json:"reasoning"`
	FIM        bool `json:"fim"`
	Embeddings bool `json:"embeddings"`
}
