package dialecttest

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
)

// AgentPrompt is a Chat Completions request as a coding agent sends it in the
// middle of its work: a long system text, turns with tool calls and their
// results, and tools with their schemas, of about size bytes together. It is
// the benchmark's, so that a codec is measured by what its users send.
func AgentPrompt(size, tools int) []byte {
	random := rand.New(rand.NewPCG(3, uint64(size))) //nolint:gosec // A repeatable sequence is wanted.
	offered := make([]string, tools)
	for i := range offered {
		offered[i] = agentTool(random, i)
	}
	offer := `"tools":[` + strings.Join(offered, ",") + `],"tool_choice":"auto"`
	var b strings.Builder
	b.WriteString(`{"model":"provider/large","stream":true,"messages":[{"role":"system","content":` + quote(prose(random, 4000)) +
		`},{"role":"user","content":` + quote(prose(random, 100)) + `}`)
	for turn := 0; b.Len()+len(offer) < size; turn++ {
		arguments := quote(fmt.Sprintf(`{"path":"/src/%d.go","text":%s}`, turn, quote(prose(random, 60))))
		fmt.Fprintf(&b, `,{"role":"assistant","content":null,"tool_calls":[{"id":"call_%d","type":"function","function":{"name":"tool_%d","arguments":%s}}]}`,
			turn, turn%tools, arguments)
		left := max(1, min(400, (size-b.Len()-len(offer))/9))
		fmt.Fprintf(&b, `,{"role":"tool","tool_call_id":"call_%d","content":%s}`, turn, quote(prose(random, left)))
	}
	b.WriteString(`],` + offer + `,"temperature":0,"max_tokens":8192}`)
	return []byte(b.String())
}

func agentTool(random *rand.Rand, i int) string {
	return fmt.Sprintf(`{"type":"function","function":{"name":"tool_%d","description":%s,"parameters":{"$schema":"http://json-schema.org/draft-07/schema#",`+
		`"type":"object","properties":{"path":{"type":"string","description":%s},"text":{"type":"string","description":%s},"mode":{"type":"string",`+
		`"enum":["read","write","append"]},"lines":{"type":"array","items":{"type":"object","properties":{"from":{"type":"integer","minimum":1},`+
		`"to":{"type":"integer"}},"required":["from"],"additionalProperties":false}}},"required":["path"],"additionalProperties":false}}}`,
		i, quote(prose(random, 90)), quote(prose(random, 15)), quote(prose(random, 25)))
}

// prose is words with all that a JSON string has to escape among them.
func prose(random *rand.Rand, size int) string {
	vocabulary := []string{
		"river", "lantern", "quarry", "velvet", "ember", "orchard", "\"meadow\"", "harbor\n", "café", "流式",
		"back\\slash", "tab\t", "\U0001F30A", "<b>", "a & b", "{\"x\":[1]}", "timber", "fathom", "juniper", "nickel",
	}
	var b strings.Builder
	for range size {
		b.WriteString(vocabulary[random.IntN(len(vocabulary))])
		b.WriteByte(' ')
	}
	return b.String()
}

func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string always marshals
	}
	return string(b)
}
