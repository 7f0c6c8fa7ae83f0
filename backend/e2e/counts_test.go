package e2e_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/responses"
	"github.com/tidwall/gjson"

	"github.com/WenChunTech/OpenAICompatible/backend/fake"
)

// A service that counts is asked, in whatever protocol the client counts; for the
// others it is estimated, and said so.
func TestCounts_AreTheServicesWhereItCounts(t *testing.T) {
	service := fake.NewResponses(upstreamKey)
	p := start(t, beside(t, "counting", "openaicompat", "openai", service), beside(t, "speaking", "openaicompat", "custom", fake.NewResponses(upstreamKey)))
	c := p.sdk()
	count := func(model string) (int64, error) {
		n, err := c.Responses.InputTokens.Count(t.Context(), responses.InputTokenCountParams{
			Model: openai.String(model), Input: responses.InputTokenCountParamsInputUnion{OfString: openai.String("one two three")},
		})
		if err != nil {
			return 0, err
		}
		return n.InputTokens, nil
	}
	if n, err := count("counting/anything"); err != nil || n != 103 {
		t.Errorf("the service's own count came as %d, %v", n, err)
	}
	if row := p.last(t); row.Lane != "carried" || row.TokensIn == nil || *row.TokensIn != 103 || len(row.Notes) != 0 {
		t.Errorf("the row says %s, %v tokens and the notes %q", row.Lane, row.TokensIn, row.Notes)
	}
	body := `{"model":"counting/anything","max_tokens":9,"messages":[{"role":"user","content":"one two three"}]}`
	status, raw := p.do(t, http.MethodPost, "/v1/messages/count_tokens", body, "anthropic-version", "2023-06-01")
	if n := gjson.GetBytes(raw, "input_tokens").Int(); status != http.StatusOK || n < 103 || n > 120 {
		t.Errorf("Anthropic's protocol: %d %s", status, raw)
	}
	if got := service.Received(); len(got) == 0 || got[len(got)-1].Path != "/v1/responses/input_tokens" || got[len(got)-1].Refused != "" {
		t.Errorf("Anthropic's protocol: the service got %d requests, the last %+v", len(got), got[len(got)-1])
	}
	status, raw = p.do(t, http.MethodPost, "/v1beta/models/counting/anything:countTokens", `{"contents":[{"role":"user","parts":[{"text":"one two three"}]}]}`)
	if n := gjson.GetBytes(raw, "totalTokens").Int(); status != http.StatusOK || n < 103 || n > 120 {
		t.Errorf("Gemini's protocol: %d %s", status, raw)
	}
	for _, model := range []string{"demo/fast", "plain/usage"} {
		if n, err := count(model); err != nil || n < 3 || n > 20 {
			t.Errorf("%s: %d, %v", model, n, err)
		}
		if row := p.last(t); !strings.Contains(strings.Join(row.Notes, "\n"), "estimated the tokens") {
			t.Errorf("%s: the notes are %q", model, row.Notes)
		}
	}
	if code, raw := p.do(t, http.MethodGet, "/v1/responses/input_tokens", ""); code != http.StatusMethodNotAllowed {
		t.Errorf("read: %d %s", code, raw)
	}
	if code, raw := p.do(t, http.MethodPost, "/v1/responses/input_tokens", `{"model":"demo/fast"}`); code != http.StatusBadRequest || !strings.Contains(string(raw), "input is missing") {
		t.Errorf("without input: %d %s", code, raw)
	}
}
