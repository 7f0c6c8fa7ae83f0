package plainhttp

import (
	"bufio"
	"bytes"
	"errors"
	"net/textproto"
)

// chunks takes the frames of the chunked coding out of bytes as they come. It is
// as strict as the reader of net/http.
type chunks struct {
	state chunkState
	// left are the bytes of the current chunk that are still to come.
	left uint64
	// digits of the size were read, and space after it; line is the length of
	// the size's line so far.
	digits, line int
	spaced       bool
	// excess is how much more of the frames there was than is to be expected.
	excess  int64
	trailer []byte
	blank   [2]byte // memory for the usual trailer
	// extra says that there was more than the trailer where it was.
	extra bool
}

// chunkState is what comes next.
type chunkState uint8

const (
	chunkSize chunkState = iota
	chunkExtension
	chunkSizeFeed
	chunkData
	chunkReturn
	chunkFeed
	chunkTrailer
	chunkDone
)

// The bounds of what is not data.
const (
	maxChunkLine   = 4 << 10
	maxChunkExcess = 16 << 10
	maxTrailer     = 4 << 10
)

var (
	errChunk       = errors.New("plainhttp: malformed chunked encoding")
	errChunkSize   = errors.New("plainhttp: malformed size of a chunk")
	errChunkLine   = errors.New("plainhttp: the line of a chunk's size is too long")
	errChunkExcess = errors.New("plainhttp: chunked encoding contains too much non-data")
	errTrailer     = errors.New("plainhttp: malformed trailer")
	errLongTrailer = errors.New("plainhttp: the trailer is too long")
)

// done says that the last chunk and the trailer were read.
func (c *chunks) done() bool { return c.state == chunkDone }

// strip moves the data in p to its front and says how much it is, and how much
// of p belongs to the body.
func (c *chunks) strip(p []byte) (data, used int, err error) {
	for used < len(p) && c.state != chunkDone {
		if c.state == chunkData {
			n := int(min(c.left, uint64(len(p)-used))) //nolint:gosec // Not longer than p.
			if data != used {
				copy(p[data:], p[used:used+n])
			}
			data, used = data+n, used+n
			if c.left -= uint64(n); c.left == 0 {
				c.state = chunkReturn
			}
			continue
		}
		b := p[used]
		used++
		if err := c.frame(b); err != nil {
			return data, used, err
		}
	}
	return data, used, nil
}

// frame reads a byte that is not data.
func (c *chunks) frame(b byte) error {
	switch c.state {
	case chunkSize:
		return c.size(b)
	case chunkExtension:
		if b == '\n' {
			return errChunkSize
		}
		return c.inLine(b)
	case chunkSizeFeed:
		if b != '\n' {
			return errChunkSize
		}
		return c.sized()
	case chunkReturn:
		c.state = chunkFeed
		if b != '\r' {
			return errChunk
		}
	case chunkFeed:
		c.state = chunkSize
		if b != '\n' {
			return errChunk
		}
	case chunkTrailer:
		return c.trail(b)
	case chunkData, chunkDone:
	}
	return nil
}

// size reads a byte of a chunk's size.
func (c *chunks) size(b byte) error {
	var digit byte
	switch {
	case '0' <= b && b <= '9':
		digit = b - '0'
	case 'a' <= b && b <= 'f':
		digit = b - 'a' + 10
	case 'A' <= b && b <= 'F':
		digit = b - 'A' + 10
	case b == '\r':
		return c.inLine(b)
	case b == ' ' || b == '\t':
		c.spaced = true
		return c.inLine(b)
	case b == ';' && !c.spaced:
		c.state = chunkExtension
		return c.inLine(b)
	default:
		return errChunkSize
	}
	const most = 15 // A size of 2^60 is as good as none.
	if c.digits++; c.spaced || c.digits > most {
		return errChunkSize
	}
	c.left = c.left<<4 | uint64(digit)
	return c.inLine(b)
}

// inLine counts a byte of a size's line.
func (c *chunks) inLine(b byte) error {
	if b == '\r' {
		c.state = chunkSizeFeed
		return nil
	}
	if c.line++; c.line >= maxChunkLine {
		return errChunkLine
	}
	return nil
}

// sized ends a size's line. Small chunks with small frames are as they should
// be; frames much larger than what is in them are an attack.
func (c *chunks) sized() error {
	const frame, each = 16, 2
	if c.digits == 0 {
		return errChunkSize
	}
	c.excess = max(c.excess+int64(c.line)+2-frame-each*int64(c.left), 0) //nolint:gosec // Below 2^60.
	if c.excess > maxChunkExcess {
		return errChunkExcess
	}
	c.digits, c.line, c.spaced = 0, 0, false
	c.state = chunkData
	if c.left == 0 {
		c.state = chunkTrailer
	}
	return nil
}

// trail reads a byte of what follows the last chunk: nearly always a blank line
// alone.
func (c *chunks) trail(b byte) error {
	if c.trailer == nil {
		c.trailer = c.blank[:0]
	}
	c.trailer = append(c.trailer, b)
	t := c.trailer
	if len(t) == 2 && string(t) == "\r\n" {
		c.state = chunkDone
		return nil
	}
	if len(t) >= 4 && string(t[len(t)-4:]) == "\r\n\r\n" {
		c.state = chunkDone
		return c.checkTrailer()
	}
	if len(t) > maxTrailer {
		return errLongTrailer
	}
	return nil
}

// checkTrailer makes sure that a trailer is made of fields. A blank line in it
// that ends with a line feed alone has ended it before.
func (c *chunks) checkTrailer() error {
	in := bufio.NewReaderSize(bytes.NewReader(c.trailer), len(c.trailer))
	if _, err := textproto.NewReader(in).ReadMIMEHeader(); err != nil {
		return errTrailer
	}
	c.extra = in.Buffered() > 0
	return nil
}
