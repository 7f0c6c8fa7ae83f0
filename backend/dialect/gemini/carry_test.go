package gemini_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/dialecttest"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/gemini"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// strict reads a stream as Google's most exacting client: events of JSON alone,
// each with its end, none that is not a chunk.
func strict(stream []byte, _ string) (dialecttest.Outcome, error) {
	text := strings.ReplaceAll(string(stream), "\r\n", "\n")
	if text != "" && !strings.HasSuffix(text, "\n\n") {
		return dialecttest.Outcome{}, errors.New("the last event has no end")
	}
	for event := range strings.SplitSeq(strings.TrimSuffix(text, "\n\n"), "\n\n") {
		var data strings.Builder
		for line := range strings.SplitSeq(event, "\n") {
			if strings.HasPrefix(line, ":") {
				return dialecttest.Outcome{}, fmt.Errorf("B22: a comment: %q", line)
			}
			if said, ok := strings.CutPrefix(line, "data:"); ok {
				data.WriteString(strings.TrimPrefix(said, " ") + "\n")
			}
		}
		if !json.Valid([]byte(data.String())) {
			return dialecttest.Outcome{}, fmt.Errorf("no JSON: %q", event)
		}
	}
	return dialecttest.Of(gemini.Upstream{}.DecodeReply("text/event-stream", bytes.NewReader(stream))), nil
}

func TestCarrier_PassesRecordedAnswersOn(t *testing.T) {
	t.Parallel()
	var streams []dialecttest.Reply
	for _, r := range vectors(t) {
		if strings.HasSuffix(r.Name, ".sse") {
			streams = append(streams, r)
		}
	}
	dialecttest.Carrier(t, gemini.Upstream{IDs: true}, strict, streams)
}

func TestCarrier_TouchesNoByteOfAStream(t *testing.T) {
	t.Parallel()
	body := vector(t, "public_stream_text.sse")
	for _, size := range dialecttest.Sizes() {
		out, seen, failed := dialecttest.Pass(gemini.Upstream{IDs: true}.Tap(dialect.Head{Stream: true}, "asked"), body, size)
		if failed != nil || !bytes.Equal(out, body) {
			t.Errorf("in pieces of %d: %v\ngot  %q\nwant %q", size, failed, out, body)
		}
		if seen.Usage != usage(3, 0, 2, 0) || seen.Reason != llm.ReasonStop || seen.Model == "" || !seen.Closed {
			t.Errorf("seen %+v", seen)
		}
	}
}

func TestCarrier_AStreamBecomesAListForWhoWantsOne(t *testing.T) {
	t.Parallel()
	const request = `{"contents":[{"parts":[{"text":"x"}]}]}`
	h := headOf(t, gemini.Client{}, "/v1beta/models/m:streamGenerateContent", request)
	for _, r := range vectors(t) {
		if !strings.HasSuffix(r.Name, ".sse") || r.Want.Failed {
			continue
		}
		for _, size := range dialecttest.Sizes() {
			out, _, failed := dialecttest.Pass(gemini.Upstream{IDs: true}.Tap(h, "asked"), r.Body, size)
			if failed != nil || !json.Valid(out) || out[0] != '[' {
				t.Fatalf("%s in pieces of %d: %v: %s", r.Name, size, failed, out)
			}
			if diff := dialecttest.Diff(r.Want, dialecttest.Of(gemini.Upstream{}.DecodeReply("", bytes.NewReader(out)))); diff != "" {
				t.Errorf("%s (-want +got):\n%s", r.Name, diff)
			}
		}
	}
}

func TestCarrier_WholeAnswers(t *testing.T) {
	t.Parallel()
	h := headOf(t, gemini.Client{}, "/v1beta/models/m:generateContent", `{"contents":[{"parts":[{"text":"x"}]}]}`)
	for _, r := range vectors(t) {
		if !strings.HasSuffix(r.Name, ".json") {
			continue
		}
		out, seen, failed := gemini.Upstream{IDs: true}.CarryReply(nil, r.Body, h, "asked")
		if failed != nil || !bytes.Equal(out, r.Body) || seen.Usage != r.Want.Usage || seen.Reason != r.Want.Reason || !seen.Token {
			t.Errorf("%s: %v, seen %+v, touched: %v", r.Name, failed, seen, !bytes.Equal(out, r.Body))
		}
	}
	// Several answers at once are the client's business.
	two := vector(t, "generate_multi_candidate_logprobs.json")
	if out, _, _ := (gemini.Upstream{IDs: true}).CarryReply(nil, two, h, "asked"); !bytes.Contains(out, []byte(`"index": 1`)) && !bytes.Contains(out, []byte(`"index":1`)) {
		t.Errorf("the second candidate is lost: %s", out)
	}
	if _, _, failed := (gemini.Upstream{IDs: true}).CarryReply(nil, vector(t, "error_503_capacity.json"), h, "asked"); failed == nil || failed.Kind != llm.KindOverloaded {
		t.Errorf("an error inside a 200: got %v", failed)
	}
}

func TestB38_ThoughtsAloneAreNoEmptyTurn(t *testing.T) {
	t.Parallel()
	body := chunks(`{"content":{"role":"model","parts":[{"text":"the answer","thought":true}]}}`, `{"content":{"role":"model","parts":[{"text":""}]},"finishReason":"STOP"}`)
	out, seen, failed := dialecttest.Pass(gemini.Upstream{IDs: true}.Tap(dialect.Head{Stream: true}, "m"), body, 4096)
	got, err := strict(out, "")
	if failed != nil || err != nil || got.Text != "the answer" || len(seen.Notes) != 1 || !bytes.HasPrefix(out, body) {
		t.Errorf("%v, %v: %+v with %v of\n%s", failed, err, got, seen.Notes, out)
	}
	whole := []byte(`{"candidates":[{"content":{"role":"model","parts":[{"text":"the answer","thought":true}]},"finishReason":"STOP"}]}`)
	out, seen, failed = gemini.Upstream{IDs: true}.CarryReply(nil, whole, headOf(t, gemini.Client{}, "/v1beta/models/m:generateContent", `{"contents":[{}]}`), "m")
	if failed != nil || !bytes.Contains(out, []byte(`{"text":"the answer"}`)) || len(seen.Notes) != 1 {
		t.Errorf("%v: %s", failed, out)
	}
}

func TestB23a_ACarriedStreamWithoutItsEndIsAnError(t *testing.T) {
	t.Parallel()
	for name, body := range map[string][]byte{
		"cut":     chunks(`{"content":{"parts":[{"text":"half"}]}}`),
		"nothing": nil,
		"empty":   chunks(`{"content":{"parts":[{"text":""}]},"finishReason":"STOP"}`),
		"page":    []byte("<html><title>Sign in</title></html>"),
	} {
		if out, _, failed := dialecttest.Pass(gemini.Upstream{IDs: true}.Tap(dialect.Head{Stream: true}, "m"), body, 7); failed == nil || !failed.Elsewhere() {
			t.Errorf("%s: got %q, %v", name, out, failed)
		} else if name != "cut" && len(out) > 0 {
			t.Errorf("%s: %q was sent before there was anything to read", name, out)
		}
	}
}

func carried(t *testing.T, u gemini.Upstream, c dialect.Client, path, body, model string) (out string, notes []string) {
	t.Helper()
	raw, list, failed := u.CarryRequest(nil, []byte(body), headOf(t, c, path, body), model)
	if failed != nil {
		t.Fatalf("%s: %v", body, failed)
	}
	if !json.Valid(raw) {
		t.Fatalf("no JSON: %s", raw)
	}
	for _, w := range list {
		notes = append(notes, w.String())
	}
	return string(raw), notes
}

// loop is a conversation in the middle of a step.
const loop = ` {"contents":[{"role":"user","parts":[{"text":"x"}]},` +
	`{"role":"model","parts":[{"functionCall":{"id":"a","name":"f","args":{"id":"mine"}}},{"functionCall":{"name":"g", "id": "b"}}]},` +
	`{"role":"user","parts":[{"functionResponse":{"id":"a","name":"f","response":{"id":"kept"}}},{"functionResponse":{"name":"g","response":{},"id":"b"}}]}],"store":true , "unknown":{"a":[1]}}`

func TestB33_ACarriedCallGetsItsSignature(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, model, want string
		u                 gemini.Upstream
	}{
		{"kept", "gemini-3-pro-preview", `{"thoughtSignature":"c2ln","functionCall":{"id":"a"`, gemini.Upstream{IDs: true, Signatures: kept{"a": "c2ln"}}},
		{"nobody has it", "gemini-3-pro-preview", `{"thoughtSignature":"skip_thought_signature_validator","functionCall":{"id":"a"`, gemini.Upstream{IDs: true}},
		{"an older model", "gemini-2.5-pro", `"parts":[{"functionCall":{"id":"a"`, gemini.Upstream{IDs: true}},
	} {
		got, notes := carried(t, test.u, gemini.Client{}, streamPath, loop, test.model)
		if !strings.Contains(got, test.want) || strings.Count(got, "thoughtSignature") > 1 {
			t.Errorf("%s: got %s", test.name, got)
		}
		if rest := strings.Replace(got, strings.TrimSuffix(strings.TrimPrefix(test.want, "{"), `"functionCall":{"id":"a"`), "", 1); test.model != "gemini-2.5-pro" && (rest != loop || len(notes) != 1) {
			t.Errorf("%s: more was changed than %q: %s", test.name, notes, rest)
		}
		if test.model == "gemini-2.5-pro" && (got != loop || notes != nil) {
			t.Errorf("%s: touched with %q: %s", test.name, notes, got)
		}
	}
}

func TestCarryRequest_VertexGetsNoIDs(t *testing.T) {
	t.Parallel()
	got, notes := carried(t, gemini.Upstream{}, gemini.Client{}, streamPath, loop, "gemini-2.5-pro")
	want := ` {"contents":[{"role":"user","parts":[{"text":"x"}]},` +
		`{"role":"model","parts":[{"functionCall":{"name":"f","args":{"id":"mine"}}},{"functionCall":{"name":"g"}}]},` +
		`{"role":"user","parts":[{"functionResponse":{"name":"f","response":{"id":"kept"}}},{"functionResponse":{"name":"g","response":{}}}]}], "unknown":{"a":[1]}}`
	if strings.Join(strings.Fields(got), "") != strings.Join(strings.Fields(want), "") {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	wantNotes := []string{
		"dropped contents[1].parts[0].functionCall.id", "dropped contents[1].parts[1].functionCall.id",
		"dropped contents[2].parts[0].functionResponse.id", "dropped contents[2].parts[1].functionResponse.id", "dropped store",
	}
	if diff := cmp.Diff(wantNotes, notes); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCarryRequest_DropsPartsThatGoogleRefuses(t *testing.T) {
	t.Parallel()
	for parts, want := range map[string]string{
		`[{"text":"a"}, {}]`:    `[{"text":"a"}]`,
		`[{},{"text":"a"}]`:     `[{"text":"a"}]`,
		`[{"text":"a"},{} ,{}]`: `[{"text":"a"}]`,
		`[{},{} ,{"text":"a"}]`: `[{"text":"a"}]`,
		`[{}]`:                  `[{}]`, // Google's to refuse
	} {
		got, notes := carried(t, gemini.Upstream{IDs: true}, gemini.Client{}, streamPath, `{"contents":[{"role":"model","parts":`+parts+`}]}`, "gemini-2.5-pro")
		if got != `{"contents":[{"role":"model","parts":`+want+`}]}` || (parts != want) != (len(notes) > 0) {
			t.Errorf("%s: got %s with %q", parts, got, notes)
		}
		r, _ := decodedBy(t, streamPath, `{"contents":[{"role":"model","parts":`+parts+`}]}`)
		if parts != `[{}]` && len(r.Messages[0].Parts) != 1 {
			t.Errorf("%s: read as %+v", parts, r.Messages)
		}
	}
}

func TestCarryRequest_DropsEmptyTextsThatGoogleRefuses(t *testing.T) {
	t.Parallel()
	for parts, want := range map[string]string{
		`[{"text":"a"},{"text":""}]`:            `[{"text":"a"}]`,
		`[{"text": ""},{"text":"a"}]`:           `[{"text":"a"}]`,
		`[{"text":"","thoughtSignature":"cw"}]`: `[{"text":"","thoughtSignature":"cw"}]`,
		`[{"text":""}]`:                         `[{"text":""}]`, // Google's to refuse
	} {
		got, notes := carried(t, gemini.Upstream{IDs: true}, gemini.Client{}, streamPath, `{"contents":[{"role":"model","parts":`+parts+`}]}`, "gemini-2.5-pro")
		if got != `{"contents":[{"role":"model","parts":`+want+`}]}` || (parts != want) != (len(notes) > 0) {
			t.Errorf("%s: got %s with %q", parts, got, notes)
		}
	}
}

func TestCarryRequest_CodeAssistKeepsTheEnvelope(t *testing.T) {
	t.Parallel()
	const body = `{"model":"models/asked","project":"theirs","user_prompt_id":"p1","request":{"contents":[{"role":"user","parts":[{"text":"hi"}]}],"session_id":"s","serviceTier":"flex"}}`
	u := gemini.Upstream{IDs: true, Envelope: &gemini.Envelope{Project: "ours"}}
	got, notes := carried(t, u, gemini.CodeAssistClient{}, "/v1internal:streamGenerateContent?alt=sse", body, "gemini-3-flash")
	want := `{"model":"gemini-3-flash","project":"ours","user_prompt_id":"p1","request":{"contents":[{"role":"user","parts":[{"text":"hi"}]}],"session_id":"s"}}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if diff := cmp.Diff([]string{"replaced by the account's: project", "dropped serviceTier"}, notes); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	bare, notes := carried(t, u, gemini.CodeAssistClient{}, "/v1internal:generateContent", `{"model":"m","request":{"contents":[{"parts":[{"text":"hi"}]}]}}`, "m2")
	if bare != `{"project":"ours","model":"m2","request":{"contents":[{"parts":[{"text":"hi"}]}]}}` || len(notes) != 1 {
		t.Errorf("got %s with %q", bare, notes)
	}
	count, _ := carried(t, u, gemini.CodeAssistClient{}, "/v1internal:countTokens", `{"request":{"model":"models/m","contents":[{"parts":[{"text":"hi"}]}]}}`, "m2")
	if count != `{"request":{"model":"models/m2","contents":[{"parts":[{"text":"hi"}]}]}}` {
		t.Errorf("got %s", count)
	}
	if u.Carries() != dialect.CodeAssist || (gemini.Upstream{}).Carries() != dialect.Gemini {
		t.Error("the lanes are named wrongly")
	}
}

func TestEmbeddings(t *testing.T) {
	t.Parallel()
	const batch, one = "/v1beta/models/m:batchEmbedContents", "/v1beta/models/m:embedContent"
	c := gemini.Client{}
	body := `{"requests":[{"model":"models/m","content":{"parts":[{"text":"a"},{"text":"b"}]},"taskType":"RETRIEVAL_QUERY","outputDimensionality":3},` +
		`{"model":"models/m","content":{"parts":{"text":"c"}},"task_type":"RETRIEVAL_QUERY","outputDimensionality":3}]}`
	h := headOf(t, c, batch, body)
	r, _, failed := c.DecodeEmbed(h, []byte(body))
	if failed != nil || h.Operation != dialect.Embed || cmp.Diff([]string{"ab", "c"}, r.Inputs) != "" || r.Task != "RETRIEVAL_QUERY" || r.Dimensions != 3 {
		t.Fatalf("got %+v, %v", r, failed)
	}
	out, _, failed := gemini.Upstream{IDs: true}.EncodeEmbed(r, "e")
	want := `{"requests":[{"model":"models/e","content":{"parts":[{"text":"ab"}]},"taskType":"RETRIEVAL_QUERY","outputDimensionality":3},` +
		`{"model":"models/e","content":{"parts":[{"text":"c"}]},"taskType":"RETRIEVAL_QUERY","outputDimensionality":3}]}`
	if failed != nil || string(out) != want {
		t.Errorf("got  %s, %v\nwant %s", out, failed, want)
	}
	out, _, failed = gemini.Upstream{}.EncodeEmbed(r, "e")
	want = `{"instances":[{"content":"ab","task_type":"RETRIEVAL_QUERY"},{"content":"c","task_type":"RETRIEVAL_QUERY"}],"parameters":{"outputDimensionality":3}}`
	if failed != nil || string(out) != want {
		t.Errorf("got  %s, %v\nwant %s", out, failed, want)
	}
	if _, _, failed = (gemini.Upstream{Envelope: &gemini.Envelope{}}).EncodeEmbed(r, "e"); failed == nil || failed.Kind != llm.KindUnsupported {
		t.Errorf("Code Assist: got %v", failed)
	}
	raw, _, failed := gemini.Upstream{IDs: true}.CarryRequest(nil, []byte(body), h, "e")
	if failed != nil || string(raw) != strings.ReplaceAll(body, "models/m", "models/e") {
		t.Errorf("carried %s, %v", raw, failed)
	}
	answer := `{"predictions":[{"embeddings":{"values":[0.5,-1e-3],"statistics":{"token_count":4}}},{"embeddings":{"values":[1,2]}}]}`
	reply, seen, failed := gemini.Upstream{}.CarryReply(nil, []byte(answer), h, "m")
	if failed != nil || string(reply) != `{"embeddings":[{"values":[0.5,-0.001]},{"values":[1,2]}],"usageMetadata":{"promptTokenCount":4}}` || seen.Usage.Input != 4 {
		t.Errorf("got %s, %+v, %v", reply, seen, failed)
	}
	single := `{"content":{"parts":[{"text":"a"}]}}`
	h = headOf(t, c, one, single)
	var w bytes.Buffer
	if err := c.EncodeEmbeddings(&w, &llm.Embeddings{Vectors: [][]float32{{1, 0.25}}}, "m", h); err != nil || w.String() != `{"embedding":{"values":[1,0.25]}}` {
		t.Errorf("got %s, %v", w.Bytes(), err)
	}
	for body, kind := range map[string]llm.Kind{
		`{"requests":[]}`: llm.KindBadRequest,
		`{"requests":[{"content":{"parts":[{"inlineData":{"mimeType":"image/png","data":"eA=="}}]}}]}`:                           llm.KindUnsupported,
		`{"requests":[{"content":{"parts":[{"text":"a"}]},"taskType":"A"},{"content":{"parts":[{"text":"b"}]},"taskType":"B"}]}`: llm.KindUnsupported,
		`{"requests":[{}]}`: llm.KindBadRequest,
	} {
		if _, _, failed := c.DecodeEmbed(headOf(t, c, batch, body), []byte(body)); failed == nil || failed.Kind != kind || failed.Param == "" {
			t.Errorf("%s: got %+v", body, failed)
		}
	}
	for _, broken := range []string{`{}`, `half {`, `{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"m"}}`} {
		if _, failed := (gemini.Upstream{}).DecodeEmbeddings([]byte(broken)); failed == nil {
			t.Errorf("%s is taken for vectors", broken)
		}
	}
}

func TestCountTokens(t *testing.T) {
	t.Parallel()
	const body = `{"generateContentRequest":{"model":"models/m","contents":[{"parts":[{"text":"x"}]}],"systemInstruction":{"parts":[{"text":"s"}]},"tools":[{"functionDeclarations":[{"name":"f"}]}]}}`
	r, notes := decodedBy(t, "/v1beta/models/m:countTokens", body)
	if len(r.Messages) != 2 || len(r.Tools) != 1 || len(notes) != 0 {
		t.Fatalf("got %+v with %q", r, notes)
	}
	const said = `"contents":[{"role":"user","parts":[{"text":"x"}]}]`
	const beside = `,"systemInstruction":{"parts":[{"text":"s"}]},"tools":[{"functionDeclarations":[{"name":"f"}]}]`
	for want, u := range map[string]gemini.Upstream{
		`{"generateContentRequest":{"model":"models/e",` + said + beside + `}}`: {IDs: true},
		`{` + said + beside + `}`:                       {},
		`{"request":{"model":"models/e",` + said + `}}`: {Envelope: &gemini.Envelope{Project: "p"}},
	} {
		if out, _, failed := u.EncodeCount(r, "e"); failed != nil || string(out) != want {
			t.Errorf("got  %s, %v\nwant %s", out, failed, want)
		}
	}
	if n, failed := (gemini.Upstream{}).DecodeCount([]byte(`{"totalTokens":31,"cachedContentTokenCount":2}`)); n != 31 || failed != nil {
		t.Errorf("got %d, %v", n, failed)
	}
	if _, failed := (gemini.Upstream{}).DecodeCount([]byte(`{}`)); failed == nil {
		t.Error("an object without a count is taken for one")
	}
	var w bytes.Buffer
	if err := (gemini.Client{}).EncodeCount(&w, 31, "m", dialect.Head{}); err != nil || w.String() != `{"totalTokens":31}` {
		t.Errorf("got %s, %v", w.Bytes(), err)
	}
}
