package providertest

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/WenChunTech/OpenAICompatible/backend/provider"
)

// info checks that a form can be built of what the provider says of itself.
func (s Subject) info(t *testing.T) {
	i := s.Provider.Info()
	name := regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	if !name.MatchString(i.Kind) || !name.MatchString(i.Prefix) {
		t.Errorf("kind %q and prefix %q must be lower-case words", i.Kind, i.Prefix)
	}
	bilingual(t, "title", i.Title)
	if len(i.Notices) == 0 {
		t.Error("there is no notice: say where the requests go")
	}
	for _, n := range i.Notices {
		bilingual(t, "notice", n)
	}
	checkWays(t, i)
	checkFields(t, i.Fields)
	for _, w := range i.Ways {
		checkFields(t, append(slices.Clone(w.Fields), i.Fields...))
	}
}

// checkWays wants what the form, the sign-in dialog and the command line need.
func checkWays(t *testing.T, i provider.Info) {
	t.Helper()
	if len(i.Ways) == 0 {
		t.Error("there is no way to add an account")
	}
	seen := map[string]bool{}
	for _, w := range i.Ways {
		if !regexp.MustCompile(`^[a-z][a-z0-9-]*$`).MatchString(w.ID) || seen[w.ID] {
			t.Errorf("the way %q is not a lower-case word, or is there twice", w.ID)
		}
		seen[w.ID] = true
		bilingual(t, w.ID+" title", w.Title)
		bilingual(t, w.ID+" help", w.Help)
		for _, n := range w.Notices {
			bilingual(t, w.ID+" notice", n)
		}
		if w.Ended != nil {
			bilingual(t, w.ID+" ended", *w.Ended)
			if len(w.Instead) == 0 {
				t.Errorf("%s has ended, and nothing is offered instead", w.ID)
			}
		}
		switch w.Credential {
		case provider.CredentialSignIn:
			if len(w.SignIns) == 0 {
				t.Errorf("%s signs in, but not how", w.ID)
			}
		case provider.CredentialNone, provider.CredentialKey, provider.CredentialOptionalKey, provider.CredentialFile:
		default:
			t.Errorf("%s has the unknown credential %q", w.ID, w.Credential)
		}
		if i.Default != "" && i.Way("").ID != i.Default {
			t.Errorf("the default way %s is none of the ways", i.Default)
		}
		if w.KeyPage != "" && !strings.HasPrefix(w.KeyPage, "https://") {
			t.Errorf("the key page of %s is %q", w.ID, w.KeyPage)
		}
	}
}

func checkFields(t *testing.T, fields []provider.Field) {
	t.Helper()
	seen := map[string]bool{}
	for _, f := range fields {
		if !regexp.MustCompile(`^[a-z][A-Za-z0-9]*$`).MatchString(f.Key) || seen[f.Key] {
			t.Errorf("the field key %q is not in lower camel case, or is there twice", f.Key)
		}
		seen[f.Key] = true
		bilingual(t, f.Key+" label", f.Label)
		bilingual(t, f.Key+" help", f.Help)
		checkKind(t, f)
	}
}

func checkKind(t *testing.T, f provider.Field) {
	t.Helper()
	switch f.Kind {
	case provider.FieldText, provider.FieldURL:
	case provider.FieldSecret:
		if f.Default != "" {
			t.Errorf("the secret %s has a default", f.Key)
		}
	case provider.FieldSwitch:
		if f.Default != "true" && f.Default != "false" {
			t.Errorf("the switch %s has the default %q", f.Key, f.Default)
		}
	case provider.FieldChoice:
		for value, words := range f.Words {
			bilingual(t, f.Key+" "+value, words)
			if !slices.Contains(f.Choices, value) {
				t.Errorf("%s has words for %q, which is none of %q", f.Key, value, f.Choices)
			}
		}
		if !slices.Contains(f.Choices, f.Default) {
			t.Errorf("the default %q of %s is none of %q", f.Default, f.Key, f.Choices)
		}
	default:
		t.Errorf("the field %s has the unknown kind %q", f.Key, f.Kind)
	}
}

// bilingual wants both texts, and Chinese in the Chinese one.
func bilingual(t *testing.T, what string, text provider.Text) {
	t.Helper()
	han := func(r rune) bool { return unicode.Is(unicode.Han, r) }
	if strings.TrimSpace(text.EN) == "" || strings.ContainsFunc(text.EN, han) {
		t.Errorf("%s: the English text is %q", what, text.EN)
	}
	if !strings.ContainsFunc(text.ZH, han) {
		t.Errorf("%s: the Chinese text is %q", what, text.ZH)
	}
}
