// Package metrics counts exchanges for Prometheus and writes the counts in its
// text format.
//
// The invariant: no label holds what a client may choose freely, so the number of
// series is bounded by what the person who runs the program has set up. It knows
// neither the network nor the request log's disk. Five families of counts need no
// client library of Prometheus'.
package metrics

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
)

// ContentType is the format's, as Prometheus asks for it.
const ContentType = "text/plain; version=0.0.4; charset=utf-8"

// most bounds the series of one family: models beyond it count as "other".
const most = 500

// Recorder takes finished exchanges.
type Recorder interface {
	Put(r requestlog.Record)
}

// Meter counts the exchanges that pass through it on their way to the request
// log. It is safe for many goroutines.
type Meter struct {
	next Recorder
	on   func() bool

	mu       sync.Mutex
	families [familyCount]family
}

// The families, in the order in which they are written.
const (
	requests = iota
	attempts
	tokens
	durations
	firsts
	familyCount
)

// family is the series of one name.
type family struct {
	name, help string
	labels     []string
	// bounds are a histogram's, in seconds; nil is a counter.
	bounds []float64
	series map[string]*series
}

// series is one line, or one histogram.
type series struct {
	labels  []string
	count   float64
	sum     float64
	buckets []uint64
}

// New counts while on says so, and passes everything on to next.
func New(next Recorder, on func() bool) *Meter {
	m := &Meter{next: next, on: on}
	// An answer may take minutes; its first token comes in seconds.
	long := []float64{0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600}
	short := []float64{0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 20, 60}
	m.families = [familyCount]family{
		requests:  {name: "openaicompatible_requests_total", help: "Requests that have ended, by the status that the client got.", labels: []string{"dialect", "provider", "model", "status", "error"}},
		attempts:  {name: "openaicompatible_attempts_total", help: "Tries at upstreams, by what came of them.", labels: []string{"provider", "account", "error"}},
		tokens:    {name: "openaicompatible_tokens_total", help: "Tokens that services have counted.", labels: []string{"provider", "model", "kind"}},
		durations: {name: "openaicompatible_request_duration_seconds", help: "From a request's start to its end.", labels: []string{"dialect", "provider"}, bounds: long},
		firsts:    {name: "openaicompatible_first_token_seconds", help: "From a request's start to the first token sent.", labels: []string{"dialect", "provider"}, bounds: short},
	}
	for i := range m.families {
		m.families[i].series = map[string]*series{}
	}
	return m
}

// Put counts and passes on; it does not block.
func (m *Meter) Put(r requestlog.Record) {
	if m.on() {
		m.count(&r.Exchange)
	}
	m.next.Put(r)
}

func (m *Meter) count(x *requestlog.Exchange) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.families[requests].at(x.Dialect, x.Provider, x.Served, strconv.Itoa(x.Status), x.ErrorKind).count++
	for i := range x.Attempts {
		a := &x.Attempts[i]
		m.families[attempts].at(a.Provider, a.Account, a.ErrorKind).count++
	}
	for _, t := range []struct {
		kind string
		n    int
	}{{"input", x.TokensIn}, {"output", x.TokensOut}, {"cached", x.TokensCached}, {"reasoning", x.TokensReasoning}} {
		if t.n > 0 {
			m.families[tokens].at(x.Provider, x.Served, t.kind).count += float64(t.n)
		}
	}
	m.families[durations].at(x.Dialect, x.Provider).observe(x.Duration, m.families[durations].bounds)
	if x.FirstToken > 0 {
		m.families[firsts].at(x.Dialect, x.Provider).observe(x.FirstToken, m.families[firsts].bounds)
	}
}

// at finds a series, or begins one.
func (f *family) at(labels ...string) *series {
	key := strings.Join(labels, "\x00")
	if s := f.series[key]; s != nil {
		return s
	}
	if len(f.series) >= most {
		if i := slices.Index(f.labels, "model"); i >= 0 && labels[i] != "other" {
			labels[i] = "other"
			return f.at(labels...)
		}
	}
	s := &series{labels: labels, buckets: make([]uint64, len(f.bounds))}
	f.series[key] = s
	return s
}

func (s *series) observe(d time.Duration, bounds []float64) {
	s.count++
	s.sum += d.Seconds()
	for i, bound := range bounds {
		if d.Seconds() <= bound {
			s.buckets[i]++
		}
	}
}

// Gauge is a value of this moment.
type Gauge struct {
	Name, Help string
	// Labels are name and value by turns.
	Labels []string
	Value  float64
}

// Write writes all families and then the gauges, of which those with one name
// stand together.
func (m *Meter) Write(w io.Writer, gauges ...Gauge) error {
	var b strings.Builder
	m.mu.Lock()
	for i := range m.families {
		m.families[i].write(&b)
	}
	m.mu.Unlock()
	last := ""
	for _, g := range gauges {
		if g.Name != last {
			head(&b, g.Name, g.Help, "gauge")
			last = g.Name
		}
		line(&b, g.Name, g.Labels, g.Value)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (f *family) write(b *strings.Builder) {
	if len(f.series) == 0 {
		return
	}
	kind := "counter"
	if f.bounds != nil {
		kind = "histogram"
	}
	head(b, f.name, f.help, kind)
	all := make([]*series, 0, len(f.series))
	for _, s := range f.series {
		all = append(all, s)
	}
	slices.SortFunc(all, func(x, y *series) int { return slices.Compare(x.labels, y.labels) })
	for _, s := range all {
		pairs := make([]string, 0, 2*len(f.labels)+2)
		for i, name := range f.labels {
			pairs = append(pairs, name, s.labels[i])
		}
		if f.bounds == nil {
			line(b, f.name, pairs, s.count)
			continue
		}
		for i, bound := range f.bounds {
			line(b, f.name+"_bucket", append(pairs, "le", number(bound)), float64(s.buckets[i]))
		}
		line(b, f.name+"_bucket", append(pairs, "le", "+Inf"), s.count)
		line(b, f.name+"_sum", pairs, s.sum)
		line(b, f.name+"_count", pairs, s.count)
	}
}

func head(b *strings.Builder, name, help, kind string) {
	fmt.Fprintf(b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
}

func line(b *strings.Builder, name string, labels []string, value float64) {
	b.WriteString(name)
	for i := 0; i+1 < len(labels); i += 2 {
		b.WriteString(cmp.Or(map[bool]string{true: "{"}[i == 0], ","))
		b.WriteString(labels[i] + `="` + escape(labels[i+1]) + `"`)
	}
	if len(labels) > 0 {
		b.WriteByte('}')
	}
	b.WriteString(" " + number(value) + "\n")
}

// escape writes a label's value as the format wants it.
func escape(s string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(strings.ToValidUTF8(s, "�"))
}

func number(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }
