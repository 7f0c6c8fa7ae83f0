package sqlite

import (
	"fmt"

	"github.com/klauspost/compress/zstd"
)

// worthwhile is the size from which compression pays.
const worthwhile = 512

// compressor packs bodies. Its encoder is made when the first one comes: most
// logs keep few bodies, and it holds a good part of a megabyte.
type compressor struct{ encoder *zstd.Encoder }

// pack compresses b if that makes it smaller, and says whether it did.
func (c *compressor) pack(b []byte) (packed []byte, smaller bool) {
	if len(b) < worthwhile {
		return b, false
	}
	if c.encoder == nil {
		e, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest),
			zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(256<<10), zstd.WithLowerEncoderMem(true))
		if err != nil {
			return b, false // only wrong options can fail, and a plain body is right too
		}
		c.encoder = e
	}
	packed = c.encoder.EncodeAll(b, make([]byte, 0, len(b)/3))
	if len(packed) >= len(b) {
		return b, false
	}
	return packed, true
}

// maxBody bounds what a body may unpack to, so that a damaged one cannot take
// the memory.
const maxBody = 128 << 20

// unpack is the inverse of pack.
func unpack(b []byte) ([]byte, error) {
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxMemory(maxBody))
	if err != nil {
		return nil, fmt.Errorf("unpack body: %w", err)
	}
	defer d.Close()
	plain, err := d.DecodeAll(b, nil)
	if err != nil {
		return nil, fmt.Errorf("unpack body: %w", err)
	}
	return plain, nil
}
