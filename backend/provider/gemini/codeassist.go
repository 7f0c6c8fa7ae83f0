package gemini

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/provider/internal/endpoint"
)

const (
	// pollPause is the time between two questions for an operation, polls how
	// many there are: two minutes, where Google's own client asks for ever.
	pollPause = 5 * time.Second
	polls     = 24
)

// projectID is a project's ID, as a text or in an object.
type projectID string

// UnmarshalJSON reads both forms; anything else is none.
func (p *projectID) UnmarshalJSON(raw []byte) error {
	var text string
	var object struct {
		ID string `json:"id"`
	}
	if json.Unmarshal(raw, &text) != nil && json.Unmarshal(raw, &object) == nil {
		text = object.ID
	}
	*p = projectID(text)
	return nil
}

// metadata describes the caller to Code Assist, which takes these values alone.
type metadata struct {
	IDE     string `json:"ideType"`
	OS      string `json:"platform"`
	Plugin  string `json:"pluginType"`
	Project string `json:"duetProject,omitempty"`
}

type setUpRequest struct {
	Tier     string   `json:"tierId,omitempty"`
	Project  string   `json:"cloudaicompanionProject,omitempty"`
	Metadata metadata `json:"metadata"`
}

func newSetUpRequest(tierID, project string) setUpRequest {
	return setUpRequest{
		Tier: tierID, Project: project,
		Metadata: metadata{IDE: "IDE_UNSPECIFIED", OS: "PLATFORM_UNSPECIFIED", Plugin: "GEMINI", Project: project},
	}
}

// setUp finds out whether and with which project an account may use Code
// Assist, and has it set up where it is new.
func (p Provider) setUp(ctx context.Context, a *account.Account) (plan, string, error) {
	project := projectOf(a)
	if project != "" {
		if err := checkProjectID(project); err != nil {
			return plan{}, "", err
		}
	}
	var load loadAnswer
	err := p.call(ctx, a, ":loadCodeAssist", newSetUpRequest("", project), &load)
	switch e := llm.AsError(err); {
	case e == nil:
	case e.Code == "SECURITY_POLICY_VIOLATED":
		// A perimeter round the project forbids the question, not the use.
		load = loadAnswer{CurrentTier: &tier{ID: tierStandard}}
	case e.Kind == llm.KindForbidden && project == "cloudshell-gca":
		return plan{}, "", noProject(wayCLI)
	default:
		return plan{}, linkIn(e.Message), err
	}
	next, link, refused := decide(load, project)
	if refused != nil {
		return plan{}, link, refused
	}
	if !next.Onboard {
		return next, "", nil
	}
	o, err := p.onboard(ctx, a, next)
	if err != nil {
		return plan{}, linkIn(err.Error()), err
	}
	done, refused := onboarded(o, load, next, project)
	if refused != nil {
		return plan{}, "", refused
	}
	return done, "", nil
}

// onboard has an account set up, and waits until it is.
func (p Provider) onboard(ctx context.Context, a *account.Account, next plan) (operation, error) {
	var o operation
	if err := p.call(ctx, a, ":onboardUser", newSetUpRequest(next.Tier.ID, next.Project), &o); err != nil {
		return o, err
	}
	for range polls {
		if o.Done || o.Error != nil {
			return o, nil
		}
		name, ok := strings.CutPrefix(o.Name, "operations/")
		if !ok || !made(name, "._-") {
			return o, &llm.Error{Kind: llm.KindProtocol, Message: "Google set the account up under a name that cannot be asked for: test the account again in a minute"}
		}
		if err := p.pause(ctx, pollPause); err != nil {
			return o, &llm.Error{Kind: llm.KindCanceled, Message: "the request was canceled", Cause: err}
		}
		o = operation{Name: o.Name}
		if err := p.call(ctx, a, "/operations/"+name, nil, &o); err != nil {
			return o, err
		}
	}
	if o.Done || o.Error != nil {
		return o, nil
	}
	return o, &llm.Error{Kind: llm.KindTimeout, Code: "ONBOARDING_PENDING", Message: "Google is still setting the account up: test the account again in some minutes"}
}

func (p Provider) pause(ctx context.Context, d time.Duration) error {
	if p.Pause != nil {
		return p.Pause(ctx, d)
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// call asks below an account's base address and reads the answer into to. A nil
// question is a GET.
func (p Provider) call(ctx context.Context, a *account.Account, path string, question, to any) error {
	u, err := baseOf(a, wayOf(a))
	if err != nil {
		return err
	}
	path, u.RawQuery, _ = strings.Cut(path, "?")
	u.Path += path
	var body []byte
	method := http.MethodGet
	if question != nil {
		method = http.MethodPost
		if body, err = json.Marshal(question); err != nil {
			return &llm.Error{Kind: llm.KindInternal, Message: "the question to Google cannot be written", Cause: err}
		}
	}
	r, err := p.request(ctx, a, method, u, body)
	if err != nil {
		return err
	}
	answer, err := endpoint.Ask(a.HTTP, r)
	if err != nil {
		return err
	}
	if !answer.OK() {
		return p.Dialect(a, "").DecodeError(answer.Status, answer.Header, answer.Body)
	}
	if err := json.Unmarshal(answer.Body, to); err != nil {
		return &llm.Error{
			Kind: llm.KindProtocol, Status: answer.Status, Cause: err,
			Message: "what answered is not Google's " + u.Host + ": a network's own sign-in page or a proxy may stand in between; open any web page, sign in to the network, and try again",
		}
	}
	return nil
}
