package openaichat_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/dialecttest"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openaichat"
)

// A piece that brings the end of one event and the beginning of the next must not
// write the second over the first.
func TestTap_TornEventsKeepTheirWordsInPiecesOfAnySize(t *testing.T) {
	var b bytes.Buffer
	chunk := func(delta string, i int, finish string) {
		fmt.Fprintf(&b, "data: {\"id\":\"x\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{%s},\"finish_reason\":%s,\"place\":%d}]}\n\n", delta, finish, i)
	}
	for i := range 20 {
		chunk(fmt.Sprintf(`"content":"word%d"`, i), i, "null")
	}
	chunk("", 20, `"stop"`)
	b.WriteString("data: [DONE]\n\n")
	for size := 1; size < 500; size++ {
		out, _, err := dialecttest.Pass(openaichat.Upstream{}.Tap(dialect.Head{Stream: true}, "m"), b.Bytes(), size)
		if err != nil || !bytes.Equal(out, b.Bytes()) {
			t.Fatalf("in pieces of %d: %v\n%s", size, err, out)
		}
	}
}
