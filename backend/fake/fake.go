// Package fake has stand-ins for the services that providers call. Each is an
// http.Handler that replays recorded answers and, unlike a mock, refuses what
// the real service would refuse: a test that passes against it has sent a
// request that was right.
//
// The invariant: a stand-in is as strict as the strictest service known, and
// never helps. It is for tests and for trying the program out by hand; nothing
// of the program imports it.
package fake

import (
	"embed"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
)

//go:embed testdata
var testdata embed.FS

// Vector is a recorded answer by its file name below testdata, as
// openai/openai_stream_usage.sse. It panics for a name that is not there.
func Vector(name string) []byte {
	raw, err := testdata.ReadFile("testdata/" + name)
	if err != nil {
		panic(err)
	}
	return raw
}

// Case is one entry of a file of cases.
type Case struct {
	Name    string            `json:"name"`
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers"`
	// Body is JSON to send; BodyText, when not nil, is sent instead as it is.
	Body     json.RawMessage `json:"body"`
	BodyText *string         `json:"body_text"`
}

// Cases reads a file of cases, as openai/openai_misc.json.
func Cases(name string) []Case {
	var file struct {
		Cases []Case `json:"cases"`
	}
	if err := json.Unmarshal(Vector(name), &file); err != nil {
		panic(fmt.Errorf("read %s: %w", name, err))
	}
	return file.Cases
}

// write answers with the case.
func (c Case) write(w http.ResponseWriter) {
	body := []byte(c.Body)
	w.Header().Set("Content-Type", "application/json")
	if c.BodyText != nil {
		body = []byte(*c.BodyText)
	}
	for k, v := range c.Headers {
		w.Header().Set(k, v)
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(max(c.Status, http.StatusOK))
	w.Write(body)
}
