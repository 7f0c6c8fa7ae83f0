// Package reply is what all client codecs do alike when they write an answer: the
// events of a stream go out one by one as they come, and a failure is the last of
// them.
//
// The invariant: nothing is written after a failure, and the failure is returned.
// The package knows no protocol's events.
package reply

import (
	"io"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// Stream writes a stream. event appends what an event is in the protocol, which
// may be nothing, and fail what a failure is. The error is the failure's, or that
// of a client that left.
func Stream(w io.Writer, s llm.Stream, event func([]byte, llm.Event) []byte, fail func([]byte, *llm.Error) []byte) error {
	var buf []byte
	for e, err := range s {
		if err != nil {
			failed := llm.AsError(err)
			if _, werr := w.Write(fail(buf[:0], failed)); werr != nil {
				return werr
			}
			return failed
		}
		if buf = event(buf[:0], e); len(buf) == 0 {
			continue
		}
		if _, err := w.Write(buf); err != nil {
			return err
		}
	}
	return nil
}
