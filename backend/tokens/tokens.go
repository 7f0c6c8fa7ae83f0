// Package tokens estimates how many tokens a request has, with a named
// tokenizer, where no service counts them.
//
// The invariant: an estimate takes a bounded time whatever the request holds, and
// says what it was made with. It is exact for the text of OpenAI's models, within
// ten percent for those whose tokenizer is public, and an assumption for others (see
// families); what a service wraps around a conversation is known for few, so even
// then it is an estimate. The vocabulary is
// unpacked when it is first needed, never at the start, and dropped when nobody
// has asked for a while.
package tokens

import (
	"math"
	"sync"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// Estimator estimates. Its zero value is ready; all of a program share one.
type Estimator struct {
	// Now bounds the time of an estimate; nil is time.Now.
	Now func() time.Time

	mu         sync.Mutex
	vocabulary *vocabulary // nil while nobody needs it
	idle       *time.Timer
}

// kept is for how long the vocabulary is kept after the last estimate: programs
// that count before each request are spared the milliseconds to unpack it.
const kept = 5 * time.Minute

// needed is the vocabulary.
func (e *Estimator) needed() *vocabulary {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.vocabulary == nil {
		e.vocabulary = load()
	}
	if e.idle == nil {
		e.idle = time.AfterFunc(kept, e.drop)
	}
	e.idle.Reset(kept)
	return e.vocabulary
}

func (e *Estimator) drop() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.vocabulary = nil
}

// Request is how many tokens r has as model, which is the service's own name,
// reads it, and what the estimate was made with, as "o200k_base" or
// "o200k_base fitted to qwen3".
func (e *Estimator) Request(r *llm.Request, model string) (count int, tokenizer string) {
	f := familyOf(model)
	w := weigher{family: f}
	w.request(r)
	all, part := e.count(w.texts)
	return int(math.Round(f.weigh(all)*part)) + w.fixed, f.String()
}

// Bounds of one estimate. Text beyond most is judged by evenly spread samples:
// over half a megabyte they are within one percent, and no prompt takes longer
// than longest. A piece is what is sampled, and after which the time is looked at;
// to cut a text costs at most a token for each.
const (
	piece   = 2 << 10
	most    = 512 << 10
	longest = 250 * time.Millisecond
)

// count is the tokens of all texts, or of a sample of them: part is by how much
// there are more.
func (e *Estimator) count(texts []string) (all tally, part float64) {
	total := 0
	for _, t := range texts {
		total += len(t)
	}
	if total == 0 {
		return all, 0
	}
	v := e.needed()
	now := e.Now
	if now == nil {
		now = time.Now
	}
	begun := now()
	step := (total + most - 1) / most
	number, seen := 0, 0
	for _, t := range texts {
		for len(t) > 0 {
			p := t[:cut(t)]
			t = t[len(p):]
			number++
			if (number-1)%step != 0 || seen > 0 && now().Sub(begun) > longest {
				continue
			}
			seen += len(p)
			var one tally
			v.count(p, &one)
			one.settle()
			all.add(&one)
		}
	}
	return all, float64(total) / float64(seen)
}

// cut is where the first piece of t ends: before the last space in it, for a
// token begins with its space, or else between two characters.
func cut(t string) int {
	if len(t) <= piece {
		return len(t)
	}
	const word = 128
	for i := piece; i > piece-word; i-- {
		if t[i] == ' ' && t[i-1] != ' ' || t[i-1] == '\n' && t[i] != '\n' {
			return i
		}
	}
	i := piece
	for i > piece-4 && t[i]&0xC0 == 0x80 {
		i--
	}
	return i
}
