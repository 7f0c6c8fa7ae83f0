// Command fakes runs the stand-ins of package fake as servers on this machine,
// for tests that are not written in Go and for trying the program out by hand.
//
// The invariant: it listens on loopback alone and ends when its standard input
// does, so that it outlives nobody. It prints one line of JSON: the stand-ins'
// addresses by their names.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/fake"
)

// Key is the one that the stand-ins take where a service takes keys. It opens
// nothing anywhere else.
const Key = "sk-fake-0123456789"

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "fakes:", err)
		os.Exit(1)
	}
}

// services are the stand-ins by their names.
func services() map[string]http.Handler {
	return map[string]http.Handler{
		"openai": fake.NewOpenAI(fake.Options{Key: Key}),
		"google": fake.NewGoogle(fake.GoogleOptions{Key: Key}),
	}
}

// run serves until in ends.
func run(in io.Reader, out io.Writer) error {
	addresses := map[string]string{"key": Key}
	failed := make(chan error, len(services()))
	for name, service := range services() {
		l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // It lives as long as the process.
		if err != nil {
			return err
		}
		addresses[name] = "http://" + l.Addr().String()
		s := &http.Server{Handler: service, ReadHeaderTimeout: time.Minute}
		go func() { failed <- s.Serve(l) }()
		defer s.Close()
	}
	if err := json.NewEncoder(out).Encode(addresses); err != nil {
		return err
	}
	go func() {
		_, err := io.Copy(io.Discard, in)
		failed <- errors.Join(err, io.EOF)
	}()
	if err := <-failed; !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}
