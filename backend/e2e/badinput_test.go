package e2e_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// chatPath is where chats go.
const chatPath = "/v1/chat/completions"

// good is a request that works.
const good = `{"model":"demo/fast","messages":[{"role":"user","content":"hello"}]}`

// alive says that the listener still answers a right request.
func (p *program) alive(t *testing.T, after string) {
	t.Helper()
	if status, body := p.do(t, http.MethodPost, chatPath, good); status != http.StatusOK {
		t.Fatalf("after %s a right request gets %d: %s", after, status, body)
	}
}

// refused checks an error: its status, the protocol's shape, and that the
// message says what to change.
func refused(t *testing.T, what string, status int, body []byte, want int, says string) {
	t.Helper()
	var e struct {
		Error *struct {
			Message, Type string
			Param, Code   *string
		}
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&e); err != nil || e.Error == nil {
		t.Errorf("B48: %s: status %d, not an error object (%v): %.300s", what, status, err, body)
		return
	}
	for _, field := range []string{`"message"`, `"type"`, `"param"`, `"code"`} {
		if !bytes.Contains(body, []byte(field)) {
			t.Errorf("B48: %s: the error has no %s: %s", what, field, body)
		}
	}
	if status != want || e.Error.Type == "" || !strings.Contains(e.Error.Message, says) {
		t.Errorf("%s\n got %d %q\nwant %d that says %q", what, status, e.Error.Message, want, says)
	}
}

func TestBadInput_Bodies(t *testing.T) {
	p := start(t)
	const messages = `"messages":[{"role":"user","content":"a"}]`
	for _, c := range []struct {
		name, body string
		want       int
		says       string
	}{
		{"nothing", ``, 400, "has no body"},
		{"half an object", `{"model":"demo/fast","messages":[`, 400, "JSON"},
		{"half a string", `{"model":"demo/fa`, 400, "JSON"},
		{"no JSON", `hello`, 400, "JSON"},
		{"a form", `model=demo%2Ffast`, 400, "JSON"},
		{"a list", `[1]`, 400, "object"},
		{"a string", `"hello"`, 400, "object"},
		{"two objects", good + good, 400, "JSON"},
		{"a trailing comma", `{"model":"demo/fast",` + messages + `,}`, 400, "JSON"},
		{"bad UTF-8", "{\"model\":\"demo/fast\",\"messages\":[{\"role\":\"user\",\"content\":\"\xff\xfe\"}]}", 400, "UTF-8"},
		{"a raw NUL", "{\"model\":\"demo/fast\",\"messages\":[{\"role\":\"user\",\"content\":\"\x00\"}]}", 400, "JSON"},
		{"depth", `{"model":"demo/fast","messages":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + `}`, 400, ""},
		{"no model", `{` + messages + `}`, 400, "model"},
		{"a model of the wrong type", `{"model":7,` + messages + `}`, 400, "model"},
		{"an unknown model", `{"model":"nobody/knows",` + messages + `}`, 404, "GET /v1/models"},
		{"an absurd model", `{"model":"` + strings.Repeat("x", 100_000) + `",` + messages + `}`, 404, "does not exist"},
		{"no messages", `{"model":"demo/fast"}`, 400, "messages"},
		{"messages of the wrong type", `{"model":"demo/fast","messages":"hello"}`, 400, "messages"},
		{"empty messages", `{"model":"demo/fast","messages":[]}`, 400, "messages"},
		{"stream of the wrong type", `{"model":"demo/fast",` + messages + `,"stream":"yes"}`, 400, "stream"},
		{"a role nobody knows", `{"model":"demo/fast","messages":[{"role":"robot","content":"a"}]}`, 400, "role"},
		{"a result without a call", `{"model":"demo/fast","messages":[{"role":"tool","tool_call_id":"x","content":"a"}]}`, 400, "tool_call_id"},
	} {
		status, body := p.do(t, http.MethodPost, chatPath, c.body)
		refused(t, c.name, status, body, c.want, c.says)
		if len(body) > 4096 {
			t.Errorf("%s: the error has %d bytes", c.name, len(body))
		}
	}
	p.alive(t, "bad bodies")
	if n := len(p.chats()); n != 0 {
		t.Errorf("%d requests went to the upstream", n)
	}
}

// What only the translated lane reads closely must be refused there as well,
// and what it does not understand must not be lost on the way.
func TestBadInput_TranslatedLane(t *testing.T) {
	p := start(t)
	for name, body := range map[string]string{
		"a message that is no object": `{"model":"translated/usage","messages":["hi"]}`,
		"content of the wrong type":   `{"model":"translated/usage","messages":[{"role":"user","content":7}]}`,
		"a tool without a name":       `{"model":"translated/usage","messages":[{"role":"user","content":"a"}],"tools":[{"type":"function","function":{}}]}`,
		"a temperature in words":      `{"model":"translated/usage","messages":[{"role":"user","content":"a"}],"temperature":"hot"}`,
		"a result without a call":     `{"model":"translated/usage","messages":[{"role":"tool","tool_call_id":"x","content":"a"}]}`,
	} {
		status, answer := p.do(t, http.MethodPost, chatPath, body)
		refused(t, name, status, answer, http.StatusBadRequest, "")
	}
	p.alive(t, "bad requests in the translated lane")
}

func TestBadInput_MethodsAndPaths(t *testing.T) {
	p := start(t)
	for _, c := range []struct {
		method, path string
		want         int
		says         string
	}{
		{"GET", chatPath, 405, "POST"},
		{"PUT", chatPath, 405, "POST"},
		{"DELETE", chatPath, 405, "POST"},
		{"PROPFIND", chatPath, 405, "POST"},
		{"POST", "/v1/models", 405, "GET"},
		{"DELETE", "/v1/models/demo/chat", 405, "GET"},
		{"GET", "/v1/models/demo/none", 404, "GET /v1/models"},
		{"GET", "/v1/nothing", 404, "/v1/chat/completions"},
		{"POST", "/v1/chat", 404, "/v1/chat/completions"},
		{"POST", "/v1/chat/completions/more", 404, "/v1/chat/completions"},
		{"GET", "/v1", 404, ""},
	} {
		status, body := p.do(t, c.method, c.path, "")
		refused(t, c.method+" "+c.path, status, body, c.want, c.says)
	}
	resp := p.send(t.Context(), t, http.MethodGet, chatPath, "")
	if !strings.Contains(resp.Header.Get("Allow"), "POST") {
		t.Errorf("405 without a right Allow: %q", resp.Header.Get("Allow"))
	}
	p.alive(t, "wrong paths")
}

func TestB61_B63_GuardsRefuseStrangers(t *testing.T) {
	p := start(t)
	for _, c := range []struct {
		name, path string
		header     []string
		want       int
	}{
		{"no key", chatPath, []string{"Authorization", ""}, 401},
		{"a wrong key", chatPath, []string{"Authorization", "Bearer sk-wrong"}, 401},
		{"the upstream's key", chatPath, []string{"Authorization", "Bearer " + upstreamKey}, 401},
		{"another scheme", chatPath, []string{"Authorization", "Basic " + p.key}, 401},
		{"a key in the query", chatPath + "?key=" + p.key, []string{"Authorization", ""}, 401},
		{"no key for the models", "/v1/models", []string{"Authorization", ""}, 401},
		{"a page of another site", chatPath, []string{"Origin", "https://evil.example"}, 403},
		{"a page without an origin", chatPath, []string{"Origin", "null"}, 403},
		{"a cross-site fetch", chatPath, []string{"Sec-Fetch-Site", "cross-site"}, 403},
	} {
		status, body := p.do(t, http.MethodPost, c.path, good, c.header...)
		refused(t, c.name, status, body, c.want, "")
		if bytes.Contains(body, []byte(p.key)) {
			t.Errorf("%s: the key is in the answer", c.name)
		}
	}
	for _, header := range []string{"x-api-key", "x-goog-api-key", "api-key"} {
		if status, body := p.do(t, http.MethodPost, chatPath, good, "Authorization", "", header, p.key); status != http.StatusOK {
			t.Errorf("B63: the key in %s: %d %s", header, status, body)
		}
	}
	for _, path := range []string{chatPath, "/health", "/", "/api/status", "/v1/models"} {
		answer := p.raw(t, "GET "+path+" HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
		if !strings.HasPrefix(answer, "HTTP/1.1 403 ") {
			t.Errorf("B61: a foreign Host at %s gets %.60q", path, answer)
		}
	}
	p.alive(t, "strangers")
}

// raw sends bytes as they are and reads until the connection ends.
func (p *program) raw(t *testing.T, text string) string {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
	if err != nil {
		t.Fatalf("the listener is gone: %v", err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.WriteString(conn, text); err != nil {
		return ""
	}
	_ = conn.(*net.TCPConn).CloseWrite()
	answer, _ := io.ReadAll(conn) // A reset is an answer too.
	return string(answer)
}

func TestBadInput_Wire(t *testing.T) {
	p := start(t)
	head := "POST " + chatPath + " HTTP/1.1\r\nHost: " + strings.TrimPrefix(p.url, "http://") + "\r\nAuthorization: Bearer " + p.key + "\r\n"
	for name, c := range map[string]struct{ text, want string }{
		"a header without a colon":   {head + "Nonsense\r\n\r\n", "HTTP/1.1 400 "},
		"a header with a raw NUL":    {head + "X-A: a\x00b\r\n\r\n", "HTTP/1.1 400 "},
		"a space before the colon":   {head + "X-A : a\r\n\r\n", "HTTP/1.1 400 "},
		"a header of 2 MB":           {head + "X-A: " + strings.Repeat("a", 2<<20) + "\r\n\r\n", "HTTP/1.1 431 "},
		"two lengths":                {head + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", "HTTP/1.1 400 "},
		"a negative length":          {head + "Content-Length: -1\r\n\r\n", "HTTP/1.1 400 "},
		"no Host":                    {"GET /health HTTP/1.1\r\n\r\n", "HTTP/1.1 400 "},
		"a version nobody has":       {"GET /health HTTP/9.9\r\n\r\n", "HTTP/1.1 505 "},
		"a TLS greeting":             {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", ""},
		"a body that ends too early": {head + "Content-Length: 1000\r\n\r\n" + `{"model":`, ""},
		"chunks that are none":       {head + "Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n", ""},
		"half a header":              {head[:40], ""},
	} {
		if got := p.raw(t, c.text); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: got %.100q, want %s", name, got, c.want)
		}
		p.alive(t, name)
	}
}

func TestB47_HugeAndCompressedBodies(t *testing.T) {
	p := start(t, func(config map[string]any) { config["server"] = map[string]any{"maxBodyMB": 1} })
	big := strings.Replace(good, "hello", strings.Repeat("hello ", 400_000), 1)
	status, body := p.do(t, http.MethodPost, chatPath, big)
	refused(t, "2.4 MB with a limit of 1", status, body, http.StatusRequestEntityTooLarge, "1 MiB")

	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.url+chatPath, io.MultiReader(strings.NewReader(big)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+p.key)
	resp, err := p.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ = io.ReadAll(resp.Body)
	refused(t, "2.4 MB in chunks", resp.StatusCode, body, http.StatusRequestEntityTooLarge, "1 MiB")

	status, body = p.do(t, http.MethodPost, chatPath, zip(t, big), "Content-Encoding", "gzip")
	refused(t, "2.4 MB in a few kB of gzip", status, body, http.StatusRequestEntityTooLarge, "1 MiB")

	if status, body = p.do(t, http.MethodPost, chatPath, zip(t, good), "Content-Encoding", "gzip"); status != http.StatusOK {
		t.Errorf("a right body in gzip: %d %s", status, body)
	}
	for coding, content := range map[string]string{"gzip": good, "zstd": good, "br": "\xff\xff\xff", "snappy": good} {
		status, body = p.do(t, http.MethodPost, chatPath, content, "Content-Encoding", coding)
		refused(t, "Content-Encoding: "+coding+" over something else", status, body, http.StatusBadRequest, coding)
	}
	cut := zip(t, good)
	status, body = p.do(t, http.MethodPost, chatPath, cut[:len(cut)-12], "Content-Encoding", "gzip")
	refused(t, "half a gzip", status, body, http.StatusBadRequest, "gzip")
	p.alive(t, "huge bodies")
}

func zip(t *testing.T, s string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := io.WriteString(z, s); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestB45_BaseURLsAsPeopleTypeThem(t *testing.T) {
	p := start(t)
	for _, path := range []string{chatPath, "/chat/completions", "/v1/v1/chat/completions", "//v1/chat/completions", "/v1//chat/completions", "/v1/chat/completions/"} {
		if status, body := p.do(t, http.MethodPost, path, good); status != http.StatusOK {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	for _, path := range []string{"/v1/models", "/models", "/v1/v1/models", "/v1/models/", "/v1/models/demo/chat", "/v1/models/demo%2Fchat"} {
		if status, body := p.do(t, http.MethodGet, path, ""); status != http.StatusOK || !bytes.Contains(body, []byte("demo/chat")) {
			t.Errorf("%s: %d %.200s", path, status, body)
		}
	}
}

func TestB43_UpgradeToH2CIsAnsweredInPlainHTTP(t *testing.T) {
	p := start(t)
	host := strings.TrimPrefix(p.url, "http://")
	answer := p.raw(t, "GET /v1/models HTTP/1.1\r\nHost: "+host+"\r\nAuthorization: Bearer "+p.key+
		"\r\nConnection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n")
	resp, err := http.ReadResponse(bufio.NewReader(strings.NewReader(answer)), nil)
	if err != nil {
		t.Fatalf("%v in %.200q", err, answer)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("status %d", resp.StatusCode)
	}
}

func TestB46_TheAskedNameIsEchoed(t *testing.T) {
	p := start(t, func(config map[string]any) {
		config["routing"] = map[string]any{"aliases": []any{
			map[string]any{"name": "best", "models": []string{"plain/usage"}},
			map[string]any{"name": "other", "models": []string{"translated/usage"}},
		}}
	})
	for _, name := range []string{"best", "other", "demo/fast", "plain/usage"} {
		for _, streamed := range []string{"true", "false"} {
			status, body := p.do(t, http.MethodPost, chatPath, `{"model":"`+name+`","messages":[{"role":"user","content":"a"}],"stream":`+streamed+`}`)
			if status != http.StatusOK || !bytes.Contains(body, []byte(`"model":"`+name+`"`)) || bytes.Contains(body, []byte("test-model")) {
				t.Errorf("%s (stream %s): %d %.300s", name, streamed, status, body)
			}
		}
	}
}

func TestB34b_RareFieldsReachTheUpstream(t *testing.T) {
	p := start(t)
	const body = `{"model":"LANE/anything","metadata":{"k":"v"},"store":false,"seed":7,"logit_bias":{"50256":-100},"service_tier":"flex","verbosity":"low",
		"prompt_cache_key":"conversation-1","safety_identifier":"u1","user":"u1","reasoning_effort":"low","temperature":1,"top_p":0.9,"presence_penalty":0.5,
		"frequency_penalty":-0.5,"max_completion_tokens":64,"stop":["END"],"logprobs":true,"top_logprobs":2,"n":1,
		"prediction":{"type":"content","content":"guess"},"tool_choice":"auto","parallel_tool_calls":false,
		"response_format":{"type":"json_schema","json_schema":{"name":"x","strict":true,"schema":{"$defs":{"D":{"type":"string"}},"type":"object","properties":{"d":{"$ref":"#/$defs/D"}}}}},
		"tools":[{"type":"function","function":{"name":"f","description":"d","strict":false,"parameters":{"$schema":"x","type":"object","properties":{"a":{"type":["string","null"],"exclusiveMinimum":0}}}}},
			{"type":"custom","custom":{"name":"patch","format":{"type":"grammar","grammar":{"syntax":"lark","definition":"start: /x/"}}}}],
		"messages":[
			{"role":"developer","content":"rules","cache_control":{"type":"ephemeral"}},
			{"role":"user","name":"ada","content":[{"type":"text","text":"look","cache_control":{"type":"ephemeral"}},{"type":"image_url","image_url":{"url":"data:image/png;base64,AA==","detail":"high"}},
				{"type":"input_audio","input_audio":{"data":"AA==","format":"wav"}},{"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,AA=="}}]},
			{"role":"assistant","content":null,"refusal":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"a\": 1.0}"}},{"id":"c2","type":"custom","custom":{"name":"patch","input":"x"}}]},
			{"role":"tool","tool_call_id":"c2","content":[{"type":"text","text":"two"},{"type":"text","text":"parts"}]},
			{"role":"tool","tool_call_id":"c1","content":"{\"n\":10000000000000000001}"},
			{"role":"assistant","content":"","refusal":"no","reasoning_content":"thought"},
			{"role":"user","content":"go on 你好 🎉 \u0000 \ud83c\udf89 </script>"}]}`
	for _, lane := range []string{"plain", "translated"} {
		sent := strings.Replace(body, "LANE", lane, 1)
		p.fake.Reset()
		status, answer := p.do(t, http.MethodPost, chatPath, sent)
		got := p.chats()
		if status != http.StatusOK || len(got) != 1 {
			t.Fatalf("%s: %d %s; the upstream got %d requests and refused: %s", lane, status, answer, len(got), refusals(got))
		}
		notes := p.last(t).Notes
		for _, path := range differences(t, sent, string(got[0].Body)) {
			if !named(path, notes) {
				t.Errorf("%s: %s is not as it was sent, and no note says so: %q", lane, path, notes)
			}
		}
	}
}
