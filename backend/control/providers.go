package control

import (
	"cmp"
	"maps"
	"slices"

	"github.com/WenChunTech/OpenAICompatible/backend/provider"
)

// Provider is one model service, with all that a form for a new account needs.
type Provider struct {
	Kind   string        `json:"kind"`
	Title  provider.Text `json:"title"`
	Prefix string        `json:"prefix"`
	// Notices are what the user should know before adding an account.
	Notices []provider.Text `json:"notices"`
	// Ways are the ways to add one, the proposed one first.
	Ways []Way `json:"ways"`
	// Fields are settings that every way has, after those of the way.
	Fields []Field `json:"fields"`
}

// Way is one way to have an account at a provider.
type Way struct {
	ID      string          `json:"id"`
	Title   provider.Text   `json:"title"`
	Help    provider.Text   `json:"help"`
	Notices []provider.Text `json:"notices"`
	// Prefix is what the models' names get unless the account says.
	Prefix string `json:"prefix"`
	// Credential is how the secret comes.
	Credential provider.CredentialKind `json:"credential" enum:"none,key,optionalKey,signIn,file"`
	// SignIns are how a sign-in may go, the proposed one first; empty unless the
	// credential is signIn.
	SignIns []provider.SignInMethod `json:"signIns" enum:"browser,code,device"`
	// KeyPage is where the user makes a key; "" is nowhere.
	KeyPage string  `json:"keyPage"`
	Fields  []Field `json:"fields"`
	// Settings fill the form of a new account.
	Settings map[string]string `json:"settings"`
	// Ended says since when and why the service is not served any more.
	Ended *provider.Text `json:"ended,omitempty"`
	// Instead are the ways that remain when this one is refused.
	Instead []provider.Reference `json:"instead"`
}

// Field is one setting of an account, as a form asks for it.
type Field struct {
	Key      string             `json:"key"`
	Kind     provider.FieldKind `json:"kind" enum:"text,url,secret,choice,switch"`
	Label    provider.Text      `json:"label"`
	Help     provider.Text      `json:"help"`
	Required bool               `json:"required"`
	Default  string             `json:"default"`
	Choices  []string           `json:"choices"`
	// Words are what to show for some of the choices, by their values.
	Words    map[string]provider.Text `json:"words"`
	Advanced bool                     `json:"advanced"`
}

// Providers are all model services of this version, in the order of its list.
func (s *Panel) Providers() []Provider {
	out := make([]Provider, 0, len(s.offered))
	for _, p := range s.offered {
		i := p.info
		ways := make([]Way, 0, len(i.Ways))
		for _, w := range i.Ways {
			ways = append(ways, asWay(i, w))
		}
		out = append(out, Provider{
			Kind: i.Kind, Title: i.Title, Prefix: i.Prefix, Notices: full(i.Notices), Ways: ways, Fields: asFields(i.Fields),
		})
	}
	return out
}

func asWay(i provider.Info, w provider.Way) Way {
	settings := map[string]string{}
	maps.Copy(settings, w.Settings)
	return Way{
		ID: w.ID, Title: w.Title, Help: w.Help, Notices: full(w.Notices), Prefix: cmp.Or(w.Prefix, i.Prefix),
		Credential: w.Credential, SignIns: full(w.SignIns), KeyPage: w.KeyPage, Fields: asFields(w.Fields),
		Settings: settings, Ended: w.Ended, Instead: full(w.Instead),
	}
}

func asFields(fields []provider.Field) []Field {
	out := make([]Field, 0, len(fields))
	for _, f := range fields {
		words := map[string]provider.Text{}
		maps.Copy(words, f.Words)
		out = append(out, Field{
			Key: f.Key, Kind: f.Kind, Label: f.Label, Help: f.Help, Required: f.Required,
			Default: f.Default, Choices: full(f.Choices), Words: words, Advanced: f.Advanced,
		})
	}
	return out
}

// full is never nil, so that JSON has a list.
func full[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return slices.Clone(s)
}

// provider finds the code of a provider.
func (s *Panel) provider(kind string) (offered, bool) {
	for _, p := range s.offered {
		if p.info.Kind == kind {
			return p, true
		}
	}
	return offered{}, false
}
