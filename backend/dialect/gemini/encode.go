package gemini

import (
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
	e.Out = dst
	e.body(c, model)
	if e.err != nil {
		return nil, nil, e.err
	}
	return e.Out, e.warnings, nil
}

// encoder writes one request. The first fault ends it.
type encoder struct {
	Upstream
	rawjson.Writer

	req      *llm.Request
	family   family
	wish     wishes
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
		e.Out = append(e.Out, '{')
		e.request(c)
		e.Out = append(e.Out, '}')
		return
	}
	e.Out = append(e.Out, '{')
	e.Text("model", model)
	if e.Envelope.Project != "" {
		e.Text("project", e.Envelope.Project)
	}
	e.Text("user_prompt_id", e.Envelope.newID())
	e.open("request", '{')
	e.request(c)
	e.Text("session_id", e.Envelope.newID())
	e.Out = append(e.Out, '}', '}')
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
	e.Out = append(e.Out, ']')
}

func (e *encoder) systemText(c *conversation) {
	if len(c.system) == 0 {
		return
	}
	e.open("systemInstruction", '{')
	e.parts(turn{parts: c.system}, false)
	e.Out = append(e.Out, '}')
}

// turn writes one turn; current says that it is of the exchange that still goes
// on.
func (e *encoder) turn(t turn, current bool) {
	e.Comma()
	if t.model {
		e.Out = append(e.Out, `{"role":"model"`...)
	} else {
		e.Out = append(e.Out, `{"role":"user"`...)
	}
	e.parts(t, current)
	e.Out = append(e.Out, '}')
}

// open begins a member that is an object or a list.
func (e *encoder) open(name string, bracket byte) {
	e.Key(name)
	e.Open(bracket)
}
