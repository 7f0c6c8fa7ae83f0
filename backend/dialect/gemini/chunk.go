package gemini

import "github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"

// chunk is what the codec looks at in one event, or in a whole answer. Its
// slices are JSON values that point into the event.
type chunk struct {
	fault                     []byte
	id, trace, model, created []byte
	usage, blocked            []byte
	finish, finishMessage     []byte
	grounding, citations      []byte
	logprobs                  []byte
	parts                     []answerPart
}

// partKind is what a part of an answer holds.
type partKind uint8

const (
	partOther partKind = iota
	partText
	partCall
	partImage
	partCode
	partOutput
)

// answerPart is one part of an answer's content.
type answerPart struct {
	kind      partKind
	thought   bool
	signature []byte
	// value is the text, the arguments, the data or the code; a text begins at at.
	value    []byte
	at       int
	id, name []byte
	// mime is the media type, or the code's language.
	mime []byte
}

// parse reads a chunk in one pass, without building a tree: a stream has
// thousands. The parts are kept in the chunk's own memory, so that it can be
// used again for the next event.
func (c *chunk) parse(data []byte) *rawjson.SyntaxError {
	*c = chunk{parts: c.parts[:0]}
	at := rawjson.Begin(data)
	if at.Kind() != '{' {
		at.Fail("expected an object")
	}
	for key := range at.Object() {
		switch string(key) {
		case "response":
			for key := range at.Object() {
				c.member(key, &at)
			}
		case "traceId":
			c.trace = at.Value()
		default:
			c.member(key, &at)
		}
	}
	return at.End()
}

// member reads a member of the answer, which stands in the envelope or alone.
func (c *chunk) member(key []byte, at *rawjson.Cursor) {
	switch string(key) {
	case "candidates":
		for i := range at.List() {
			c.candidate(i, at)
		}
	case "usageMetadata":
		c.usage = notNull(at.Value())
	case "modelVersion":
		c.model = notNull(at.Value())
	case "responseId":
		c.id = notNull(at.Value())
	case "createTime":
		c.created = notNull(at.Value())
	case "promptFeedback":
		for key := range at.Object() {
			if string(key) == "blockReason" {
				c.blocked = notNull(at.Value())
			}
		}
	case "error":
		c.fault = notNull(at.Value())
	}
}

func notNull(v []byte) []byte {
	if rawjson.IsNull(v) {
		return nil
	}
	return v
}

// candidate reads one candidate. Only one can be asked for; another is thrown
// away again.
func (c *chunk) candidate(i int, at *rawjson.Cursor) {
	if i > 0 {
		at.Value()
		return
	}
	for key := range at.Object() {
		switch string(key) {
		case "content":
			c.content(at)
		case "finishReason":
			c.finish = notNull(at.Value())
		case "finishMessage":
			c.finishMessage = notNull(at.Value())
		case "groundingMetadata":
			c.grounding = notNull(at.Value())
		case "citationMetadata":
			c.citations = notNull(at.Value())
		case "logprobsResult":
			c.logprobs = notNull(at.Value())
		}
	}
}

func (c *chunk) content(at *rawjson.Cursor) {
	for key := range at.Object() {
		if string(key) != "parts" {
			continue
		}
		for range at.List() {
			c.parts = append(c.parts, answerPart{})
			c.parts[len(c.parts)-1].read(at)
		}
	}
}

func (p *answerPart) read(at *rawjson.Cursor) {
	for key := range at.Object() {
		switch string(key) {
		case "text":
			from := at.Offset()
			if v := at.Value(); rawjson.IsText(v) && p.kind == partOther {
				p.kind, p.value, p.at = partText, v, from
			}
		case "thought":
			p.thought = string(at.Value()) == "true"
		case "thoughtSignature", "thought_signature":
			if v := at.Value(); rawjson.IsText(v) && len(v) > 2 {
				p.signature = v
			}
		case "functionCall":
			p.kind = partCall
			p.call(at)
		case "inlineData":
			p.data(at)
		case "executableCode":
			p.kind = partCode
			p.inner(at, "code", "language")
		case "codeExecutionResult":
			p.kind = partOutput
			p.inner(at, "output", "")
		}
	}
}

func (p *answerPart) call(at *rawjson.Cursor) {
	p.value = nil
	for key := range at.Object() {
		switch string(key) {
		case "id":
			p.id = at.Value()
		case "name":
			p.name = at.Value()
		case "args":
			p.value = at.Value()
		}
	}
}

// data reads inline data; only pictures have a place in an answer.
func (p *answerPart) data(at *rawjson.Cursor) {
	p.inner(at, "data", "mimeType")
	if mime := rawjson.Text(p.mime); len(mime) > 6 && mime[:6] == "image/" {
		p.kind = partImage
	}
}

func (p *answerPart) inner(at *rawjson.Cursor, value, kind string) {
	for key := range at.Object() {
		switch string(key) {
		case value:
			p.value = at.Value()
		case kind:
			p.mime = at.Value()
		}
	}
}
