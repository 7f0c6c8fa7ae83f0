package anthropic

import (
	"io"
	"strconv"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
)

// Client is how we look to callers. The zero value is ready.
type Client struct{}

var (
	_ dialect.Client      = Client{}
	_ dialect.CountClient = Client{}
	_ dialect.Lister      = Client{}
)

// Name is [dialect.Anthropic].
func (Client) Name() dialect.Name { return dialect.Anthropic }

// StreamType is that of server-sent events.
func (Client) StreamType() string { return "text/event-stream; charset=utf-8" }

// KeepAlive is the protocol's own sign of life, which its clients skip wherever
// it stands.
func (Client) KeepAlive() []byte { return []byte("event: ping\ndata: {\"type\": \"ping\"}\n\n") }

// EncodeCount writes how many tokens a conversation has.
func (Client) EncodeCount(w io.Writer, tokens int, _ string, _ dialect.Head) error {
	_, err := io.WriteString(w, `{"input_tokens":`+strconv.Itoa(tokens)+"}")
	return err
}
