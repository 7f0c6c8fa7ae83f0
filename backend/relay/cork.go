package relay

import (
	"context"
	"net/http"
)

// Corker is a client's connection that can hold back what is written to it and
// send it as one. net/http writes a chunk of a stream in three pieces, its
// frame, what is in it and the end of its frame, and on a fast stream those
// system calls are most of the cost.
type Corker interface {
	// Cork holds back what is written from now on.
	Cork()
	// Uncork sends it. It does nothing on a connection that is not corked.
	Uncork() error
}

type corkerKey struct{}

// WithCorker makes c known to the exchanges of its connection, for
// http.Server.ConnContext.
func WithCorker(ctx context.Context, c Corker) context.Context {
	return context.WithValue(ctx, corkerKey{}, c)
}

// corkerOf is the connection of r; nil when it cannot be corked, as in HTTP/2,
// where it is shared by many exchanges.
func corkerOf(r *http.Request) Corker {
	if r.ProtoMajor != 1 {
		return nil
	}
	c, _ := r.Context().Value(corkerKey{}).(Corker)
	return c
}
