// Command pack makes the file of the vocabulary that the program carries out of
// the one that OpenAI publishes. Run it with go generate; its output is committed.
//
// The invariant: what the file holds is, token by token and rank by rank, what
// has the checksum that OpenAI's tiktoken pins. A file that is so already is left
// alone, so that generating needs the network only when there is something to do.
//
//	go run ./pack o200k_base.zst                        # from OpenAI
//	go run ./pack o200k_base.zst o200k_base.tiktoken    # from a copy
package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"strconv"

	"github.com/klauspost/compress/zstd"
)

// Where OpenAI's tiktoken gets o200k_base, and the SHA-256 that it must have.
const (
	published = "https://openaipublic.blob.core.windows.net/encodings/o200k_base.tiktoken"
	checksum  = "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"
)

func main() {
	if len(os.Args) < 2 || len(os.Args) > 3 {
		fmt.Fprintln(os.Stderr, "usage: pack FILE [COPY]")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
}

func run(file string, from []string) error {
	if packed, err := os.ReadFile(file); err == nil && check(packed) == nil { //nolint:gosec // The file that it is for.
		return nil
	}
	list, err := read(from)
	if err != nil {
		return err
	}
	if err := verify(list); err != nil {
		return err
	}
	packed, err := pack(list)
	if err != nil {
		return err
	}
	return os.WriteFile(file, packed, 0o644) //nolint:gosec // A source file, for all to read.
}

// read gets the list from OpenAI, or from a copy.
func read(from []string) ([]byte, error) {
	if len(from) > 0 {
		return os.ReadFile(from[0]) //nolint:gosec // The copy that it is for.
	}
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, published, http.NoBody)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", published, resp.Status)
	}
	return io.ReadAll(resp.Body)
}

func verify(list []byte) error {
	if sum := sha256.Sum256(list); hex.EncodeToString(sum[:]) != checksum {
		return fmt.Errorf("it is not OpenAI's o200k_base: the checksum is %x, want %s", sum, checksum)
	}
	return nil
}

// pack turns the list, a line of each token's bytes in base64 and its rank, into
// the number of tokens, the lengths of all and their bytes, compressed: the line
// of a token is its rank.
func pack(list []byte) ([]byte, error) {
	var lengths, tokens []byte
	rank := 0
	for line := range bytes.Lines(list) {
		text, number, _ := bytes.Cut(bytes.TrimSpace(line), []byte(" "))
		token, err := base64.StdEncoding.DecodeString(string(text))
		if err != nil || string(number) != strconv.Itoa(rank) || len(token) > math.MaxUint8 {
			return nil, fmt.Errorf("line %d is not the token with that rank", rank+1)
		}
		lengths = append(lengths, byte(len(token))) //nolint:gosec // As it was just seen.
		tokens = append(tokens, token...)
		rank++
	}
	e, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithWindowSize(4<<20))
	if err != nil {
		return nil, err
	}
	plain := binary.LittleEndian.AppendUint32(nil, uint32(rank))
	return e.EncodeAll(append(append(plain, lengths...), tokens...), nil), nil
}

// check is pack backwards, to the list that has the checksum.
func check(packed []byte) error {
	d, err := zstd.NewReader(nil)
	if err != nil {
		return err
	}
	defer d.Close()
	plain, err := d.DecodeAll(packed, nil)
	if err != nil {
		return err
	}
	const number = 4
	if len(plain) < number || uint64(len(plain)) < number+uint64(binary.LittleEndian.Uint32(plain)) {
		return errors.New("it ends early")
	}
	lengths, tokens := plain[number:number+binary.LittleEndian.Uint32(plain)], plain[number+binary.LittleEndian.Uint32(plain):]
	var list bytes.Buffer
	for rank, n := range lengths {
		if int(n) > len(tokens) {
			return errors.New("it ends early")
		}
		fmt.Fprintf(&list, "%s %d\n", base64.StdEncoding.EncodeToString(tokens[:n]), rank)
		tokens = tokens[n:]
	}
	return verify(list.Bytes())
}
