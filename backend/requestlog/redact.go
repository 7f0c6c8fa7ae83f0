package requestlog

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
)

// Redacted stands where a secret was.
const Redacted = "[redacted]"

// Redactor takes secrets out of what is to be written (B59): those that the
// program is configured with, wherever they appear, and everything that looks
// like a secret. It is safe for concurrent use.
//
// It reads each text once, with one look-up for each byte, so that a text
// without secrets costs about a nanosecond a byte and no memory.
type Redactor struct {
	secrets func() []string
	rules   atomic.Pointer[rules]
}

// NewRedactor returns a redactor that knows the secrets too, which are asked
// for with every text; secrets may be nil. What it returned must not change
// afterwards. It should return the same slice while the secrets are the same.
func NewRedactor(secrets func() []string) *Redactor {
	if secrets == nil {
		secrets = func() []string { return nil }
	}
	return &Redactor{secrets: secrets}
}

// String returns s without secrets: s itself when there are none.
func (r *Redactor) String(s string) string { return redact(r.current(), s) }

// Bytes returns b without secrets: b itself when there are none, otherwise a
// copy.
func (r *Redactor) Bytes(b []byte) []byte { return redact(r.current(), b) }

// Record takes the secrets out of every text of x, in place. Slices of bytes
// are replaced and not written to; those of Attempts and Notes are written to.
func (r *Redactor) Record(x *Record) {
	known := r.current()
	e := &x.Exchange
	for _, s := range []*string{&e.Client, &e.Path, &e.Asked, &e.Served, &e.Error} {
		*s = redact(known, *s)
	}
	for i := range e.Attempts {
		a := &e.Attempts[i]
		for _, s := range []*string{&a.Model, &a.Reason, &a.Error, &a.Rest} {
			*s = redact(known, *s)
		}
	}
	for i := range e.Notes {
		e.Notes[i] = redact(known, e.Notes[i])
	}
	if b := x.Body; b != nil {
		for _, p := range []*[]byte{&b.Request, &b.Sent} {
			*p = redact(known, *p)
		}
		var cuts []cut
		b.Response, cuts = excise(known, b.Response)
		if len(cuts) > 0 {
			b.Times = b.Times.moved(cuts)
		}
		b.ResponseType = redact(known, b.ResponseType)
	}
}

// current returns the rules for the secrets as they are now.
func (r *Redactor) current() *rules {
	secrets := r.secrets()
	if known := r.rules.Load(); known != nil && known.of(secrets) {
		return known
	}
	fresh := newRules(secrets)
	r.rules.Store(fresh)
	return fresh
}

// redact is s without its secrets.
func redact[T string | []byte](r *rules, s T) T {
	clean, _ := excise(r, s)
	return clean
}

// excise is the one pass over a text; it also says what it replaced of s.
func excise[T string | []byte](r *rules, s T) (T, []cut) {
	var b []byte
	var cuts []cut
	done := 0
	for i := 0; i+anchorLen <= len(s); i++ {
		group := r.group[hash(s[i], s[i+1], s[i+2])]
		if group == 0 {
			continue
		}
		from, to := match(r.anchors[group], s, i)
		if to == 0 {
			continue
		}
		b = append(b, s[done:from]...)
		b = append(b, Redacted...)
		cuts = append(cuts, cut{from, to})
		done = to
		i = to - 1
	}
	if done == 0 {
		return s, nil
	}
	return T(append(b, s[done:]...)), cuts
}

// match returns what is to be redacted of what begins at i; to is 0 when that
// is nothing. It may begin behind i: a name stays, its value goes.
func match[T string | []byte](anchors []anchor, s T, i int) (from, to int) {
	for k := range anchors {
		a := &anchors[k]
		switch a.kind {
		case exact:
			from, to = i, matchExact(s, i, a.text)
		case shape:
			from, to = i, matchShape(s, i, a)
		case scheme:
			from, to = matchScheme(s, i, a.text)
		case name:
			from, to = matchName(s, i, a.text)
		case query:
			from, to = matchQuery(s, i, a.text)
		case userinfo:
			from, to = matchUserinfo(s, i)
		}
		if to > 0 {
			return from, to
		}
	}
	return 0, 0
}

// kind is how an anchor decides.
type kind int

const (
	exact    kind = iota // a configured secret
	shape                // a token with a well-known beginning
	scheme               // what follows a scheme of the Authorization header
	name                 // the value of a field, header or variable of this name
	query                // the value of a query parameter of this name
	userinfo             // user and password in an address
)

// anchor is a text by which something to redact is found.
type anchor struct {
	kind kind
	// text is in lower case, but for exact and shape, and for name also
	// without - and _.
	text string
	// least is how many letters of a token must follow, and extra are the
	// letters that may be in it besides those of base64url; for shape.
	least int
	extra string
}

// anchorLen is how many bytes of an anchor are looked up.
const anchorLen = 3

// rules are the anchors in groups of the same hash, and where the group of each
// hash is; the first group is empty.
type rules struct {
	secrets []string
	anchors [][]anchor
	group   [1 << hashBits]uint16
}

// of says that the rules are for these secrets.
func (r *rules) of(secrets []string) bool {
	if len(secrets) == len(r.secrets) && (len(secrets) == 0 || &secrets[0] == &r.secrets[0]) {
		return true
	}
	return slices.Equal(secrets, r.secrets)
}

// leastSecret is the length from which a configured secret is looked for: a
// shorter one would be found in words.
const leastSecret = 6

func newRules(secrets []string) *rules {
	r := &rules{secrets: secrets, anchors: make([][]anchor, 1, 64)}
	for _, s := range secrets {
		for _, form := range forms(s) {
			r.add(anchor{kind: exact, text: form})
		}
	}
	for _, a := range wellKnown() {
		r.add(a)
	}
	return r
}

func (r *rules) add(a anchor) {
	if len(a.text) < anchorLen {
		return
	}
	g := &r.group[hash(a.text[0], a.text[1], a.text[2])]
	if *g == 0 {
		*g = uint16(len(r.anchors)) // #nosec G115 -- there are fewer groups than hashes
		r.anchors = append(r.anchors, nil)
	}
	r.anchors[*g] = append(r.anchors[*g], a)
}

// forms are the ways in which a secret is written: plain, in JSON, in a query.
func forms(secret string) []string {
	secret = strings.TrimSpace(secret)
	if len(secret) < leastSecret {
		return nil
	}
	all := []string{secret}
	if quoted, err := json.Marshal(secret); err == nil {
		all = append(all, string(quoted[1:len(quoted)-1]))
	}
	all = append(all, url.QueryEscape(secret), url.PathEscape(secret))
	slices.Sort(all)
	all = slices.Compact(all)
	// Where one form begins with another, the longer one is to be found.
	slices.SortStableFunc(all, func(a, b string) int { return len(b) - len(a) })
	return all
}

// wellKnown are the anchors of secrets that nobody told us.
func wellKnown() []anchor {
	anchors := []anchor{{kind: userinfo, text: "://"}, {kind: query, text: "key"}}
	for _, text := range []string{
		"sk-", "sk_", "gsk_", "xai-", "nvapi-", "pplx-", "hf_", "r8_", "oac-",
		"ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "xoxb-", "xoxp-",
	} {
		anchors = append(anchors, anchor{kind: shape, text: text, least: 16})
	}
	anchors = append(anchors,
		anchor{kind: shape, text: "AIza", least: 20},
		anchor{kind: shape, text: "ya29.", least: 16, extra: "."},
		anchor{kind: shape, text: "1//0", least: 20},
		anchor{kind: shape, text: "AKIA", least: 16},
		anchor{kind: shape, text: "eyJ", least: 24, extra: ".="}, // a JSON web token
	)
	for _, text := range []string{"bearer", "basic"} {
		anchors = append(anchors, anchor{kind: scheme, text: text})
	}
	for _, text := range []string{
		"apikey", "authorization", "accesstoken", "refreshtoken", "idtoken", "authtoken", "sessiontoken",
		"clientsecret", "privatekey", "password", "passwd", "secretkey", "secretaccesskey", "cookie",
	} {
		anchors = append(anchors, anchor{kind: name, text: text})
	}
	return anchors
}

// fold is c in lower case, for letters; of other bytes it makes what it likes,
// but always the same.
func fold(c byte) byte { return c | 0x20 }

// hashBits is the length of a hash.
const hashBits = 14

// hash is a number for three bytes in any case.
func hash(a, b, c byte) uint32 {
	n := uint32(fold(a))<<16 | uint32(fold(b))<<8 | uint32(fold(c))
	return n * 2654435761 >> (32 - hashBits)
}
