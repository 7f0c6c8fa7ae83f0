package relay

import (
	"net/http"
	"strconv"
	"strings"
)

// The headers that tell a client who answered, and why.
const (
	headerExplain  = "X-OpenAICompatible-Explain"
	headerAccount  = "X-OpenAICompatible-Account"
	headerUpstream = "X-OpenAICompatible-Upstream"
	headerAttempts = "X-OpenAICompatible-Attempts"
	headerReason   = "X-OpenAICompatible-Reason"
)

// explains says whether the client is told: all are, or it asked.
func (x *exchange) explains() bool {
	if x.limits.Explain {
		return true
	}
	switch x.req.Header.Get(headerExplain) {
	case "", "0", "false":
		return false
	}
	return true
}

// explain writes the headers for the attempt under way, or for the last one when
// all have failed.
func (x *exchange) explain(h http.Header) {
	if !x.explains() {
		return
	}
	n := len(x.log.Attempts)
	switch {
	case x.current != nil:
		n++
		x.tell(h, headerAccount, x.current.log.Account)
		x.tell(h, headerUpstream, x.current.log.Provider+"/"+x.current.log.Model)
		x.tell(h, headerReason, x.current.log.Reason)
	case n > 0:
		last := &x.log.Attempts[n-1]
		x.tell(h, headerAccount, last.Account)
		x.tell(h, headerUpstream, last.Provider+"/"+last.Model)
		x.tell(h, headerReason, last.Reason)
	default:
		x.tell(h, headerReason, x.reason)
	}
	h.Set(headerAttempts, strconv.Itoa(n))
}

// tell sets a header to what a person wrote, without secrets, in the characters
// that a header may have: others are written as in an address.
func (x *exchange) tell(h http.Header, name, text string) {
	if text == "" {
		return
	}
	const most = 1 << 10
	text = x.relay.o.Redactor.String(text)
	var b strings.Builder
	for i := 0; i < len(text) && b.Len() < most; i++ {
		const digits = "0123456789ABCDEF"
		if c := text[i]; c >= ' ' && c <= '~' && c != '%' {
			b.WriteByte(c)
		} else {
			b.WriteByte('%')
			b.WriteByte(digits[c>>4])
			b.WriteByte(digits[c&15])
		}
	}
	h.Set(name, b.String())
}
