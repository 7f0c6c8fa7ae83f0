package e2e_test

import (
	"bufio"
	"io"
	"net/http"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestB59_AKeyThatTheUpstreamRepeatsIsShownNowhere(t *testing.T) {
	p := start(t, func(config map[string]any) { config["requests"] = map[string]any{"keepBodies": "all"} })
	for _, model := range []string{"plain/echo-key", "translated/echo-key"} {
		for _, text := range []string{"hello", "my key is " + p.key + " and theirs " + upstreamKey} {
			status, body := p.do(t, http.MethodPost, chatPath, `{"model":"`+model+`","messages":[{"role":"user","content":"`+text+`"}]}`)
			refused(t, model, status, body, http.StatusUnauthorized, "Incorrect API key")
			if strings.Contains(string(body), upstreamKey) {
				t.Errorf("%s: the account's key is in the answer: %s", model, body)
			}
			p.last(t)
			_, row := p.do(t, http.MethodGet, "/api/exchanges/"+p.ids.last(), "", "Authorization", "Bearer "+p.token)
			if !strings.Contains(string(row), "Incorrect API key") || !strings.Contains(string(row), `"request":`) {
				t.Errorf("%s: the log row lacks the error or the body: %s", model, row)
			}
			for _, secret := range []string{upstreamKey, p.key} {
				if strings.Contains(string(row), secret) {
					t.Errorf("%s: a secret is in the log row: %s", model, row)
				}
			}
		}
	}
	// The end of the test looks into the files.
}

func TestB22_WaitingClientsHearSomethingAndThenTheTruth(t *testing.T) {
	p := start(t, func(config map[string]any) {
		config["network"] = map[string]any{"connectTimeoutMs": 1000, "firstByteTimeoutMs": 300, "idleTimeoutMs": 300, "keepAliveMs": 50}
	})
	for _, lane := range []string{"plain", "translated"} {
		status, body := p.do(t, http.MethodPost, chatPath, `{"model":"`+lane+`/silent","messages":[{"role":"user","content":"a"}]}`)
		refused(t, lane+"/silent", status, body, http.StatusGatewayTimeout, "")

		_, body = p.do(t, http.MethodPost, chatPath, `{"model":"`+lane+`/hang","messages":[{"role":"user","content":"a"}],"stream":true}`)
		stream := string(body)
		if !strings.Contains(stream, "Hel") || !strings.Contains(stream, "\n\n: keep-alive\n\n") {
			t.Errorf("%s/hang: no sign of life after the first words: %q", lane, stream)
		}
		if !strings.HasSuffix(stream, "}}\n\ndata: [DONE]\n\n") || !strings.Contains(stream, `data: {"error":{`) || strings.Contains(stream, `"finish_reason":"`) {
			t.Errorf("B23: %s/hang does not end with an error event and the terminal marker: %q", lane, tail(stream))
		}
		if row := p.last(t); row.ErrorKind != "timeout" {
			t.Errorf("%s/hang: the log row says %q: %s", lane, row.ErrorKind, row.Error)
		}
	}
}

func TestB50_AStopLetsRunningStreamsEnd(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Log("Windows has no signal that asks a program to stop")
		return
	}
	p := start(t)
	resp := p.send(t.Context(), t, http.MethodPost, chatPath, `{"model":"demo/chat","messages":[{"role":"user","content":"hello"}],"stream":true}`)
	lines := bufio.NewReader(resp.Body)
	if _, err := lines.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	at := time.Now()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(lines)
	if err != nil || !strings.HasSuffix(string(rest), "data: [DONE]\n\n") {
		t.Errorf("the stream broke off after %s: %v, %q", time.Since(at), err, tail(string(rest)))
	}
}
