package openairesponses

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/openaierror"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/refusal"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/request"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/sse"
)

// The times of a WebSocket: how often it is asked whether the client is still
// there, and how long that may take.
const (
	pingEvery = 30 * time.Second
	pongLimit = 20 * time.Second
)

// usualMessage bounds a message where nobody says otherwise.
const usualMessage = 64 << 20

// upgrades says that a request wants to become a WebSocket.
func upgrades(r *http.Request) bool {
	for _, v := range r.Header.Values("Upgrade") {
		if strings.EqualFold(strings.TrimSpace(v), "websocket") {
			return true
		}
	}
	return false
}

// talk is one WebSocket: turn after turn, each of them an exchange like a POST.
// Its responses are known on it for as long as it is open, those that are not to
// be stored included, for its clients send only what is new.
type talk struct {
	conn *websocket.Conn

	// What follows is used by the turn that runs alone.
	turns map[string]Kept
	order []string
	bytes int
}

// mostTalk bounds what is known of one WebSocket's turns, in bytes. A client
// whose turn is gone sends the whole conversation again.
const mostTalk = 32 << 20

func (t *talk) get(id string) (Kept, bool) {
	k, ok := t.turns[id]
	return k, ok
}

func (t *talk) put(k Kept) {
	t.turns[k.ID] = k
	t.order = append(t.order, k.ID)
	t.bytes += len(k.Input) + len(k.Body)
	for t.bytes > mostTalk && len(t.order) > 1 {
		old := t.turns[t.order[0]]
		t.bytes -= len(old.Input) + len(old.Body)
		delete(t.turns, old.ID)
		t.order = t.order[1:]
	}
}

// converse serves a WebSocket until one of the two sides ends it. Host, origin
// and key were looked at before, as of every request.
func (c Client) converse(w http.ResponseWriter, r *http.Request, exchange func(c dialect.Client, w http.ResponseWriter, r *http.Request)) {
	if r.ProtoMajor != 1 {
		c.EncodeError(w, request.Unsupported("", "a WebSocket needs HTTP/1.1"))
		return
	}
	ending, release := dialect.Last(r.Context())
	defer release()
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true}) // The guards have checked the origin.
	if err != nil {
		return // Accept has answered
	}
	conn.SetReadLimit(c.mostBytes())
	ctx, cancel := context.WithCancel(r.Context())
	c.talk = &talk{conn: conn, turns: map[string]Kept{}}
	messages := make(chan []byte, 1)
	var helpers sync.WaitGroup
	helpers.Go(func() {
		defer cancel()
		c.talk.listen(ctx, messages)
	})
	helpers.Go(func() {
		defer cancel()
		c.talk.ping(ctx)
	})
	for open := true; open; {
		select {
		case m := <-messages:
			c.turn(ctx, r, m, exchange)
		case <-ending:
			_ = conn.Close(websocket.StatusGoingAway, "the program stops listening")
			open = false
		case <-ctx.Done():
			open = false
		}
	}
	cancel()
	_ = conn.CloseNow() // Whoever ends it knows that it has ended.
	helpers.Wait()
}

func (c Client) mostBytes() int64 {
	if c.MostBytes != nil {
		if n := c.MostBytes(); n > 0 {
			return n
		}
	}
	return usualMessage
}

// listen reads messages until the client leaves. It goes on while a turn is
// answered, or nobody would notice that the client left; one message may wait
// meanwhile.
func (t *talk) listen(ctx context.Context, messages chan<- []byte) {
	for {
		kind, m, err := t.conn.Read(ctx)
		switch {
		case err != nil:
			return
		case kind != websocket.MessageText:
			t.fail(ctx, request.BadRequest("", "send messages as text; this one is binary"))
			continue
		}
		select {
		case messages <- m:
		default:
			t.fail(ctx, &llm.Error{
				Kind: llm.KindBadRequest, Code: "response_in_progress", Message: "turns are answered one after another; send the next one when this one is answered",
			})
		}
	}
}

// ping asks the client now and then whether it is there; it returns when it is
// not.
func (t *talk) ping(ctx context.Context) {
	tick := time.NewTicker(pingEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		wait, cancel := context.WithTimeout(ctx, pongLimit)
		err := t.conn.Ping(wait)
		cancel()
		if err != nil {
			return
		}
	}
}

// turn answers one message.
func (c Client) turn(ctx context.Context, r *http.Request, message []byte, exchange func(c dialect.Client, w http.ResponseWriter, r *http.Request)) {
	body, warm, err := create(message)
	if err != nil {
		c.talk.fail(ctx, err)
		return
	}
	req := posted(ctx, r, body)
	out := &frames{ctx: ctx, talk: c.talk, header: http.Header{}}
	if warm {
		c.warm(out, req, body)
	} else {
		exchange(c, out, req)
	}
	out.end()
}

// create makes the body of a POST of a message; warm says that no answer is
// wanted, only an id to go on from.
func create(message []byte) (body []byte, warm bool, err *llm.Error) {
	if fault := rawjson.Check(message, "", func(rawjson.Member, bool) {}); fault != nil {
		return nil, false, notJSON(message, fault)
	}
	if kind := rawjson.Text(rawjson.Get(message, "type")); kind != "response.create" {
		return nil, false, request.BadRequest("type", "type is '"+clip(kind)+"'; the messages of this socket are of the type response.create")
	}
	// Some put what they ask into an object, as in the Realtime protocol.
	if inner := rawjson.Get(message, "response"); len(inner) > 0 && inner[0] == '{' {
		message = inner
	}
	body = []byte(`{"stream":true`)
	for m := range rawjson.Inside(message) {
		switch string(m.Key) {
		case "type", "event_id", "stream", "stream_options", "background":
		case "generate":
			warm = string(m.Value) == "false"
		default:
			body = append(rawjson.AppendString(append(body, ','), m.Key), ':')
			body = append(body, m.Value...)
		}
	}
	return append(body, '}'), warm, nil
}

// posted is the request as which a message takes the way of every other one. It
// has no protocol version: its connection is not HTTP any more.
func posted(ctx context.Context, r *http.Request, body []byte) *http.Request {
	req := r.Clone(ctx)
	req.Method, req.Proto, req.ProtoMajor, req.ProtoMinor = http.MethodPost, "", 0, 0
	for _, name := range [...]string{"Upgrade", "Connection", "Sec-Websocket-Key", "Sec-Websocket-Version", "Sec-Websocket-Extensions", "Sec-Websocket-Protocol"} {
		req.Header.Del(name)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return req
}

// warm answers a message that wants no answer: what it says is remembered for
// the turn that goes on from it.
func (c Client) warm(w *frames, r *http.Request, body []byte) {
	h, err := c.Head(r, body)
	if err != nil {
		c.EncodeError(w, err)
		return
	}
	out := newWriter(scanOf(h, c), h.Model)
	events := out.finish(out.append(nil, llm.Start{}), llm.Finish{Reason: llm.ReasonStop})
	_, _ = w.Write(events) // a client that left is noticed where it is listened to
}

// fail sends an error that belongs to a message as a whole.
func (t *talk) fail(ctx context.Context, err *llm.Error) {
	m := strconv.AppendInt([]byte(`{"type":"error","status":`), int64(refusal.Status(err)), 10)
	m = append(append(append(m, `,"error":`...), rawjson.Get(openaierror.Append(nil, err), "error")...), '}')
	_ = t.conn.Write(ctx, websocket.MessageText, m) // as in warm
}

// frames makes messages of the events of an answer.
type frames struct {
	ctx    context.Context //nolint:containedctx // It lives as long as the answer, as a ResponseWriter does.
	talk   *talk
	header http.Header
	status int
	// failed is the body of an answer that is an error.
	failed  []byte
	decoder sse.Decoder
}

var _ http.Flusher = (*frames)(nil)

// Header is nobody's but the relay's: a message has none.
func (f *frames) Header() http.Header { return f.header }

// WriteHeader takes the status down.
func (f *frames) WriteHeader(status int) {
	if f.status == 0 {
		f.status = status
	}
}

// Flush has nothing to do: every message goes out at once.
func (*frames) Flush() {}

// Write sends the events that are whole, one message each.
func (f *frames) Write(p []byte) (int, error) {
	f.WriteHeader(http.StatusOK)
	if f.status != http.StatusOK {
		f.failed = append(f.failed, p...)
		return len(p), nil
	}
	f.decoder.Feed(p)
	for e, ok := f.decoder.Next(); ok; e, ok = f.decoder.Next() {
		data := bytes.TrimSpace(e.Data)
		if len(data) == 0 || string(data) == "[DONE]" {
			continue
		}
		if err := f.talk.conn.Write(f.ctx, websocket.MessageText, data); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}

// end sends an error as a message.
func (f *frames) end() {
	object := rawjson.Get(f.failed, "error")
	if f.status == http.StatusOK || len(object) == 0 {
		return
	}
	m := strconv.AppendInt([]byte(`{"type":"error","status":`), int64(f.status), 10)
	if wait := f.header.Get("Retry-After"); wait != "" {
		m = append(rawjson.AppendString(append(m, `,"headers":{"retry-after":`...), wait), '}')
	}
	m = append(append(append(m, `,"error":`...), object...), '}')
	_ = f.talk.conn.Write(f.ctx, websocket.MessageText, m) // as in warm
}
