package oauth

import (
	"cmp"
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// The codes of errors that this package makes or tells apart.
const (
	codeInvalidGrant = "invalid_grant"
	// CodeClock is a failure that a wrong clock of this machine explains.
	CodeClock = "clock_skew"
	// CodeDenied is a consent that the user, or the service, refused.
	CodeDenied = "access_denied"
	// CodePortal is an answer by somebody else than the service.
	CodePortal = "captive_portal"
)

// clockTolerance is how wrong a clock may be without being mentioned.
const clockTolerance = 5 * time.Minute

// Failed reads an error of golang.org/x/oauth2, for credentials that it renews
// by itself. ctx is that of the call.
func (c Client) Failed(ctx context.Context, err error) error {
	if e, ok := errors.AsType[*oauth2.RetrieveError](err); ok && e.Response != nil {
		if e.Response.StatusCode/100 == 2 {
			return c.stranger(e.Response)
		}
		return c.refused(e.Response, e.Body)
	}
	if e, ok := errors.AsType[*url.Error](err); ok {
		if u, parseErr := url.Parse(e.URL); parseErr == nil {
			return Unreachable(ctx, u, err)
		}
	}
	return &llm.Error{
		Kind: llm.KindProtocol, Code: CodePortal, Cause: err,
		Message: "what " + c.Title + "'s sign-in answered cannot be read: a network's own sign-in page or a proxy may stand in between",
	}
}

// refused reads an answer that is not 2xx.
func (c Client) refused(resp *http.Response, body []byte) error {
	var said struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
		Subtype     string `json:"error_subtype"`
	}
	_ = json.Unmarshal(body, &said) // what is no JSON says nothing
	e := &llm.Error{Status: resp.StatusCode, Code: said.Error, RetryAfter: retryAfter(resp.Header, c.now())}
	switch {
	case said.Error == "" && resp.StatusCode == http.StatusTooManyRequests:
		e.Kind, e.Message = llm.KindRate, c.Title+" takes no more sign-in requests for now: try again in some minutes"
	case said.Error == "" && resp.StatusCode >= http.StatusInternalServerError && resp.StatusCode != http.StatusNetworkAuthenticationRequired:
		e.Kind = llm.KindTransient
		e.Message = fmt.Sprintf("%s's sign-in answers %d: it is broken for the moment, try again later", c.Title, resp.StatusCode)
	case said.Error == "":
		return c.stranger(resp)
	default:
		e.Kind, e.Message = c.meaning(said.Error, said.Subtype, said.Description)
	}
	c.blameClock(e, resp, said.Description)
	return e
}

// meaning is what a code of RFC 6749 asks of the user.
func (c Client) meaning(code, subtype, description string) (llm.Kind, string) {
	own := ""
	if description != "" {
		own = " (" + strings.TrimSuffix(description, ".") + ")"
	}
	switch code {
	case codeInvalidGrant:
		if subtype != "" {
			return llm.KindAuth, c.Title + " wants this account to sign in again, as its organization asks for it from time to time (" + subtype + ")"
		}
		return llm.KindAuth, c.Title + " has ended this sign-in: it was revoked, or has expired" + own + "; sign in again"
	case "invalid_client", "unauthorized_client":
		return llm.KindAuth, c.Title + " does not accept the OAuth client" + own + ": check the client ID and secret in the account's settings, or leave both empty"
	case CodeDenied, "admin_policy_enforced", "org_internal", "disallowed_useragent", "invalid_scope":
		return llm.KindForbidden, c.Title + " does not allow this sign-in" + own + ": an administrator may have to permit it (" + code + ")"
	case "temporarily_unavailable", "server_error":
		return llm.KindTransient, c.Title + "'s sign-in is broken for the moment, try again later"
	case "slow_down", "authorization_pending":
		return llm.KindRate, c.Title + " waits for the sign-in on the other device"
	default:
		return llm.KindAuth, c.Title + " refused the sign-in: " + code + own
	}
}

// blameClock says so where the clock of this machine is wrong by more than the
// service tolerates: what is signed with a time is refused then, and a new
// sign-in would be too.
func (c Client) blameClock(e *llm.Error, resp *http.Response, description string) {
	off := clockOff(resp.Header, c.now())
	if off > -clockTolerance && off < clockTolerance {
		return
	}
	direction := "ahead"
	if off < 0 {
		direction, off = "behind", -off
	}
	clock := fmt.Sprintf("the clock of this computer is %s %s", off.Round(time.Minute), direction)
	if d := strings.ToLower(description); strings.Contains(d, "timeframe") || strings.Contains(d, "iat") || strings.Contains(d, "used too early") {
		e.Kind, e.Code = llm.KindNetwork, CodeClock
		e.Message = clock + ", and " + c.Title + " refuses what it signs: set the clock"
		return
	}
	e.Message += "; " + clock + ": set it first, for that may be the reason"
}

// clockOff is how far now is ahead of the server's Date; 0 when it has none.
func clockOff(h http.Header, now time.Time) time.Duration {
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return 0
	}
	return now.Sub(date)
}

func retryAfter(h http.Header, now time.Time) time.Duration {
	s := h.Get("Retry-After")
	if n, err := strconv.Atoi(s); err == nil && n > 0 {
		return time.Duration(n) * time.Second
	}
	if t, err := http.ParseTime(s); err == nil && t.After(now) {
		return t.Sub(now)
	}
	return 0
}

// stranger is an answer that the service cannot have given.
func (c Client) stranger(resp *http.Response) error {
	return &llm.Error{
		Kind: llm.KindProtocol, Code: CodePortal, Status: resp.StatusCode,
		Message: fmt.Sprintf("what answered is not %s's sign-in (%d, %s): a network's own sign-in page or a proxy may stand in between; open any web page, sign in to the network, and try again",
			c.Title, resp.StatusCode, cmp.Or(mediaType(resp.Header), "no content")),
	}
}

func mediaType(h http.Header) string {
	t, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	return strings.TrimSpace(t)
}

// Unreachable tells the ways apart in which no answer comes from u. err is that
// of an [http.Client]; ctx is the request's.
func Unreachable(ctx context.Context, u *url.URL, err error) *llm.Error {
	e := &llm.Error{Kind: llm.KindNetwork, Cause: err}
	var timeout net.Error
	host := u.Hostname()
	// The account's way out says which step failed.
	if known, ok := errors.AsType[*llm.Error](err); ok && !errors.Is(context.Cause(ctx), context.Canceled) {
		return known
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		e.Message = "there is no host " + host + ": check the network, and the address if it is your own"
		return e
	}
	op, isOp := errors.AsType[*net.OpError](err)
	certificate, isCertificate := errors.AsType[x509.CertificateInvalidError](err)
	_, isUnknown := errors.AsType[x509.UnknownAuthorityError](err)
	switch {
	case errors.Is(context.Cause(ctx), context.Canceled):
		e.Kind, e.Message = llm.KindCanceled, "the request was canceled"
	case isOp && op.Op == "proxyconnect":
		e.Code, e.Message = "proxy", "the proxy cannot be reached: check the proxy of this account, or of the program"
	case isCertificate && certificate.Reason == x509.Expired:
		e.Code, e.Message = CodeClock, "the certificate of "+host+" is not valid at this time: check the clock of this computer"
	case isUnknown:
		e.Code, e.Message = "certificate", "the certificate of "+host+" is signed by nobody this computer knows: a proxy may inspect the traffic; add its CA file"
	case errors.As(err, &timeout) && timeout.Timeout():
		e.Kind, e.Message = llm.KindTimeout, host+" did not answer in time"
	default:
		e.Message = "could not reach " + host + ": check the network and the proxy"
	}
	return e
}
