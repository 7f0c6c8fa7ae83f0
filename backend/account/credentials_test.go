package account_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zalando/go-keyring"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
)

// The tests replace the process's one keyring, so that none is parallel.

// withKeyring gives the test a keyring of its own.
func withKeyring(t *testing.T) {
	t.Helper()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
	keyring.MockInit()
}

// withoutKeyring makes every question fail, as without a keyring service.
func withoutKeyring(t *testing.T) {
	t.Helper()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
	keyring.MockInitWithError(errors.New("the name org.freedesktop.secrets was not provided"))
}

func storePath(t *testing.T) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "new", "credentials.json")
}

func openStore(t *testing.T, path string, o account.CredentialOptions) *account.Credentials {
	t.Helper()
	c, err := account.OpenCredentials(path, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func set(t *testing.T, c *account.Credentials, name, text string) {
	t.Helper()
	if err := c.Set(name, account.NewSecret(text)); err != nil {
		t.Fatal(err)
	}
}

func wantSecret(t *testing.T, c *account.Credentials, name, want string) {
	t.Helper()
	got, err := c.Lookup(name)
	if err != nil || got.Reveal() != want {
		t.Errorf("%s: got %q, %v, want %q", name, got.Reveal(), err, want)
	}
}

func content(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestCredentials_EncryptsWhereThereIsAKeyring(t *testing.T) {
	withKeyring(t)
	path := storePath(t)
	c := openStore(t, path, account.CredentialOptions{})
	if c.Where() != account.InKeyring {
		t.Errorf("empty: got %s", c.Where())
	}
	set(t, c, "account/1", "canary-one")
	set(t, c, "key/2", "canary-two")
	if text := content(t, path); strings.Contains(text, "canary") {
		t.Errorf("the file has a secret:\n%s", text)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got mode %v, %v, want 0600", info.Mode(), err)
	}
	again := openStore(t, path, account.CredentialOptions{})
	wantSecret(t, again, "account/1", "canary-one")
	wantSecret(t, again, "key/2", "canary-two")
	if again.Where() != account.InKeyring || again.Problem() != "" {
		t.Errorf("got %s, problem %q", again.Where(), again.Problem())
	}
	if err := again.Delete("account/1"); err != nil {
		t.Fatal(err)
	}
	if _, ok := c.Get("account/1"); ok {
		t.Error("the first store still has what the second deleted")
	}
	if _, err := c.Lookup("account/1"); !errors.Is(err, account.ErrNoSecret) {
		t.Errorf("got %v, want ErrNoSecret", err)
	}
}

func TestCredentials_IsPlainWithoutAKeyring(t *testing.T) {
	withoutKeyring(t)
	path := storePath(t)
	c := openStore(t, path, account.CredentialOptions{})
	set(t, c, "key/1", "plain-text")
	wantSecret(t, openStore(t, path, account.CredentialOptions{}), "key/1", "plain-text")
	if c.Where() != account.InFile || !strings.Contains(content(t, path), "plain-text") {
		t.Errorf("got %s", c.Where())
	}
}

func TestCredentials_PlainSecretsAreEncryptedWhenAKeyringComes(t *testing.T) {
	withoutKeyring(t)
	path := storePath(t)
	set(t, openStore(t, path, account.CredentialOptions{}), "key/1", "canary-one")
	withKeyring(t)
	c := openStore(t, path, account.CredentialOptions{})
	wantSecret(t, c, "key/1", "canary-one")
	set(t, c, "key/2", "canary-two")
	wantSecret(t, c, "key/1", "canary-one")
	if strings.Contains(content(t, path), "canary") || c.Where() != account.InKeyring {
		t.Errorf("got %s:\n%s", c.Where(), content(t, path))
	}
}

func TestCredentials_MissingKeyringLosesNothing(t *testing.T) {
	withKeyring(t)
	path := storePath(t)
	set(t, openStore(t, path, account.CredentialOptions{}), "account/1", "canary")
	before := content(t, path)
	withoutKeyring(t)
	c := openStore(t, path, account.CredentialOptions{})
	if _, ok := c.Get("account/1"); ok {
		t.Error("a secret without its key")
	}
	_, err := c.Lookup("account/1")
	for _, text := range []string{fmt.Sprint(err), c.Problem()} {
		if !strings.Contains(text, "start or unlock the keyring") {
			t.Errorf("got %q, want what to do", text)
		}
	}
	if err := c.Set("account/2", account.NewSecret("new")); err == nil || !strings.Contains(err.Error(), "unlock") {
		t.Errorf("Set: got %v, want what to do", err)
	}
	if content(t, path) != before {
		t.Error("the file was changed")
	}
	if c.Where() != account.InKeyring {
		t.Errorf("got %s", c.Where())
	}
	plain := openStore(t, path, account.CredentialOptions{NoKeyring: true})
	set(t, plain, "account/2", "new")
	wantSecret(t, plain, "account/2", "new")
	if !strings.Contains(content(t, path), "sealed") {
		t.Error("the encrypted secret is gone")
	}
}

func TestCredentials_LostKeyIsSaidAndNewSecretsAreKept(t *testing.T) {
	withKeyring(t)
	path := storePath(t)
	set(t, openStore(t, path, account.CredentialOptions{}), "account/1", "old")
	withKeyring(t) // an empty one
	c := openStore(t, path, account.CredentialOptions{})
	if !strings.Contains(c.Problem(), "enter the secrets again") {
		t.Errorf("got problem %q", c.Problem())
	}
	set(t, c, "account/2", "new")
	wantSecret(t, c, "account/2", "new")
	if strings.Count(content(t, path), "sealed") != 2 {
		t.Errorf("the old secret is gone:\n%s", content(t, path))
	}
	set(t, c, "account/1", "again")
	wantSecret(t, openStore(t, path, account.CredentialOptions{}), "account/1", "again")
	if c.Problem() != "" {
		t.Errorf("got problem %q", c.Problem())
	}
}

// TestCredentials_DoNotWaitWithoutABus is for real: the library's own search
// for a session bus, not its mock.
func TestCredentials_DoNotWaitWithoutABus(t *testing.T) {
	if os.Getenv("ACCOUNT_TEST_NO_BUS") == "" {
		cmd := exec.Command(os.Args[0], "-test.run=^TestCredentials_DoNotWaitWithoutABus$", "-test.v")
		cmd.Env = append(os.Environ(), "ACCOUNT_TEST_NO_BUS=1", "XDG_RUNTIME_DIR="+t.TempDir(), "DISPLAY=")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	for _, bus := range []string{"", "unix:path=/nowhere/at/all"} {
		t.Setenv("DBUS_SESSION_BUS_ADDRESS", bus)
		c := openStore(t, storePath(t), account.CredentialOptions{})
		start := time.Now()
		set(t, c, "key/1", "text")
		if took := time.Since(start); took > time.Second || c.Where() != account.InFile {
			t.Errorf("bus %q: took %v, kept in %s", bus, took, c.Where())
		}
	}
}

func TestCredentials_KeepsWhatItDoesNotKnow(t *testing.T) {
	withKeyring(t)
	path := storePath(t)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	text := `{"future":{"a":[1, 2]},"version":1,"secrets":{"key/1":{"plain":"x","expires":"2030"},"key/2":{"plain":"y"}}}`
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	c := openStore(t, path, account.CredentialOptions{})
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got %v, %v, want 0600 from the start", info.Mode(), err)
	}
	set(t, c, "key/1", "z")
	wantSecret(t, c, "key/1", "z")
	wantSecret(t, c, "key/2", "y")
	got := content(t, path)
	for _, want := range []string{`"future": {`, `"expires": "2030"`} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is lost:\n%s", want, got)
		}
	}
}

func TestCredentials_DamagedFileIsAnErrorAndStays(t *testing.T) {
	withKeyring(t)
	for _, text := range []string{
		"", "{", "[]", "null", `{"secrets":7}`, `{"secrets":{"key/1":{"plain":["canary"]}}}`, `{"version":9}`,
		`{"secrets":{"key/1":{"plain":"canary}}}`, "\x00\xff",
	} {
		path := filepath.Join(t.TempDir(), "credentials.json")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := account.OpenCredentials(path, account.CredentialOptions{})
		if err == nil || !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%q: got %v, want the file's name and no secret", text, err)
		}
		if content(t, path) != text {
			t.Errorf("%q was changed", text)
		}
	}
	path := storePath(t)
	c := openStore(t, path, account.CredentialOptions{})
	set(t, c, "key/1", "x")
	if err := os.WriteFile(path, []byte("{{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := c.Set("key/2", account.NewSecret("y")); err == nil || content(t, path) != "{{" {
		t.Errorf("Set over a damaged file: got %v", err)
	}
}

// TestCredentials_EntriesCannotBeSwapped moves a sealed secret to another name.
func TestCredentials_EntriesCannotBeSwapped(t *testing.T) {
	withKeyring(t)
	path := storePath(t)
	set(t, openStore(t, path, account.CredentialOptions{}), "account/1", "x")
	moved := strings.Replace(content(t, path), "account/1", "account/2", 1)
	if err := os.WriteFile(path, []byte(moved), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := openStore(t, path, account.CredentialOptions{}).Lookup("account/2")
	if err == nil || errors.Is(err, account.ErrNoSecret) {
		t.Errorf("got %v, want that it cannot be decrypted", err)
	}
}

// TestCredentials_TwoProcessesLoseNothing sets from several processes and
// goroutines at once.
func TestCredentials_TwoProcessesLoseNothing(t *testing.T) {
	const processes, each = 3, 15
	if dir := os.Getenv("ACCOUNT_TEST_WRITER"); dir != "" {
		c := openStore(t, os.Getenv("ACCOUNT_TEST_PATH"), account.CredentialOptions{NoKeyring: true})
		var wg sync.WaitGroup
		for i := range each {
			wg.Go(func() { set(t, c, fmt.Sprintf("account/%s-%d", dir, i), "text") })
		}
		wg.Wait()
		return
	}
	path := storePath(t)
	var wg sync.WaitGroup
	for i := range processes {
		wg.Go(func() {
			cmd := exec.Command(os.Args[0], "-test.run=^TestCredentials_TwoProcessesLoseNothing$")
			cmd.Env = append(os.Environ(), fmt.Sprintf("ACCOUNT_TEST_WRITER=%d", i), "ACCOUNT_TEST_PATH="+path)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
	wg.Wait()
	c := openStore(t, path, account.CredentialOptions{NoKeyring: true})
	for p := range processes {
		for i := range each {
			wantSecret(t, c, fmt.Sprintf("account/%d-%d", p, i), "text")
		}
	}
}

// TestCredentials_SilentKeyringDoesNotHoldUp has a bus that takes connections
// and never answers.
func TestCredentials_SilentKeyringDoesNotHoldUp(t *testing.T) {
	if os.Getenv("ACCOUNT_TEST_SILENT") == "" {
		cmd := exec.Command(os.Args[0], "-test.run=^TestCredentials_SilentKeyringDoesNotHoldUp$", "-test.v")
		cmd.Env = append(os.Environ(), "ACCOUNT_TEST_SILENT=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	socket := filepath.Join(t.TempDir(), "bus")
	hangUp := silent(t, socket)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+socket)
	path := storePath(t)
	sealed := `{"version":1,"secrets":{"account/1":{"sealed":"AAAA","key":"k"},"account/2":{"sealed":"AAAA","key":"k"}}}`
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path+".sealed", []byte(sealed), 0o600); err != nil {
		t.Fatal(err)
	}
	c := openStore(t, path, account.CredentialOptions{KeyringWait: 50 * time.Millisecond})
	start := time.Now()
	set(t, c, "key/1", "text")
	wantSecret(t, c, "key/1", "text")
	if took := time.Since(start); took > time.Second || c.Where() != account.InFile {
		t.Errorf("took %v, kept in %s", took, c.Where())
	}
	late := make(chan struct{}, 1)
	c = openStore(t, path+".sealed", account.CredentialOptions{
		KeyringWait: 300 * time.Millisecond, Late: func() { late <- struct{}{} },
	})
	start = time.Now()
	for range 10 { // they wait once, together
		if _, ok := c.Get("account/1"); ok {
			t.Error("a secret without a key")
		}
	}
	if took := time.Since(start); took > time.Second {
		t.Errorf("ten questions took %v", took)
	}
	hangUp()
	<-late
}
