package daemon_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/daemon"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
)

func (p *program) begin(body string) control.SignIn {
	p.t.Helper()
	var s control.SignIn
	if code := p.api("POST", "/api/sign-ins", body, &s); code != 200 {
		p.t.Fatalf("begin: %d", code)
	}
	return s
}

func (p *program) signIn(id string) control.SignIn {
	p.t.Helper()
	var s control.SignIn
	if code := p.api("GET", "/api/sign-ins/"+id, "", &s); code != 200 {
		p.t.Fatalf("sign-in: %d", code)
	}
	return s
}

// at waits for a sign-in to come into a state.
func (p *program) at(id string, state control.SignInState) control.SignIn {
	p.t.Helper()
	p.until("at "+string(state), func() bool { return p.signIn(id).State == state })
	return p.signIn(id)
}

// through signs in as whom the code says, up to the end.
func (p *program) through(begin, code string) control.SignIn {
	p.t.Helper()
	s := p.begin(begin)
	if status := p.api("POST", "/api/sign-ins/"+s.ID+"/answer", `{"text":"`+code+`"}`, nil); status != 200 {
		p.t.Fatalf("answer: %d", status)
	}
	p.at(s.ID, control.SignInConfirm)
	if status := p.api("POST", "/api/sign-ins/"+s.ID+"/confirm", `{}`, nil); status != 200 {
		p.t.Fatalf("confirm: %d", status)
	}
	return p.at(s.ID, control.SignInDone)
}

const cli = `{"provider":"cloud","way":"cli"}`

func TestB12_AfterASignInOneRealCallDecides(t *testing.T) {
	p := withCloud(t, &cloud{}, "")
	s := p.through(cli, "refused:ann@x")
	if !strings.Contains(s.Message, "not served any more") || s.AccountID == 0 {
		t.Errorf("got %+v", s)
	}
	if a := p.card(s.AccountID); a.State != control.AccountRefused || !strings.Contains(a.Reason, "use a key") || len(a.Instead) != 1 {
		t.Errorf("the card says %+v", a)
	}
	if s := p.through(cli, "good:bob@x"); s.Message != "" || p.card(s.AccountID).State != control.AccountReady {
		t.Errorf("got %+v", s)
	}
	if b, err := os.ReadFile(p.path); err != nil || strings.Contains(string(b), "good:bob@x") {
		t.Errorf("the token is in the file: %s", b)
	}
}

func TestB19_APromptHasATunnelAndTakesAPastedAddress(t *testing.T) {
	p := withCloud(t, &cloud{}, "")
	s := p.begin(cli)
	if s.State != control.SignInWaiting || s.URL != "https://cloud.example/login" || !s.Paste || !strings.HasPrefix(s.Tunnel, "ssh -L 8085:127.0.0.1:8085 ") {
		t.Errorf("got %+v", s)
	}
	var again control.SignIn
	p.api("POST", "/api/sign-ins/"+s.ID+"/answer", `{"text":"nonsense"}`, &again)
	if again.State != control.SignInWaiting || !strings.Contains(again.Problem, "not the address") {
		t.Errorf("a wrong answer: %+v", again)
	}
	p.api("POST", "/api/sign-ins/"+s.ID+"/answer", `{"text":"good:a@x"}`, nil)
	if got := p.at(s.ID, control.SignInConfirm); got.Problem != "" {
		t.Errorf("got %+v", got)
	}
}

func TestB20_ItIsShownWhoSignedInBeforeAnythingIsKept(t *testing.T) {
	p := withCloud(t, &cloud{}, "")
	s := p.begin(cli)
	p.api("POST", "/api/sign-ins/"+s.ID+"/answer", `{"text":"good:ann@x"}`, nil)
	if got := p.at(s.ID, control.SignInConfirm); got.Identity != "ann@x" || got.Known || got.AccountID != 0 {
		t.Errorf("got %+v", got)
	}
	if n := len(p.cards()); n != 0 {
		t.Fatalf("%d accounts before it was confirmed", n)
	}
	if code := p.api("POST", "/api/sign-ins/"+s.ID+"/confirm", `{"name":" "}`, nil); code != 200 {
		t.Fatalf("confirm: %d", code)
	}
	first := p.at(s.ID, control.SignInDone)

	again := p.begin(cli)
	p.api("POST", "/api/sign-ins/"+again.ID+"/answer", `{"text":"good:ANN@x"}`, nil)
	if got := p.at(again.ID, control.SignInConfirm); !got.Known || got.AccountID != first.AccountID || !strings.Contains(got.Message, "there already") {
		t.Errorf("a second sign-in of the same person: %+v", got)
	}
	p.api("POST", "/api/sign-ins/"+again.ID+"/confirm", `{}`, nil)
	p.at(again.ID, control.SignInDone)
	if n := len(p.cards()); n != 1 {
		t.Errorf("%d accounts, want the one updated", n)
	}

	other := p.begin(fmt.Sprintf(`{"provider":"cloud","way":"cli","accountId":%d}`, first.AccountID))
	p.api("POST", "/api/sign-ins/"+other.ID+"/answer", `{"text":"good:eve@x"}`, nil)
	if got := p.at(other.ID, control.SignInConfirm); !strings.Contains(got.Message, "another person") || got.AccountID != first.AccountID {
		t.Errorf("another person: %+v", got)
	}
}

func TestSignIns_TheBrowserIsOpenedOnlyOnWish(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
	opened := make(chan string, 2)
	p := start(t, daemon.Options{
		Edition: "window", Stopped: true, Providers: []provider.Provider{&cloud{}},
		OpenBrowser: func(url string) error {
			opened <- url
			return errors.New("there is none")
		},
	}, "")
	if s := p.begin(cli); s.Problem != "" || len(opened) != 0 {
		t.Errorf("got %+v", s)
	}
	s := p.begin(`{"provider":"cloud","way":"cli","open":true}`)
	if got := <-opened; got != s.URL || !strings.Contains(s.Problem, "open the address yourself") {
		t.Errorf("opened %q: %+v", got, s)
	}
}

func TestSignIns_ASecondOneTakesTheFirstOnesPlace(t *testing.T) {
	c := &cloud{}
	p := withCloud(t, c, "")
	first := p.begin(cli)
	second := p.begin(`{"provider":"cloud","way":"cli","method":"device"}`)
	if got := p.signIn(first.ID); got.State != control.SignInCanceled || c.count(&c.open) != 1 {
		t.Errorf("the first is %s, %d are open", got.State, c.count(&c.open))
	}
	if second.UserCode != "ABCD" || second.Paste {
		t.Errorf("got %+v", second)
	}
	if code := p.api("POST", "/api/sign-ins/"+second.ID+"/answer", `{"text":"x"}`, nil); code != 409 {
		t.Errorf("an answer to nothing: %d", code)
	}
	if code := p.api("DELETE", "/api/sign-ins/"+second.ID, "", nil); code != 204 || c.count(&c.open) != 0 {
		t.Errorf("cancel: %d, %d are open", code, c.count(&c.open))
	}
	if got := p.signIn(second.ID); got.State != control.SignInCanceled {
		t.Errorf("got %+v", got)
	}
	if code := p.api("POST", "/api/sign-ins/"+second.ID+"/confirm", `{}`, nil); code != 409 {
		t.Errorf("confirm of a canceled one: %d", code)
	}
}

func TestSignIns_WhatGoesWrongIsSaid(t *testing.T) {
	p := withCloud(t, &cloud{}, "")
	for body, want := range map[string]int{
		`{"provider":"cloud","way":"cli","method":"code"}`:                  422,
		`{"provider":"cloud","way":"key"}`:                                  422,
		`{"provider":"nobody","way":"cli"}`:                                 422,
		`{"provider":"cloud","way":"nothing"}`:                              422,
		`{"provider":"cloud","way":"cli","settings":{"nothing":"x"}}`:       422,
		`{"provider":"cloud","way":"cli","accountId":77}`:                   404,
		`{"provider":"cloud","way":"cli","settings":{"project":"taken"}}`:   503,
		`{"provider":"cloud","way":"cli","settings":{"baseUrl":"a b c d"}}`: 422,
	} {
		if code := p.api("POST", "/api/sign-ins", body, nil); code != want {
			t.Errorf("%s: %d, want %d", body, code, want)
		}
	}
	for _, path := range []string{"", "/answer", "/confirm"} {
		method := "POST"
		if path == "" {
			method = "GET"
		}
		if code := p.api(method, "/api/sign-ins/unknown"+path, `{"text":"x"}`, nil); code != 404 && (path != "/confirm" || code != 422) {
			t.Errorf("%s of an unknown one: %d", path, code)
		}
	}
	s := p.begin(cli)
	p.api("POST", "/api/sign-ins/"+s.ID+"/answer", `{"text":"denied:"}`, nil)
	if got := p.at(s.ID, control.SignInFailed); got.Message != "you said no at the service" {
		t.Errorf("got %+v", got)
	}
}

func TestSignIns_OneUnderWayEndsWithTheProgram(t *testing.T) {
	c := &cloud{}
	p := withCloud(t, c, "")
	p.begin(cli)
	p.stop()
	if err := <-p.ended; err != nil || c.count(&c.open) != 0 {
		t.Errorf("got %v, %d open", err, c.count(&c.open))
	}
	p.ended <- nil
}

func TestAccounts_ChangesAreCheckedAtTheirFields(t *testing.T) {
	p := withCloud(t, &cloud{}, `{"version":1,"codegeex":[{"token":"tok-A"}]}`)
	for body, field := range map[string]string{
		`{"provider":"cloud","way":"key"}`:                                              "body.key",
		`{"provider":"cloud","way":"key","key":"two words"}`:                            "body.key",
		`{"provider":"cloud","way":"key","key":"good:","settings":{"region":"mars"}}`:   "body.settings.region",
		`{"provider":"cloud","way":"key","key":"good:","settings":{"region":""}}`:       "body.settings.region",
		`{"provider":"cloud","way":"key","key":"good:","settings":{"beta":"maybe"}}`:    "body.settings.beta",
		`{"provider":"cloud","way":"key","key":"good:","settings":{"nothing":"x"}}`:     "body.settings.nothing",
		`{"provider":"cloud","way":"key","key":"good:","prefix":"a/b"}`:                 "body.prefix",
		`{"provider":"cloud","way":"key","key":"good:","settings":{"cookie":"a\r\nb"}}`: "body.settings.cookie",
		`{"provider":"cloud","way":"cli","key":"good:"}`:                                "body.key",
		`{"provider":"nobody","way":"key","key":"good:"}`:                               "body.provider",
		`{"provider":"cloud","way":"nothing","key":"good:"}`:                            "body.way",
		`{"provider":"cloud","way":"key","key":"good:","models":["a",""]}`:              "body.models[1]",
	} {
		var problem struct{ Errors []struct{ Location string } }
		code := p.api("POST", "/api/accounts", body, &problem)
		if code != 422 || len(problem.Errors) != 1 || problem.Errors[0].Location != field {
			t.Errorf("%s: %d %+v, want %s", body, code, problem, field)
		}
	}
	if n := len(p.cards()); n != 1 {
		t.Fatalf("%d accounts", n)
	}
	original := p.cards()[0]
	if !original.Original {
		t.Errorf("got %+v", original)
	}
	var problem struct{ Detail string }
	if code := p.api("PATCH", fmt.Sprintf("/api/accounts/%d", original.ID), `{"enabled":false}`, &problem); code != 409 || !strings.Contains(problem.Detail, "import") {
		t.Errorf("a change of an original's account: %d %q", code, problem.Detail)
	}
	if code := p.api("DELETE", "/api/accounts/77", "", nil); code != 404 {
		t.Errorf("delete of none: %d", code)
	}
}

func TestAccounts_AnAccountIsChangedAndRemovedWithItsSecrets(t *testing.T) {
	p := withCloud(t, &cloud{}, "")
	var a control.Account
	p.api("POST", "/api/accounts", `{"provider":"cloud","way":"key","name":"Mine","key":"revoked:","settings":{"cookie":"sweet"}}`, &a)
	if len(a.Secrets) != 1 || a.Secrets[0] != "cookie" || a.Settings["cookie"] != "" {
		t.Errorf("added: %+v", a)
	}
	p.in(a.ID, control.AccountSignIn)
	path := fmt.Sprintf("/api/accounts/%d", a.ID)
	if code := p.api("PATCH", path, `{"key":"good:a@x"}`, &a); code != 200 || a.State == control.AccountSignIn {
		t.Errorf("a new key: %d %+v", code, a)
	}
	p.in(a.ID, control.AccountReady)
	if code := p.api("PATCH", path, `{"name":"Other","prefix":"my","settings":{"region":"us","cookie":""}}`, &a); code != 200 ||
		a.Name != "Other" || a.Prefix != "my" || a.Settings["region"] != "us" || len(a.Secrets) != 0 {
		t.Errorf("changed: %d %+v", code, a)
	}
	p.in(a.ID, control.AccountReady)
	p.until("renamed models", func() bool { return p.models()[0]["id"] == "my/big" })
	if code := p.api("PATCH", path, `{"enabled":false}`, &a); code != 200 || a.State != control.AccountOff {
		t.Errorf("off: %d %+v", code, a)
	}
	p.until("no models", func() bool { return len(p.models()) == 0 })
	if code := p.api("POST", path+"/test", "", &a); code != 200 || a.State != control.AccountOff || a.CheckedAt == nil {
		t.Errorf("test: %d %+v", code, a)
	}
	if code := p.api("DELETE", path, "", nil); code != 204 || len(p.cards()) != 0 {
		t.Errorf("delete: %d", code)
	}
	store, err := account.OpenCredentials(p.DataDir()+"/credentials.json", account.CredentialOptions{NoKeyring: true})
	if err != nil || len(store.Below(account.CredentialNames)) != 0 {
		t.Errorf("secrets are left: %v %v", store, err)
	}
	if b := p.add("good:"); b.ID == a.ID {
		t.Errorf("the ID %d is used again", b.ID)
	}
}
