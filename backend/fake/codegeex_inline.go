package fake

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
)

// inline completes code: codegeex-lite says what the recorded answer says,
// codegeex-pro writes until its limit and over the end of what was asked for. A
// prefix that ends with empty, http-NNN, or envelope-401 has that answer.
func (f *CodeGeeX) inline(w http.ResponseWriter, r *http.Request, got *Received) {
	q := gjson.ParseBytes(got.Body)
	if why := inlineRefusal(r.Header, got.Body); why != "" {
		f.fail(w, got, http.StatusBadRequest, why)
		return
	}
	prefix := q.Get("context.0.active_document.prefix").Str
	if _, code, ok := strings.Cut(prefix, "http-"); ok {
		if status, err := strconv.Atoi(code); err == nil {
			f.fail(w, got, status, fmt.Sprintf("test: the site answers %d", status))
			return
		}
	}
	switch {
	case strings.HasSuffix(prefix, "envelope-401"):
		w.Header().Set("Content-Type", "application/json")
		w.Write(Vector("codegeex/codegeex_auth_error.json"))
	case strings.HasSuffix(prefix, "empty"):
		writeJSON(w, map[string]any{"inline_completions": []any{}})
	case q.Get("model").Str == "codegeex-pro":
		writeJSON(w, map[string]any{"inline_completions": []any{map[string]string{"text": "return a + b\n}\n\nfunc Sub(", "finish_reason": "length"}}})
	default:
		codegeexCase("inline_completion").write(w)
	}
}

// inlineRefusal is what is wrong with a completion request; "" is nothing.
func inlineRefusal(h http.Header, body []byte) string {
	q := gjson.ParseBytes(body)
	if !gjson.ValidBytes(body) || !q.IsObject() {
		return "the body is no JSON object"
	}
	if why := onlyThese(q, "ide", "ide_version", "context", "model", "lang", "max_new_tokens"); why != "" {
		return why
	}
	list := q.Get("context").Array()
	switch {
	case h.Get("Content-Type") != "application/json" || strings.Contains(h.Get("Accept"), "event-stream"):
		return "a completion is asked for as JSON, and answered as JSON"
	case !slices.Contains([]string{"codegeex-lite", "codegeex-pro"}, q.Get("model").Str):
		return "the model " + q.Get("model").Str + " completes no code"
	case q.Get("max_new_tokens").Int() < 1:
		return "max_new_tokens must be a number above 0"
	case q.Get("ide").Type != gjson.String || q.Get("ide_version").Type != gjson.String || q.Get("lang").Type != gjson.String:
		return "ide, ide_version and lang must be strings"
	case len(list) != 1 || onlyThese(list[0], "kind", "active_document") != "" || list[0].Get("kind").Str != "active_document":
		return "context must be the document that is edited"
	}
	document := list[0].Get("active_document")
	for _, field := range []string{"path", "prefix", "suffix", "lang"} {
		if document.Get(field).Type != gjson.String {
			return "the document's " + field + " must be a string"
		}
	}
	if document.Get("path").Str == "" || document.Get("lang").Str != q.Get("lang").Str {
		return "the document needs a path, and the language of the request"
	}
	return onlyThese(document, "path", "prefix", "suffix", "lang")
}

// onlyThese finds a field that is not known, or there twice.
func onlyThese(object gjson.Result, known ...string) (why string) {
	seen := map[string]bool{}
	object.ForEach(func(key, _ gjson.Result) bool {
		if !slices.Contains(known, key.Str) || seen[key.Str] {
			why = "the field " + key.Str + " is unknown, or there twice"
		}
		seen[key.Str] = true
		return why == ""
	})
	return why
}
