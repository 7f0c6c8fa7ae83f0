package gemini

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/fake"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

func loaded(t *testing.T, name string) loadAnswer {
	t.Helper()
	var load loadAnswer
	if err := json.Unmarshal(fake.Vector("gemini/"+name), &load); err != nil {
		t.Fatal(err)
	}
	return load
}

// The outcomes are those of Google's own client for the same answers.
func TestDecide_AgreesWithGooglesClient(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, vector, project string
		want                  string // tier/project, + before one that is onboarded first
		code, says            string
	}{
		{"paid", "load_code_assist_free.json", "", "g1-pro-tier/sample-managed-4821", "", ""},
		{"paid, with a project", "load_code_assist_free.json", "mine", "g1-pro-tier/sample-managed-4821", "", ""},
		{"new", "load_code_assist_new_user.json", "", "+free-tier/", "", ""},
		{"new, with a project", "load_code_assist_new_user.json", "mine", "+free-tier/", "", ""},
		{"standard", "load_code_assist_standard.json", "", "standard-tier/sample-corp-project", "", ""},
		{"unsupported", "load_code_assist_unsupported_client.json", "", "", "UNSUPPORTED_CLIENT", "API key"},
		{"unsupported, with a project", "load_code_assist_unsupported_client.json", "mine", "+standard-tier/mine", "", ""},
		{"unsupported, with a tier", "load_code_assist_unsupported_client_current_tier.json", "", "", "UNSUPPORTED_CLIENT", "Vertex AI"},
		{"unsupported, with both", "load_code_assist_unsupported_client_current_tier.json", "mine", "standard-tier/mine", "", ""},
		{"validation", "load_code_assist_validation_required.json", "", "", "VALIDATION_REQUIRED", "https://accounts.google.com/signin/continue?sarp=1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p, link, err := decide(loaded(t, c.vector), c.project)
			got := p.Tier.ID + "/" + p.Project
			if p.Onboard {
				got = "+" + got
			}
			if c.code != "" {
				if err == nil || err.Code != c.code || err.Kind != llm.KindForbidden || !strings.Contains(err.Message, c.says) {
					t.Errorf("got %v, want %s that says %q", err, c.code, c.says)
				}
				if (link != "") != (c.code == "VALIDATION_REQUIRED") {
					t.Errorf("the link is %q", link)
				}
				return
			}
			if err != nil || got != c.want {
				t.Errorf("got %s, %v, want %s", got, err, c.want)
			}
		})
	}
}

func TestDecide_OddAnswers(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]string{
		`{}`: "PROJECT_REQUIRED",
		`{"currentTier":{},"cloudaicompanionProject":null}`:                                                             "PROJECT_REQUIRED",
		`{"currentTier":{"id":"standard-tier"},"ineligibleTiers":[{"reasonCode":"BRAND_NEW"}]}`:                         "BRAND_NEW",
		`{"currentTier":{"id":"standard-tier"},"ineligibleTiers":[{"reasonMessage":"No."}]}`:                            "INELIGIBLE",
		`{"ineligibleTiers":[{"reasonCode":"VALIDATION_REQUIRED"}]}`:                                                    "VALIDATION_REQUIRED",
		`{"ineligibleTiers":[{"reasonCode":"DASHER_USER"},{"reasonCode":"UNSUPPORTED_CLIENT"}]}`:                        "UNSUPPORTED_CLIENT",
		`{"currentTier":{"id":"a"},"cloudaicompanionProject":{"id":"old-form"}}`:                                        "",
		`{"allowedTiers":[{"id":"free-tier"},{"id":"x","isDefault":true}],"paidTier":null,"ineligibleTiers":null}`:      "",
		`{"allowedTiers":[{"id":"x","isDefault":true,"userDefinedCloudaicompanionProject":true}],"ineligibleTiers":[]}`: "PROJECT_REQUIRED",
	} {
		var load loadAnswer
		if err := json.Unmarshal([]byte(answer), &load); err != nil {
			t.Errorf("%s: %v", answer, err)
			continue
		}
		_, _, err := decide(load, "")
		if got := llm.AsError(errorOf(err)); (got == nil) != (want == "") || got != nil && (got.Code != want || got.Message == "") {
			t.Errorf("%s: got %v, want %q", answer, err, want)
		}
	}
}

func errorOf(e *llm.Error) error {
	if e == nil {
		return nil
	}
	return e
}

func TestOnboarded(t *testing.T) {
	t.Parallel()
	read := func(text string) (o operation) {
		if err := json.Unmarshal([]byte(text), &o); err != nil {
			t.Fatal(err)
		}
		return o
	}
	done := read(string(fake.Vector("gemini/onboard_lro_done.json")))
	if p, err := onboarded(done, loadAnswer{}, plan{Tier: tier{ID: "free-tier"}, Onboard: true}, ""); err != nil || p.Project != "sample-managed-4821" || p.Onboard {
		t.Errorf("got %+v, %v", p, err)
	}
	empty := read(`{"done":true,"response":{}}`)
	if p, err := onboarded(empty, loadAnswer{}, plan{}, "mine"); err != nil || p.Project != "mine" {
		t.Errorf("got %+v, %v", p, err)
	}
	if _, err := onboarded(empty, loadAnswer{}, plan{}, ""); err == nil || err.Code != "PROJECT_REQUIRED" {
		t.Errorf("got %v", err)
	}
	failed := read(`{"done":true,"error":{"code":7,"message":"no terms","status":"PERMISSION_DENIED"}}`)
	if _, err := onboarded(failed, loadAnswer{}, plan{}, "mine"); err == nil || err.Code != "PERMISSION_DENIED" || !strings.Contains(err.Message, "no terms") {
		t.Errorf("got %v", err)
	}
}
