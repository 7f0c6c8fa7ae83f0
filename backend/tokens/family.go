package tokens

import "strings"

// family is how the models of one maker read.
type family struct {
	// factor is by how much the count by o200k_base is raised.
	factor float64
	// message is what stands around each message, and tools what a request with
	// tools has beside them.
	message, tools int
	picture        func(width, height int, detail string) int
	// second is an audio's tokens a second, page a document's a page.
	second, page int
}

// families are the makers by the beginnings of their models' names, the first
// that fits first.
//
// What is known of them, and what is assumed:
//
//   - OpenAI's tokenizers are public; o200k_base is that of the models since
//     gpt-4o, gpt-oss included. The three tokens around a message are from its
//     cookbook ("How to count tokens with tiktoken"). Those before have
//     cl100k_base, whose count of this repository's texts and code is within half
//     a percent of that by o200k_base, and of its Chinese a seventh above: a
//     twentieth is assumed.
//   - Anthropic publishes none for its models, and nothing was measured here: that
//     a text has a fifth more is an assumption, on the high side so that a client
//     shortens too early rather than too late. The prompt that comes with tools is
//     in its documentation (346 tokens); the four around a message are assumed.
//   - Google's documentation says four characters a token, where o200k_base has
//     from four to four and a half of English: a tenth more is assumed.
//   - Qwen, GLM, DeepSeek, Kimi, Llama and Mistral have vocabularies of 128,000 to
//     164,000 tokens, smaller than o200k_base: a twentieth more is assumed.
func families() []struct {
	names []string
	family
} {
	type entry = struct {
		names []string
		family
	}
	openai := family{factor: 1, message: 3, picture: tiles, second: 10, page: 1000}
	older := openai
	older.factor = 1.05
	return []entry{
		{[]string{"gpt-4o", "gpt-4.", "gpt-5", "gpt-oss", "chatgpt", "o1", "o3", "o4"}, openai},
		{[]string{"gpt-4", "gpt-3.5", "gpt-35", "text-embedding-", "davinci-002", "babbage-002"}, older},
		{[]string{"claude"}, family{factor: 1.2, message: 4, tools: 346, picture: byArea, second: 10, page: 2000}},
		{[]string{"gemini", "gemma", "learnlm"}, family{factor: 1.1, message: 2, picture: squares, second: 32, page: 258}},
		{[]string{"qwen", "qwq", "qvq", "glm", "codegeex", "chatglm"}, family{factor: 1.05, message: 4, picture: patches, second: 25, page: 1000}},
	}
}

// familyOf is the family of a model by its name, whatever stands before a slash;
// most models that are not known have a tokenizer like those of Qwen.
func familyOf(model string) family {
	name := strings.ToLower(model[strings.LastIndexByte(model, '/')+1:])
	for _, f := range families() {
		for _, begin := range f.names {
			if strings.HasPrefix(name, begin) {
				return f.family
			}
		}
	}
	return family{factor: 1.05, message: 4, picture: tiles, second: 25, page: 1000}
}
