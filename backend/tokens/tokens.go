// Package tokens estimates how many tokens a request has, with a named
// tokenizer, where no service counts them.
//
// The invariant: an estimate takes a bounded time whatever the request holds, and
// says what it was made with. It is exact for the text of models whose tokenizer
// is public, and near for others (see families); what a service wraps around a
// conversation is known for few, so even then it is an estimate. The tables of a
// tokenizer are built when they are first needed, never at the start.
package tokens

import (
	"math"
	"strconv"
	"sync"
	"time"

	"github.com/tiktoken-go/tokenizer/codec"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// Estimator estimates. Its zero value is ready; all of a program share one.
type Estimator struct {
	cl100k, o200k lazy
	// Now bounds the time of an estimate; nil is time.Now.
	Now func() time.Time
}

// lazy is a tokenizer that is built when it is first needed.
type lazy struct {
	once  sync.Once
	codec *codec.Codec
}

func (l *lazy) get(build func() *codec.Codec) *codec.Codec {
	l.once.Do(func() { l.codec = build() })
	return l.codec
}

// Request is how many tokens r has as model, which is the service's own name,
// reads it, and what the estimate was made with, as "o200k_base" or
// "o200k_base x1.2".
func (e *Estimator) Request(r *llm.Request, model string) (count int, tokenizer string) {
	f := familyOf(model)
	w := weigher{family: f}
	w.request(r)
	text := float64(e.count(w.texts, f)) * f.factor
	return int(math.Ceil(text)) + w.fixed, f.String()
}

// String names the tokenizer and by how much its count was raised.
func (f family) String() string {
	name := "o200k_base"
	if f.cl100k {
		name = "cl100k_base"
	}
	if f.factor == 1 {
		return name
	}
	return name + " x" + strconv.FormatFloat(f.factor, 'g', -1, 64)
}

// Bounds of one estimate. Text beyond most is judged by evenly spread samples:
// over half a megabyte they are within one percent, and no prompt takes longer
// than longest. A piece bounds the one pattern of the tokenizers that takes
// quadratic time; to cut a text costs at most a token for each.
const (
	piece   = 2 << 10
	most    = 512 << 10
	longest = 250 * time.Millisecond
)

// count is the number of tokens of all texts.
func (e *Estimator) count(texts []string, f family) int {
	total := 0
	for _, t := range texts {
		total += len(t)
	}
	if total == 0 {
		return 0
	}
	c := e.tokenizer(f)
	now := e.Now
	if now == nil {
		now = time.Now
	}
	begun := now()
	step := (total + most - 1) / most
	number, seen, tokens := 0, 0, 0
	for _, t := range texts {
		for len(t) > 0 {
			p := t[:cut(t)]
			t = t[len(p):]
			number++
			if (number-1)%step != 0 || seen > 0 && now().Sub(begun) > longest {
				continue
			}
			n, err := c.Count(p)
			if err != nil { // It has no bad input; four bytes a token is the rule of thumb.
				n = (len(p) + 3) / 4
			}
			seen += len(p)
			tokens += n
		}
	}
	return int(math.Ceil(float64(tokens) * float64(total) / float64(seen)))
}

func (e *Estimator) tokenizer(f family) *codec.Codec {
	if f.cl100k {
		return e.cl100k.get(codec.NewCl100kBase)
	}
	return e.o200k.get(codec.NewO200kBase)
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
