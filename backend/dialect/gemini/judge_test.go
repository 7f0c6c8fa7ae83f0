package gemini_test

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"google.golang.org/genai"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/dialecttest"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/gemini"
)

// officialBody is a request in the types of Google's own client. What they have
// no field for, Google's server refuses.
type officialBody struct {
	Contents          []*genai.Content       `json:"contents"`
	SystemInstruction *genai.Content         `json:"systemInstruction"`
	Tools             []*genai.Tool          `json:"tools"`
	ToolConfig        *genai.ToolConfig      `json:"toolConfig"`
	SafetySettings    []*genai.SafetySetting `json:"safetySettings"`
	GenerationConfig  *officialGeneration    `json:"generationConfig"`
	CachedContent     string                 `json:"cachedContent"`
	ServiceTier       string                 `json:"serviceTier"`
}

// officialGeneration has the one field beside, which the client's request type
// lacks and its converter writes.
type officialGeneration struct {
	genai.GenerationConfig

	ImageConfig *genai.ImageConfig `json:"imageConfig"`
}

// judge reads a body as Google's types have it.
func judge(tb testing.TB, body []byte) officialBody {
	tb.Helper()
	// The documented value for a missing signature is no base64 of the kind that
	// a Go []byte takes.
	body = bytes.ReplaceAll(body, []byte("skip_thought_signature_validator"), []byte("c2ln"))
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	var got officialBody
	if err := d.Decode(&got); err != nil {
		tb.Fatalf("%v in %s", err, body)
	}
	return got
}

func TestEncodeRequest_GooglesOwnTypesReadIt(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/request/*/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no requests: %v", err)
	}
	for _, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range a.Files {
			if f.Name != "body.json" {
				continue
			}
			got := judge(t, f.Data)
			if config := got.GenerationConfig; config != nil && config.ThinkingConfig != nil && config.ThinkingConfig.ThinkingBudget != nil && config.ThinkingConfig.ThinkingLevel != "" {
				t.Errorf("%s: a level and a budget together are refused", file)
			}
			for _, tool := range got.Tools {
				for _, function := range tool.FunctionDeclarations {
					if function.Parameters != nil && function.ParametersJsonSchema != nil {
						t.Errorf("%s: two kinds of parameters together are refused", file)
					}
				}
			}
		}
	}
}

func TestEncodeRequest_GooglesOwnTypesReadAnAgentsPrompt(t *testing.T) {
	t.Parallel()
	body, _ := encoded(t, gemini.Upstream{IDs: true}, string(dialecttest.AgentPrompt(80_000, 5)), "gemini-3-flash-preview")
	got := judge(t, []byte(body))
	if len(got.Tools) != 1 || len(got.Tools[0].FunctionDeclarations) != 5 || len(got.Contents) < 5 {
		t.Fatalf("got %d tools and %d turns", len(got.Tools), len(got.Contents))
	}
	for i, c := range got.Contents[1:] {
		if c.Role == got.Contents[i].Role {
			t.Errorf("the turns %d and %d are of one side", i, i+1)
		}
	}
	call, result := got.Contents[1].Parts[0].FunctionCall, got.Contents[2].Parts[0].FunctionResponse
	if call == nil || result == nil || call.ID != result.ID || !strings.Contains(call.Args["path"].(string), "/src/0.go") {
		t.Errorf("got %+v and %+v, want a call and its result", call, result)
	}
}
