package request

import "strings"

// DataURL takes an address with the data in it apart.
func DataURL(s string) (mime, data string, ok bool) {
	const most = 256 // of a media type
	rest, ok := strings.CutPrefix(s, "data:")
	if !ok {
		return "", "", false
	}
	mime, _, ok = strings.Cut(rest[:min(len(rest), most)], ";base64,")
	if !ok {
		return "", "", false
	}
	return mime, rest[len(mime)+len(";base64,"):], true
}
