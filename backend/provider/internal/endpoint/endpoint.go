// Package endpoint is what providers with an HTTP address do alike: read the
// address a person typed, take the credential, build a request, ask a question
// with a bounded answer and say in a person's words why none came.
//
// The invariant: a credential reaches a header and nothing else, no error and no
// URL; and whatever fails is an *llm.Error. The package knows no service.
package endpoint

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

const (
	// answerLimit bounds an answer to Ask; the longest model list known has half
	// a megabyte.
	answerLimit = 8 << 20
	// answerTime bounds the wait for it.
	answerTime = 30 * time.Second
)

// Base reads an address as a person types or pastes it into the field: with or
// without its scheme and its trailing slash. Nothing typed is usual.
func Base(typed, usual, field string) (*url.URL, error) {
	s := strings.TrimSpace(typed)
	if s == "" {
		s = usual
	}
	if !strings.Contains(s, "://") {
		s = scheme(s) + "://" + s
	}
	u, err := url.Parse(s)
	wrong := ""
	switch {
	case err != nil || u.Hostname() == "":
		// The parser's own error repeats the address, which may hold a password.
		wrong = "the address cannot be read: enter one as " + usual
	case u.Scheme != "http" && u.Scheme != "https":
		wrong = "the address must begin with https:// or http://"
	case u.User != nil:
		wrong = "the address must not hold a name or a password"
	}
	if wrong != "" {
		return nil, &llm.Error{Kind: llm.KindNetwork, Param: field, Message: wrong}
	}
	u.Fragment, u.RawFragment, u.RawPath = "", "", ""
	u.Path = strings.TrimRight(u.Path, "/")
	return u, nil
}

// scheme guesses what was left out: servers on this network have no certificate.
func scheme(address string) string {
	host, _, _ := strings.Cut(address, "/")
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	if err == nil && (ip.IsLoopback() || ip.IsPrivate()) || host == "localhost" || strings.HasSuffix(host, ".local") {
		return "http"
	}
	return "https"
}

// Key is the account's credential as a header takes it; what names it for a
// person, as "key" or "token". "" is none.
func Key(ctx context.Context, a *account.Account, what string) (string, error) {
	secret, err := a.Credential(ctx)
	if err != nil {
		if e := llm.AsError(err); e.Kind != llm.KindInternal {
			return "", e
		}
		if ctx.Err() != nil {
			return "", &llm.Error{Kind: llm.KindCanceled, Message: "the request was canceled", Cause: err}
		}
		return "", &llm.Error{Kind: llm.KindAuth, Message: fmt.Sprintf("the %s of the account %s could not be read; enter it again", what, a.Name), Cause: err}
	}
	key := strings.TrimSpace(secret.Reveal())
	if strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", &llm.Error{Kind: llm.KindAuth, Message: fmt.Sprintf("the %s of the account %s holds a space or a letter that none has; copy it again", what, a.Name)}
	}
	return key, nil
}

// New builds a request with body; nil is none. Accept-Encoding is left to the
// transport: only then does it decode what a service compresses.
func New(ctx context.Context, method string, u *url.URL, body []byte) (*http.Request, error) {
	var r *http.Request
	var err error
	if body == nil {
		r, err = http.NewRequestWithContext(ctx, method, u.String(), http.NoBody)
	} else {
		// A bytes.Reader also gives the request its length and GetBody, so that
		// the transport can send it again on a connection that had just died.
		r, err = http.NewRequestWithContext(ctx, method, u.String(), bytes.NewReader(body))
		if r != nil {
			r.Header.Set("Content-Type", "application/json")
		}
	}
	if err != nil {
		return nil, &llm.Error{Kind: llm.KindInternal, Message: "could not build the request to " + u.Host, Cause: err}
	}
	r.Header.Set("Accept", "application/json")
	return r, nil
}

// UserAgent is how this program introduces itself.
func UserAgent(version string) string {
	if version == "" {
		return "OpenAICompatible"
	}
	return "OpenAICompatible/" + version
}

// Answer is a whole answer, whatever its status.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// OK says that the status is one of success.
func (a Answer) OK() bool { return a.Status/100 == 2 }

// Ask sends a short request through client and reads its answer. An answer that
// is too long is an error of [llm.KindProtocol].
func Ask(client *http.Client, r *http.Request) (Answer, error) {
	ctx, cancel := context.WithTimeout(r.Context(), answerTime)
	defer cancel()
	r = r.WithContext(ctx)
	resp, err := client.Do(r) //nolint:gosec // The address is the one that the user gave the account.
	if err != nil {
		return Answer{}, unreachable(ctx, r, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, answerLimit+1))
	switch {
	case err != nil:
		return Answer{}, unreachable(ctx, r, err)
	case len(body) > answerLimit:
		return Answer{}, &llm.Error{Kind: llm.KindProtocol, Message: "the answer of " + r.URL.Host + r.URL.Path + " is longer than 8 MiB: check the address"}
	}
	return Answer{Status: resp.StatusCode, Header: resp.Header, Body: body}, nil
}

// unreachable tells the ways apart in which no answer comes.
func unreachable(ctx context.Context, r *http.Request, err error) *llm.Error {
	var timeout net.Error
	var dns *net.DNSError
	var known *llm.Error
	e := &llm.Error{Kind: llm.KindNetwork, Cause: err}
	switch {
	case errors.Is(context.Cause(ctx), context.Canceled):
		e.Kind, e.Message = llm.KindCanceled, "the request was canceled"
	case errors.As(err, &known): // the account's way out says which step failed
		return known
	case errors.As(err, &dns):
		e.Message = "there is no host " + r.URL.Hostname() + ": check the address and the network"
	case errors.As(err, &timeout) && timeout.Timeout():
		e.Kind, e.Message = llm.KindTimeout, r.URL.Host+" did not answer in time"
	default:
		e.Message = "could not reach " + r.URL.Host + ": check the address, the network and the proxy"
	}
	return e
}
