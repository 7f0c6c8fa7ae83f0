package gemini

import (
	"sort"
	"strconv"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/rawjson"
)

// grounding appends the sources of the answer: a chunk for each, and a support
// for each piece of the text that one proves. Google counts in bytes.
func (w *writer) grounding(dst []byte) []byte {
	if len(w.cited) == 0 {
		return dst
	}
	dst = append(dst, `,"groundingMetadata":{"groundingChunks":[`...)
	for i, c := range w.cited {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, `{"web":{"uri":`...)
		dst = append(rawjson.AppendString(dst, c.URL), `,"title":`...)
		dst = append(rawjson.AppendString(dst, c.Title), '}', '}')
	}
	dst = append(dst, `],"groundingSupports":[`...)
	first := true
	for i, c := range w.cited {
		if c.Start == 0 && c.End == 0 {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(dst, `{"segment":{"startIndex":`...)
		dst = strconv.AppendInt(dst, int64(w.text.bytesTo(c.Start)), 10)
		dst = append(dst, `,"endIndex":`...)
		dst = strconv.AppendInt(dst, int64(w.text.bytesTo(c.End)), 10)
		dst = append(dst, `},"groundingChunkIndices":[`...)
		dst = append(strconv.AppendInt(dst, int64(i), 10), ']', '}')
	}
	return append(dst, ']', '}')
}

// appendProbs turns OpenAI's log probabilities into Google's: two lists side by
// side, with an entry for each token.
func appendProbs(dst []byte, list [][]byte) []byte {
	var chosen, tops []byte
	for _, raw := range list {
		for _, token := range rawjson.Elements(rawjson.Get(raw, "content")) {
			chosen = append(appendCandidate(comma(chosen), token), '}')
			tops = append(comma(tops), `{"candidates":[`...)
			var alternatives []byte
			for _, t := range rawjson.Elements(rawjson.Get(token, "top_logprobs")) {
				alternatives = append(appendCandidate(comma(alternatives), t), '}')
			}
			tops = append(append(tops, alternatives...), ']', '}')
		}
	}
	dst = append(append(dst, `{"chosenCandidates":[`...), chosen...)
	dst = append(append(dst, `],"topCandidates":[`...), tops...)
	return append(dst, ']', '}')
}

func comma(list []byte) []byte {
	if len(list) == 0 {
		return list
	}
	return append(list, ',')
}

// appendCandidate appends a token with its probability; the object stays open.
func appendCandidate(dst, token []byte) []byte {
	dst = append(dst, `{"token":`...)
	dst = rawjson.AppendString(dst, rawjson.Text(rawjson.Get(token, "token")))
	if v := rawjson.Get(token, "logprob"); v != nil {
		dst = append(append(dst, `,"logProbability":`...), v...)
	}
	return dst
}

// bytesTo turns a character of the text into a byte of it.
func (p *places) bytesTo(char int) int {
	char = max(0, min(char, p.chars))
	i := sort.Search(len(p.runs), func(i int) bool { return p.runs[i].char > char })
	if i == 0 {
		return 0
	}
	r := p.runs[i-1]
	return r.byte + (char-r.char)*r.width
}
