package main

import (
	"context"
	"fmt"
	"time"
)

// row is one thing that is measured. run does one round of it and records what
// it found; each round sends to all its targets in turn.
type row struct {
	name string
	// rounds bounds the rounds of rows that need few; 0 is no bound.
	rounds int
	run    func(ctx context.Context, b *bench, r row, round int) error
}

// rows are all that is measured, in the order of the table.
func rows() []row {
	return []row{
		{name: "small", run: saturated("small", 16, rp)},
		{name: "single", run: alone("small")},
		{name: "chunks", run: saturated("chunks", 8, rp)},
		{name: "paced-20", run: paced("paced", 20)},
		{name: "paced-100", run: paced("paced", 100)},
		{name: "agent", run: saturated("agent", 4, stock)},
		{name: "image", run: saturated("image", 2, stock)},
		{name: "streams", rounds: 3, run: eachFresh(manyStreams(""))},
		{name: "stall", rounds: 3, run: eachFresh(stalledReader)},
		{name: "hangup", run: hangUps},
		{name: "idle", rounds: 1, run: idleMemory},
		{name: "start", rounds: 1, run: starts},
		{name: "gemini-small", run: saturated("gemini-3-small", 16, rp)},
		{name: "gemini-chunks", run: saturated("gemini-3-chunks", 8, rp)},
		{name: "gemini-paced", run: paced("gemini-3-paced", 20)},
		{name: "gemini-agent", run: saturated("gemini-3-agent", 4, stock)},
		{name: "gemini-agent-single", run: alone("gemini-3-agent")},
		{name: "gemini-streams", rounds: 3, run: eachFresh(manyStreams("gemini-3-"))},
		{name: "responses-small", run: saturated("responses-small", 16, rp)},
		{name: "responses-chunks", run: saturated("responses-chunks", 8, rp)},
		{name: "responses-agent", run: saturated("responses-agent", 4, stock)},
		{name: "anthropic-small", run: saturated("anthropic-small", 16, rp)},
		{name: "anthropic-chunks", run: saturated("anthropic-chunks", 8, rp)},
		{name: "anthropic-agent", run: saturated("anthropic-agent", 4, stock)},
		{name: "gemini-own-small", run: saturated("gemini-small", 16, rp)},
		{name: "gemini-own-chunks", run: saturated("gemini-chunks", 8, rp)},
		{name: "gemini-own-agent", run: saturated("gemini-agent", 4, stock)},
		{name: "completions-small", run: saturated("completions-small", 16, rp)},
		{name: "embeddings-small", run: saturated("embeddings-small", 16, rp)},
		{name: "anthropic-by-chat-small", run: saturated("anthropic-by-chat-small", 16, rp)},
		{name: "anthropic-by-chat-chunks", run: saturated("anthropic-by-chat-chunks", 8, rp)},
		{name: "responses-by-chat-small", run: saturated("responses-by-chat-small", 16, rp)},
		{name: "responses-by-chat-chunks", run: saturated("responses-by-chat-chunks", 8, rp)},
		{name: "ollama-by-chat-small", run: saturated("ollama-by-chat-small", 16, rp)},
		{name: "ollama-by-chat-chunks", run: saturated("ollama-by-chat-chunks", 8, rp)},
	}
}

// turns is how often a round comes back to each of its targets. The shorter a
// turn, the more alike is what else the machine does meanwhile.
const turns = 10

// saturated measures the processor time for an answer, and the answers in a
// second, with so many connections that always have a request under way. What a
// process does between its turns, and after the last, is counted too. A short
// run compares with the one yardstick that the bar is about.
func saturated(name string, connections int, than string) func(context.Context, *bench, row, int) error {
	return func(ctx context.Context, b *bench, r row, round int) error {
		targets := []string{ours, rp, stock}
		if b.short {
			targets = []string{ours, than}
		}
		var crowds []*crowd
		before := map[string]time.Duration{}
		for _, t := range b.turn(round, targets) {
			b.warm(ctx, t, b.works[name], connections)
			if err := t.settle(ctx); err != nil {
				return err
			}
			used, err := t.cpu()
			if err != nil {
				return err
			}
			before[t.name] = used
			crowds = append(crowds, newCrowd(t, b.works[name], connections))
		}
		b.alternate(ctx, crowds)
		for _, c := range crowds {
			if err := b.recordCost(ctx, r.name, c, before[c.target.name]); err != nil {
				return err
			}
		}
		return nil
	}
}

// alternate lets each crowd run in turn, for a slice in all.
func (b *bench) alternate(ctx context.Context, crowds []*crowd) {
	for range turns {
		for _, c := range crowds {
			c.run(ctx, b, b.slice/turns)
		}
	}
}

// recordCost ends a crowd and records what its requests cost since its process
// had used before.
func (b *bench) recordCost(ctx context.Context, row string, c *crowd, before time.Duration) error {
	t, sum := c.target, c.leave(b)
	if err := t.settle(ctx); err != nil {
		return err
	}
	after, err := t.cpu()
	if err != nil {
		return err
	}
	if sum.answers == 0 {
		return fmt.Errorf("%s: %w: %w", t.name, errNoAnswers, sum.why)
	}
	b.record(row, "cpu", t.name, micros(after-before)/float64(sum.answers))
	b.record(row, "rate", t.name, float64(sum.answers)/sum.elapsed.Seconds())
	return nil
}

// alone measures what a proxy adds to the time of an answer when there is one
// connection.
func alone(name string) func(context.Context, *bench, row, int) error {
	return func(ctx context.Context, b *bench, r row, round int) error {
		var crowds []*crowd
		for _, t := range b.turn(round, []string{direct, ours, rp}) {
			crowds = append(crowds, newCrowd(t, b.works[name], 1))
		}
		b.alternate(ctx, crowds)
		times := map[string][]time.Duration{}
		for _, c := range crowds {
			times[c.target.name] = c.leave(b).whole
		}
		return b.recordAdded(r.name, times)
	}
}

// paced measures what a proxy adds to the time to the first word when streams
// begin at a fixed rate at each target and their words come one by one.
func paced(name string, perSecond float64) func(context.Context, *bench, row, int) error {
	return func(ctx context.Context, b *bench, r row, round int) error {
		targets := b.turn(round, []string{direct, ours, rp})
		times := map[string][]time.Duration{}
		for i, sum := range b.arrive(ctx, targets, b.works[name], perSecond*float64(len(targets)), 3*b.slice) {
			times[targets[i].name] = sum.first
		}
		return b.recordAdded(r.name, times)
	}
}

// recordAdded records how much later than directly answers came, half of them.
func (b *bench) recordAdded(row string, times map[string][]time.Duration) error {
	base := median(times[direct])
	for _, name := range []string{ours, rp} {
		if len(times[name]) == 0 || base == 0 {
			return fmt.Errorf("%s: %w", name, errNoAnswers)
		}
		b.record(row, "added", name, micros(median(times[name])-base))
	}
	return nil
}

// hangUps measures how long it takes until the upstream knows that the client
// has left.
func hangUps(ctx context.Context, b *bench, r row, round int) error {
	times := map[string][]time.Duration{}
	for range b.pick(25, 10) {
		for _, t := range b.turn(round, []string{direct, ours, rp}) {
			d, err := b.hangUp(ctx, t)
			if err != nil {
				b.count(t, tally{wrong: 1, why: err})
				continue
			}
			times[t.name] = append(times[t.name], d)
		}
	}
	if len(times[ours]) == 0 {
		return errNoAnswers
	}
	for name, list := range times {
		b.record(r.name, "median", name, micros(median(list))/1000)
		b.record(r.name, "worst", name, micros(list[len(list)-1])/1000)
	}
	return nil
}

// hangUp leaves in the middle of a stream. Both clocks are the machine's.
func (b *bench) hangUp(ctx context.Context, t *target) (time.Duration, error) {
	c, err := newJob(t, b.works["endless"], false).dial(ctx)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	id := b.next()
	body, err := c.begin(id)
	if err != nil {
		return 0, err
	}
	for c.check.first == 0 {
		n, err := body.Read(c.buf)
		if err != nil {
			return 0, err
		}
		if err := c.check.feed(c.buf[:n]); err != nil {
			return 0, err
		}
	}
	left := time.Now().UnixNano()
	if err := c.Close(); err != nil {
		return 0, err
	}
	noticed, err := b.inquire(ctx, "/gone/"+id)
	return time.Duration(noticed - left), err
}

// starts measures the time from the start of the process to its first answer,
// with the files of an earlier start.
func starts(ctx context.Context, b *bench, r row, _ int) error {
	dir := b.dir + "/starts"
	var list []time.Duration
	for i := range b.pick(21, 8) {
		t, took, err := b.startServer(ctx, dir)
		if err != nil {
			return err
		}
		t.stop()
		if i > 0 {
			list = append(list, took)
		}
	}
	b.record(r.name, "median", ours, micros(median(list))/1000)
	return nil
}

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
