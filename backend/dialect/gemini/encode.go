package gemini

import (
	"strconv"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// EncodeRequest writes the body of a generateContent. That a stream is wanted
// stands in the path, which is the provider's.
func (u Upstream) EncodeRequest(r *llm.Request, model string) ([]byte, []llm.Warning, *llm.Error) {
	return u.AppendRequest(make([]byte, 0, r.Size()), r, model)
}

// AppendRequest is EncodeRequest behind dst.
func (u Upstream) AppendRequest(dst []byte, r *llm.Request, model string) ([]byte, []llm.Warning, *llm.Error) {
	e := encoder{Upstream: u, req: r, family: familyOf(model)}
	if r.Choices > 1 {
		e.refuse(llm.KindUnsupported, "n", "n above 1 cannot be translated for Gemini; ask once for each answer")
		return nil, nil, e.err
	}
	c := e.arrange()
	e.wish = e.wishes()
	e.out = dst
	e.body(c, model)
	if e.err != nil {
		return nil, nil, e.err
	}
	return e.out, e.warnings, nil
}

// encoder writes one request. The first fault ends it.
type encoder struct {
	Upstream

	req      *llm.Request
	family   family
	wish     wishes
	out      []byte
	warnings []llm.Warning
	err      *llm.Error
}

func (e *encoder) warn(field, what string) {
	e.warnings = append(e.warnings, llm.Warning{Field: field, What: what})
}

func (e *encoder) refuse(kind llm.Kind, param, message string) {
	if e.err == nil {
		e.err = &llm.Error{Kind: kind, Param: param, Message: message}
	}
}

func (e *encoder) body(c *conversation, model string) {
	if e.Envelope == nil {
		e.out = append(e.out, '{')
		e.request(c)
		e.out = append(e.out, '}')
		return
	}
	e.out = append(e.out, '{')
	e.text("model", model)
	if e.Envelope.Project != "" {
		e.text("project", e.Envelope.Project)
	}
	e.text("user_prompt_id", e.Envelope.newID())
	e.open("request", '{')
	e.request(c)
	e.text("session_id", e.Envelope.newID())
	e.out = append(e.out, '}', '}')
}

func (e *encoder) request(c *conversation) {
	e.contents(c)
	e.systemText(c)
	e.tools()
	e.toolConfig()
	e.generation()
	e.wish.write(e)
}

func (e *encoder) contents(c *conversation) {
	e.open("contents", '[')
	open := c.openTurn()
	for i, t := range c.turns {
		e.turn(t, i > open)
	}
	e.out = append(e.out, ']')
}

func (e *encoder) systemText(c *conversation) {
	if len(c.system) == 0 {
		return
	}
	e.open("systemInstruction", '{')
	e.parts(turn{parts: c.system}, false)
	e.out = append(e.out, '}')
}

// turn writes one turn; current says that it is of the exchange that still goes
// on.
func (e *encoder) turn(t turn, current bool) {
	e.comma()
	if t.model {
		e.out = append(e.out, `{"role":"model"`...)
	} else {
		e.out = append(e.out, `{"role":"user"`...)
	}
	e.parts(t, current)
	e.out = append(e.out, '}')
}

// comma separates from what stands before, if anything does.
func (e *encoder) comma() {
	switch e.out[len(e.out)-1] {
	case '{', '[', ':':
	default:
		e.out = append(e.out, ',')
	}
}

// key opens a member of the object that was begun last.
func (e *encoder) key(name string) {
	e.comma()
	e.out = append(e.out, '"')
	e.out = append(e.out, name...)
	e.out = append(e.out, '"', ':')
}

// open begins a member that is an object or a list.
func (e *encoder) open(name string, bracket byte) {
	e.key(name)
	e.out = append(e.out, bracket)
}

func (e *encoder) text(name, s string) {
	e.key(name)
	e.out = rawjson.AppendString(e.out, s)
}

// word writes a text that needs no escapes.
func (e *encoder) word(name, s string) {
	e.key(name)
	e.out = append(e.out, '"')
	e.out = append(e.out, s...)
	e.out = append(e.out, '"')
}

func (e *encoder) raw(name string, v []byte) {
	e.key(name)
	e.out = append(e.out, v...)
}

// field writes a member whose name is the client's.
func (e *encoder) field(f llm.Field) {
	e.comma()
	e.out = append(rawjson.AppendString(e.out, f.Name), ':')
	e.out = append(e.out, f.Value...)
}

func (e *encoder) int(name string, n int64) {
	e.key(name)
	e.out = strconv.AppendInt(e.out, n, 10)
}

func (e *encoder) float(name string, f float64) {
	e.key(name)
	e.out = strconv.AppendFloat(e.out, f, 'g', -1, 64)
}

func (e *encoder) bool(name string, b bool) {
	e.key(name)
	e.out = strconv.AppendBool(e.out, b)
}

func (e *encoder) strings(name string, list []string) {
	e.open(name, '[')
	for _, s := range list {
		e.comma()
		e.out = rawjson.AppendString(e.out, s)
	}
	e.out = append(e.out, ']')
}
