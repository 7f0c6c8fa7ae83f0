package llm

// Completion asks for text that goes on where another text ends, or that belongs
// between two, as an editor does at its cursor. A Request with one has no
// Messages; limits, sampling and stop words are the Request's own.
type Completion struct {
	// Prompt is what stands before the missing text.
	Prompt string
	// Suffix is what stands behind it; "" is nothing, and then the text is to go
	// on until it ends by itself.
	Suffix string
	// Raw says that the Prompt is a model's own template, with its tokens in it: a
	// service that completes text must get it as it is.
	Raw bool
}
