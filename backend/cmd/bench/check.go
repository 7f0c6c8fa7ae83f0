package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"
)

// checker compares one answer with what must come, while it comes. Bytes that
// are the expected ones cost a comparison; as soon as one differs the rest is
// kept and judged at the end, event by event: white space and the order of keys
// are a proxy's own business, everything else is not.
type checker struct {
	want answer
	// at is how much of want has come.
	at int
	// other is all that came, once it is not want's beginning any more.
	other []byte
	// number is the request's; right is the latest translated answer that was
	// found right, with its number left out.
	number string
	right  familiar
	// start is when the request was sent; first is when its first word came,
	// counted from there.
	start time.Time
	first time.Duration
}

func newChecker(want answer) *checker {
	want.text = want.text.clone()
	return &checker{want: want}
}

// begin prepares for the answer to the request with this number.
func (c *checker) begin(number string) {
	c.want.text.stamp(number)
	c.right.text.stamp(number)
	c.number = number
	c.at, c.other, c.first = 0, nil, 0
	if c.want.translated {
		c.other = []byte{}
	}
	c.start = time.Now()
}

// feed takes the next bytes of the answer's body.
func (c *checker) feed(p []byte) error {
	if c.other == nil && bytes.HasPrefix(c.want.text.text[c.at:], p) {
		c.at += len(p)
		if c.first == 0 && c.at >= c.want.token {
			c.first = time.Since(c.start)
		}
		return nil
	}
	if c.other == nil {
		c.other = bytes.Clone(c.want.text.text[:c.at])
	}
	c.other = append(c.other, p...)
	if c.first == 0 && bytes.Contains(c.other, []byte(c.want.word)) {
		c.first = time.Since(c.start)
	}
	if len(c.other) > 2*len(c.want.text.text)+1<<16 {
		return errors.New("the answer does not end")
	}
	return nil
}

// end judges the whole answer.
func (c *checker) end() error {
	if c.other == nil {
		if c.at < len(c.want.text.text) {
			return fmt.Errorf("the answer ends after %d of %d bytes", c.at, len(c.want.text.text))
		}
		return nil
	}
	if c.want.translated {
		return c.understand()
	}
	if !c.want.stream {
		return same(c.want.text.text, c.other)
	}
	if c.want.client == ollamaAPI {
		return fmt.Errorf("got %q", clip(c.other))
	}
	want, err := events(c.want.text.text)
	if err != nil {
		return err
	}
	got, err := events(c.other)
	if err != nil {
		return err
	}
	for i := range min(len(want), len(got)) {
		if err := same(want[i], got[i]); err != nil {
			return fmt.Errorf("event %d: %w", i, err)
		}
	}
	if len(got) != len(want) {
		return fmt.Errorf("got %d events, want %d", len(got), len(want))
	}
	return nil
}

// understand judges a translated answer: by its bytes where they are those of the
// one before, for to read one costs more than to translate it, on the processors
// that the proxy needs too.
func (c *checker) understand() error {
	body := c.other
	if c.want.client == ollamaAPI {
		body = timeless(body)
	}
	if c.right.knows(body) {
		return nil
	}
	if err := meaning(c.want, c.other); err != nil {
		return err
	}
	c.right.learn(body, c.number)
	return nil
}

// events are the data of a stream's events, comments left out.
func events(body []byte) ([][]byte, error) {
	var list [][]byte
	for block := range bytes.SplitSeq(bytes.ReplaceAll(body, []byte("\r\n"), []byte("\n")), []byte("\n\n")) {
		var data [][]byte
		var named []byte
		for line := range bytes.SplitSeq(block, []byte("\n")) {
			text, isData := bytes.CutPrefix(line, []byte("data:"))
			name, isName := bytes.CutPrefix(line, []byte("event: "))
			switch {
			case isName:
				named = name
			case isData:
				data = append(data, bytes.TrimPrefix(text, []byte(" ")))
			case len(line) > 0 && line[0] != ':':
				return nil, fmt.Errorf("not an event: %q", clip(line))
			}
		}
		if named != nil && (data == nil || !bytes.Contains(data[0], fmt.Appendf(nil, `"type":%q`, named))) {
			return nil, fmt.Errorf("the event %q has other data: %q", named, clip(block))
		}
		if data != nil {
			list = append(list, bytes.Join(data, []byte("\n")))
		}
	}
	return list, nil
}

// same says where got differs from want, as JSON or, where that is not meant to
// be JSON, as bytes.
func same(want, got []byte) error {
	if bytes.Equal(want, got) {
		return nil
	}
	var w, g any
	if json.Unmarshal(want, &w) != nil || json.Unmarshal(got, &g) != nil || !reflect.DeepEqual(w, g) {
		return fmt.Errorf("got %q, want %q", clip(got), clip(want))
	}
	return nil
}

func clip(b []byte) string {
	const most = 300
	if len(b) > most {
		return string(b[:most]) + "…"
	}
	return string(b)
}

// typeOf is what an answer's Content-Type must begin with.
func (a answer) typeOf() string {
	if a.stream && a.client == ollamaAPI {
		return "application/x-ndjson"
	}
	if a.stream {
		return "text/event-stream"
	}
	return "application/json"
}

// isType says whether got is the media type want, whatever its parameters.
func isType(got, want string) bool {
	media, _, _ := strings.Cut(got, ";")
	return strings.EqualFold(strings.TrimSpace(media), want)
}
