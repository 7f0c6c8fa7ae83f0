package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"time"
)

// play runs one of the benchmark's own processes: the upstream, which is what
// direct requests go to, or a yardstick in front of the one at the URL in args. It prints where it listens and ends
// when standard input does, so that none outlives the benchmark.
func play(role string, args []string) error {
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // It lives as long as the process.
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	go func() {
		_, _ = io.Copy(io.Discard, bufio.NewReader(os.Stdin))
		os.Exit(0)
	}()
	if role == direct {
		return (&upstream{works: works()}).serve(l)
	}
	if len(args) != 1 {
		return errors.New("a yardstick needs the upstream's URL")
	}
	to, err := url.Parse(args[0])
	if err != nil {
		return err
	}
	s := &http.Server{Handler: yardstick(role, to), ReadHeaderTimeout: time.Minute, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)}
	return s.Serve(l)
}

// yardstick is the standard library's reverse proxy: "stock" as it comes, "rp"
// with as many idle connections as it likes. Both flush event streams at once;
// ReverseProxy does that by itself.
func yardstick(role string, to *url.URL) *httputil.ReverseProxy {
	p := &httputil.ReverseProxy{
		Rewrite:  func(r *httputil.ProxyRequest) { r.SetURL(to) },
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	}
	if role == "rp" {
		t := http.DefaultTransport.(*http.Transport).Clone()
		t.MaxIdleConns, t.MaxIdleConnsPerHost = 0, 4096
		t.Proxy = nil
		p.Transport = t
	}
	return p
}
