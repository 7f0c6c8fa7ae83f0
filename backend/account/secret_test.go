package account_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
)

func TestSecret_IsPrintedByNoVerb(t *testing.T) {
	t.Parallel()
	const text = "canary-8d1f"
	s := account.NewSecret(text)
	holders := []any{
		s, &s,
		[]account.Secret{s},
		map[string]account.Secret{"k": s},
		map[account.Secret]int{s: 1},
		struct{ S account.Secret }{s},
		struct{ s account.Secret }{s},
		&struct{ s *account.Secret }{&s},
		fmt.Errorf("with %v", s),
	}
	var out strings.Builder
	for _, h := range holders {
		for _, verb := range "vTtbcdoOqxXUeEfFgGsp" {
			for _, flags := range []string{"", "+", "#", "+#", " ", "-20", "020"} {
				fmt.Fprintf(&out, "%"+flags+string(verb)+"\n", h)
			}
		}
		text, err := json.Marshal(h)
		fmt.Fprintln(&out, string(text), err)
		var log bytes.Buffer
		slog.New(slog.NewJSONHandler(&log, nil)).Info("m", slog.Any("h", h))
		slog.New(slog.NewTextHandler(&log, nil)).Info("m", slog.Any("h", h))
		_ = gob.NewEncoder(&log).Encode(h)
		out.Write(log.Bytes())
	}
	leak := regexp.MustCompile("(?i)canary|8d1f|" + fmt.Sprintf("%x", text))
	if found := leak.FindString(out.String()); found != "" {
		t.Errorf("%q came out", found)
	}
	if s.Reveal() != text || s.IsZero() || !account.NewSecret("").IsZero() || !s.Equal(account.NewSecret(text)) {
		t.Error("the text is not what went in")
	}
}

func TestNewKey_IsRandomAndFitsAHeader(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^sk-oac-[0-9A-Za-z]{40}$`)
	seen, letters := map[string]bool{}, map[rune]int{}
	const n = 2000
	for range n {
		key := account.NewKey()
		if !form.MatchString(key) || seen[key] {
			t.Fatalf("got %q", key)
		}
		seen[key] = true
		for _, r := range key[7:] {
			letters[r]++
		}
	}
	for r, count := range letters {
		// 1,290 are expected, with a standard deviation of 36.
		if count < 1050 || count > 1550 {
			t.Errorf("%q came %d times of %d", r, count, n*40)
		}
	}
}

func TestMasked_ShowsEndsOnly(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]string{
		"sk-oac-ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmn": "sk-oac-AB…klmn",
		"short": "••••••••", "": "••••••••", "exactly-19-letters-": "••••••••",
	} {
		if got := account.Masked(key); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
