package oauth_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/account/oauth"
	"github.com/WenChunTech/OpenAICompatible/backend/fake"
)

func parse(t *testing.T, text string) oauth.Token {
	t.Helper()
	got, err := oauth.ParseToken(account.NewSecret(text))
	if err != nil {
		t.Fatalf("%.60s: %v", text, err)
	}
	return got
}

func TestParseToken_ReadsWhatProgramsWrite(t *testing.T) {
	t.Parallel()
	date := time.Date(2026, 8, 1, 9, 0, 0, 123456789, time.UTC)
	for name, c := range map[string]struct {
		text    string
		expiry  time.Time
		project string
		client  string
	}{
		"gemini-cli":  {string(fake.Vector("gemini/creds_gemini_cli_oauth_creds.json")), time.UnixMilli(1785582000123), "", ""},
		"cliproxyapi": {string(fake.Vector("gemini/creds_cliproxy_gemini.json")), date, "sample-managed-4821", "fake.apps.googleusercontent.com"},
		"original":    {`{"access_token":"ya29.fake-access-token-1","token_type":"Bearer","refresh_token":"1//fake-refresh-token","expiry":"2026-08-01T11:00:00.123456789+02:00","expires_in":3599}`, date, "", ""},
		"template":    {`{"access_token":"ya29.fake-access-token-1","refresh_token":"1//fake-refresh-token","expiry":"","expires_in":3599}`, time.Time{}, "", ""},
		"zero time":   {`{"access_token":"ya29.fake-access-token-1","refresh_token":"1//fake-refresh-token","expiry":"0001-01-01T00:00:00Z"}`, time.Time{}, "", ""},
		"qwen-code":   {`{"access_token":"ya29.fake-access-token-1","refresh_token":"1//fake-refresh-token","token_type":"Bearer","resource_url":"portal.qwen.ai","expiry_date":1785582000123}`, time.UnixMilli(1785582000123), "", ""},
		"as text":     {`{"access_token":"ya29.fake-access-token-1","refresh_token":"1//fake-refresh-token","expiry_date":"1785582000"}`, time.Unix(1785582000, 0), "", ""},
		"expired":     {`{"access_token":"ya29.fake-access-token-1","refresh_token":"1//fake-refresh-token","last_refresh":"2026-07-01T00:00:00Z","email":"dev@example.com","type":"qwen","expired":"2026-08-01T11:00:00.123456789+02:00"}`, date, "", ""},
		"nonsense":    {`{"access_token":"ya29.fake-access-token-1","refresh_token":"1//fake-refresh-token","expiry":"soon"}`, time.Time{}, "", ""},
		"half nested": {`{"token":{"access_token":"","refresh_token":"1//fake-refresh-token"},"access_token":"ya29.fake-access-token-1","expiry":"2026-08-01T09:00:00.123456789Z"}`, date, "", ""},
		"keychain":    {`{"serverName":"main-account","token":{"accessToken":"ya29.fake-access-token-1","refreshToken":"1//fake-refresh-token","tokenType":"Bearer","expiresAt":1785582000123}}`, time.UnixMilli(1785582000123), "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := parse(t, c.text)
			if got.Access.Reveal() != "ya29.fake-access-token-1" || got.Refresh.Reveal() != "1//fake-refresh-token" {
				t.Error("the tokens are not those of the file")
			}
			if !got.Expiry.Equal(c.expiry) || got.Project != c.project || got.ClientID != c.client {
				t.Errorf("got expiry %v, project %q, client %q; want %v, %q, %q", got.Expiry, got.Project, got.ClientID, c.expiry, c.project, c.client)
			}
			// What is written is one form, and reads as the same.
			again := parse(t, got.Secret().Reveal())
			if !again.Secret().Equal(got.Secret()) || !again.Expiry.Equal(got.Expiry) {
				t.Error("written and read, it is another token")
			}
			for _, old := range []string{"expiry_date", "expires_in", "expired", `"token":`} {
				if strings.Contains(got.Secret().Reveal(), old) {
					t.Errorf("%s is written too", old)
				}
			}
		})
	}
}

func TestB17_UnknownMembersSurvive(t *testing.T) {
	t.Parallel()
	got := parse(t, `{"type":"gemini","auto":true,"mine":{"a":[1, 2.50]},"token":{"access_token":"a","scopes":["x"],"universe_domain":"googleapis.com"}}`)
	var members map[string]json.RawMessage
	if err := json.Unmarshal([]byte(got.Secret().Reveal()), &members); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"type": `"gemini"`, "auto": `true`, "mine": `{"a":[1,2.50]}`, "scopes": `["x"]`, "universe_domain": `"googleapis.com"`,
	} {
		if string(members[name]) != want {
			t.Errorf("%s is %s, want %s", name, members[name], want)
		}
	}
}

func TestParseToken_RefusesWhatIsNone(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "  ", "{}", `{"access_token":""}`, `{"access_token":5}`, `{"access_token":"canary`, "two words", `["canary"]`, `"canary"`} {
		_, err := oauth.ParseToken(account.NewSecret(text))
		if err == nil || strings.Contains(err.Error(), "canary") {
			t.Errorf("%q: got %v, want an error that does not quote", text, err)
		}
	}
	if got := parse(t, " ya29.alone \n"); got.Access.Reveal() != "ya29.alone" {
		t.Error("an access token alone is not taken")
	}
}

func TestToken_IsPrintedByNoVerb(t *testing.T) {
	t.Parallel()
	token := parse(t, `{"access_token":"canary-1","refresh_token":"canary-2","id_token":"canary-3","client_secret":"canary-4","my_secret":"canary-5","token_type":"Bearer"}`)
	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&out, verb+verb+verb, token, &token, []oauth.Token{token})
	}
	raw, _ := json.Marshal(token)
	out.Write(raw)
	slog.New(slog.NewTextHandler(&out, nil)).Info("m", slog.Any("t", token))
	if strings.Contains(out.String(), "canary") || strings.Contains(out.String(), fmt.Sprintf("%x", "canary")) {
		t.Errorf("a secret came out: %s", out.String())
	}
}

func TestOwner_IsThatOfTheIDToken(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"access_token":"a","email":"noted@example.com","id_token":"x.eyJlbWFpbCI6ImRldkBleGFtcGxlLmNvbSJ9.y"}`: "noted@example.com",
		`{"access_token":"a","id_token":"x.eyJlbWFpbCI6ImRldkBleGFtcGxlLmNvbSJ9.y"}`:                             "dev@example.com",
		`{"access_token":"a","id_token":"x.!!.y"}`:                                                               "",
		`{"access_token":"a","id_token":"JWT"}`:                                                                  "",
	} {
		if got := parse(t, text).Owner(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
