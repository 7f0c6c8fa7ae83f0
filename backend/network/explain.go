package network

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// The codes of errors that a person mends in the settings.
const (
	// CodeProxy is a proxy that cannot be reached, or does not connect.
	CodeProxy = "proxy"
	// CodeProxyAuth is a proxy that wants another name or password.
	CodeProxyAuth = "proxy_auth"
	// CodeCertificate is a service whose certificate is not trusted.
	CodeCertificate = "certificate"
	// CodeCAFile is a file of authorities that cannot be used.
	CodeCAFile = "ca_file"
)

// refusal is a proxy's answer that gives no tunnel.
type refusal struct {
	status int
	header http.Header
}

func (r *refusal) Error() string { return "status " + http.StatusText(r.status) }

// unreached says why a proxy was not reached.
func (w *way) unreached(p *url.URL, err error) error {
	e := &llm.Error{Kind: llm.KindNetwork, Code: CodeProxy, Cause: err}
	var dns *net.DNSError
	switch {
	case errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &dns):
		e.Message = "there is no host " + p.Hostname()
	default:
		e.Message = plainly(err, w.timeout)
	}
	e.Message = w.naming(p) + " cannot be reached: " + e.Message + "; check its address and whether it runs"
	return e
}

// naming is a proxy with where it is set.
func (w *way) naming(p *url.URL) string { return "the proxy " + naming(p) + " (" + w.rule.from + ")" }

// plainly is a failure of a connection without the addresses that Go puts round
// it.
func plainly(err error, limit time.Duration) string {
	var timeout net.Error
	var op *net.OpError
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nothing listens there (connection refused)"
	case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, errSlow):
		return "no answer" + within(limit)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET):
		return "it closed the connection"
	case errors.As(err, &op):
		return op.Err.Error()
	}
	return err.Error()
}

func within(limit time.Duration) string {
	if limit <= 0 {
		return ""
	}
	return " within " + limit.String()
}

// refusedBy says why a proxy that was reached gives no connection to u.
func (w *way) refusedBy(ctx context.Context, p, u *url.URL, err error) error {
	e := &llm.Error{Kind: llm.KindNetwork, Code: CodeProxy, Cause: err}
	var no *refusal
	var timeout net.Error
	switch {
	case errors.Is(context.Cause(ctx), errSlow), ctx.Err() == nil && errors.As(err, &timeout) && timeout.Timeout():
		e.Kind, e.Message = llm.KindTimeout, " did not answer"+within(w.timeout)
	case ctx.Err() != nil:
		return err
	case errors.As(err, &no) && no.status == http.StatusProxyAuthRequired:
		e.Code, e.Message = CodeProxyAuth, wanted(p, no.header)
	case errors.As(err, &no):
		e.Message = fmt.Sprintf(" does not connect to %s: it answered %d %s", address(u), no.status, http.StatusText(no.status))
	case isSOCKS(p):
		return w.refusedBySOCKS(e, p, u, err)
	case strings.Contains(err.Error(), "malformed HTTP"):
		e.Message = " does not speak HTTP: check its scheme and its port"
	default:
		e.Message = " does not connect to " + address(u) + ": " + plainly(err, w.timeout)
	}
	e.Message = w.naming(p) + e.Message
	return e
}

// refusedBySOCKS reads the words of the SOCKS client, which are all that it
// gives.
func (w *way) refusedBySOCKS(e *llm.Error, p, u *url.URL, err error) error {
	text := err.Error()
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Err != nil {
		text = op.Err.Error()
	}
	switch {
	case strings.Contains(text, "authentication"):
		e.Code, e.Message = CodeProxyAuth, wanted(p, nil)
	case strings.Contains(text, "protocol version"):
		e.Message = " does not speak SOCKS5: check its scheme and its port"
	default:
		text = strings.TrimPrefix(text, "unknown error ")
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) {
			text = "it closed the connection"
		}
		e.Message = " does not connect to " + address(u) + ": " + text
	}
	e.Message = w.naming(p) + e.Message
	return e
}

// wanted says what a proxy wants that asks who we are.
func wanted(p *url.URL, h http.Header) string {
	var schemes []string
	for _, v := range h.Values("Proxy-Authenticate") {
		scheme, _, _ := strings.Cut(v, " ")
		schemes = append(schemes, scheme)
	}
	basicToo := len(schemes) == 0 || slices.ContainsFunc(schemes, func(s string) bool { return strings.EqualFold(s, "Basic") })
	switch {
	case !basicToo:
		return " wants a sign-in of the kind " + strings.Join(schemes, " or ") + ", which this program does not have: it can send a name and a password (Basic)"
	case p.User == nil:
		return " wants a name and a password: write them into its address, as http://name:password@host:port"
	default:
		return " refuses the name or the password in its address"
	}
}

// demanded is the error of an answer that the proxy gave in place of the
// service; nil is one that the service gave.
func (w *way) demanded(r *http.Request, resp *http.Response) error {
	p, _ := w.rule.proxy(r.URL) // One that cannot be used has answered nothing.
	if p == nil || isSOCKS(p) || r.URL.Scheme != "http" {
		return nil
	}
	return &llm.Error{Kind: llm.KindNetwork, Code: CodeProxyAuth, Message: w.naming(p) + wanted(p, resp.Header)}
}

// distrusted says why TLS with the host of u failed.
func (w *way) distrusted(ctx context.Context, u *url.URL, err error) error {
	e := &llm.Error{Kind: llm.KindNetwork, Code: CodeCertificate, Cause: err}
	var shown []*x509.Certificate
	if v, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		shown = v.UnverifiedCertificates
	}
	unknown, isUnknown := errors.AsType[x509.UnknownAuthorityError](err)
	invalid, isInvalid := errors.AsType[x509.CertificateInvalidError](err)
	other, isOther := errors.AsType[x509.HostnameError](err)
	plain, isPlain := errors.AsType[tls.RecordHeaderError](err)
	who := "the certificate of " + u.Host
	switch {
	case errors.Is(context.Cause(ctx), errSlow):
		e.Kind, e.Code, e.Message = llm.KindTimeout, "", u.Host+" did not answer the TLS handshake"+within(w.timeout)
	case ctx.Err() != nil:
		return err
	case isUnknown && selfSigned(unknown.Cert):
		e.Message = who + " is signed by itself (" + issuer(shown) + "): if it is yours, add it as the CA file"
	case isUnknown:
		e.Message = who + " is signed by " + issuer(shown) + ", whom this computer does not know: a proxy or a security program re-signs traffic; add its CA file"
	case isInvalid && invalid.Reason == x509.Expired:
		e.Message = who + " is not valid at this time (" + invalid.Cert.NotBefore.Format(time.DateOnly) + " to " + invalid.Cert.NotAfter.Format(time.DateOnly) + "): check the clock of this computer"
	case isOther && other.Certificate != nil:
		e.Message = who + " is for " + cmp.Or(strings.Join(other.Certificate.DNSNames, ", "), other.Certificate.Subject.CommonName) + ": something else answers there"
	case isPlain && plain.Conn != nil:
		e.Code, e.Message = "", u.Host+" does not speak TLS: is it an http:// address?"
	default:
		e.Code, e.Message = "", "TLS with "+u.Host+" failed: "+plainly(err, w.timeout)
	}
	return e
}

func selfSigned(c *x509.Certificate) bool {
	return c != nil && c.Issuer.String() == c.Subject.String()
}

// issuer names who signed the first of the certificates.
func issuer(all []*x509.Certificate) string {
	if len(all) == 0 {
		return "nobody"
	}
	name := all[0].Issuer
	return cmp.Or(name.CommonName, strings.Join(name.Organization, ", "), name.String(), "an unnamed authority")
}

// explain gives the failures that the transport of net/http has with a proxy
// the words of ours.
func (w *way) explain(r *http.Request, err error) error {
	op, ok := errors.AsType[*net.OpError](err)
	if !ok || op.Op != "proxyconnect" || r.URL == nil {
		return err
	}
	p, wrong := w.rule.proxy(r.URL)
	if wrong != nil || p == nil {
		return err
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return w.distrusted(r.Context(), p, err)
	}
	return w.unreached(p, op.Err)
}
