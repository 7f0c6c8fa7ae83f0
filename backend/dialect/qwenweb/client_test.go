package qwenweb_test

import (
	"bytes"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/dialecttest"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openaichat"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/qwenweb"
)

// TestAnswers_ReachAnOpenAIClient replays each answer through both codecs and
// reads what comes out as an OpenAI client would.
func TestAnswers_ReachAnOpenAIClient(t *testing.T) {
	t.Parallel()
	for _, r := range replies(t) {
		t.Run(r.Name, func(t *testing.T) {
			t.Parallel()
			for _, body := range [][]byte{r.Body, bytes.ReplaceAll(r.Body, []byte("\n"), []byte("\r\n"))} {
				for _, size := range dialecttest.Sizes() {
					var out bytes.Buffer
					in := &pieces{rest: body, size: size}
					err := openaichat.Client{}.EncodeStream(&out, qwenweb.Upstream{}.DecodeReply("", in), "qwen/asked", dialect.Head{Stream: true, IncludeUsage: true})
					if (err != nil) != r.Want.Failed {
						t.Fatalf("got the error %v, want one: %v", err, r.Want.Failed)
					}
					if !strings.HasSuffix(out.String(), "data: [DONE]\n\n") {
						t.Errorf("the client's stream has no end: %q", out.String())
					}
					if err != nil {
						continue
					}
					got := dialecttest.Of(openaichat.Upstream{}.DecodeReply("", &out))
					if diff := dialecttest.Diff(r.Want, got); diff != "" {
						t.Errorf("in pieces of %d (-want +got):\n%s", size, diff)
					}
				}
			}
		})
	}
}

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

// TestAnswers_AreWrittenAsOpenAIDoes is golden: an answer of the site and the
// bytes that an OpenAI client gets.
func TestAnswers_AreWrittenAsOpenAIDoes(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/answer/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no answers: %v", err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		var out bytes.Buffer
		c := openaichat.Client{Now: func() time.Time { return time.Unix(1760000000, 0) }}
		s := qwenweb.Upstream{}.DecodeReply("", bytes.NewReader(vector(t, "qwen_web_stream_"+name+".sse")))
		_ = c.EncodeStream(&out, s, "qwen/qwen3.7-plus", dialect.Head{Stream: true, IncludeUsage: true}) // the error is in the stream
		if diff := cmp.Diff(string(archive.Files[0].Data), out.String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
