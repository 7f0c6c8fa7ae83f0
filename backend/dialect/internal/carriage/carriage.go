// Package carriage edits the text of a body where it stands, for the carried
// lane: a few values are replaced, a member is added, and every other byte stays
// as the client or the service wrote it.
//
// The invariant: what is not in an edit is not changed. The package does not know
// what a protocol wants edited.
package carriage

import (
	"slices"
	"strconv"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// Edit replaces the bytes of a span; those of an empty one are added there.
type Edit struct {
	At   dialect.Span
	With []byte
}

// Replace is the edit that gives a member of an object another value. base is
// where the object begins in the text.
func Replace(base int, m rawjson.Member, with []byte) Edit {
	from := base + m.At
	return Edit{At: dialect.Span{From: from, To: from + len(m.Value)}, With: with}
}

// Add is the edit that adds a member to an object that has others, in front of
// them. base is where the object begins in the text.
func Add(base int, name string, value []byte) Edit {
	with := append(make([]byte, 0, len(name)+len(value)+len(`"":,`)), '"')
	with = append(append(append(with, name...), '"', ':'), value...)
	return Edit{At: dialect.Span{From: base + 1, To: base + 1}, With: append(with, ',')}
}

// Sort puts edits into the order of their places.
func Sort(edits []Edit) {
	slices.SortStableFunc(edits, func(a, b Edit) int { return a.At.From - b.At.From })
}

// Splice appends src with its edits, which it sorts. One that begins inside of
// another is left out, for the bytes that it means are gone.
func Splice(dst, src []byte, edits []Edit) []byte {
	Sort(edits)
	at := 0
	for _, e := range edits {
		if e.At.From < at {
			continue
		}
		dst = append(append(dst, src[at:e.At.From]...), e.With...)
		at = e.At.To
	}
	return append(dst, src[at:]...)
}

// Body is a client's body with the edits that it goes out with.
type Body struct {
	Raw      []byte
	Head     dialect.Head
	Edits    []Edit
	Warnings []llm.Warning
}

// Warn notes what became of a field.
func (b *Body) Warn(field, what string) {
	b.Warnings = append(b.Warnings, llm.Warning{Field: field, What: what})
}

// Replace puts other bytes into a span.
func (b *Body) Replace(at dialect.Span, with []byte) {
	b.Edits = append(b.Edits, Edit{At: at, With: with})
}

// Put replaces a value, or adds the member behind the body's opening brace.
func (b *Body) Put(at dialect.Span, name string, value []byte) {
	if at.Found() {
		b.Replace(at, value)
		return
	}
	b.Edits = append(b.Edits, Add(b.Head.ObjectAt.From, name, value))
}

// Model puts the upstream's name for the model in the place of the client's.
func (b *Body) Model(name string) {
	b.Put(b.Head.ModelAt, "model", rawjson.AppendString(nil, name))
}

// Stream makes a stream flag that is a text into a flag.
func (b *Body) Stream() {
	at := b.Head.StreamAt
	if at.Found() && b.Raw[at.From] == '"' {
		value := strconv.FormatBool(b.Head.Stream)
		b.Replace(at, []byte(value))
		b.Warn("stream", "read as "+value+": text in")
	}
}

// Choice replaces a tool choice that no service of OpenAI's protocols takes.
func (b *Body) Choice() {
	if b.Head.OddChoiceAt.Found() {
		b.Replace(b.Head.OddChoiceAt, []byte(`"auto"`))
		b.Warn("tool_choice", "read as auto: unknown value of")
	}
}

// Unsay makes a member of the body null.
func (b *Body) Unsay(m rawjson.Member) {
	b.Edits = append(b.Edits, Replace(b.Head.ObjectAt.From, m, []byte("null")))
	b.Warn(string(m.Key), "dropped")
}

// Append appends the body with its edits.
func (b *Body) Append(dst []byte) []byte { return Splice(dst, b.Raw, b.Edits) }
