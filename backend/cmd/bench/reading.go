package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// read is what a client of the protocol takes out of an answer.
func (a api) read(body []byte, stream bool) (reading, error) {
	var r reading
	add, err := map[api]func(*reading, []byte) error{
		responsesAPI: (*reading).addResponses, anthropicAPI: (*reading).addAnthropic, ollamaAPI: (*reading).addOllama,
	}[a], error(nil)
	list := [][]byte{body}
	switch {
	case a == ollamaAPI:
		list = bytes.Split(bytes.TrimSuffix(body, []byte("\n")), []byte("\n"))
	case stream:
		list, err = events(body)
	}
	if err != nil {
		return r, err
	}
	for _, event := range list {
		if r.done {
			return r, errors.New("something comes after the end")
		}
		if err := add(&r, event); err != nil {
			return r, fmt.Errorf("%q: %w", clip(event), err)
		}
	}
	return r, nil
}

// tokens is what Responses and Anthropic call usage.
type tokens struct {
	Input  int `json:"input_tokens"`
	Output int `json:"output_tokens"`
}

// count takes a later count for the better one: the first may be an estimate.
func (r *reading) count(u *tokens) {
	if u == nil {
		return
	}
	if u.Input > 0 {
		r.usage.Prompt = u.Input
	}
	if u.Output > 0 {
		r.usage.Completion = u.Output
	}
}

// addResponses takes an event, or a whole answer. The text is said twice, in
// pieces and at the end, and has to be the same.
func (r *reading) addResponses(event []byte) error {
	type response struct {
		Model, Status string
		Output        []struct{ Content []struct{ Type, Text string } }
		Usage         *tokens
	}
	var e struct {
		Type, Delta string
		Response    *response
	}
	if err := json.Unmarshal(event, &e); err != nil {
		return err
	}
	pieces := e.Response != nil
	if e.Type == "" {
		e.Response = &response{}
		if err := json.Unmarshal(event, e.Response); err != nil {
			return err
		}
	}
	if e.Type == "response.output_text.delta" {
		r.text += e.Delta
	}
	if e.Response == nil {
		return nil
	}
	r.model = e.Response.Model
	if e.Response.Status == "in_progress" {
		return nil
	}
	var whole strings.Builder
	for _, o := range e.Response.Output {
		for _, c := range o.Content {
			whole.WriteString(c.Text)
		}
	}
	if pieces && whole.String() != r.text {
		return fmt.Errorf("the end repeats %q", clip([]byte(whole.String())))
	}
	r.text, r.finish, r.done = whole.String(), e.Response.Status, true
	r.count(e.Response.Usage)
	return nil
}

func (r *reading) addAnthropic(event []byte) error {
	type message struct {
		Model      string
		Content    []struct{ Type, Text string }
		StopReason string `json:"stop_reason"`
		Usage      *tokens
	}
	var e struct {
		Type    string
		Message *message
		Delta   struct {
			Type, Text string
			StopReason string `json:"stop_reason"`
		}
		Usage *tokens
	}
	if err := json.Unmarshal(event, &e); err != nil {
		return err
	}
	switch e.Type {
	case "message":
		e.Message = &message{}
		if err := json.Unmarshal(event, e.Message); err != nil {
			return err
		}
		r.done = true
	case "message_stop":
		r.done = true
	}
	if m := e.Message; m != nil {
		r.model, r.finish = m.Model, m.StopReason
		for _, c := range m.Content {
			r.text += c.Text
		}
		r.count(m.Usage)
	}
	r.text += e.Delta.Text
	r.finish += e.Delta.StopReason
	r.count(e.Usage)
	return nil
}

func (r *reading) addOllama(line []byte) error {
	var e struct {
		Model   string
		Message struct{ Content string }
		Done    bool
		Reason  string `json:"done_reason"`
		Input   int    `json:"prompt_eval_count"`
		Output  int    `json:"eval_count"`
	}
	if err := json.Unmarshal(line, &e); err != nil {
		return err
	}
	r.model, r.done = e.Model, e.Done
	r.text += e.Message.Content
	r.finish += e.Reason
	r.count(&tokens{e.Input, e.Output})
	return nil
}

// timeless is an answer of Ollama's without the clocks in it, which no two have in
// common.
func timeless(body []byte) []byte {
	out := make([]byte, 0, len(body))
	for _, clock := range []struct{ before, digits string }{
		{`"created_at":"`, "0123456789-T:.Z"}, {`_duration":`, "0123456789"},
	} {
		out = out[:0]
		for rest := body; ; {
			before, after, found := bytes.Cut(rest, []byte(clock.before))
			out = append(out, before...)
			if !found {
				break
			}
			rest = bytes.TrimLeft(after, clock.digits)
		}
		body = bytes.Clone(out)
	}
	return body
}

// familiar is a translated answer that was found right, to know others like it by
// their bytes: to read one costs more than to translate it, on the processors
// that the proxy needs too.
type familiar struct {
	text stamped
	// made are the bytes in which right answers differed, as ids that are made up.
	made []bool
}

// knows says whether body is the answer again, but for letters and digits where
// right ones differed before.
func (f *familiar) knows(body []byte) bool {
	if len(body) == 0 || len(body) != len(f.text.text) {
		return false
	}
	for at := 0; ; at++ {
		at += same8(body[at:], f.text.text[at:])
		if at == len(body) {
			return true
		}
		if !f.made[at] || !plainByte(body[at]) {
			return false
		}
	}
}

// same8 is how many bytes two texts begin with alike, found in big steps first.
func same8(a, b []byte) int {
	n, step := 0, 64
	for n+step <= len(a) && bytes.Equal(a[n:n+step], b[n:n+step]) {
		n += step
	}
	for n < len(a) && a[n] == b[n] {
		n++
	}
	return n
}

// learn takes another right answer.
func (f *familiar) learn(body []byte, number string) {
	text := newStamped(strings.ReplaceAll(string(body), number, blank))
	made := make([]bool, len(text.text))
	if len(text.text) == len(f.text.text) {
		copy(made, f.made)
		for i, c := range text.text {
			if c != f.text.text[i] && plainByte(c) {
				// The whole word, for the next may differ in any of its letters.
				for j := i; j >= 0 && plainByte(text.text[j]) && !made[j]; j-- {
					made[j] = true
				}
				for j := i + 1; j < len(made) && plainByte(text.text[j]); j++ {
					made[j] = true
				}
			}
		}
	}
	for _, at := range text.at { // The number is never made up.
		clear(made[at : at+len(blank)])
	}
	f.text, f.made = text, made
	f.text.stamp(number)
}

func plainByte(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9'
}
