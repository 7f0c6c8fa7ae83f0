package fake

import (
	"net/http"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// ask is one request for an answer, whatever the service.
type ask struct {
	request gjson.Result
	model   string
	stream  bool
	// wrapped is Code Assist's envelope; vertex refuses ids of calls.
	wrapped, vertex bool
}

// servePublic is the Gemini API with a key.
func (g *Google) servePublic(w http.ResponseWriter, r *http.Request, got *Received) *googleError {
	key := r.Header.Get("x-goog-api-key")
	switch {
	case r.URL.Query().Has("key"):
		return invalid("the key is in the address, where it is logged")
	case key == "":
		return &googleError{
			status: http.StatusForbidden, name: "PERMISSION_DENIED",
			message: "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.",
		}
	case g.options.Key != "" && key != g.options.Key:
		return recorded("error_400_api_key_invalid.json")
	}
	path := strings.TrimPrefix(r.URL.Path, "/v1beta/models")
	if r.Method == http.MethodGet {
		return g.list(w, r, strings.TrimPrefix(path, "/"))
	}
	model, method, _ := strings.Cut(strings.TrimPrefix(path, "/"), ":")
	return g.method(w, r, got, ask{model: model}, method)
}

// serveVertex is Vertex AI's Gemini.
func (g *Google) serveVertex(w http.ResponseWriter, r *http.Request, got *Received) *googleError {
	if _, e := g.bearer(r); e != nil {
		return e
	}
	parts := strings.Split(strings.TrimPrefix(r.URL.Path, "/v1/"), "/")
	if len(parts) != 8 || parts[0] != "projects" || parts[2] != "locations" || parts[6] != "models" || r.Method != http.MethodPost {
		return &googleError{status: http.StatusNotFound, name: "NOT_FOUND", message: "no such path: " + r.URL.Path}
	}
	switch project, location := parts[1], parts[3]; {
	case project == "disabled-project":
		return recorded("error_403_service_disabled.json")
	case location == "nowhere1":
		return invalid("Unsupported region for Vertex AI, should be one of [europe-west4, us-central1, global].")
	case project != "sample-corp-project":
		return &googleError{
			status: http.StatusForbidden, name: "PERMISSION_DENIED", reason: "IAM_PERMISSION_DENIED",
			message: "Permission 'aiplatform.endpoints.predict' denied on resource '//aiplatform.googleapis.com/projects/" + project + "' (or it may not exist).",
		}
	}
	model, method, _ := strings.Cut(parts[7], ":")
	return g.method(w, r, got, ask{model: model, vertex: true}, method)
}

// list pages through the recorded models.
func (*Google) list(w http.ResponseWriter, r *http.Request, one string) *googleError {
	first, second := Vector("gemini/models_list_page1.json"), Vector("gemini/models_list_page2.json")
	token := gjson.GetBytes(first, "nextPageToken").String()
	if one != "" {
		for _, page := range [][]byte{first, second} {
			for _, m := range gjson.GetBytes(page, "models").Array() {
				if m.Get("name").String() == "models/"+one {
					writeRaw(w, []byte(m.Raw))
					return nil
				}
			}
		}
		return recorded("error_404_model.json")
	}
	switch r.URL.Query().Get("pageToken") {
	case "":
		writeRaw(w, first)
	case token:
		writeRaw(w, second)
	default:
		return invalid("page_token is not valid")
	}
	return nil
}

// method is one of a model's.
func (g *Google) method(w http.ResponseWriter, r *http.Request, got *Received, a ask, method string) *googleError {
	q, e := jsonBody(r, got.Body)
	if e != nil {
		return e
	}
	a.request = q
	switch method {
	case "streamGenerateContent":
		if r.URL.Query().Get("alt") != "sse" {
			return invalid("without alt=sse the answer is a list")
		}
		a.stream = true
		return g.generate(w, r, a)
	case "generateContent":
		return g.generate(w, r, a)
	case "countTokens":
		contents := q.Get("contents")
		if whole := q.Get("generateContentRequest"); whole.Exists() {
			if contents.Exists() || a.vertex || whole.Get("model").String() != "models/"+a.model {
				return invalid("generateContentRequest stands alone, names its model, and Vertex AI has none")
			}
			contents = whole.Get("contents")
		}
		if e := checkContents(contents, a); e != nil {
			return e
		}
		writeRaw(w, Vector("gemini/public_count_tokens.json"))
		return nil
	case "embedContent":
		if !q.Get("content.parts.0").Exists() {
			return invalid("content is missing")
		}
		writeRaw(w, Vector("gemini/embed_content.json"))
		return nil
	case "batchEmbedContents":
		return batchEmbed(w, q, a)
	case "predict":
		return predict(w, q, a)
	default:
		return &googleError{status: http.StatusNotFound, name: "NOT_FOUND", message: "Method not found: " + method}
	}
}

// batchEmbed answers as many vectors as there are texts, in their order.
func batchEmbed(w http.ResponseWriter, q gjson.Result, a ask) *googleError {
	requests := q.Get("requests").Array()
	if len(requests) == 0 {
		return invalid("requests must not be empty")
	}
	recordings := gjson.GetBytes(Vector("gemini/batch_embed_contents.json"), "embeddings").Array()
	out := make([]any, 0, len(requests))
	for i, one := range requests {
		if one.Get("model").String() != "models/"+a.model || !one.Get("content.parts.0.text").Exists() {
			return invalid("requests[] must name models/" + a.model + " and have a content")
		}
		out = append(out, recordings[i%len(recordings)].Value())
	}
	writeJSON(w, map[string]any{"embeddings": out})
	return nil
}

// predict is Vertex AI's way to vectors; its gemini models take one text at a
// time.
func predict(w http.ResponseWriter, q gjson.Result, a ask) *googleError {
	instances := q.Get("instances").Array()
	if len(instances) == 0 || strings.HasPrefix(a.model, "gemini-") && len(instances) > 1 || !a.vertex {
		return invalid("instances must hold one text, or some for older models")
	}
	recordings := gjson.GetBytes(Vector("gemini/batch_embed_contents.json"), "embeddings").Array()
	out := make([]any, 0, len(instances))
	for i, one := range instances {
		if e := checkKnown(one, "instances", "content", "task_type", "title"); e != nil || !one.Get("content").Exists() {
			return invalid("instances[] must have a content")
		}
		out = append(out, map[string]any{"embeddings": map[string]any{
			"values": recordings[i%len(recordings)].Get("values").Value(), "statistics": map[string]any{"token_count": 3, "truncated": false},
		}})
	}
	writeJSON(w, map[string]any{"predictions": out})
	return nil
}

// checkKnown refuses members that the message does not have, as protobuf's JSON
// does. Both spellings of a name are one.
func checkKnown(q gjson.Result, at string, known ...string) (e *googleError) {
	q.ForEach(func(key, _ gjson.Result) bool {
		if name := key.String(); !slices.Contains(known, camel(name)) && !slices.Contains(known, name) {
			e = invalid("Invalid JSON payload received. Unknown name \"" + name + "\" at '" + at + "': Cannot find field.")
		}
		return e == nil
	})
	return e
}

func camel(name string) string {
	var b strings.Builder
	for i, part := range strings.Split(name, "_") {
		if i > 0 && part != "" {
			part = strings.ToUpper(part[:1]) + part[1:]
		}
		b.WriteString(part)
	}
	return b.String()
}
