package tray_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/desktop/tray"
)

func running(change func(*control.Status)) control.Status {
	s := control.Status{
		Listener: control.Listener{State: control.Running, Address: "127.0.0.1:8080", BaseURL: "http://127.0.0.1:8080/v1"},
		Accounts: control.Tally{Total: 6, Ready: 5}, KeyID: 1,
	}
	if change != nil {
		change(&s)
	}
	return s
}

func TestBuild_SaysWhatThePersonNeeds(t *testing.T) {
	for _, c := range []struct {
		name     string
		status   control.Status
		language string
		state    tray.State
		line     string
		toggle   string
	}{
		{"running", running(nil), "en", tray.Running, "● Running on 127.0.0.1:8080 · 5 of 6 accounts ready", "Stop listener"},
		{"running in Chinese", running(nil), "zh-CN", tray.Running, "● 运行于 127.0.0.1:8080 · 5/6 个账号就绪", "停止监听"},
		{"a system's tag of Chinese", running(nil), "zh_CN.UTF-8", tray.Running, "● 运行于 127.0.0.1:8080 · 5/6 个账号就绪", "停止监听"},
		{"a language that is not there", running(nil), "fr", tray.Running, "● Running on 127.0.0.1:8080 · 5 of 6 accounts ready", "Stop listener"},
		{
			"nothing to answer with", running(func(s *control.Status) { s.Accounts.Ready = 0 }), "en",
			tray.Error, "● Running on 127.0.0.1:8080 · 0 of 6 accounts ready", "Stop listener",
		},
		{
			"some accounts rest", running(func(s *control.Status) { s.Accounts.Ready, s.Accounts.Resting = 3, 2 }), "en",
			tray.Degraded, "● Running on 127.0.0.1:8080 · 3 of 6 accounts ready · resting: 2", "Stop listener",
		},
		{
			"all accounts rest", running(func(s *control.Status) { s.Accounts.Ready, s.Accounts.Resting = 0, 6 }), "en",
			tray.Error, "● Running on 127.0.0.1:8080 · 0 of 6 accounts ready · resting: 6", "Stop listener",
		},
		{
			"one needs a new sign-in, in Chinese", running(func(s *control.Status) { s.Accounts.SignIn = 1 }), "zh-CN",
			tray.Degraded, "● 运行于 127.0.0.1:8080 · 5/6 个账号就绪 · 1 个需要登录", "停止监听",
		},
		{
			"a fresh installation", running(func(s *control.Status) { s.Accounts = control.Tally{} }), "en",
			tray.Degraded, "● Running on 127.0.0.1:8080 · no account yet", "Stop listener",
		},
		{
			"a broken configuration file", running(func(s *control.Status) { s.ConfigProblem = "line 3: port" }), "en",
			tray.Degraded, "● Running on 127.0.0.1:8080 · 5 of 6 accounts ready · configuration has an error", "Stop listener",
		},
		{
			"stopped", running(func(s *control.Status) { s.Listener.State = control.Stopped }), "en",
			tray.Stopped, "○ Stopped", "Start listener",
		},
		{
			"stopped in Chinese", running(func(s *control.Status) { s.Listener.State = control.Stopped }), "zh-CN",
			tray.Stopped, "○ 已停止", "启动监听",
		},
		{
			"B51: the port is taken", running(func(s *control.Status) {
				s.Listener.State, s.Listener.Error = control.Failed, "port 8080 is in use by nginx"
			}), "en",
			tray.Error, "✕ Error: port 8080 is in use by nginx", "Start listener",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := tray.Build(c.status, nil, tray.Unknown, c.language)
			got := []string{string(m.State), title(m, tray.Status), title(m, tray.Toggle)}
			if diff := cmp.Diff([]string{string(c.state), c.line, c.toggle}, got); diff != "" {
				t.Errorf("menu (-want +got):\n%s", diff)
			}
			if !strings.Contains(m.Tooltip, c.line) {
				t.Errorf("the tooltip %q does not say why: %q", m.Tooltip, c.line)
			}
		})
	}
}

func TestBuild_EveryMenuHasTheSameShape(t *testing.T) {
	want := ids(tray.Build(running(nil), nil, tray.Unknown, "en"))
	for _, state := range []control.ListenerState{control.Running, control.Stopped, control.Failed} {
		for _, language := range []string{"en", "zh-CN"} {
			for _, key := range []int64{0, 1} {
				s := running(func(s *control.Status) { s.Listener.State, s.KeyID = state, key })
				if diff := cmp.Diff(want, ids(tray.Build(s, nil, tray.Unknown, language))); diff != "" {
					t.Errorf("a tray cannot move items; the menu of %s differs (-want +got):\n%s", state, diff)
				}
			}
		}
	}
}

func TestBuild_HidesTheKeyWhenThereIsNone(t *testing.T) {
	m := tray.Build(running(func(s *control.Status) { s.KeyID = 0 }), nil, tray.Unknown, "en")
	for _, item := range m.Items {
		if item.ID == tray.CopyKey && !item.Hidden {
			t.Error("Copy API key is shown although there is no key")
		}
	}
}

func TestBuild_CutsALongReason(t *testing.T) {
	m := tray.Build(running(func(s *control.Status) {
		s.Listener.State, s.Listener.Error = control.Failed, strings.Repeat("很长的原因\n", 100)
	}), nil, tray.Unknown, "en")
	line := title(m, tray.Status)
	if n := len([]rune(line)); n > 100 || strings.Contains(line, "\n") {
		t.Errorf("the status line has %d letters: %q", n, line)
	}
}

func title(m tray.Menu, id tray.ID) string {
	for _, item := range m.Items {
		if item.ID == id {
			return item.Title
		}
	}
	return ""
}

func ids(m tray.Menu) []tray.ID {
	var out []tray.ID
	for _, item := range m.Items {
		out = append(out, item.ID)
	}
	return out
}
