package account_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
)

func plainStore(t *testing.T, path string) *account.Credentials {
	t.Helper()
	c, err := account.OpenCredentials(path, account.CredentialOptions{NoKeyring: true})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestReplace_PutsAllBelowInOneStepAndBack(t *testing.T) {
	c := plainStore(t, filepath.Join(t.TempDir(), "credentials.json"))
	for name, text := range map[string]string{"account/1": "old", "account/1/cookie": "old", "key/1": "old", "admin/token": "mine"} {
		if err := c.Set(name, account.NewSecret(text)); err != nil {
			t.Fatal(err)
		}
	}
	before, err := c.File()
	if err != nil || !bytes.Contains(before, []byte("cookie")) {
		t.Fatalf("the file is %s, %v", before, err)
	}
	fresh := map[string]account.Secret{"account/2": account.NewSecret("new"), "admin/token": account.NewSecret("of elsewhere")}
	if err := c.Replace(fresh, "account", "key"); err != nil {
		t.Fatal(err)
	}
	all, err := c.Export("account", "key", "admin")
	if err != nil || len(all) != 2 || all["account/2"].Reveal() != "new" || all["admin/token"].Reveal() != "mine" {
		t.Errorf("after it there are %d secrets, %v, want the new one and what is beside", len(all), err)
	}
	if err := c.PutBack(before); err != nil {
		t.Fatal(err)
	}
	if after, err := c.File(); err != nil || !bytes.Equal(before, after) {
		t.Errorf("put back it is %s, %v", after, err)
	}
	if err := c.PutBack([]byte("{")); err == nil {
		t.Error("a damaged file is put back")
	}
}

func TestExport_GivesNoneWhenOneCannotBeRead(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
	path := filepath.Join(t.TempDir(), "credentials.json")
	text := `{"version":1,"secrets":{"account/1":{"plain":"fine"},"account/2":{"sealed":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","key":"gone"}}}`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if all, err := plainStore(t, path).Export("account"); err == nil || len(all) > 0 {
		t.Errorf("got %d secrets and %v, want that they cannot be read", len(all), err)
	}
	if all, err := plainStore(t, path).Export("key"); err != nil || len(all) != 0 {
		t.Errorf("of others: %d, %v", len(all), err)
	}
}
