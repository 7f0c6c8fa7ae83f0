// Package dialecttest is the suite that every codec runs: the same questions to
// each of them, so that a fault found in one is looked for in all.
//
// The invariant: a case says what a reader of the answer must notice, never how
// a codec is to get there. The package is for tests alone.
package dialecttest

import (
	"bytes"
	"fmt"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// Outcome is what a reader of an answer notices.
type Outcome struct {
	Text, Thought, Refusal string
	Calls                  []Call
	// Images are data addresses.
	Images    []string
	Citations []llm.Citation
	Reason    llm.Reason
	Usage     llm.Usage
	// Failed says that the answer ended with an error of the kind Error.
	Failed bool
	Error  llm.Kind
}

// Call is a tool call as a client acts on it. AnyID in a wanted call stands for
// any id that is not empty.
type Call struct{ ID, Name, Arguments string }

// AnyID is a wanted id that the service left out and the codec must make up.
const AnyID = "*"

// Of reads a stream to its end.
func Of(s llm.Stream) Outcome {
	var o Outcome
	blocks := map[int]int{}
	for e, err := range s {
		if err != nil {
			o.Failed, o.Error = true, llm.AsError(err).Kind
			break
		}
		switch e := e.(type) {
		case llm.Start:
		case llm.TextDelta:
			o.Text += e.Text
		case llm.ThoughtDelta:
			o.Thought += e.Text
		case llm.RefusalDelta:
			o.Refusal += e.Text
		case llm.ImageDelta:
			o.Images = append(o.Images, "data:"+e.MIME+";base64,"+e.Data)
		case llm.ToolCallStart:
			blocks[e.Block] = len(o.Calls)
			o.Calls = append(o.Calls, Call{ID: e.ID, Name: e.Name})
		case llm.ToolCallDelta:
			o.Calls[blocks[e.Block]].Arguments += e.Arguments
		case llm.Finish:
			o.Reason, o.Usage, o.Citations = e.Reason, e.Usage, e.Citations
		}
	}
	return o
}

// Diff compares two outcomes; "" is no difference.
func Diff(want, got Outcome) string {
	ids := cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".ID" },
		cmp.Comparer(func(a, b string) bool {
			return a == b || a == AnyID && b != "" || b == AnyID && a != ""
		}))
	return cmp.Diff(want, got, ids, cmpopts.EquateEmpty())
}

// Reply is an answer of a service and what a client must make of it.
type Reply struct {
	Name string
	Body []byte
	Want Outcome
}

// Sizes are the pieces in which every answer is replayed.
func Sizes() []int { return []int{1, 7, 4096} }

// Upstream proves that a codec reads each answer, however its bytes arrive and
// however its lines end.
func Upstream(t *testing.T, u dialect.Upstream, replies []Reply) {
	t.Helper()
	for _, r := range replies {
		t.Run(r.Name, func(t *testing.T) {
			t.Parallel()
			forms(r.Body, func(form string, body []byte, size int) {
				got := Of(u.DecodeReply("", &pieces{rest: body, size: size}))
				if diff := Diff(r.Want, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", form, diff)
				}
				Ordered(t, u.DecodeReply("", bytes.NewReader(body)))
			})
		})
	}
}

// Strict reads a stream as the most exacting client of a protocol would. The
// error is a breach of the protocol.
type Strict func(stream []byte, asked string) (Outcome, error)

// CarryUpstream is an upstream that can carry.
type CarryUpstream interface {
	dialect.Upstream
	dialect.Carrier
}

// Carrier proves that what a codec passes on of each answer is right in the
// protocol and says the same as its own reading of it.
func Carrier(t *testing.T, u CarryUpstream, strict Strict, replies []Reply) {
	t.Helper()
	const asked = "the/asked model"
	for _, r := range replies {
		t.Run(r.Name, func(t *testing.T) {
			t.Parallel()
			forms(r.Body, func(form string, body []byte, size int) {
				out, seen, failed := Pass(u.Tap(dialect.Head{Stream: true, IncludeUsage: true}, asked), body, size)
				checkSeen(t, form, r.Want, seen, failed)
				if failed != nil {
					return // the client's codec ends the stream then
				}
				got, err := strict(out, asked)
				if err != nil {
					t.Fatalf("%s: %v\n%s", form, err, out)
				}
				if diff := Diff(r.Want, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s\n%s", form, diff, out)
				}
			})
		})
	}
}

func checkSeen(t *testing.T, form string, want Outcome, seen dialect.Seen, failed *llm.Error) {
	t.Helper()
	if (failed != nil) != want.Failed {
		t.Fatalf("%s: got the error %v, want one: %v", form, failed, want.Failed)
	}
	if failed != nil {
		if failed.Kind != want.Error {
			t.Errorf("%s: got the kind %v, want %v", form, failed.Kind, want.Error)
		}
		return
	}
	if seen.Reason != want.Reason || seen.Usage != want.Usage || !seen.Token {
		t.Errorf("%s: seen %+v, want %v and %+v", form, seen, want.Reason, want.Usage)
	}
}

// Pass drives a tap over a body in pieces of size bytes.
func Pass(tap dialect.Tap, body []byte, size int) (out []byte, seen dialect.Seen, failed *llm.Error) {
	for at := 0; at < len(body); at += size {
		piece := bytes.Clone(body[at:min(at+size, len(body))])
		some, err := tap.Feed(nil, piece)
		out = append(out, some...)
		clear(piece) // a tap that keeps its caller's memory is found out
		if err != nil {
			return out, tap.Seen(), err
		}
	}
	some, err := tap.End(nil)
	return append(out, some...), tap.Seen(), err
}

// forms replays a body with both line ends and in all sizes.
func forms(body []byte, replay func(form string, body []byte, size int)) {
	plain := bytes.ReplaceAll(body, []byte("\r\n"), []byte("\n"))
	for _, size := range Sizes() {
		replay(fmt.Sprintf("as it is, in pieces of %d", size), body, size)
		replay(fmt.Sprintf("LF, in pieces of %d", size), plain, size)
		replay(fmt.Sprintf("CRLF, in pieces of %d", size), bytes.ReplaceAll(plain, []byte("\n"), []byte("\r\n")), size)
	}
}

// Pieces reads a body in pieces of size bytes.
func Pieces(body []byte, size int) io.Reader { return &pieces{rest: body, size: size} }

// pieces reads a text in pieces of a size.
type pieces struct {
	rest []byte
	size int
}

func (p *pieces) Read(b []byte) (int, error) {
	if len(p.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(b, p.rest[:min(p.size, len(p.rest))])
	p.rest = p.rest[n:]
	return n, nil
}

// Ordered proves that a stream keeps the rules of llm.Stream: a start first,
// blocks numbered in the order they open, every call with an id of its own,
// nothing after the finish, an end that is a finish or an error.
func Ordered(t *testing.T, s llm.Stream) {
	t.Helper()
	o := order{t: t, ids: map[string]bool{}}
	for e, err := range s {
		if o.ended {
			t.Error("something follows the end")
		}
		if err != nil {
			o.ended = true
			continue
		}
		o.event(e)
	}
	if !o.ended {
		t.Error("the stream just stops")
	}
}

type order struct {
	t            *testing.T
	begun, ended bool
	blocks       int
	ids          map[string]bool
}

func (o *order) event(e llm.Event) {
	o.t.Helper()
	start, ok := e.(llm.Start)
	if ok == o.begun {
		o.t.Errorf("%+v is the start out of its place", start)
	}
	o.begun = true
	switch e := e.(type) {
	case llm.Start:
	case llm.TextDelta:
		o.block(e.Block)
	case llm.ThoughtDelta:
		o.block(e.Block)
	case llm.RefusalDelta:
		o.block(e.Block)
	case llm.ImageDelta:
		o.block(e.Block)
	case llm.ToolCallStart:
		o.block(e.Block)
		if e.ID == "" || o.ids[e.ID] || e.Name == "" {
			o.t.Errorf("%+v has no id of its own or no name", e)
		}
		o.ids[e.ID] = true
	case llm.ToolCallDelta:
		o.block(e.Block)
	case llm.Finish:
		o.ended = true
		if len(o.ids) > 0 && e.Reason == llm.ReasonStop {
			o.t.Error("the answer has calls and ends with stop")
		}
	}
}

func (o *order) block(n int) {
	o.t.Helper()
	if n < 0 || n > o.blocks {
		o.t.Errorf("block %d is opened after %d", n, o.blocks-1)
	}
	o.blocks = max(o.blocks, n+1)
}
