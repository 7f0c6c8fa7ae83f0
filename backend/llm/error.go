package llm

import (
	"errors"
	"time"
)

// Kind is what a caller must tell apart about a failure.
type Kind uint8

// The kinds. Each client codec gives each of them a status and a type.
const (
	// KindInternal is a fault of our own; the zero value, so that a forgotten
	// Kind never looks like somebody else's.
	KindInternal Kind = iota
	// KindBadRequest is a request that no upstream would take.
	KindBadRequest
	// KindAuth is a credential that is missing, wrong, expired or revoked.
	KindAuth
	// KindForbidden is a credential that is right and not allowed this.
	KindForbidden
	// KindNotFound is a model or a path that does not exist.
	KindNotFound
	// KindMethod is a path asked with the wrong HTTP method.
	KindMethod
	// KindTooLarge is a body or a prompt over a limit.
	KindTooLarge
	// KindUnsupported is a wish that cannot be met without changing the answer.
	KindUnsupported
	// KindRate is too many requests for now; it passes within minutes.
	KindRate
	// KindQuota is a budget that is used up until its reset.
	KindQuota
	// KindOverloaded is a service that has no capacity.
	KindOverloaded
	// KindTransient is a service that broke; the next try may work.
	KindTransient
	// KindTimeout is a service that did not answer in time.
	KindTimeout
	// KindNetwork is a service that could not be reached, or a connection that
	// broke before the answer was whole.
	KindNetwork
	// KindProtocol is an answer that is not in the upstream's own protocol:
	// HTML, half a JSON, a stream without an end.
	KindProtocol
	// KindContent is an answer withheld by a content filter.
	KindContent
	// KindUnavailable means that no account is able to take the request now.
	KindUnavailable
	// KindCanceled is a client that left. Nobody is blamed.
	KindCanceled

	// kinds is their count, for tests that must see them all.
	kinds
)

// Kinds lists every Kind once, for tables that must be complete.
func Kinds() []Kind {
	out := make([]Kind, 0, kinds)
	for k := range kinds {
		out = append(out, k)
	}
	return out
}

// String is the kind's name in the request log and in metrics.
func (k Kind) String() string {
	switch k {
	case KindInternal:
		return "internal"
	case KindBadRequest:
		return "bad_request"
	case KindAuth:
		return "auth"
	case KindForbidden:
		return "forbidden"
	case KindNotFound:
		return "not_found"
	case KindMethod:
		return "method"
	case KindTooLarge:
		return "too_large"
	case KindUnsupported:
		return "unsupported"
	case KindRate:
		return "rate"
	case KindQuota:
		return "quota"
	case KindOverloaded:
		return "overloaded"
	case KindTransient:
		return "transient"
	case KindTimeout:
		return "timeout"
	case KindNetwork:
		return "network"
	case KindProtocol:
		return "protocol"
	case KindContent:
		return "content"
	case KindUnavailable:
		return "unavailable"
	case KindCanceled:
		return "canceled"
	default:
		return "internal"
	}
}

// ErrEmpty is the cause of an error about an answer with nothing in it, for those
// to whom nothing is an answer.
var ErrEmpty = errors.New("an answer without anything in it")

// Error is the one error that crosses package borders on the way of a request.
type Error struct {
	Kind Kind
	// Message is for a person: what happened, where, what to do. It never holds
	// a secret.
	Message string
	// Status is the HTTP status the upstream answered with; 0 when it is ours.
	Status int
	// Code is the upstream's own machine-readable code, as
	// context_length_exceeded; "" is none.
	Code string
	// Account says that the failure is about the account, for money or the person,
	// and not about the model alone that was asked for.
	Account bool
	// Param is the request field that is at fault; "" is none.
	Param string
	// RetryAfter is how long to wait; 0 when nobody said.
	RetryAfter time.Duration
	// Cause is for a developer; nil is none. It is logged, never sent.
	Cause error
}

// Error is the message alone: the cause is in Unwrap.
func (e *Error) Error() string { return e.Message }

// Unwrap gives the cause to errors.Is and errors.As.
func (e *Error) Unwrap() error { return e.Cause }

// Elsewhere says whether another account or model may succeed where this one
// failed. It is the only place that decides about another attempt.
func (e *Error) Elsewhere() bool {
	switch e.Kind {
	case KindAuth, KindForbidden, KindNotFound, KindRate, KindQuota, KindOverloaded,
		KindTransient, KindTimeout, KindNetwork, KindProtocol:
		return true
	case KindInternal, KindBadRequest, KindMethod, KindTooLarge, KindUnsupported,
		KindContent, KindUnavailable, KindCanceled:
		return false
	default:
		return false
	}
}

// AsError finds the *Error in err's chain, or wraps err as an internal one. It
// returns nil for nil.
func AsError(err error) *Error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{Kind: KindInternal, Message: "internal error: " + err.Error(), Cause: err}
}
