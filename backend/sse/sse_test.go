package sse_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/WenChunTech/OpenAICompatible/backend/sse"
)

// event is an Event that outlives the decoder's memory.
type event struct {
	Type, Data, Raw string
	Closed          bool
}

func keep(e sse.Event) event {
	return event{Type: string(e.Type), Data: string(e.Data), Raw: string(e.Raw), Closed: e.Closed}
}

// split feeds stream in pieces of n bytes.
func split(tb testing.TB, stream string, n int) []event {
	tb.Helper()
	var d sse.Decoder
	var out []event
	take := func() {
		var raw []sse.Event
		defer func() { // all of them are valid until the next piece
			for i, e := range raw {
				if got, want := keep(e).Raw, out[len(out)-len(raw)+i].Raw; got != want {
					tb.Fatalf("event %d is %q after the ones behind it, was %q", i, got, want)
				}
			}
		}()
		for e, ok := d.Next(); ok; e, ok = d.Next() {
			window := d.Window()
			if got := string(window[e.At : e.At+len(e.Raw)]); got != string(e.Raw) {
				tb.Fatalf("window at %d is %q, want %q", e.At, got, e.Raw)
			}
			out, raw = append(out, keep(e)), append(raw, e)
		}
	}
	for at := 0; at < len(stream); at += n {
		d.Feed([]byte(stream[at:min(at+n, len(stream))]))
		take()
	}
	d.End()
	take()
	if err := d.Err(); err != nil {
		tb.Fatal(err)
	}
	return out
}

// data are the events' data, without the blocks that have none.
func data(events []event) []string {
	var out []string
	for _, e := range events {
		if e.Data != "" {
			out = append(out, e.Data)
		}
	}
	return out
}

func TestDecoder_SplitsWhatServicesSend(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, stream string
		want         []string
	}{
		{"line feeds", "data: a\n\ndata: b\n\n", []string{"a", "b"}},
		{"carriage returns and line feeds", "data: a\r\n\r\ndata: b\r\n\r\n", []string{"a", "b"}},
		{"carriage returns", "data: a\r\rdata: b\r\r", []string{"a", "b"}},
		{"mixed ends", "data: a\r\n\ndata: b\n\r\ndata: c\r\r\ndata: d\n\n", []string{"a", "b", "c", "d"}},
		{"no space", "data:a\n\n", []string{"a"}},
		{"two spaces", "data:  a\n\n", []string{" a"}},
		{"comments and other fields", ": hello\nid: 1\nretry: 3\nevent: x\ndata: a\n\n: bye\n\n", []string{"a"}},
		{"several data lines", "data: a\ndata: b\ndata:\n\n", []string{"a\nb\n"}},
		{"a value cut at a line end", "data: {\"a\":\ndata: 1}\n\n", []string{"{\"a\":\n1}"}},
		{"byte order mark", "\xef\xbb\xbfdata: a\n\n", []string{"a"}},
		{"no colon", "data\n\ndata: a\n\n", []string{"a"}},
		{"blank lines between", "\n\n\ndata: a\n\n\n\ndata: b\n\n", []string{"a", "b"}},
		{"nothing", "", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, n := range []int{1, 2, 3, 7, 4096} {
				if diff := cmp.Diff(test.want, data(split(t, test.stream, n))); diff != "" {
					t.Errorf("in pieces of %d (-want +got):\n%s", n, diff)
				}
			}
		})
	}
}

func TestB24_LastEventWithoutBlankLine(t *testing.T) {
	t.Parallel()
	for _, stream := range []string{"data: a\n\ndata: b\n", "data: a\n\ndata: b", "data: a\r\n\r\ndata: b\r", "data: a\r\n\r\ndata: b\r\n"} {
		got := split(t, stream, 4096)
		if want := []string{"a", "b"}; !slices.Equal(data(got), want) {
			t.Errorf("%q: got %q, want %q", stream, data(got), want)
		}
		if last := got[len(got)-1]; last.Closed {
			t.Errorf("%q: the last event says that its blank line was there", stream)
		}
	}
}

func TestDecoder_TellsValuesWithoutBlankLineApart(t *testing.T) {
	t.Parallel()
	stream := "data: {\"a\":\"}\\\"\"}\ndata: [1]\ndata: [DONE]\n\ndata: {\"b\":1}\nid: 3\ndata: {\"c\":1}\n\n"
	for _, n := range []int{1, 5, 4096} {
		got := data(split(t, stream, n))
		want := []string{`{"a":"}\""}`, "[1]", "[DONE]", "{\"b\":1}\n{\"c\":1}"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("in pieces of %d (-want +got):\n%s", n, diff)
		}
	}
}

func TestDecoder_RefusesAnEventOverTheLimit(t *testing.T) {
	t.Parallel()
	var got int
	var failed error
	for e, err := range sse.Events(strings.NewReader("data: a\n\ndata: "+strings.Repeat("x", 100<<10)+"\n\n"), 64<<10) {
		if failed = err; err == nil && len(e.Data) > 0 {
			got++
		}
	}
	if !errors.Is(failed, sse.ErrTooLong) || got != 1 {
		t.Errorf("got %d events and %v, want 1 and %v", got, failed, sse.ErrTooLong)
	}
}

func TestDecoder_TakesALineOfMegabytes(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 15<<20)
	for e, err := range sse.Events(strings.NewReader("data: "+long+"\n\n"), 0) {
		if err != nil {
			t.Fatal(err)
		}
		if len(e.Data) != len(long) {
			t.Errorf("got %d bytes, want %d", len(e.Data), len(long))
		}
	}
}

func TestEvents_ReportsABrokenRead(t *testing.T) {
	t.Parallel()
	broken := errors.New("reset")
	r := io.MultiReader(strings.NewReader("data: a\n\ndata: b"), iotest.ErrReader(broken))
	var got []string
	var failed error
	for e, err := range sse.Events(iotest.OneByteReader(r), 0) {
		if failed = err; err == nil {
			got = append(got, string(e.Data))
		}
	}
	if !errors.Is(failed, broken) || !slices.Equal(got, []string{"a"}) {
		t.Errorf("got %q and %v, want [a] and %v", got, failed, broken)
	}
}

func TestEvents_StopsWhenNobodyListens(t *testing.T) {
	t.Parallel()
	r := strings.NewReader(strings.Repeat("data: a\n\n", 10_000))
	for range sse.Events(r, 0) {
		break
	}
	if r.Len() == 0 {
		t.Error("the reader was drained")
	}
}

func TestEvents_GivesUpOnAReaderThatGivesNothing(t *testing.T) {
	t.Parallel()
	for _, err := range sse.Events(nothing{}, 0) {
		if !errors.Is(err, io.ErrNoProgress) {
			t.Errorf("got %v, want %v", err, io.ErrNoProgress)
		}
	}
}

type nothing struct{}

func (nothing) Read([]byte) (int, error) { return 0, nil }

func TestAppend_CannotBeEndedByItsData(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "a", "a\nb", "a\r\nb\rc\n", "\n\n", "x\n\ndata: y"} {
		stream := string(sse.Append(nil, "kind", []byte(text)))
		got := split(t, stream, 4096)
		want := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
		if len(got) != 1 || got[0].Data != want || got[0].Type != "kind" {
			t.Errorf("%q came back as %+v", text, got)
		}
	}
	if got, want := string(sse.AppendComment(nil, "keep-alive")), ": keep-alive\n\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestDecoder_DoesNotAllocateForAnEvent(t *testing.T) {
	piece := []byte(strings.Repeat("data: {\"a\":1}\n\n", 100))
	var d sse.Decoder
	got := testing.AllocsPerRun(100, func() {
		d.Feed(piece)
		for _, ok := d.Next(); ok; _, ok = d.Next() {
		}
	})
	if got > 0 {
		t.Errorf("got %v allocations for 100 events, want 0", got)
	}
}

// FuzzDecoder proves that the same events come out however a stream is cut, and
// that nothing of it is lost.
func FuzzDecoder(f *testing.F) {
	for _, seed := range []string{
		"data: a\n\n", "data: a\r\n\r\ndata: b", "data: a\r\rdata: b\r\r\n", ": c\n\n\ndata: {}\ndata: {}\n\n",
		"\xef\xbb\xbfdata: a\r\n\n", "event: x\rdata: {\"a\":\rdata: 1}\r\r", "data: \"\ndata: \\\n\n",
		": c\n\ndata: a\r\n\r\ndata: b\r\nab\n\ndata:\r\n\r\n",
	} {
		f.Add([]byte(seed), uint8(3))
	}
	f.Fuzz(func(t *testing.T, stream []byte, n uint8) {
		want := split(t, string(stream), len(stream)+1)
		got := split(t, string(stream), int(n)%16+1)
		if !slices.Equal(got, want) {
			t.Errorf("cut into pieces of %d: got %+v, want %+v", int(n)%16+1, got, want)
		}
		var raw []byte
		for _, e := range got {
			raw = append(raw, e.Raw...)
		}
		if !bytes.Equal(raw, stream) {
			t.Errorf("the events are %q, the stream %q", raw, stream)
		}
	})
}

func BenchmarkDecoder_200Events(b *testing.B) {
	piece := []byte(strings.Repeat("data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1760000000,\"model\":\"m\","+
		"\"choices\":[{\"index\":0,\"delta\":{\"content\":\" word\"},\"finish_reason\":null}]}\n\n", 200))
	b.SetBytes(int64(len(piece)))
	b.ReportAllocs()
	var d sse.Decoder
	for b.Loop() {
		d.Feed(piece)
		for _, ok := d.Next(); ok; _, ok = d.Next() {
		}
	}
}
