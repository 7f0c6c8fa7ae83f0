package relay

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/fim"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// decoded is the request in the vocabulary, for upstreams of another protocol.
// It is read once for all of them, and none of them changes it.
type decoded struct {
	request *llm.Request
	warned  []llm.Warning
	// spliced says that texts may stand in it as they were read only.
	spliced bool
	// inline is the request with its pictures fetched; nil while no upstream
	// needed it so.
	inline *llm.Request
}

// translateRequest decodes the body, if that was not done, and encodes it for
// the upstream.
func (a *attempt) translateRequest(ctx context.Context) *llm.Error {
	x := a.exchange
	s, ok := a.codec.(dialect.Splicer)
	if err := x.decode(ok && s.Splices()); err != nil {
		return err
	}
	a.request = x.decoded.request
	if c, ok := a.codec.(inliner); ok && c.InlinesImages() {
		r, err := a.inline(ctx)
		if err != nil {
			return err
		}
		a.request = r
	}
	asked, noted := a.converse()
	out, w, err := a.write(asked)
	if err != nil {
		return err
	}
	x.sent, x.warned = out, slices.Concat(x.decoded.warned, noted, w)
	return nil
}

// write encodes r, a long one into memory that is used again.
func (a *attempt) write(r *llm.Request) ([]byte, []llm.Warning, *llm.Error) {
	c, ok := a.codec.(dialect.Appender)
	size := r.Size()
	if !ok || size <= big {
		return a.codec.EncodeRequest(r, a.upstream.Model)
	}
	b := newBuffer(size)
	out, w, err := c.AppendRequest(b.b, r, a.upstream.Model)
	if err != nil {
		b.release()
		return nil, nil, err
	}
	b.b = out
	a.lease = newLease(b)
	return out, w, nil
}

// decode reads the body as an upstream needs it, which may do with the texts as
// they were read; see [dialect.Splicer].
func (x *exchange) decode(splice bool) *llm.Error {
	if x.decoded.request != nil && (splice || !x.decoded.spliced) {
		return nil
	}
	x.head.Splice = splice
	r, w, err := x.codec.DecodeRequest(x.head, x.raw)
	if err != nil {
		return err
	}
	x.decoded = decoded{request: r, warned: w, spliced: splice}
	return nil
}

// restored gives a translated answer the words of the client's request.
func (a *attempt) restored(s llm.Stream) llm.Stream {
	if r, ok := a.codec.(dialect.Restorer); ok && a.request != nil {
		s = r.Restore(a.request, s)
	}
	if a.conversed {
		s = fim.Clean(a.decoded.request, s)
	}
	return s
}

// inliner is the ability of an upstream's codec to say that it takes pictures
// only with their data, not by an address.
type inliner interface{ InlinesImages() bool }

// Bounds of what is fetched for one request.
const (
	mostPictures    = 64
	picturesAtATime = 4
)

// inline is the request with its pictures in it.
func (a *attempt) inline(ctx context.Context) (*llm.Request, *llm.Error) {
	d := &a.decoded
	if d.inline != nil {
		return d.inline, nil
	}
	g := gallery{}
	for i, m := range d.request.Messages {
		g.find(m.Parts, i, "")
	}
	if len(g.places) == 0 {
		d.inline = d.request
		return d.inline, nil
	}
	fetch := a.relay.o.Fetch
	switch first := g.places[0]; {
	case fetch == nil:
		return nil, &llm.Error{
			Kind: llm.KindUnsupported, Param: first.at,
			Message: first.at + ": this model takes no picture by its address; send it as a data: URL",
		}
	case len(g.urls) > mostPictures:
		return nil, &llm.Error{
			Kind: llm.KindBadRequest, Param: "messages",
			Message: "the request names " + strconv.Itoa(len(g.urls)) + " pictures by their address; at most " + strconv.Itoa(mostPictures) + " are fetched, so send the others as data: URLs",
		}
	}
	// The client gets signs of life meanwhile; each fetch has a limit of its own.
	now := time.Now()
	a.wait.begin(now, 0, a.cancel)
	err := g.fetch(ctx, fetch)
	a.wait.end()
	a.waited += time.Since(now)
	switch {
	case a.gone():
		return nil, a.canceled() //nolint:contextcheck // It is about the request's own context.
	case err != nil:
		return nil, err
	}
	d.inline = g.hang(d.request)
	return d.inline, nil
}

// gallery is the pictures of a request that are named by their address.
type gallery struct {
	places []place
	// urls are the addresses, each once, with what was fetched from there.
	urls []string
	got  map[string]llm.Image
}

// place is where a picture stands, in the client's words.
type place struct{ at, url string }

// find looks for pictures among a message's parts, and within the results of
// tools in it.
func (g *gallery) find(parts []llm.Part, message int, within string) {
	for i, p := range parts {
		switch p := p.(type) {
		case llm.Image:
			if !isRemote(p.URL) {
				continue
			}
			at := "messages[" + strconv.Itoa(message) + "].content" + within + "[" + strconv.Itoa(i) + "]"
			g.places = append(g.places, place{at, p.URL})
			if !slices.Contains(g.urls, p.URL) {
				g.urls = append(g.urls, p.URL)
			}
		case llm.ToolResult:
			g.find(p.Parts, message, within+"["+strconv.Itoa(i)+"]")
		case llm.Text, llm.Audio, llm.File, llm.Refusal, llm.Thought, llm.ToolCall, llm.Opaque:
		}
	}
}

func isRemote(url string) bool {
	scheme, _, ok := strings.Cut(url, "://")
	return ok && (strings.EqualFold(scheme, "https") || strings.EqualFold(scheme, "http"))
}

// fetch gets the pictures, a few at a time. The first place whose picture cannot
// be had is the error.
func (g *gallery) fetch(ctx context.Context, fetch func(ctx context.Context, url string) (mime, data string, err *llm.Error)) *llm.Error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	images := make([]llm.Image, len(g.urls))
	errs := make([]*llm.Error, len(g.urls))
	turns := make(chan struct{}, picturesAtATime)
	var all sync.WaitGroup
	for i, url := range g.urls {
		turns <- struct{}{}
		if ctx.Err() != nil {
			break
		}
		all.Go(func() {
			defer func() { <-turns }()
			mime, data, err := fetch(ctx, url)
			images[i] = llm.Image{MIME: mime, Data: data}
			// One that ended because another failed is not to blame.
			if err != nil && ctx.Err() == nil {
				errs[i] = err
				cancel()
			}
		})
	}
	all.Wait()
	g.got = make(map[string]llm.Image, len(g.urls))
	for i, url := range g.urls {
		if err := errs[i]; err != nil {
			return g.blame(url, err)
		}
		g.got[url] = images[i]
	}
	return nil
}

// blame names the picture that could not be fetched.
func (g *gallery) blame(url string, err *llm.Error) *llm.Error {
	i := slices.IndexFunc(g.places, func(p place) bool { return p.url == url })
	shown := *err
	shown.Kind, shown.Param = llm.KindBadRequest, g.places[i].at
	shown.Message = "the picture at " + g.places[i].at + " could not be fetched: " + err.Message
	return &shown
}

// hang is a copy of r with the pictures in their places.
func (g *gallery) hang(r *llm.Request) *llm.Request {
	out := *r
	out.Messages = slices.Clone(r.Messages)
	for i := range out.Messages {
		out.Messages[i].Parts = g.hangIn(out.Messages[i].Parts)
	}
	return &out
}

func (g *gallery) hangIn(parts []llm.Part) []llm.Part {
	out := slices.Clone(parts)
	for i, p := range out {
		switch p := p.(type) {
		case llm.Image:
			if got, ok := g.got[p.URL]; ok {
				p.MIME, p.Data, p.URL = got.MIME, got.Data, ""
				out[i] = p
			}
		case llm.ToolResult:
			p.Parts = g.hangIn(p.Parts)
			out[i] = p
		case llm.Text, llm.Audio, llm.File, llm.Refusal, llm.Thought, llm.ToolCall, llm.Opaque:
		}
	}
	return out
}
