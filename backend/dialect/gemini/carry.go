package gemini

import (
	"bytes"
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/carriage"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// Carries is the Gemini API's protocol, and for Code Assist that in its
// envelope.
func (u Upstream) Carries() dialect.Name {
	if u.Envelope != nil {
		return dialect.CodeAssist
	}
	return dialect.Gemini
}

// CarryRequest passes the client's body on. The model stands in the path, so
// that most bodies are not touched at all; what Google would refuse is mended
// where it stands: calls without their signatures (B33), ids that Vertex AI does
// not know, fields that only the Gemini API has.
func (u Upstream) CarryRequest(dst, raw []byte, h dialect.Head, model string) ([]byte, []llm.Warning, *llm.Error) {
	c := carried{Body: carriage.Body{Raw: raw, Head: h}, u: u, family: familyOf(model), model: model}
	base := h.ObjectAt.From
	switch {
	case h.Operation == dialect.Embed:
		if u.vertex() {
			return u.carryEmbed(dst, raw, h, model)
		}
		c.embeds(raw[base:], base)
	case u.Envelope != nil:
		c.envelope(raw[base:], base)
	case u.public() && scannedOf(h).talk.Found():
		// The scan for the head has found it: a long body is not walked again.
		talk := scannedOf(h).talk
		c.contents(raw[talk.From:talk.To], talk.From)
	default:
		c.request(raw[base:], base)
	}
	return c.Append(dst), c.Warnings, nil
}

// vertex says that this is Vertex AI.
func (u Upstream) vertex() bool { return u.Envelope == nil && !u.IDs }

// carryEmbed writes a request for vectors anew: Vertex AI has them elsewhere.
func (u Upstream) carryEmbed(dst, raw []byte, h dialect.Head, model string) ([]byte, []llm.Warning, *llm.Error) {
	r, warnings, err := Client{}.DecodeEmbed(h, raw)
	if err != nil {
		return dst, nil, err
	}
	out, more, err := u.EncodeEmbed(r, model)
	return append(dst, out...), append(warnings, more...), err
}

// carried is one body with its edits.
type carried struct {
	carriage.Body

	u      Upstream
	family family
	model  string
}

func (c *carried) replace(from, to int, with string) {
	c.Replace(dialect.Span{From: from, To: to}, []byte(with))
}

// quoted is a text as JSON.
func quoted(s string) string { return string(rawjson.AppendString(nil, s)) }

// cut takes elements out of a list, or members out of an object, with the commas
// that belong to them.
func (c *carried) cut(base int, items []dialect.Span, gone []bool) {
	end := -1 // of what was kept last
	for i := 0; i < len(items); i++ {
		if !gone[i] {
			end = items[i].To
			continue
		}
		from := items[i].From
		for i+1 < len(items) && gone[i+1] {
			i++
		}
		switch {
		case end >= 0:
			c.replace(base+end, base+items[i].To, "")
		case i+1 < len(items):
			c.replace(base+from, base+items[i+1].From, "")
		default:
			c.replace(base+from, base+items[i].To, "")
		}
	}
}

// drop takes the members out of an object whose names are out.
func (c *carried) drop(object []byte, base int, at string, out func(name string) bool) {
	var items []dialect.Span
	var gone []bool
	some := false
	for m := range rawjson.Inside(object) {
		leaves := out(camel(m.Key))
		if leaves {
			some = true
			c.Warn(at+string(m.Key), "dropped")
		}
		items, gone = append(items, dialect.Span{From: m.From, To: m.At + len(m.Value)}), append(gone, leaves)
	}
	if some {
		c.cut(base, items, gone)
	}
}

func isSpace(b byte) bool { return b == ' ' || b == '\n' || b == '\t' || b == '\r' }

// envelope puts the account's model and project in the client's places.
func (c *carried) envelope(object []byte, base int) {
	project := false
	for m := range rawjson.Inside(object) {
		from, to := base+m.At, base+m.At+len(m.Value)
		switch camel(m.Key) {
		case "model":
			c.replace(from, to, quoted(c.model))
		case "project":
			project = true
			if own := quoted(c.u.Envelope.Project); own != string(m.Value) {
				c.replace(from, to, own)
				c.Warn(string(m.Key), "replaced by the account's:")
			}
		case "request":
			c.request(m.Value, from)
		}
	}
	if !project && c.u.Envelope.Project != "" && c.Head.Operation == dialect.Chat {
		c.replace(base+1, base+1, `"project":`+quoted(c.u.Envelope.Project)+",")
		c.Warn("project", "added")
	}
}

// request mends the request itself.
func (c *carried) request(object []byte, base int) {
	for m := range rawjson.Inside(object) {
		switch name := camel(m.Key); name {
		case "model":
			c.replace(base+m.At, base+m.At+len(m.Value), quoted("models/"+c.model))
		case "contents":
			c.contents(m.Value, base+m.At)
		case "generateContentRequest":
			c.request(m.Value, base+m.At)
		}
	}
	if !c.u.public() {
		c.drop(object, base, "", func(name string) bool { return name == "serviceTier" || name == "store" || name == "continuationToken" })
	}
}

// contents mends the calls of the conversation, if it has any.
func (c *carried) contents(list []byte, base int) {
	long := scannedOf(c.Head).long
	has := func(mark string) bool { return rawjson.Has(c.Raw, long, mark) }
	called := (!c.u.IDs || c.family.three()) && (has(`"functionCall"`) || has(`"function_call"`))
	answered := !c.u.IDs && (has(`"functionResponse"`) || has(`"function_response"`))
	if !called && !answered && !has(`"`+string(sealedMark())) && !hasHollow(c.Raw, long) {
		return
	}
	open := openContent(list)
	turn := 0
	for at, content := range rawjson.Elements(list) {
		c.content(content, base+at, turn, turn > open)
		turn++
	}
}

// hasHollow says whether there may be a part without anything in it: an empty
// text, or an empty object that is no member's value, as a call's arguments are.
func hasHollow(raw []byte, long []rawjson.Long) bool {
	const hollow = "{}"
	for piece := range rawjson.Between(raw, long, 0) {
		if bytes.Contains(piece, []byte(`"text":""`)) || bytes.Contains(piece, []byte(`"text": ""`)) {
			return true
		}
		for at := 0; ; at += len(hollow) {
			i := bytes.Index(piece[at:], []byte(hollow))
			if i < 0 {
				break
			}
			at += i
			before := bytes.TrimRight(piece[:at], " \t\r\n")
			if len(before) == 0 || before[len(before)-1] == '[' || before[len(before)-1] == ',' {
				return true
			}
		}
	}
	return false
}

// openContent is the turn after which the exchange that goes on begins: the last
// thing that the user said and that was not only results.
func openContent(list []byte) int {
	open, i := 0, 0
	for _, content := range rawjson.Elements(list) {
		if rawjson.Text(rawjson.Get(content, "role")) != "model" {
			for _, p := range repeated(rawjson.Get(content, "parts")) {
				if !has(p, "functionResponse") {
					open = i
				}
			}
		}
		i++
	}
	return open
}

func has(object []byte, name string) bool {
	for m := range rawjson.Inside(object) {
		if camel(m.Key) == name {
			return true
		}
	}
	return false
}

// content mends one turn; current says that it is of the exchange that goes on.
func (c *carried) content(object []byte, base, turn int, current bool) {
	first := rawjson.Text(rawjson.Get(object, "role")) == "model"
	for m := range rawjson.Inside(object) {
		if string(m.Key) != "parts" {
			continue
		}
		if m.Value[0] == '{' {
			c.part(m.Value, base+m.At, place(turn, 0), first && current)
			continue
		}
		c.hollow(m.Value, base+m.At, turn)
		i := 0
		for at, p := range rawjson.Elements(m.Value) {
			called := c.part(p, base+m.At+at, place(turn, i), first && current)
			first = first && !called
			i++
		}
	}
}

// hollow takes parts without anything in them out of a list that has others:
// Google's streams end with an empty text, of which its Go SDK makes {} and which
// its JavaScript SDK sends back as it is, and Google refuses both.
func (c *carried) hollow(list []byte, base, turn int) {
	var items []dialect.Span
	var gone []bool
	n := 0
	for at, p := range rawjson.Elements(list) {
		leaves := isHollow(p)
		if leaves {
			n++
		}
		items, gone = append(items, dialect.Span{From: at, To: at + len(p)}), append(gone, leaves)
	}
	if n == 0 || n == len(items) {
		return // what says nothing at all is Google's to refuse
	}
	c.cut(base, items, gone)
	for i, leaves := range gone {
		if leaves {
			c.Warn(place(turn, i), "dropped the empty")
		}
	}
}

// isHollow says that a part has nothing in it, not even a signature.
func isHollow(part []byte) bool {
	for m := range rawjson.Inside(part) {
		if string(m.Key) != "text" || !rawjson.IsText(m.Value) || rawjson.Text(m.Value) != "" {
			return false
		}
	}
	return true
}

func place(turn, part int) string {
	return "contents[" + strconv.Itoa(turn) + "].parts[" + strconv.Itoa(part) + "]"
}

// part mends one part, and says whether it is a call. sign says that a call
// needs its signature here.
func (c *carried) part(object []byte, base int, at string, sign bool) (called bool) {
	var signature, call rawjson.Member
	text := false
	for m := range rawjson.Inside(object) {
		switch camel(m.Key) {
		case "functionCall":
			called, call = true, m
			c.withoutID(m.Value, base+m.At, at+"."+string(m.Key))
		case "functionResponse":
			c.withoutID(m.Value, base+m.At, at+"."+string(m.Key))
		case "thoughtSignature":
			signature = m
		case "text":
			text = true
		}
	}
	given := rawjson.Text(signature.Value)
	_, by := minted(given)
	foreign := given != "" && bytes.HasPrefix([]byte(given), sealedMark())
	switch {
	case called && sign && c.family.three() && (given == "" || by != minter):
		c.sign(object, base, at, signature, rawjson.Text(rawjson.Get(call.Value, "id")))
	case foreign && text && by != minter:
		// Another model's thinking proves nothing to this one.
		c.replace(base, base+len(object), `{"text":" "}`)
		c.Warn(at, "dropped the thought of another model at")
	case foreign:
		opened, _ := minted(given)
		c.replace(base+signature.At, base+signature.At+len(signature.Value), quoted(opened))
	}
	return called
}

// sign gives a call the signature that it came with, as far as anybody knows it.
func (c *carried) sign(object []byte, base int, at string, there rawjson.Member, id string) {
	s := skipSignature
	if c.u.Signatures != nil && id != "" {
		if kept := c.u.Signatures.Signature(id); kept != "" {
			s = kept
		}
	}
	if there.Value != nil {
		c.replace(base+there.At, base+there.At+len(there.Value), quoted(s))
	} else {
		behind := base + bytes.IndexByte(object, '{') + 1
		c.replace(behind, behind, `"thoughtSignature":`+quoted(s)+",")
	}
	c.Warn(at+".thoughtSignature", "added")
}

// withoutID takes the id off a call or a result where it would be refused.
func (c *carried) withoutID(object []byte, base int, at string) {
	if c.u.IDs {
		return
	}
	c.drop(object, base, at+".", func(name string) bool { return name == "id" })
}

// embeds names the model in each request of a batch, which must be that of the
// path.
func (c *carried) embeds(object []byte, base int) {
	name := func(object []byte, base int) {
		for m := range rawjson.Inside(object) {
			if string(m.Key) == "model" {
				c.replace(base+m.At, base+m.At+len(m.Value), quoted("models/"+strings.TrimPrefix(c.model, "models/")))
			}
		}
	}
	name(object, base)
	for m := range rawjson.Inside(object) {
		if string(m.Key) == "requests" {
			for at, e := range rawjson.Elements(m.Value) {
				name(e, base+m.At+at)
			}
		}
	}
}

// sealedMark is how a signature begins that is not Google's own.
func sealedMark() []byte { return []byte(base64.StdEncoding.EncodeToString([]byte(mark))) }
