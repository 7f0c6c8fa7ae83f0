package gemini

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// CodeAssist answers what Gemini CLI asks Code Assist beside questions to a
// model: who the user is, which plan there is, what is left, which experiments
// run. There is one plan, everybody has it, and what the program would tell
// Google of its use stays here.
type CodeAssist struct {
	// Models gives the current list.
	Models func() []dialect.Model
}

// Paths are where CodeAssist answers; a * stands for any rest.
func (CodeAssist) Paths() []string { return []string{"/v1internal:*", "/v1internal/operations/*"} }

// ServeHTTP answers one request.
func (c CodeAssist) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, method, _ := strings.Cut(r.URL.Path, "/v1internal")
	answer, err := c.answer(method, w, r)
	if err != nil {
		CodeAssistClient{}.EncodeError(w, err)
		return
	}
	raw, bad := json.Marshal(answer)
	if bad != nil {
		CodeAssistClient{}.EncodeError(w, llm.AsError(bad))
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	_, _ = w.Write(append(raw, '\n'))
}

func (c CodeAssist) answer(method string, w http.ResponseWriter, r *http.Request) (any, *llm.Error) {
	switch method {
	case ":loadCodeAssist":
		project, err := projectIn(w, r)
		return loadAnswer{Current: localPlan(), Allowed: []plan{localPlan()}, Project: project}, err
	case ":onboardUser":
		project, err := projectIn(w, r)
		return onboarded(project), err
	case ":retrieveUserQuota":
		return quotas{c.buckets()}, nil
	case ":listExperiments":
		return experiments{IDs: []int{}, Flags: []struct{}{}}, nil
	case ":fetchAdminControls":
		return map[string]bool{"adminControlsApplicable": false}, nil
	case ":getCodeAssistGlobalUserSetting", ":setCodeAssistGlobalUserSetting":
		return map[string]bool{"freeTierDataCollectionOptin": false}, nil
	case ":recordCodeAssistMetrics", ":recordCodeAssistFeedback", ":recordConversationOffered", ":recordConversationInteraction":
		return struct{}{}, nil
	}
	if strings.HasPrefix(method, "/operations/") {
		return onboarded(localProject), nil
	}
	return nil, noMethod(strings.TrimPrefix(method, ":"))
}

// localProject is the project of who has none: Gemini CLI does not go on
// without.
const localProject = "openaicompatible"

// projectIn is the project that the client names.
func projectIn(w http.ResponseWriter, r *http.Request) (string, *llm.Error) {
	const most = 1 << 20
	var body struct {
		Project string `json:"cloudaicompanionProject"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, most)).Decode(&body); err != nil {
		return "", &llm.Error{Kind: llm.KindBadRequest, Code: "invalid_json", Message: "the body is not valid JSON: " + err.Error(), Cause: err}
	}
	if body.Project == "" {
		return localProject, nil
	}
	return body.Project, nil
}

// plan is Code Assist's tier.
type plan struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Default     bool   `json:"isDefault"`
	OwnProject  bool   `json:"userDefinedCloudaicompanionProject"`
}

// localPlan is the only one. It has the name of Google's standard plan, which
// Gemini CLI knows to have all models and no notices.
func localPlan() plan {
	return plan{ID: "standard-tier", Name: "OpenAICompatible", Description: "The models of this program's accounts", Default: true}
}

type loadAnswer struct {
	Current plan   `json:"currentTier"`
	Allowed []plan `json:"allowedTiers"`
	Project string `json:"cloudaicompanionProject"`
}

// operation is a set-up that is done.
type operation struct {
	Name     string `json:"name"`
	Done     bool   `json:"done"`
	Response struct {
		Project struct {
			ID   string `json:"id"`
			Name string `json:"name"`
		} `json:"cloudaicompanionProject"`
	} `json:"response"`
}

func onboarded(project string) operation {
	o := operation{Name: "operations/done", Done: true}
	o.Response.Project.ID, o.Response.Project.Name = project, project
	return o
}

type experiments struct {
	IDs   []int      `json:"experimentIds"`
	Flags []struct{} `json:"flags"`
}

type quotas struct {
	Buckets []bucket `json:"buckets"`
}

// bucket names a model that may be used. What is left is not said, for it is the
// accounts' matter; that there is one tells Gemini CLI which models there are.
type bucket struct {
	Model  string `json:"modelId"`
	Tokens string `json:"tokenType"`
}

func (c CodeAssist) buckets() []bucket {
	out := []bucket{}
	seen := map[string]bool{}
	for _, m := range c.Models() {
		bare := m.ID[strings.LastIndexByte(m.ID, '/')+1:]
		if strings.HasPrefix(bare, "gemini-") && !seen[bare] {
			seen[bare] = true
			out = append(out, bucket{bare, "REQUESTS"})
		}
	}
	return out
}
