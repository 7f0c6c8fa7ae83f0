package gemini

import (
	"fmt"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// loadAnswer is what loadCodeAssist says; every member may be missing.
type loadAnswer struct {
	CurrentTier *tier  `json:"currentTier"`
	PaidTier    *tier  `json:"paidTier"`
	Allowed     []tier `json:"allowedTiers"`
	Ineligible  []bar  `json:"ineligibleTiers"`
	// Project is an ID, or in old answers an object with one.
	Project projectID `json:"cloudaicompanionProject"`
}

// tier is a plan of Code Assist.
type tier struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	// OwnProject says that the user must bring a project.
	OwnProject bool `json:"userDefinedCloudaicompanionProject"`
	IsDefault  bool `json:"isDefault"`
}

// bar is why an account may not have a tier. The reasons are an open set.
type bar struct {
	Reason  string `json:"reasonCode"`
	Message string `json:"reasonMessage"`
	TierID  string `json:"tierId"`
	Link    string `json:"validationUrl"`
}

// The tiers that mean something to the set-up.
const (
	tierFree     = "free-tier"
	tierLegacy   = "legacy-tier"
	tierStandard = "standard-tier"
)

// plan is what the set-up decided: the account is ready, or is to be onboarded
// to a tier first.
type plan struct {
	Project string
	Tier    tier
	Onboard bool
}

// decide says what a loadCodeAssist answer means for an account whose user
// entered project, or none. The link is where the user can mend a refusal.
func decide(load loadAnswer, project string) (p plan, link string, err *llm.Error) {
	if load.CurrentTier == nil {
		for _, b := range load.Ineligible {
			if b.Reason == "VALIDATION_REQUIRED" && b.Link != "" {
				return plan{}, b.Link, &llm.Error{
					Kind: llm.KindForbidden, Code: b.Reason,
					Message: "Google wants the account to be verified first: open " + b.Link + " , then test the account again",
				}
			}
		}
		p, err = onboarding(load, project)
		return p, "", err
	}
	p = plan{Project: firstOf(string(load.Project), project), Tier: tier{ID: tierStandard}}
	if load.CurrentTier.ID != "" {
		p.Tier = *load.CurrentTier
	}
	if load.PaidTier != nil && load.PaidTier.ID != "" {
		p.Tier = *load.PaidTier
	}
	if p.Project == "" {
		return plan{}, "", refusal(load)
	}
	return p, "", nil
}

// onboarding is the plan for an account that has no tier yet.
func onboarding(load loadAnswer, project string) (plan, *llm.Error) {
	p := plan{Tier: tier{ID: tierLegacy, OwnProject: true}, Onboard: true}
	for _, t := range load.Allowed {
		if t.IsDefault {
			p.Tier = t
			break
		}
	}
	// The free tier makes a project of its own and refuses another one.
	if p.Tier.ID != tierFree {
		p.Project = project
	}
	// Google's own client asks all the same, and is refused then.
	if p.Tier.OwnProject && p.Project == "" {
		return plan{}, refusal(load)
	}
	return p, nil
}

// operation is a long-running one, as onboarding is.
type operation struct {
	Name     string `json:"name"`
	Done     bool   `json:"done"`
	Response struct {
		Project struct {
			ID string `json:"id"`
		} `json:"cloudaicompanionProject"`
	} `json:"response"`
	Error *struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
		Status  string `json:"status"`
	} `json:"error"`
}

// onboarded says what a finished operation means for the plan it was part of.
func onboarded(o operation, load loadAnswer, p plan, project string) (plan, *llm.Error) {
	if o.Error != nil {
		return plan{}, &llm.Error{
			Kind: llm.KindForbidden, Code: firstOf(o.Error.Status, "ONBOARDING_FAILED"),
			Message: "Google could not set the account up for Code Assist: " + firstOf(o.Error.Message, "it does not say why"),
		}
	}
	p.Onboard = false
	p.Project = firstOf(o.Response.Project.ID, project)
	if p.Project == "" {
		return plan{}, refusal(load)
	}
	return p, nil
}

// refusal is why an account cannot be used: a reason that Google gives, or a
// project that is missing.
func refusal(load loadAnswer) *llm.Error {
	if len(load.Ineligible) == 0 {
		return noProject(wayCLI)
	}
	var said []string
	for _, b := range load.Ineligible {
		if b.Reason == "UNSUPPORTED_CLIENT" {
			return unsupportedClient(b.Message)
		}
		if b.Message != "" {
			said = append(said, b.Message)
		}
	}
	first := load.Ineligible[0]
	return &llm.Error{
		Kind: llm.KindForbidden, Code: firstOf(first.Reason, "INELIGIBLE"),
		Message: fmt.Sprintf("Google does not serve this account through Code Assist: %s. %s",
			strings.TrimSuffix(firstOf(strings.Join(said, " "), meaningOf(first.Reason)), "."), remaining),
	}
}

// remaining names the ways that an account without Code Assist still has (B21).
const remaining = "What remains: a Gemini API key; Vertex AI in a Google Cloud project; or a Gemini Code Assist Standard or Enterprise license, whose project ID is entered in the account's settings"

// meaningOf is a reason that came without words.
func meaningOf(reason string) string {
	switch reason {
	case "DASHER_USER":
		return "the account belongs to an organization, whose license and project it needs"
	case "RESTRICTED_AGE":
		return "the account's owner is too young"
	case "RESTRICTED_NETWORK", "UNSUPPORTED_LOCATION", "UNKNOWN_LOCATION":
		return "it is not available at this location, or from this network"
	case "":
		return "it gives no reason"
	default:
		return "its reason is " + reason
	}
}

// unsupportedClient is Google's answer to personal accounts since 2026-06-18.
func unsupportedClient(said string) *llm.Error {
	m := "Google has not served personal accounts this way since 2026-06-18. " + remaining
	if said != "" {
		m += ". Google says: " + said
	}
	return &llm.Error{Kind: llm.KindForbidden, Code: "UNSUPPORTED_CLIENT", Message: m}
}

// noProject asks for a project.
func noProject(way string) *llm.Error {
	e := &llm.Error{Kind: llm.KindForbidden, Code: "PROJECT_REQUIRED", Param: fieldProject}
	if way == wayCLI {
		e.Message = "the account has no Google Cloud project: test the account, so that Google is asked for it; if Google knows none, enter the ID of the project that the license is in"
		return e
	}
	e.Message = "Vertex AI needs a Google Cloud project: enter its ID in the account's settings"
	return e
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
