package e2e_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/packages/param"
	"github.com/openai/openai-go/v3/responses"
	"github.com/openai/openai-go/v3/shared"

	"github.com/WenChunTech/OpenAICompatible/backend/fake"
)

// answers is the program with services for the Responses protocol behind it: the
// demo and Gemini, which it is translated for, and one that speaks it.
type answers struct {
	*program

	service *fake.Responses
}

func startAnswers(t *testing.T, edit ...func(config map[string]any)) *answers {
	t.Helper()
	a := &answers{service: fake.NewResponses(upstreamKey)}
	service := httptest.NewServer(a.service)
	t.Cleanup(service.Close)
	google := httptest.NewServer(fake.NewGoogle(fake.GoogleOptions{Key: upstreamKey}))
	t.Cleanup(google.Close)
	a.program = start(t, append([]func(map[string]any){func(config map[string]any) {
		config["accounts"] = append(config["accounts"].([]any), map[string]any{
			"id": 31, "provider": "openaicompat", "name": "service", "prefix": "service", "key": upstreamKey,
			"settings": map[string]string{"baseUrl": service.URL, "responses": "only"},
		}, map[string]any{
			"id": 32, "provider": "gemini", "name": "google", "prefix": "google", "key": upstreamKey,
			"settings": map[string]string{"kind": "key", "baseUrl": google.URL},
		})
		config["keys"] = append(config["keys"].([]any), map[string]any{"id": 2, "name": "other", "key": "sk-client-other"})
	}}, edit...)...)
	eventually(t, "the models of all accounts are known", func() bool {
		_, body := a.do(t, http.MethodGet, "/v1/models", "")
		return strings.Contains(string(body), `"service/usage"`) && strings.Contains(string(body), `"google/gemini-3-flash-preview"`)
	})
	return a
}

// speaker is one way to an answer in the Responses protocol.
type speaker struct {
	name, lane, model, tools, hang, errors string
	// text and image are parts of what is said, parallel what makes it call twice.
	text, image, parallel string
}

func speakers() []speaker {
	return []speaker{
		{
			name: "demo", lane: "translated", model: "demo/fast", tools: "demo/fast", hang: "demo/slow", errors: "demo/error-", text: "This is the demo model.",
			image: "I see an image (image/png, ", parallel: "Call get_weather for Berlin and Tokyo in parallel",
		},
		{
			name: "service", lane: "carried", model: "service/usage", tools: "service/anything", hang: "service/hang", errors: "service/error-", text: "Hello",
			image: "I see 1 image", parallel: "get_weather PAR",
		},
		{
			name: "google", lane: "translated", model: "google/gemini-3-flash-preview", tools: "google/gemini-3-flash-preview", text: "",
			image: "", parallel: "",
		},
	}
}

func eachSpeaker(t *testing.T, scenario func(t *testing.T, a *answers, c openai.Client, to speaker)) {
	t.Helper()
	a := startAnswers(t)
	for _, to := range speakers() {
		t.Run(to.name, func(t *testing.T) { scenario(t, a, a.sdk(), to) })
	}
	for _, r := range a.service.Received() {
		if r.Refused != "" {
			t.Errorf("the service refused: %s\n%s", r.Refused, r.Body)
		}
	}
}

func question(model, text string) responses.ResponseNewParams {
	return responses.ResponseNewParams{Model: model, Input: responses.ResponseNewParamsInputUnion{OfString: openai.String(text)}}
}

func forecastTool() []responses.ToolUnionParam {
	return []responses.ToolUnionParam{{OfFunction: &responses.FunctionToolParam{
		Name: "get_weather", Description: openai.String("The weather in a city"), Strict: openai.Bool(false),
		Parameters: map[string]any{"type": "object", "properties": map[string]any{"city": map[string]any{"type": "string"}}, "required": []string{"city"}},
	}}}
}

// read reads a streamed response to its end.
func read(t *testing.T, c openai.Client, q responses.ResponseNewParams) (*responses.Response, []responses.ResponseStreamEventUnion) {
	t.Helper()
	s := c.Responses.NewStreaming(t.Context(), q)
	defer s.Close()
	var all []responses.ResponseStreamEventUnion
	for s.Next() {
		all = append(all, s.Current())
	}
	if err := s.Err(); err != nil {
		t.Fatalf("stream: %v", err)
	}
	if len(all) == 0 {
		t.Fatal("there were no events")
	}
	end := all[len(all)-1]
	if end.Type != "response.completed" {
		t.Fatalf("it ends with %s", end.RawJSON())
	}
	return &end.Response, all
}

func callsOf(r *responses.Response) (calls []responses.ResponseFunctionToolCall) {
	for _, it := range r.Output {
		if it.Type == "function_call" {
			calls = append(calls, it.AsFunctionCall())
		}
	}
	return calls
}

func TestResponses_CallAndStream(t *testing.T) {
	eachSpeaker(t, func(t *testing.T, a *answers, c openai.Client, to speaker) {
		q := question(to.model, "hello")
		q.Instructions, q.Metadata = openai.String("Be brief."), shared.Metadata{"a": "b"}
		whole, err := c.Responses.New(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if whole.Model != to.model || whole.Status != "completed" || whole.OutputText() == "" || !strings.Contains(whole.OutputText(), to.text) || whole.Usage.TotalTokens == 0 {
			t.Errorf("B46: whole it is %s", whole.RawJSON())
		}
		row := a.last(t)
		if row.Lane != to.lane || row.Dialect != "openai-responses" || row.Asked != to.model || row.Finish != "stop" || row.TokensOut == nil {
			t.Errorf("the log row is %+v", row)
		}
		streamed, events := read(t, c, q)
		if streamed.Model != to.model || streamed.OutputText() != whole.OutputText() || streamed.Usage.TotalTokens == 0 {
			t.Errorf("streamed it is %s", streamed.RawJSON())
		}
		var text strings.Builder
		for i, e := range events {
			if e.SequenceNumber != int64(i) {
				t.Errorf("event %d has the number %d", i, e.SequenceNumber)
			}
			if e.Type == "response.output_text.delta" {
				text.WriteString(e.Delta)
			}
		}
		if text.String() != whole.OutputText() || events[0].Type != "response.created" || events[0].Response.Model != to.model {
			t.Errorf("the pieces are %q, the first event %s", text.String(), events[0].RawJSON())
		}
		if row := a.last(t); !row.Stream || row.FirstTokenMs == nil || row.TokensOut == nil || *row.TokensOut == 0 {
			t.Errorf("the log row is %+v", row)
		}
		if to.name == "demo" && (whole.Instructions.OfString != "Be brief." || whole.Metadata["a"] != "b") {
			t.Errorf("the request is not repeated: %s", whole.RawJSON())
		}
	})
}

func TestResponses_UnknownFieldsSurviveTheCarriedLane(t *testing.T) {
	a := startAnswers(t)
	_, body := a.do(t, http.MethodPost, "/v1/responses", `{"model":"service/usage","input":"hi","vendor_request_field":{"x":[1]}}`)
	var got struct {
		Model  string `json:"model"`
		Vendor string `json:"vendor_field"`
	}
	if err := json.Unmarshal(body, &got); err != nil || got.Vendor != "kept" || got.Model != "service/usage" {
		t.Errorf("%v: %s", err, body)
	}
	if sent := a.service.Received(); !strings.Contains(string(sent[len(sent)-1].Body), `"vendor_request_field":{"x":[1]}`) {
		t.Errorf("it got %s", sent[len(sent)-1].Body)
	}
}

func TestResponses_ToolsAndTheirResultsBothWays(t *testing.T) {
	eachSpeaker(t, func(t *testing.T, a *answers, c openai.Client, to speaker) {
		q := question(to.tools, "What is the weather in Berlin?")
		q.Tools = forecastTool()
		first, err := c.Responses.New(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		calls := callsOf(first)
		if len(calls) == 0 || calls[0].Name != "get_weather" || calls[0].CallID == "" || !json.Valid([]byte(calls[0].Arguments)) {
			t.Fatalf("the calls are %s", first.RawJSON())
		}
		var outputs responses.ResponseInputParam
		for _, call := range calls {
			output := responses.ResponseInputItemParamOfFunctionCallOutput("18 degrees, \"clear\"")
			output.OfFunctionCallOutput.CallID = openai.String(call.CallID)
			outputs = append(outputs, output)
		}
		// By the id of the response.
		by := responses.ResponseNewParams{
			Model: to.tools, Tools: q.Tools, PreviousResponseID: openai.String(first.ID), Input: responses.ResponseNewParamsInputUnion{OfInputItemList: outputs},
		}
		second, err := c.Responses.New(t.Context(), by)
		if err != nil {
			t.Fatalf("with previous_response_id: %v", err)
		}
		if to.name != "google" && !strings.Contains(second.OutputText(), `18 degrees, "clear"`) || second.OutputText() == "" {
			t.Errorf("B34a: with previous_response_id it says %q", second.OutputText())
		}
		// And with the whole conversation.
		list := responses.ResponseInputParam{responses.ResponseInputItemParamOfMessage("What is the weather in Berlin?", responses.EasyInputMessageRoleUser)}
		for _, it := range first.Output {
			if it.Type == "function_call" {
				call := it.AsFunctionCall()
				list = append(list, responses.ResponseInputItemParamOfFunctionCall(call.Arguments, call.CallID, call.Name))
			}
		}
		full := responses.ResponseNewParams{Model: to.tools, Tools: q.Tools, Input: responses.ResponseNewParamsInputUnion{OfInputItemList: append(list, outputs...)}}
		third, _ := read(t, c, full)
		if third.OutputText() != second.OutputText() {
			t.Errorf("with the whole conversation it says %q, by the id %q", third.OutputText(), second.OutputText())
		}
		// A third turn goes on from the second, which goes on from the first.
		chained, err := c.Responses.New(t.Context(), responses.ResponseNewParams{
			Model: to.model, PreviousResponseID: openai.String(second.ID), Input: responses.ResponseNewParamsInputUnion{OfString: openai.String("thanks")},
		})
		if err != nil || chained.OutputText() == "" || chained.PreviousResponseID != second.ID && to.lane == "translated" {
			t.Errorf("the third turn: %v, %+v", err, chained)
		}
		if row := a.last(t); !slices.ContainsFunc(row.Notes, func(n string) bool { return strings.Contains(n, "previous_response_id") }) {
			t.Errorf("the notes say nothing of it: %q", row.Notes)
		}
	})
}

func TestB34_Responses_ParallelTools(t *testing.T) {
	eachSpeaker(t, func(t *testing.T, _ *answers, c openai.Client, to speaker) {
		if to.parallel == "" {
			return
		}
		q := question(to.tools, to.parallel)
		q.Tools = forecastTool()
		got, events := read(t, c, q)
		calls := callsOf(got)
		if len(calls) != 2 || calls[0].CallID == calls[1].CallID {
			t.Fatalf("the calls are %s", got.RawJSON())
		}
		done := 0
		for _, e := range events {
			if e.Type == "response.output_item.done" && e.Item.Type == "function_call" {
				done++
			}
		}
		if done != 2 {
			t.Errorf("%d calls are done", done)
		}
	})
}

func TestResponses_ImageAndSchema(t *testing.T) {
	eachSpeaker(t, func(t *testing.T, _ *answers, c openai.Client, to speaker) {
		q := responses.ResponseNewParams{Model: to.tools, Input: responses.ResponseNewParamsInputUnion{OfInputItemList: responses.ResponseInputParam{
			responses.ResponseInputItemParamOfMessage(responses.ResponseInputMessageContentListParam{
				responses.ResponseInputContentParamOfInputText("What is this?"),
				{OfInputImage: &responses.ResponseInputImageParam{ImageURL: openai.String(pixel), Detail: responses.ResponseInputImageDetailLow}},
			}, responses.EasyInputMessageRoleUser),
		}}}
		got, err := c.Responses.New(t.Context(), q)
		if err != nil || !strings.Contains(got.OutputText(), to.image) || got.OutputText() == "" {
			t.Errorf("%v, %+v; want %q", err, got, to.image)
		}
		q = question(to.tools, "Where and how warm?")
		q.Text = responses.ResponseTextConfigParam{Format: responses.ResponseFormatTextConfigUnionParam{OfJSONSchema: &responses.ResponseFormatTextJSONSchemaConfigParam{
			Name: "place", Strict: openai.Bool(true), Schema: map[string]any{
				"type": "object", "additionalProperties": false, "required": []string{"city", "celsius"},
				"properties": map[string]any{"city": map[string]any{"type": "string"}, "celsius": map[string]any{"type": "integer"}},
			},
		}}}
		got, err = c.Responses.New(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if !json.Valid([]byte(got.OutputText())) {
			t.Errorf("it says %q", got.OutputText())
		}
	})
}

func TestB05_Responses_EachClassOfErrorIsToldAsItIs(t *testing.T) {
	a := startAnswers(t, func(config map[string]any) {
		config["routing"] = map[string]any{"attempts": 1}
	})
	c := a.sdk()
	for _, to := range speakers()[:2] {
		for _, want := range []int{http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusServiceUnavailable} {
			status := strconv.Itoa(want)
			for _, stream := range []bool{false, true} {
				var err error
				if stream {
					s := c.Responses.NewStreaming(t.Context(), question(to.errors+status, "hi"))
					if s.Next() {
						t.Errorf("%s%s: an event came: %s", to.errors, status, s.Current().RawJSON())
					}
					err = s.Err()
				} else {
					_, err = c.Responses.New(t.Context(), question(to.errors+status, "hi"))
				}
				var e *openai.Error
				if !errors.As(err, &e) || e.StatusCode != want || e.Message == "" {
					t.Errorf("%s%s, stream %v: got %v", to.errors, status, stream, err)
				}
			}
		}
	}
	for body, at := range map[string]string{
		`{"model":"demo/fast"}`:                                                                      "input",
		`{"model":"demo/fast","input":7}`:                                                            "input",
		`{"model":"demo/fast","input":"x","background":true}`:                                        "background",
		`{"model":"demo/fast","input":"x","conversation":"conv_1"}`:                                  "conversation",
		`{"model":"demo/fast","input":"x","previous_response_id":"resp_never"}`:                      "previous_response_id",
		`{"model":"service/usage","input":"x","previous_response_id":"resp_never"}`:                  "previous_response_id",
		`{"model":"demo/fast","input":[{"type":"item_reference","id":"msg_1"}]}`:                     "input[0]",
		`{"model":"demo/fast","input":[{"type":"function_call_output","call_id":"c","output":"x"}]}`: "input[0]",
	} {
		status, raw := a.do(t, http.MethodPost, "/v1/responses", body)
		var got struct {
			Error struct{ Message, Param, Type string }
		}
		if err := json.Unmarshal(raw, &got); err != nil || status != 400 || got.Error.Param != at || got.Error.Type != "invalid_request_error" {
			t.Errorf("%s: %d %s", body, status, raw)
		}
	}
}

func TestB23_Responses_AFailureInTheMiddleIsTold(t *testing.T) {
	a := startAnswers(t)
	c := a.sdk()
	for _, model := range []string{"service/failed", "service/cut", "demo/cut"} {
		s := c.Responses.NewStreaming(t.Context(), question(model, "hi"))
		var last responses.ResponseStreamEventUnion
		var kinds []string
		for s.Next() {
			last = s.Current()
			kinds = append(kinds, last.Type)
		}
		if s.Err() == nil && (last.Type != "response.failed" || last.Response.Error.Message == "" || !slices.Contains(kinds, "error")) {
			t.Errorf("%s ends with %s after %s", model, last.RawJSON(), kinds)
		}
		if row := a.last(t); row.ErrorKind == "" {
			t.Errorf("%s: the log row is %+v", model, row)
		}
	}
}

func TestB28_Responses_AClientThatLeavesEndsTheUpstreamsRequest(t *testing.T) {
	a := startAnswers(t)
	ctx, cancel := context.WithCancel(t.Context())
	c := a.sdk()
	s := c.Responses.NewStreaming(ctx, question("service/hang", "hi"))
	for s.Next() && s.Current().Type != "response.output_text.delta" {
	}
	got := a.service.Received()
	cancel()
	s.Close()
	select {
	case <-got[len(got)-1].Left:
	case <-time.After(5 * time.Second):
		t.Fatal("the upstream goes on")
	}
	if row := a.last(t); row.Status != 499 {
		t.Errorf("the log row is %+v", row)
	}
}

func TestResponses_AreReadListedAndDeletedByTheKeyThatMadeThem(t *testing.T) {
	eachSpeaker(t, func(t *testing.T, a *answers, c openai.Client, to speaker) {
		made, err := c.Responses.New(t.Context(), question(to.model, "remember this"))
		if err != nil {
			t.Fatal(err)
		}
		got, err := c.Responses.Get(t.Context(), made.ID, responses.ResponseGetParams{})
		if err != nil || got.OutputText() != made.OutputText() || got.Model != to.model {
			t.Errorf("read again: %v, %+v", err, got)
		}
		items, err := c.Responses.InputItems.List(t.Context(), made.ID, responses.InputItemListParams{})
		if err != nil || len(items.Data) != 1 || !strings.Contains(items.Data[0].RawJSON(), "remember this") {
			t.Errorf("its items: %v, %+v", err, items)
		}
		var e *openai.Error
		if _, err := c.Responses.Cancel(t.Context(), made.ID); !errors.As(err, &e) || e.StatusCode != 400 || !strings.Contains(e.Message, "background") {
			t.Errorf("cancel: %v", err)
		}
		other := a.sdk(option.WithAPIKey("sk-client-other"))
		if _, err := other.Responses.Get(t.Context(), made.ID, responses.ResponseGetParams{}); !errors.As(err, &e) || e.StatusCode != 404 {
			t.Errorf("another key reads it: %v", err)
		}
		if err := other.Responses.Delete(t.Context(), made.ID); !errors.As(err, &e) || e.StatusCode != 404 {
			t.Errorf("another key deletes it: %v", err)
		}
		goesOn := question(to.model, "and?")
		goesOn.PreviousResponseID = openai.String(made.ID)
		if _, err := other.Responses.New(t.Context(), goesOn); !errors.As(err, &e) || e.StatusCode != 400 || e.Code != "previous_response_not_found" {
			t.Errorf("another key goes on from it: %v", err)
		}
		if err := c.Responses.Delete(t.Context(), made.ID); err != nil {
			t.Errorf("delete: %v", err)
		}
		if _, err := c.Responses.Get(t.Context(), made.ID, responses.ResponseGetParams{}); !errors.As(err, &e) || e.StatusCode != 404 {
			t.Errorf("after it was deleted: %v", err)
		}
		unkept := question(to.model, "forget this")
		unkept.Store = param.NewOpt(false)
		made, err = c.Responses.New(t.Context(), unkept)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Responses.Get(t.Context(), made.ID, responses.ResponseGetParams{}); !errors.As(err, &e) || e.StatusCode != 404 {
			t.Errorf("store was false: %v", err)
		}
	})
}

func TestResponses_SurviveARestartWhereBodiesAreKept(t *testing.T) {
	for keep, survives := range map[string]bool{"all": true, "errors": false} {
		t.Run(keep, func(t *testing.T) {
			a := startAnswers(t, func(config map[string]any) { config["requests"] = map[string]any{"keepBodies": keep} })
			before := a.sdk()
			first, err := before.Responses.New(t.Context(), question("service/anything", "one "+upstreamKey))
			if err != nil {
				t.Fatal(err)
			}
			a.restart(t)
			q := question("service/anything", "two")
			q.PreviousResponseID = openai.String(first.ID)
			after := a.sdk()
			second, err := after.Responses.New(t.Context(), q)
			var e *openai.Error
			switch {
			case survives && (err != nil || !strings.Contains(second.OutputText(), "I heard 3 items, the last one: two")):
				t.Errorf("after a restart: %v, %+v", err, second)
			case !survives && (!errors.As(err, &e) || e.Code != "previous_response_not_found" || !strings.Contains(e.Message, "requests.keepBodies")):
				t.Errorf("nothing was kept, and the error is %v", err)
			}
		})
	}
}

// TestResponses_CodexWorksOverEveryUpstream sends what Codex sends: tools of the
// protocol's own, tools in namespaces, and nothing to be kept.
func TestResponses_CodexWorksOverEveryUpstream(t *testing.T) {
	eachSpeaker(t, func(t *testing.T, a *answers, _ openai.Client, to speaker) {
		body := `{"model":"` + to.tools + `","instructions":"You are an agent.","store":false,"stream":true,"parallel_tool_calls":true,"tool_choice":"auto",
			"include":["reasoning.encrypted_content"],"reasoning":{"summary":"auto"},"prompt_cache_key":"0c7e","client_metadata":{"a":"b"},
			"tools":[{"type":"namespace","name":"mcp__calendar","description":"Events.","tools":[{"type":"function","name":"create_event","strict":false,"parameters":{"type":"object","properties":{"title":{"type":"string"}}}}]},
				{"type":"function","name":"exec_command","strict":false,"parameters":{"type":"object","properties":{"cmd":{"type":"string"}},"required":["cmd"],"additionalProperties":false}},
				{"type":"web_search","external_web_access":false}],
			"input":[{"type":"message","role":"developer","content":[{"type":"input_text","text":"Sandbox."}]},
				{"type":"message","role":"user","content":[{"type":"input_text","text":"Call create_event"}]}`
		status, raw := a.do(t, http.MethodPost, "/v1/responses", body+`]}`)
		if status != 200 || !strings.Contains(string(raw), "response.completed") {
			t.Fatalf("%d %s", status, raw)
		}
		if to.name == "service" {
			return // what a namespace is, the service knows
		}
		var call struct {
			Item struct{ Type, Name, Namespace, Arguments string }
		}
		for line := range strings.SplitSeq(string(raw), "\n") {
			if strings.Contains(line, `"response.output_item.done"`) && strings.Contains(line, `"function_call"`) {
				if err := json.Unmarshal([]byte(strings.TrimPrefix(line, "data: ")), &call); err != nil {
					t.Fatal(err)
				}
				break
			}
		}
		if call.Item.Name == "create_event" && call.Item.Namespace != "mcp__calendar" || call.Item.Name == "" {
			t.Errorf("the call is %+v\n%s", call.Item, raw)
		}
		notes := strings.Join(a.last(t).Notes, "\n")
		if !strings.Contains(notes, "dropped web_search from tools") {
			t.Errorf("the notes are %s", notes)
		}
	})
}
