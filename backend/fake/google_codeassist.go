package fake

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// serveCodeAssist is Code Assist: /v1internal:METHOD, and the operations.
func (g *Google) serveCodeAssist(w http.ResponseWriter, r *http.Request, got *Received) *googleError {
	if _, e := g.bearer(r); e != nil {
		return e
	}
	if strings.HasPrefix(r.URL.Path, "/v1internal/operations/") {
		return g.operation(w, r)
	}
	method := strings.TrimPrefix(r.URL.Path, "/v1internal:")
	if r.Method != http.MethodPost {
		return &googleError{status: http.StatusNotFound, name: "NOT_FOUND", message: "only POST"}
	}
	q, e := jsonBody(r, got.Body)
	if e != nil {
		return e
	}
	switch method {
	case "loadCodeAssist":
		return g.load(w, q)
	case "onboardUser":
		return g.onboard(w, q)
	case "retrieveUserQuota":
		if e := checkProject(q.Get("project")); e != nil {
			return e
		}
		writeRaw(w, Vector("gemini/retrieve_user_quota.json"))
		return nil
	case "countTokens":
		if !strings.HasPrefix(q.Get("request.model").String(), "models/") {
			return invalid("request.model must begin with models/")
		}
		writeRaw(w, Vector("gemini/count_tokens.json"))
		return nil
	case "generateContent", "streamGenerateContent":
		return g.generateWrapped(w, r, q, method)
	default:
		return &googleError{status: http.StatusNotFound, name: "NOT_FOUND", message: "Method not found: " + method}
	}
}

func writeRaw(w http.ResponseWriter, raw []byte) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.Write(raw)
}

// jsonBody is the body as a JSON object, or the refusal of another one.
func jsonBody(r *http.Request, body []byte) (gjson.Result, *googleError) {
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		return gjson.Result{}, invalid("Content-Type must be application/json, not " + r.Header.Get("Content-Type"))
	}
	q := gjson.ParseBytes(body)
	if !gjson.ValidBytes(body) || !q.IsObject() {
		return gjson.Result{}, invalid("Invalid JSON payload received. Unexpected token.")
	}
	return q, nil
}

// checkMetadata wants the client's description, as loadCodeAssist and
// onboardUser do.
func checkMetadata(q gjson.Result) *googleError {
	m := q.Get("metadata")
	switch {
	case !m.IsObject():
		return invalid("metadata is missing")
	case !slices.Contains([]string{"PLATFORM_UNSPECIFIED", "DARWIN_AMD64", "DARWIN_ARM64", "LINUX_AMD64", "LINUX_ARM64", "WINDOWS_AMD64"}, m.Get("platform").String()):
		return invalid("Invalid value at 'metadata.platform': " + m.Get("platform").String())
	case m.Get("duetProject").String() != q.Get("cloudaicompanionProject").String():
		return invalid("metadata.duetProject and cloudaicompanionProject differ")
	default:
		return nil
	}
}

func (g *Google) load(w http.ResponseWriter, q gjson.Result) *googleError {
	if e := checkMetadata(q); e != nil {
		return e
	}
	if p := q.Get("cloudaicompanionProject"); p.Exists() {
		if e := checkProject(p); e != nil {
			return e
		}
	}
	g.mu.Lock()
	name := g.options.Load[min(g.loads, len(g.options.Load)-1)]
	g.loads++
	g.mu.Unlock()
	if strings.HasPrefix(name, "error_") {
		return recorded(name)
	}
	writeRaw(w, Vector("gemini/"+name))
	return nil
}

// checkProject refuses projects by their names: those that are not a project's
// ID, and those that stand for what can be wrong with one.
func checkProject(p gjson.Result) *googleError {
	switch name := p.String(); {
	case name == "":
		return invalid("project is missing")
	case strings.Trim(name, "0123456789") == "":
		return invalid("Invalid project resource name projects/" + name)
	case name == "unlicensed-project":
		return recorded("error_403_no_license.json")
	case name == "disabled-project":
		return recorded("error_403_service_disabled.json")
	case name == "unverified-project":
		return recorded("error_403_validation_required.json")
	case name == "fenced-project":
		return &googleError{
			status: http.StatusForbidden, name: "PERMISSION_DENIED", reason: "SECURITY_POLICY_VIOLATED",
			message: "Request is prohibited by organization's policy.",
		}
	default:
		return nil
	}
}

func (g *Google) onboard(w http.ResponseWriter, q gjson.Result) *googleError {
	if e := checkMetadata(q); e != nil {
		return e
	}
	free, project := q.Get("tierId").String() == "free-tier", q.Get("cloudaicompanionProject").String()
	switch {
	case q.Get("tierId").String() == "":
		return invalid("tierId is missing")
	case free && project != "":
		return &googleError{status: http.StatusPreconditionFailed, name: "FAILED_PRECONDITION", message: "Precondition Failed"}
	}
	g.mu.Lock()
	g.polls = 0
	g.mu.Unlock()
	g.writeOperation(w)
	return nil
}

func (g *Google) operation(w http.ResponseWriter, r *http.Request) *googleError {
	if r.Method != http.MethodGet {
		return &googleError{status: http.StatusNotFound, name: "NOT_FOUND", message: "only GET"}
	}
	g.mu.Lock()
	g.polls++
	g.mu.Unlock()
	g.writeOperation(w)
	return nil
}

func (g *Google) writeOperation(w http.ResponseWriter) {
	g.mu.Lock()
	done := g.polls >= g.options.Polls
	g.mu.Unlock()
	switch {
	case !done:
		writeRaw(w, Vector("gemini/onboard_lro_pending.json"))
	case g.options.OperationFails:
		raw, _ := json.Marshal(map[string]any{
			"name": "operations/failed", "done": true,
			"error": map[string]any{"code": 7, "message": "Invented: the terms were not accepted.", "status": "PERMISSION_DENIED"},
		})
		writeRaw(w, raw)
	default:
		writeRaw(w, Vector("gemini/onboard_lro_done.json"))
	}
}

// generateWrapped takes the envelope off and puts it on.
func (g *Google) generateWrapped(w http.ResponseWriter, r *http.Request, q gjson.Result, method string) *googleError {
	model := q.Get("model").String()
	if e := checkKnown(q, "request", "model", "project", "user_prompt_id", "request", "enabled_credit_types"); e != nil {
		return e
	}
	if e := checkProject(q.Get("project")); e != nil {
		return e
	}
	switch {
	case model == "" || strings.HasPrefix(model, "models/"):
		return invalid("model must be a name without models/, not '" + model + "'")
	case model == "gemini-3.5-flash":
		return recorded("error_404_model.json") // its name on this wire is gemini-3-flash
	case !q.Get("request").IsObject():
		return invalid("request is missing")
	}
	return g.generate(w, r, ask{request: q.Get("request"), model: model, stream: method == "streamGenerateContent", wrapped: true})
}
