package remote

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// read takes a picture from an answer. What it is, its bytes say: a type in a
// header is only somebody's word.
func (f *Fetcher) read(ctx context.Context, at *url.URL, resp *http.Response) ([]byte, string, *llm.Error) {
	if resp.StatusCode != http.StatusOK {
		return nil, "", wrong(at, "is not there: the host answers "+strconv.Itoa(resp.StatusCode))
	}
	if resp.ContentLength > f.options.Limit {
		return nil, "", f.tooLarge(at)
	}
	raw, err := io.ReadAll(io.LimitReader(resp.Body, f.options.Limit+1))
	if err == nil {
		// A host may end its answer because we are hanging up, and half a picture
		// would pass for a whole one.
		err = ctx.Err()
	}
	switch {
	case err != nil:
		return nil, "", unreached(ctx, at, err)
	case int64(len(raw)) > f.options.Limit:
		return nil, "", f.tooLarge(at)
	}
	mime := sniff(raw)
	if mime == "" {
		return nil, "", wrong(at, "is no picture (PNG, JPEG, GIF, WebP, BMP, HEIC or AVIF)")
	}
	return raw, mime, nil
}

func (f *Fetcher) tooLarge(at *url.URL) *llm.Error {
	e := wrong(at, "has more than "+strconv.FormatInt(f.options.Limit>>20, 10)+" MiB")
	e.Kind = llm.KindTooLarge
	return e
}

// sniff is the type of a picture by its first bytes; "" is none that services
// take. A drawing with scripts in it (SVG) is none.
func sniff(raw []byte) string {
	switch t := http.DetectContentType(raw); t {
	case "image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp":
		return t
	}
	if len(raw) < 12 || string(raw[4:8]) != "ftyp" {
		return ""
	}
	switch string(raw[8:12]) {
	case "avif", "avis":
		return "image/avif"
	case "heic", "heix", "mif1":
		return "image/heic"
	}
	return ""
}

// picture is what was fetched, as it is sent on.
type picture struct{ mime, data string }

// freshFor is how long a picture is remembered: a conversation's next turns.
const freshFor = 5 * time.Minute

// memory keeps the newest pictures, up to a number of bytes.
type memory struct {
	most int
	now  func() time.Time

	mu    sync.Mutex
	size  int
	known map[string]remembered
	order []string // oldest first
}

type remembered struct {
	picture picture
	until   time.Time
}

func newMemory(most int, now func() time.Time) *memory {
	return &memory{most: most, now: now, known: map[string]remembered{}}
}

func (m *memory) get(address string) (picture, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forget(0)
	r, ok := m.known[address]
	return r.picture, ok
}

func (m *memory) put(address string, p picture) {
	need := len(address) + len(p.data)
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.known[address]; ok || need > m.most {
		return
	}
	m.forget(need)
	m.known[address] = remembered{p, m.now().Add(freshFor)}
	m.order = append(m.order, address)
	m.size += need
}

// forget drops what is old, and the oldest until there is room. mu is held.
func (m *memory) forget(need int) {
	for len(m.order) > 0 {
		oldest := m.order[0]
		r := m.known[oldest]
		if m.size+need <= m.most && m.now().Before(r.until) {
			return
		}
		m.size -= len(oldest) + len(r.picture.data)
		delete(m.known, oldest)
		m.order = m.order[1:]
	}
	m.order = nil
}
