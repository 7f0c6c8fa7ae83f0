package llm

import "iter"

// Event is one step of an answer. The set is sealed: Start, TextDelta,
// ThoughtDelta, RefusalDelta, ImageDelta, ToolCallStart, ToolCallDelta and
// Finish.
//
//sumtype:decl
type Event interface{ event() }

// Start opens the answer. It carries what the service said of itself.
type Start struct {
	// ID is the service's id of the answer; "" when it gave none.
	ID string
	// Model is the service's own name of the model that answers.
	Model string
	// Created is Unix seconds; 0 when the service did not say.
	Created int64
}

// TextDelta is a piece of the answer's text.
type TextDelta struct {
	// Block counts the answer's blocks from 0 in the order they were opened:
	// a text, a thought and each tool call are blocks of their own.
	Block int
	Text  string
	// Logprobs is the OpenAI form of the token log probabilities; nil is none.
	Logprobs RawJSON
}

// ThoughtDelta is a piece of the model's thinking.
type ThoughtDelta struct {
	Block int
	Text  string
	// Signature, when not "", closes the thought; Minter names its dialect.
	Signature string
	Minter    string
}

// RefusalDelta is a piece of the model's refusal.
type RefusalDelta struct {
	Block int
	Text  string
}

// ImageDelta is a picture in the answer. It comes whole, in a block of its own.
type ImageDelta struct {
	Block int
	// MIME is the media type of Data, as image/png.
	MIME string
	// Data is base64 as it stood on the wire.
	Data string
}

// ToolCallStart opens a tool call; its ToolCallDelta follow with the same Block.
type ToolCallStart struct {
	Block int
	// ID is never "" and unique in the answer.
	ID   string
	Name string
	// Custom marks a call with free text instead of JSON arguments.
	Custom bool
	// Signature is the thought signature that came with the call; "" is none.
	Signature string
}

// ToolCallDelta is a piece of a call's arguments.
type ToolCallDelta struct {
	Block     int
	Arguments string
}

// Finish ends the answer; nothing follows it.
type Finish struct {
	Reason Reason
	Usage  Usage
	// Fingerprint is OpenAI's system_fingerprint; "" is none.
	Fingerprint string
	// Citations are the sources that the answer's text names; nil is none.
	Citations []Citation
}

// Citation is a source of a piece of the answer's text.
type Citation struct {
	// URL is where the source is, Title what it is called; "" is unknown.
	URL, Title string
	// Start and End are the piece's place in all of the answer's text, in
	// characters and half open; both 0 is the answer as a whole.
	Start, End int
}

func (Start) event()         {}
func (TextDelta) event()     {}
func (ThoughtDelta) event()  {}
func (RefusalDelta) event()  {}
func (ImageDelta) event()    {}
func (ToolCallStart) event() {}
func (ToolCallDelta) event() {}
func (Finish) event()        {}

// Reason says why an answer ended.
type Reason string

// The reasons. ReasonToolCalls holds whenever a call was emitted (B35).
const (
	ReasonStop      Reason = "stop"
	ReasonLength    Reason = "length"
	ReasonToolCalls Reason = "tool_calls"
	ReasonContent   Reason = "content_filter"
)

// Usage counts tokens. Zero values mean that nobody told, unless Known.
type Usage struct {
	// Known says that the service reported a usage at all.
	Known bool
	// Input is everything read, Cached of it from a cache.
	Input, Cached int
	// CacheWrite is what was written to a cache, part of Input.
	CacheWrite int
	// Output is everything written, Reasoning of it unseen or seen thinking.
	Output, Reasoning int
}

// Total is Input plus Output.
func (u Usage) Total() int { return u.Input + u.Output }

// Stream is an answer as it arrives. It ends after a Finish or after the first
// error, whichever comes first; a consumer that breaks stops the producer. A
// Stream can be ranged over once.
type Stream = iter.Seq2[Event, error]

// Reply is a whole answer: the fold of a Stream.
type Reply struct {
	Start Start
	// Parts are Text, Thought, Refusal, Image and ToolCall in the order of their
	// blocks.
	Parts []Part
	// Logprobs are those of the text, in order; nil is none.
	Logprobs []RawJSON
	Finish   Finish
}
