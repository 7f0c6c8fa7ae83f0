package daemon_test

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/doctor"
)

// examined runs the doctor with a settings file of that text.
func examined(t *testing.T, text string, args ...string) (code int, said string) {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "config.json")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	code = commandOf(nil, append([]string{"doctor", "--config", file, "--data", filepath.Join(dir, "data")}, args...), strings.NewReader(""), &out, &out)
	return code, out.String()
}

func TestDoctor_SaysWhatIsWrongAndWhatToDo(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
	taken := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(taken.Close)
	us := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"status":"ok","version":"v9"}`) }))
	t.Cleanup(us.Close)
	port := func(s *httptest.Server) int { return s.Listener.Addr().(*net.TCPAddr).Port }
	const account = `"accounts":[{"id":1,"provider":"openaicompat","name":"A","key":"sk-canary","settings":{"baseUrl":"http://127.0.0.1:1"}}]`
	for _, c := range []struct {
		name, text string
		args       []string
		code       int
		said       []string
	}{
		{"a setting out of bounds", "{\"version\":1,\n\"port\":99999}", nil, 1, []string{"problem  settings", "config.json:2: port", "1 problem was found"}},
		{"a misspelt setting", fmt.Sprintf(`{"version":1,"port":%d,"server":{"maxBody":3},%s}`, port(us), account), nil, 0, []string{"warning  settings", "config.json:1: server.maxBody means nothing"}},
		{"the program runs", fmt.Sprintf(`{"version":1,"port":%d,%s}`, port(us), account), nil, 0, []string{"answers with version v9", "1 'A' (openaicompat): not asked yet"}},
		{"another program has the port", fmt.Sprintf(`{"version":1,"port":%d,%s}`, port(taken), account), nil, 1, []string{"problem  port", "is in use", "choose another port"}},
		{"no account", fmt.Sprintf(`{"version":1,"port":%d}`, port(us)), nil, 0, []string{"warning  account", "login"}},
		{"the way to a service", fmt.Sprintf(`{"version":1,"port":%d,%s}`, port(us), account), []string{"--online"}, 1, []string{"'A': it ends at CONNECT of 127.0.0.1:1"}},
		{"the proxy's password", fmt.Sprintf(`{"version":1,"port":%d,"proxy":"http://u:canary-password@127.0.0.1:1",%s}`, port(us), account), nil, 0, []string{"ok       proxy"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, said := examined(t, c.text, c.args...)
			if code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
			for _, want := range c.said {
				if !strings.Contains(said, want) {
					t.Errorf("it does not say %q:\n%s", want, said)
				}
			}
			if strings.Contains(said, "canary") {
				t.Errorf("it tells a secret:\n%s", said)
			}
		})
	}
}

func TestDoctor_ChangesNothingAndSpeaksJSON(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			t.Error("a credential was sent")
		}
		w.Header().Set("Date", time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat))
	}))
	t.Cleanup(service.Close)
	dir := t.TempDir()
	file, data := filepath.Join(dir, "config.json"), filepath.Join(dir, "data")
	text := fmt.Sprintf(`{"version":1,"port":%d,"accounts":[{"id":1,"provider":"openaicompat","name":"A","key":"sk-canary","settings":{"baseUrl":%q}}]}`, spare(t), service.URL)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, logs strings.Builder
	code := commandOf(nil, []string{"doctor", "--json", "--online", "--config", file, "--data", data}, strings.NewReader(""), &out, &logs)
	var got struct {
		Version string
		Checks  []doctor.Finding
	}
	if err := json.Unmarshal([]byte(out.String()), &got); err != nil {
		t.Fatal(err)
	}
	states := map[string]doctor.State{}
	for _, f := range got.Checks {
		states[f.Check] = f.State
	}
	if code != 1 || got.Version != "test" || states["network"] != doctor.OK || states["clock"] != doctor.Problem {
		t.Errorf("exit code %d, %+v", code, got)
	}
	if _, err := os.Stat(data); !os.IsNotExist(err) {
		t.Errorf("it made the data folder (%v)", err)
	}
	if now, err := os.ReadFile(file); err != nil || string(now) != text {
		t.Errorf("the settings are now %q (%v)", now, err)
	}
}

// spare is a port that was free a moment ago.
func spare(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
