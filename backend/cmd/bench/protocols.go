package main

import (
	"encoding/json"
	"fmt"
	"strings"
)

// api is a protocol that clients speak to the proxy under test, or it to the
// service behind it.
type api string

const (
	chatAPI        api = "" // OpenAI Chat Completions, of most works
	responsesAPI   api = "responses"
	anthropicAPI   api = "anthropic"
	geminiAPI      api = "gemini"
	ollamaAPI      api = "ollama"
	completionsAPI api = "completions"
	embeddingsAPI  api = "embeddings"
)

// path is where a client asks for model.
func (a api) path(model string, stream bool) string {
	switch a {
	case responsesAPI:
		return "/v1/responses"
	case anthropicAPI:
		return "/v1/messages"
	case geminiAPI:
		if stream {
			return "/v1beta/models/" + model + ":streamGenerateContent?alt=sse"
		}
		return "/v1beta/models/" + model + ":generateContent"
	case ollamaAPI:
		return "/api/chat"
	case completionsAPI:
		return "/v1/completions"
	case embeddingsAPI:
		return "/v1/embeddings"
	case chatAPI:
	}
	return "/v1/chat/completions"
}

// keyHeader is the header that the key stands in, up to the key.
func (a api) keyHeader() string {
	switch a {
	case anthropicAPI:
		return "Anthropic-Version: 2023-06-01\r\nX-Api-Key: "
	case geminiAPI:
		return "X-Goog-Api-Key: "
	case chatAPI, responsesAPI, ollamaAPI, completionsAPI, embeddingsAPI:
	}
	return "Authorization: Bearer "
}

// shows says whether a request shows a key in the protocol's own way, and no
// other.
func (a api) shows(h header, key string) bool {
	want := header{authorization: "Bearer " + key}
	switch a {
	case anthropicAPI:
		want = header{apiKey: key}
	case geminiAPI:
		want = header{googKey: key}
	case chatAPI, responsesAPI, ollamaAPI, completionsAPI, embeddingsAPI:
	}
	return h.authorization == want.authorization && h.apiKey == want.apiKey && h.googKey == want.googKey
}

// foreign are the works of clients that do not speak Chat Completions: carried
// where the service speaks the same, translated where it does not.
func foreign() []work {
	byName := map[string]work{}
	for _, w := range plain() {
		byName[w.name] = w
	}
	var list []work
	add := func(kind string, client, service api) {
		w := byName[kind]
		w.client, w.service = client, service
		w.name = string(client) + "-" + kind
		if w.translated() {
			w.name = string(client) + "-by-chat-" + kind
		}
		w.prompt = marked(w.prompt)
		if !strings.Contains(w.prompt, `"max_tokens"`) {
			w.prompt += `,"max_tokens":4096`
		}
		// What an answer is to can be told by its text alone in every protocol.
		w.words = append([]string{blank + " " + w.words[0]}, w.words[1:]...)
		list = append(list, w)
	}
	for _, client := range []api{responsesAPI, anthropicAPI, geminiAPI} {
		for _, kind := range []string{"small", "chunks", "agent"} {
			add(kind, client, client)
		}
	}
	for _, client := range []api{anthropicAPI, responsesAPI, ollamaAPI} {
		for _, kind := range []string{"small", "chunks"} {
			add(kind, client, chatAPI)
		}
	}
	add("small", completionsAPI, completionsAPI)
	add("small", embeddingsAPI, embeddingsAPI)
	return list
}

// marked puts a text with the request's number behind the messages.
func marked(prompt string) string {
	mark := `{"role":"user","content":` + quote(markedRequest+blank+".") + `}`
	at := strings.LastIndex(prompt, "}]")
	if i := strings.Index(prompt, `],"tools":[`); i >= 0 {
		at = i - 1
	}
	return prompt[:at+1] + "," + mark + prompt[at+1:]
}

// ask is the JSON body that asks model for w in its client's protocol: what the
// work's prompt says, in other words.
func (w work) ask(model string) string {
	list, err := saidOpenAI([]byte("{" + w.prompt + "}"))
	if err != nil {
		panic(err) // the prompt was made here
	}
	s := speech{}
	for _, one := range list {
		s.add(one)
	}
	switch w.client {
	case responsesAPI:
		return s.responses(model, w.stream)
	case anthropicAPI:
		return s.anthropic(model, w.stream)
	case geminiAPI:
		return s.gemini()
	case ollamaAPI:
		return fmt.Sprintf(`{"model":%q,"messages":[%s],"stream":%t,"options":{"temperature":%v,"num_predict":%v}}`, model,
			s.turns(`{"role":%q,"content":%s}`), w.stream, s.limits[0], s.limits[1])
	case completionsAPI:
		return fmt.Sprintf(`{"model":%q,"prompt":%s,"temperature":%v,"max_tokens":%v}`, model, quote(s.last()), s.limits[0], s.limits[1])
	case embeddingsAPI:
		return fmt.Sprintf(`{"model":%q,"input":[%s],"encoding_format":"float"}`, model, quote(s.last()))
	case chatAPI:
	}
	panic("Chat Completions is what a work is written in")
}

// speech is what a request says, sorted by where the protocols have it.
type speech struct {
	system string
	talk   []said
	tools  []said
	limits [2]float64
}

func (s *speech) add(one said) {
	switch one.who {
	case "system":
		s.system = one.text
	case "tool":
		s.tools = append(s.tools, one)
	case "limits":
		s.limits = one.value.([2]float64)
	default:
		s.talk = append(s.talk, one)
	}
}

// last is the text that the request ends with.
func (s *speech) last() string { return s.talk[len(s.talk)-1].text }

// turns are the system's text and those of a conversation without calls, each in
// a form that takes the role and the text.
func (s *speech) turns(form string) string {
	list := []string{fmt.Sprintf(form, "system", quote(s.system))}
	for _, one := range s.talk {
		list = append(list, fmt.Sprintf(form, one.who, quote(one.text)))
	}
	return strings.Join(list, ",")
}

// each are the parts of the conversation, one by one in the form for its kind; a
// call and its result have the same number.
func (s *speech) each(text func(who, text string) string, call func(id int, name, arguments string) string, result func(id int, name, text string) string) string {
	var list []string
	calls, results := 0, 0
	for _, one := range s.talk {
		switch one.who {
		case "call":
			list = append(list, call(calls, one.name, encode(one.value)))
			calls++
		case "result":
			list = append(list, result(results, one.name, one.text))
			results++
		default:
			list = append(list, text(one.who, one.text))
		}
	}
	return strings.Join(list, ",")
}

// offer are the tools, each in a form that takes a name, a description and a
// schema.
func (s *speech) offer(form string) string {
	list := make([]string, 0, len(s.tools))
	for _, t := range s.tools {
		list = append(list, fmt.Sprintf(form, t.name, quote(t.text), `{"type":"object","properties":`+encode(t.value)+`,"required":["path"]}`))
	}
	return strings.Join(list, ",")
}

func (s *speech) responses(model string, stream bool) string {
	input := s.each(
		func(who, text string) string {
			return fmt.Sprintf(`{"type":"message","role":%q,"content":[{"type":"input_text","text":%s}]}`, who, quote(text))
		},
		func(id int, name, arguments string) string {
			return fmt.Sprintf(`{"type":"function_call","call_id":"call_%d","name":%q,"arguments":%s}`, id, name, quote(arguments))
		},
		func(id int, _, text string) string {
			return fmt.Sprintf(`{"type":"function_call_output","call_id":"call_%d","output":%s}`, id, quote(text))
		})
	return fmt.Sprintf(`{"model":%q,"instructions":%s,"input":[%s],"tools":[%s],"temperature":%v,"max_output_tokens":%v,"store":false,"stream":%t}`, model,
		quote(s.system), input, s.offer(`{"type":"function","name":%q,"description":%s,"strict":false,"parameters":%s}`), s.limits[0], s.limits[1], stream)
}

func (s *speech) anthropic(model string, stream bool) string {
	messages := s.each(
		func(who, text string) string { return fmt.Sprintf(`{"role":%q,"content":%s}`, who, quote(text)) },
		func(id int, name, arguments string) string {
			return fmt.Sprintf(`{"role":"assistant","content":[{"type":"tool_use","id":"toolu_%d","name":%q,"input":%s}]}`, id, name, arguments)
		},
		func(id int, _, text string) string {
			return fmt.Sprintf(`{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_%d","content":%s}]}`, id, quote(text))
		})
	return fmt.Sprintf(`{"model":%q,"max_tokens":%v,"system":%s,"messages":[%s],"tools":[%s],"temperature":%v,"stream":%t}`, model,
		s.limits[1], quote(s.system), messages, s.offer(`{"name":%q,"description":%s,"input_schema":%s}`), s.limits[0], stream)
}

func (s *speech) gemini() string {
	contents := s.each(
		func(who, text string) string {
			return fmt.Sprintf(`{"role":%q,"parts":[{"text":%s}]}`, who, quote(text))
		},
		func(_ int, name, arguments string) string {
			return fmt.Sprintf(`{"role":"model","parts":[{"functionCall":{"name":%q,"args":%s}}]}`, name, arguments)
		},
		func(_ int, name, text string) string {
			return fmt.Sprintf(`{"role":"user","parts":[{"functionResponse":{"name":%q,"response":{"output":%s}}}]}`, name, quote(text))
		})
	tools := ""
	if len(s.tools) > 0 {
		tools = `,"tools":[{"functionDeclarations":[` + s.offer(`{"name":%q,"description":%s,"parametersJsonSchema":%s}`) + `]}]`
	}
	return fmt.Sprintf(`{"systemInstruction":{"parts":[{"text":%s}]},"contents":[%s]%s,"generationConfig":{"temperature":%v,"maxOutputTokens":%v}}`,
		quote(s.system), contents, tools, s.limits[0], s.limits[1])
}

func encode(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // it was read from JSON
	}
	return string(b)
}
