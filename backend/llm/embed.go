package llm

// EmbedRequest asks for the vectors of texts.
type EmbedRequest struct {
	// Model is the name the client asked for, before any route.
	Model string
	// Inputs are the texts, at least one. A client's token numbers are refused
	// where they cannot be carried.
	Inputs []string
	// Dimensions is the length of each vector; 0 is the model's own.
	Dimensions int
	// Task is what the vectors are for, in Gemini's words as RETRIEVAL_QUERY; ""
	// is unsaid. Title names a document, for services that take one.
	Task  string
	Title string
	// Base64 says that the client wants the vectors as base64 of little-endian
	// 32-bit floats.
	Base64 bool
	User   string
	// Extra and Minter are as in Request.
	Extra  []Field
	Minter string
}

// Embeddings are the answer to an EmbedRequest.
type Embeddings struct {
	// Model is the upstream's own name of what answered; "" is unsaid.
	Model string
	// Vectors are in the order of the inputs.
	Vectors [][]float32
	Usage   Usage
}
