package backup

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
)

// The errors of a file that cannot be read. Each is a sentence for the person
// who chose the file.
var (
	ErrNotBackup  = errors.New("this is not a backup of this program")
	ErrNewer      = errors.New("the backup was made by a newer version of this program: update it, then restore again")
	ErrPassphrase = errors.New("the passphrase is not the one that the backup was made with")
	ErrCut        = errors.New("the backup ends too early, or its end is damaged: copy it again, as a whole")
	ErrDamaged    = errors.New("the backup is damaged, or somebody changed it: use another copy of it")
)

// The header: a mark, the version of the format, what the key is made with, the
// nonces' first part, and a proof that the passphrase is right.
const (
	mark      = "OpenAICompatible backup\n"
	version   = 1
	saltSize  = 16
	startSize = 7
	proofSize = sha256.Size
	// bareSize is the header without its proof.
	bareSize   = len(mark) + 1 + 4 + saltSize + startSize
	headerSize = bareSize + proofSize

	// rounds make each guess of a passphrase cost a fifth of a second.
	rounds = 600_000
	// mostRounds keeps a file that is none from costing minutes.
	mostRounds = 100 * rounds

	chunkSize = 64 << 10
)

// keys are what a passphrase is made into.
type keys struct {
	box   cipher.AEAD
	proof []byte
}

// keysOf are the keys of a header that has no proof yet.
func keysOf(passphrase string, bare []byte) (keys, error) {
	at := len(mark) + 1
	n, salt := binary.BigEndian.Uint32(bare[at:]), bare[at+4:at+4+saltSize]
	const size = 32
	root, err := pbkdf2.Key(sha256.New, passphrase, salt, int(n), size)
	if err != nil {
		return keys{}, err
	}
	content, err := hkdf.Expand(sha256.New, root, "content", size)
	if err != nil {
		return keys{}, err
	}
	header, err := hkdf.Expand(sha256.New, root, "header", size)
	if err != nil {
		return keys{}, err
	}
	block, err := aes.NewCipher(content)
	if err != nil {
		return keys{}, err
	}
	box, err := cipher.NewGCM(block)
	if err != nil {
		return keys{}, err
	}
	mac := hmac.New(sha256.New, header)
	mac.Write(bare)
	return keys{box: box, proof: mac.Sum(nil)}, nil
}

// chunks number the pieces that a content is encrypted in. The last one has a
// number like no other, so that a file that was cut, even between two pieces, is
// known.
type chunks struct {
	box   cipher.AEAD
	nonce [12]byte
	count uint32
}

func newChunks(k keys, bare []byte) chunks {
	c := chunks{box: k.box}
	copy(c.nonce[:], bare[bareSize-startSize:])
	return c
}

// next is the number of the next piece.
func (c *chunks) next(last bool) []byte {
	binary.BigEndian.PutUint32(c.nonce[startSize:], c.count)
	c.nonce[11] = 0
	if last {
		c.nonce[11] = 1
	}
	return c.nonce[:]
}

// sealer encrypts what is written to it.
type sealer struct {
	to   io.Writer
	c    chunks
	held []byte
}

// seal writes a header, and gives what encrypts the rest. Without Close the file
// is cut.
func seal(to io.Writer, passphrase string, rounds uint32) (*sealer, error) {
	bare := make([]byte, 0, headerSize)
	bare = append(bare, mark...)
	bare = append(bare, version)
	bare = binary.BigEndian.AppendUint32(bare, rounds)
	random := make([]byte, saltSize+startSize)
	_, _ = rand.Read(random) // it never fails
	bare = append(bare, random...)
	k, err := keysOf(passphrase, bare)
	if err != nil {
		return nil, err
	}
	if _, err := to.Write(append(bare, k.proof...)); err != nil {
		return nil, err
	}
	return &sealer{to: to, c: newChunks(k, bare), held: make([]byte, 0, chunkSize)}, nil
}

// Write encrypts p, up to a piece of it that waits for more.
func (s *sealer) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		if len(s.held) == chunkSize {
			if err := s.flush(false); err != nil {
				return 0, err
			}
		}
		take := min(len(p), chunkSize-len(s.held))
		s.held, p = append(s.held, p[:take]...), p[take:]
	}
	return n, nil
}

// Close writes the last piece.
func (s *sealer) Close() error { return s.flush(true) }

func (s *sealer) flush(last bool) error {
	if s.c.count == 1<<32-1 {
		return errors.New("the backup would be too large")
	}
	_, err := s.to.Write(s.c.box.Seal(nil, s.c.next(last), s.held, nil))
	s.held = s.held[:0]
	s.c.count++
	return err
}

// opener decrypts what is read. It gives nothing that was not proven.
type opener struct {
	from io.Reader
	c    chunks
	// read is a piece as it stands, and the first byte of the one after it.
	read  []byte
	plain []byte
	ended bool
}

// open reads a header, and gives what decrypts the rest.
func open(from io.Reader, passphrase string) (*opener, error) {
	header := make([]byte, headerSize)
	n, err := io.ReadFull(from, header)
	switch {
	case n < len(mark) || string(header[:len(mark)]) != mark:
		return nil, ErrNotBackup
	case n > len(mark) && header[len(mark)] != version:
		return nil, ErrNewer
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, ErrCut
	case err != nil:
		return nil, err
	}
	if n := binary.BigEndian.Uint32(header[len(mark)+1:]); n < 1 || n > mostRounds {
		return nil, ErrDamaged
	}
	k, err := keysOf(passphrase, header[:bareSize])
	if err != nil {
		return nil, err
	}
	if !hmac.Equal(k.proof, header[bareSize:]) {
		return nil, ErrPassphrase
	}
	return &opener{from: from, c: newChunks(k, header[:bareSize])}, nil
}

// Read gives what was proven, and [io.EOF] only where the content really ends.
func (o *opener) Read(p []byte) (int, error) {
	for len(o.plain) == 0 {
		if o.ended {
			return 0, io.EOF
		}
		if err := o.more(); err != nil {
			return 0, err
		}
	}
	n := copy(p, o.plain)
	o.plain = o.plain[n:]
	return n, nil
}

// more decrypts the next piece. One byte beyond it says whether it is the last.
func (o *opener) more() error {
	full := chunkSize + o.c.box.Overhead()
	if o.read == nil {
		o.read = make([]byte, 0, full+1)
	}
	had := len(o.read)
	n, err := io.ReadFull(o.from, o.read[had:full+1])
	o.read = o.read[:had+n]
	last := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
	if err != nil && !last {
		return err
	}
	piece := o.read[:min(len(o.read), full)]
	plain, err := o.c.box.Open(nil, o.c.next(last), piece, nil)
	if err != nil {
		return o.whyNot(last, piece)
	}
	o.plain, o.ended = plain, last
	o.c.count++
	rest := bytes.Clone(o.read[len(piece):])
	o.read = append(o.read[:0], rest...)
	return nil
}

// whyNot tells a file that was cut between two pieces from one that was changed.
// One that was cut within a piece cannot be told from it: it is a cut far more
// often.
func (o *opener) whyNot(last bool, piece []byte) error {
	if !last {
		return ErrDamaged
	}
	if len(piece) < chunkSize+o.c.box.Overhead() {
		return ErrCut
	}
	if _, err := o.c.box.Open(nil, o.c.next(false), piece, nil); err == nil {
		return ErrCut
	}
	return ErrDamaged
}
