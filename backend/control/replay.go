package control

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
)

// Replay sends a request the way of a client's, so that it is routed, limited and
// logged like one, and returns when the answer was read to its end or r's context
// has ended. Of is the exchange that it repeats and key the name of the API key
// that asked then. It calls began with the ID of the new exchange, and not at all
// when there is none; refused is what was answered then.
type Replay func(r *http.Request, key string, of int64, began func(id int64)) (refused string)

// ReplayWish says how a request is sent again.
type ReplayWish struct {
	// Model is asked instead of the one that was asked; "" is the same.
	Model string `json:"model,omitempty" maxLength:"512"`
}

// Replayed is a new exchange that sends another's request again.
type Replayed struct {
	ID int64 `json:"id"`
}

// replays are those under way, by the IDs of their exchanges. The zero value is
// ready.
type replays struct {
	mu  sync.Mutex
	all map[int64]context.CancelFunc
}

func (r *replays) add(id int64, cancel context.CancelFunc) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.all == nil {
		r.all = map[int64]context.CancelFunc{}
	}
	r.all[id] = cancel
}

func (r *replays) remove(id int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.all, id)
}

func (r *replays) has(id int64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.all[id] != nil
}

// ReplayExchange sends the request of an exchange again, as a new exchange, and
// returns when that has begun. It goes on after that, until it has its answer or
// [Panel.EndReplay] ends it.
func (s *Panel) ReplayExchange(ctx context.Context, id int64, w ReplayWish) (Replayed, error) {
	if s.o.Replay == nil {
		return Replayed{}, &llm.Error{Kind: llm.KindUnsupported, Message: "this program has no models to ask"}
	}
	e, request, err := s.afresh(ctx, id, w)
	if err != nil {
		return Replayed{}, err
	}
	begun, refused := make(chan int64, 1), make(chan string, 1)
	job := func(ctx context.Context) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		var own int64
		refused <- s.o.Replay(request.WithContext(ctx), e.Key, id, func(id int64) {
			own = id
			s.replays.add(id, cancel)
			begun <- id
		})
		s.replays.remove(own)
	}
	select {
	case s.desk.jobs <- job:
	case <-ctx.Done():
		return Replayed{}, context.Cause(ctx)
	}
	select {
	case id := <-begun:
		return Replayed{ID: id}, nil
	case why := <-refused:
		// It may have begun and ended at once.
		select {
		case id := <-begun:
			return Replayed{ID: id}, nil
		default:
		}
		return Replayed{}, &llm.Error{Kind: llm.KindBadRequest, Message: cmp.Or(why, "the request was refused before it began")}
	case <-ctx.Done():
		return Replayed{}, context.Cause(ctx)
	}
}

// EndReplay ends a replay under way, as a client that leaves. One that has ended
// is none to end, and no error.
func (s *Panel) EndReplay(id int64) {
	s.replays.mu.Lock()
	cancel := s.replays.all[id]
	s.replays.mu.Unlock()
	if cancel != nil {
		cancel()
	}
}

// kept is an exchange with the request that it made, as it stands in the log.
func (s *Panel) kept(ctx context.Context, id int64) (requestlog.Exchange, *requestlog.Body, error) {
	for _, e := range s.o.Running() {
		if e.ID == id {
			return e, nil, refusedReplay("this request still runs; it can be sent again when it has ended")
		}
	}
	e, body, err := s.o.Log.Get(ctx, id)
	switch {
	case errors.Is(err, requestlog.ErrNotFound):
		return e, nil, &llm.Error{Kind: llm.KindNotFound, Message: "this request is not in the log any more; it was wiped, or its days are over", Cause: err}
	case err != nil:
		return e, nil, err
	case body == nil || len(body.Request) == 0:
		return e, nil, refusedReplay("the body of this request was not kept, so it cannot be sent again; which bodies are kept is in the settings (requests.keepBodies)")
	case body.RequestCut:
		return e, nil, refusedReplay("only the beginning of this request's body was kept, so it cannot be sent again; the limit is in the settings (requests.bodyLimitKB)")
	}
	return e, body, nil
}

func refusedReplay(why string) error {
	return &llm.Error{Kind: llm.KindUnsupported, Message: why}
}

// afresh makes the request of an exchange anew, with the wish fulfilled.
func (s *Panel) afresh(ctx context.Context, id int64, w ReplayWish) (requestlog.Exchange, *http.Request, error) {
	e, kept, err := s.kept(ctx, id)
	if err != nil {
		return e, nil, err
	}
	at, body := url.URL{Path: e.Path}, kept.Request
	if w.Model != "" && w.Model != e.Asked {
		if at.Path, body, err = renamed(e.Path, body, w.Model); err != nil {
			return e, nil, err
		}
	}
	if e.Stream && strings.HasSuffix(e.Path, ":streamGenerateContent") {
		at.RawQuery = "alt=sse" // events, for whoever looks at them; else it is a list
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, at.String(), bytes.NewReader(body))
	if err != nil {
		return e, nil, refusedReplay("the path of this request cannot be asked again: " + err.Error())
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "Replay")
	if strings.HasPrefix(e.Path, "/v1/messages") {
		r.Header.Set("Anthropic-Version", "2023-06-01")
	}
	return e, r, nil
}

// renamed has another model asked, where the protocol names it: in the path
// before a verb, otherwise as a member of the body.
func renamed(path string, body []byte, model string) (string, []byte, error) {
	const models = "/models/"
	from := strings.LastIndex(path, models)
	verb := strings.LastIndexByte(path, ':')
	if from >= 0 && verb > from {
		return path[:from+len(models)] + model + path[verb:], body, nil
	}
	from, to, err := member(body, "model")
	if err != nil {
		return "", nil, refusedReplay("this request names no model that could be replaced: " + err.Error())
	}
	name, err := json.Marshal(model)
	if err != nil {
		return "", nil, err
	}
	out := make([]byte, 0, len(body)+len(name))
	return path, append(append(append(out, body[:from]...), name...), body[to:]...), nil
}

// member is where the value of an object's own member stands. Everything else of
// the body goes out as it came.
func member(body []byte, name string) (from, to int, err error) {
	d := json.NewDecoder(bytes.NewReader(body))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return 0, 0, errors.New("its body is no JSON object")
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return 0, 0, err
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return 0, 0, err
		}
		if key == name {
			to = int(d.InputOffset())
			return to - len(value), to, nil
		}
	}
	return 0, 0, errors.New("its body has no member " + name)
}
