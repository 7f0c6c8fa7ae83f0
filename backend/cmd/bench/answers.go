package main

import (
	"fmt"
	"strings"
)

// builder writes an answer, one end for what leaves in one write: what opens a
// stream, each word, and all that follows the last.
type builder struct {
	strings.Builder
	answer
}

// end says that what was written so far leaves by itself.
func (b *builder) end() { b.ends = append(b.ends, b.Len()) }

func (b *builder) finish() answer {
	b.text = newStamped(b.String())
	return b.answer
}

// event writes an event as OpenAI and Anthropic name theirs.
func (b *builder) event(kind, rest string) {
	fmt.Fprintf(b, "event: %s\ndata: {\"type\":%q%s}\n\n", kind, kind, rest)
}

// own is the body that answers a request for model in the work's client's
// protocol.
func (w work) own(model string) answer {
	b := &builder{answer: answer{stream: w.stream, client: w.client}}
	in, out := len(w.prompt)/4, len(w.words)
	switch w.client {
	case responsesAPI:
		w.ownResponses(b, model, in, out)
	case anthropicAPI:
		w.ownAnthropic(b, model, in, out)
	case geminiAPI:
		w.ownGemini(b, in)
	case ollamaAPI:
		w.ownOllama(b, model, in, out)
	case completionsAPI:
		fmt.Fprintf(b, `{"id":"cmpl-%s","object":"text_completion","created":1760000000,"model":%q,"choices":[{"text":%s,"index":0,"logprobs":null,"finish_reason":"stop"}],"usage":%s}`,
			blank, model, quote(strings.Join(w.words, "")), w.usage())
	case embeddingsAPI:
		numbers := strings.TrimSuffix(strings.Repeat("-0.0123,0.4567,", 128), ",")
		fmt.Fprintf(b, `{"object":"list","data":[{"object":"embedding","index":0,"embedding":[%s]}],"model":%q,"usage":{"prompt_tokens":%d,"total_tokens":%d}}`, numbers, model, in, in)
	case chatAPI:
		return w.answer(model, true)
	}
	if !w.stream {
		b.end()
	}
	a := b.finish()
	a.token = a.ends[0]
	if w.stream {
		a.token, a.word = a.ends[1], quote(w.words[0])
	}
	return a
}

func (w work) ownResponses(b *builder, model string, in, out int) {
	text := quote(strings.Join(w.words, ""))
	part := `{"type":"output_text","annotations":[],"logprobs":[],"text":` + text + `}`
	item := `{"id":"msg_` + blank + `","type":"message","status":"completed","content":[` + part + `],"role":"assistant"}`
	response := func(status, output, usage string) string {
		return fmt.Sprintf(`{"id":"resp_%s","object":"response","created_at":1760000000,"status":%q,"error":null,"incomplete_details":null,"instructions":null,"model":%q,`+
			`"output":%s,"parallel_tool_calls":true,"previous_response_id":null,"store":false,"temperature":1.0,"text":{"format":{"type":"text"}},"tool_choice":"auto",`+
			`"tools":[],"truncation":"disabled","usage":%s,"metadata":{}}`, blank, status, model, output, usage)
	}
	whole := response("completed", "["+item+"]", fmt.Sprintf(`{"input_tokens":%d,"output_tokens":%d,"total_tokens":%d}`, in, out, in+out))
	if !w.stream {
		b.WriteString(whole)
		return
	}
	sequence := 0
	event := func(kind, rest string) {
		b.event("response."+kind, fmt.Sprintf(`,"sequence_number":%d%s`, sequence, rest))
		sequence++
	}
	const at = `,"item_id":"msg_` + blank + `","output_index":0,"content_index":0`
	event("created", `,"response":`+response("in_progress", "[]", "null"))
	event("in_progress", `,"response":`+response("in_progress", "[]", "null"))
	event("output_item.added", `,"output_index":0,"item":{"id":"msg_`+blank+`","type":"message","status":"in_progress","content":[],"role":"assistant"}`)
	event("content_part.added", at+`,"part":{"type":"output_text","annotations":[],"logprobs":[],"text":""}`)
	b.end()
	for i, word := range w.words {
		event("output_text.delta", at+`,"delta":`+quote(word)+fmt.Sprintf(`,"logprobs":[],"obfuscation":"%x"`, i*7919))
		b.end()
	}
	event("output_text.done", at+`,"text":`+text+`,"logprobs":[]`)
	event("content_part.done", at+`,"part":`+part)
	event("output_item.done", `,"output_index":0,"item":`+item)
	event("completed", `,"response":`+whole)
	b.end()
}

func (w work) ownAnthropic(b *builder, model string, in, out int) {
	message := func(content, stop string, out int) string {
		return fmt.Sprintf(`{"id":"msg_%s","type":"message","role":"assistant","model":%q,"content":%s,"stop_reason":%s,"stop_sequence":null,"usage":{"input_tokens":%d,"output_tokens":%d}}`,
			blank, model, content, stop, in, out)
	}
	if !w.stream {
		b.WriteString(message(`[{"type":"text","text":`+quote(strings.Join(w.words, ""))+`}]`, `"end_turn"`, out))
		return
	}
	b.event("message_start", `,"message":`+message("[]", "null", 1))
	b.event("content_block_start", `,"index":0,"content_block":{"type":"text","text":""}`)
	b.event("ping", "")
	b.end()
	for _, word := range w.words {
		b.event("content_block_delta", `,"index":0,"delta":{"type":"text_delta","text":`+quote(word)+`}`)
		b.end()
	}
	b.event("content_block_stop", `,"index":0`)
	b.event("message_delta", fmt.Sprintf(`,"delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":%d}`, out))
	b.event("message_stop", "")
	b.end()
}

func (w work) ownGemini(b *builder, in int) {
	chunk := func(text, finish string, out int) string {
		return fmt.Sprintf(`{"candidates":[{"content":{"parts":[{"text":%s}],"role":"model"}%s,"index":0}],"usageMetadata":{"promptTokenCount":%d,"candidatesTokenCount":%d,`+
			`"totalTokenCount":%d},"modelVersion":%q,"responseId":"%s"}`, quote(text), finish, in, out, in+out, w.name, blank)
	}
	const stop = `,"finishReason":"STOP"`
	if !w.stream {
		b.WriteString(chunk(strings.Join(w.words, ""), stop, len(w.words)))
		return
	}
	b.end() // Nothing opens it.
	for i, word := range w.words {
		fmt.Fprintf(b, "data: %s\r\n\r\n", chunk(word, "", i+1))
		b.end()
	}
	fmt.Fprintf(b, "data: %s\r\n\r\n", chunk("", stop, len(w.words)))
	b.end()
}

func (w work) ownOllama(b *builder, model string, in, out int) {
	line := func(text, done string) {
		fmt.Fprintf(b, `{"model":%q,"created_at":"2026-01-02T03:04:05Z","message":{"role":"assistant","content":%s},%s}`, model, quote(text), done)
	}
	done := fmt.Sprintf(`"done":true,"done_reason":"stop","total_duration":9,"load_duration":0,"prompt_eval_count":%d,"prompt_eval_duration":1,"eval_count":%d,"eval_duration":1`, in, out)
	if !w.stream {
		line(strings.Join(w.words, ""), done)
		return
	}
	b.end() // Nothing opens it.
	for _, word := range w.words {
		line(word, `"done":false`)
		b.WriteByte('\n')
		b.end()
	}
	line("", done)
	b.WriteByte('\n')
	b.end()
}
