package openaichat

import (
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/sse"
)

// fold is the way of a streamed answer that cannot be passed on: it is read
// into events and written anew. A whole answer to a client that wants a stream
// goes this way (B28a).
type fold struct {
	whole  bool
	body   []byte
	events sse.Decoder
	reader *reader
	writer writer
}

func newFold(t *tap, whole bool) *fold {
	t.note("answer", "rewrote")
	return &fold{
		whole:  whole,
		reader: newReader(t.upstream),
		writer: writer{client: Client{Now: t.upstream.Now}, model: t.asked, usage: t.head.IncludeUsage},
	}
}

func (f *fold) feed(t *tap, p []byte) ([]byte, *llm.Error) {
	if f.whole {
		if len(f.body)+len(p) > maxReply {
			return nil, notChat("an answer of more than 64 MiB", nil)
		}
		f.body = append(f.body, p...)
		return nil, nil
	}
	f.events.Feed(p)
	err := f.take()
	f.write(t)
	return t.out, err
}

// take reads the events that have arrived.
func (f *fold) take() *llm.Error {
	for e, ok := f.events.Next(); ok; e, ok = f.events.Next() {
		if f.reader.done {
			continue
		}
		if err := f.reader.event(e); err != nil {
			return err
		}
	}
	if f.events.Err() != nil {
		return notChat("an event of more than 16 MiB", f.events.Err())
	}
	return nil
}

func (f *fold) end(t *tap) ([]byte, *llm.Error) {
	var err *llm.Error
	if f.whole {
		err = f.reader.whole(f.body)
	} else {
		f.events.End()
		if err = f.take(); err == nil {
			err = f.reader.end()
		}
	}
	f.write(t)
	return t.out, err
}

// write writes what was read and notes it for the log.
func (f *fold) write(t *tap) {
	for _, e := range f.reader.queue {
		t.out = f.writer.append(t.out, e)
		switch e := e.(type) {
		case llm.Start:
			t.seen.Token = true
			t.seen.Model = e.Model
		case llm.Finish:
			t.seen.Usage, t.seen.Reason = e.Usage, e.Reason
		case llm.TextDelta, llm.ThoughtDelta, llm.RefusalDelta, llm.ImageDelta, llm.ToolCallStart, llm.ToolCallDelta:
		}
	}
	f.reader.queue = f.reader.queue[:0]
}
