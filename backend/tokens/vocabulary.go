package tokens

import (
	_ "embed" // The file of the vocabulary.
	"encoding/binary"
	"fmt"
	"hash/maphash"

	"github.com/klauspost/compress/zstd"
)

//go:generate go run ./pack o200k_base.zst

// packed is the vocabulary o200k_base of OpenAI's tiktoken, made by pack: the
// number of tokens, the length of each in the order of their ranks, and their
// bytes in the same order.
//
//go:embed o200k_base.zst
var packed []byte

// vocabulary counts tokens. It is no library because of what those cost, which
// keep it in maps of strings: tiktoken-go/tokenizer has it as Go, 9 MB of the
// program with the one before it, and takes the square of the length for some
// texts; pkoukk/tiktoken-go takes 24 MB of memory, and over a second for a
// megabyte. Here it is the bytes of all tokens one after another and a table of
// where in them a token is: 0.9 MB of the program, 3.5 MB of memory while it is
// used, and no text that takes more than n log n.
type vocabulary struct {
	bytes string
	// table finds a token by its hash, the next free place taken where two meet.
	// Tokens stand in bytes by rank, so that the lower spot is the lower rank.
	table []spot
	seed  maphash.Seed
}

// spot is where a token stands in the bytes, and in its last eight bits how long
// it is. 0 is none.
type spot uint32

const (
	lengthBits = 8
	// places is more than twice the number of tokens: most that is looked for is
	// no token, and this ends at the next free place.
	places = 1 << 19
)

// load reads the vocabulary that the program has. It was checked when the
// program was built, so that it cannot be broken.
func load() *vocabulary {
	v, err := unpack(packed)
	if err != nil {
		panic("tokens: " + err.Error())
	}
	return v
}

func unpack(file []byte) (*vocabulary, error) {
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true))
	if err != nil {
		return nil, fmt.Errorf("read the vocabulary: %w", err)
	}
	defer d.Close()
	plain, err := d.DecodeAll(file, nil)
	if err != nil {
		return nil, fmt.Errorf("read the vocabulary: %w", err)
	}
	const number = 4
	if len(plain) < number || uint64(len(plain)) < number+uint64(binary.LittleEndian.Uint32(plain)) {
		return nil, fmt.Errorf("read the vocabulary: it ends after %d bytes", len(plain))
	}
	lengths := plain[number : number+binary.LittleEndian.Uint32(plain)]
	v := &vocabulary{
		bytes: string(plain[number+len(lengths):]),
		table: make([]spot, places),
		seed:  maphash.MakeSeed(),
	}
	at := 0
	for _, n := range lengths {
		v.add(at, int(n))
		at += int(n)
	}
	return v, nil
}

func (v *vocabulary) add(at, length int) {
	i := v.place(v.bytes[at : at+length])
	for v.table[i] != 0 {
		i = (i + 1) % places
	}
	v.table[i] = spot(at<<lengthBits | length) //nolint:gosec // 1.4 MB of bytes, and at most 128 of a token.
}

func (v *vocabulary) place(s string) uint64 { return maphash.String(v.seed, s) % places }

// find is where a token is, 0 if s is none.
func (v *vocabulary) find(s string) spot {
	for i := v.place(s); ; i = (i + 1) % places {
		p := v.table[i]
		if p == 0 {
			return 0
		}
		at, length := p>>lengthBits, p&(1<<lengthBits-1)
		if v.bytes[at:at+length] == s {
			return p
		}
	}
}

// count adds the tokens of a text to all, each to its kind.
func (v *vocabulary) count(text string, all *tally) {
	m := merging{vocabulary: v}
	for text != "" {
		p := text[:next(text)]
		text = text[len(p):]
		n := 1
		if v.find(p) == 0 {
			n = m.count(p)
		}
		k := kindOf(p)
		all[k] += n
		if k == numbers {
			all[digits] += len(p)
		}
	}
}
