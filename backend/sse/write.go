package sse

import "bytes"

// Append appends an event. Data with line breaks becomes several data lines, so
// that it cannot end the event early. An empty kind writes no event field.
func Append(dst []byte, kind string, data []byte) []byte {
	if kind != "" {
		dst = append(dst, "event: "...)
		dst = append(dst, kind...)
		dst = append(dst, '\n')
	}
	for {
		i := lineEnd(data)
		if i < 0 {
			break
		}
		dst = appendLine(dst, data[:i])
		if data[i] == '\r' && i+1 < len(data) && data[i+1] == '\n' {
			i++
		}
		data = data[i+1:]
	}
	return append(appendLine(dst, data), '\n')
}

// lineEnd is where the first line ends; -1 is that there is only one. Two searches
// for a byte are many times as fast as one for any of two.
func lineEnd(data []byte) int {
	feed := bytes.IndexByte(data, '\n')
	if feed >= 0 {
		data = data[:feed]
	}
	if cr := bytes.IndexByte(data, '\r'); cr >= 0 {
		return cr
	}
	return feed
}

func appendLine(dst, data []byte) []byte {
	dst = append(dst, "data: "...)
	dst = append(dst, data...)
	return append(dst, '\n')
}

// AppendComment appends a comment, which every client ignores, with its blank
// line. text has no line breaks.
func AppendComment(dst []byte, text string) []byte {
	dst = append(dst, ": "...)
	dst = append(dst, text...)
	return append(dst, '\n', '\n')
}
