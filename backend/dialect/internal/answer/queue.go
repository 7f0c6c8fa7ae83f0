package answer

import "github.com/WenChunTech/OpenAICompatible/backend/llm"

// Queue holds events in the order that llm.Stream wants: the start first, held
// back until there is something to read behind it. The zero value is ready.
type Queue struct {
	// Start opens the answer; it may be filled in until the first Put.
	Start llm.Start

	list   []llm.Event
	begun  bool
	blocks int
}

// Put queues an event.
func (q *Queue) Put(e llm.Event) {
	if !q.begun {
		q.begun = true
		q.list = append(q.list, q.Start)
	}
	q.list = append(q.list, e)
}

// NextBlock is the number of a block that is opened now.
func (q *Queue) NextBlock() int {
	q.blocks++
	return q.blocks - 1
}

// Take gives what was queued; it is valid until the next Put.
func (q *Queue) Take() []llm.Event {
	list := q.list
	q.list = q.list[:0]
	return list
}
