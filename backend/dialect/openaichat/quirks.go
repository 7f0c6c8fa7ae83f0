package openaichat

import (
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// Quirks are what one service wants differently from OpenAI. The zero value
// passes everything on. Each change to a request is a Warning (B40).
type Quirks struct {
	// MaxTokensField is the one name the service knows for the limit of the
	// answer, max_tokens or max_completion_tokens; "" leaves the client's.
	MaxTokensField string
	// NoStreamOptions leaves stream_options out (B26).
	NoStreamOptions bool
	// DeveloperRole is the role that developer messages are sent with, as
	// system; "" leaves them.
	DeveloperRole llm.Role
	// MergeSystem makes one first message of all system messages.
	MergeSystem bool
	// NoStrict leaves strict out of the tools.
	NoStrict bool
	// NeedsParameters gives a tool without parameters, or with an empty object
	// of them, an empty schema.
	NeedsParameters bool
	// OnlyAuto is for a service that knows no tool_choice but auto. For none the
	// tools are left out, which is the same; for some tools the others are; and
	// it is the model that decides (B39).
	OnlyAuto bool
	// FunctionsOnly is for a service that knows no tools but functions: in a
	// translated request those with free text become functions.
	FunctionsOnly bool
	// StopLimit is how many stop words the service takes; 0 is any number.
	StopLimit int
	// Clamp are the numbers that the service takes in a narrower range.
	Clamp []Range
	// Drop are top-level fields the service refuses.
	Drop []string
	// DropFor are those that some of its models refuse.
	DropFor []ModelFields
	// DropInMessages are fields of messages that it refuses, as name.
	DropInMessages []string
	// CallIDLength is the one length that the service takes in the ids of tool
	// calls, of letters and digits; 0 is any. Other ids are replaced by some that
	// are made of them, so that a call and its result keep one.
	CallIDLength int
	// ContentNeverNull sends an empty string where a message has no content.
	ContentNeverNull bool
	// ThinkingSwitch sends reasoning_effort as thinking, which is on or off: an
	// object of a type that is enabled or disabled.
	ThinkingSwitch bool
	// NeedsReasoningContent gives assistant messages with tool calls an empty
	// reasoning_content where the client sent none back.
	NeedsReasoningContent bool
	// NoReasoningContent leaves the thinking of earlier turns out.
	NoReasoningContent bool
	// ThinkTags takes the thinking out of <think> tags at the beginning of the
	// answer's text.
	ThinkTags bool
}

// Range is what a service takes of a number, both ends included.
type Range struct {
	Field     string
	Low, High float64
}

// ModelFields are fields and the models they are about.
type ModelFields struct {
	// Models are names in lower case; one that ends with * stands for all names
	// that begin so.
	Models []string
	Fields []string
}

// like says whether name, whatever its case, is the one of pattern, which is in
// lower case and may end with * for any end.
func like(pattern, name string) bool {
	name = strings.ToLower(name)
	if begin, open := strings.CutSuffix(pattern, "*"); open {
		return strings.HasPrefix(name, begin)
	}
	return pattern == name
}

func (q Quirks) editsMessages() bool {
	return q.DeveloperRole != "" || q.MergeSystem || q.ContentNeverNull || q.NeedsReasoningContent || q.NoReasoningContent || q.CallIDLength > 0 || len(q.DropInMessages) > 0
}

func (q Quirks) editsTools() bool { return q.NoStrict || q.NeedsParameters || q.OnlyAuto }

func (q Quirks) edits() bool {
	return q.editsMessages() || q.editsTools() || q.MaxTokensField != "" || q.NoStreamOptions || q.StopLimit > 0 || q.ThinkingSwitch ||
		len(q.Clamp) > 0 || len(q.Drop) > 0 || len(q.DropFor) > 0
}

// edit appends a body with the quirks' changes. Everything else is copied as it
// stands. The body was proven when its head was read, or is our own.
func (q Quirks) edit(dst, raw []byte, streaming bool) ([]byte, []llm.Warning) {
	e := editor{Quirks: q, Writer: rawjson.Writer{Out: append(dst, '{')}, streaming: streaming}
	e.prepare(raw)
	for m := range rawjson.Inside(raw) {
		e.member(m)
	}
	return append(e.Out, '}'), e.warnings
}
