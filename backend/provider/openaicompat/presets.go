package openaicompat

import (
	"net/url"
	"slices"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openaichat"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
)

// custom is the way by a base URL alone, and that of accounts from before there
// were others.
const custom = "custom"

// preset is all that is known of one service. It is data: what a service wants
// differently is said here, and done by the codec and by this package for all
// of them alike. The account's own settings come before it.
type preset struct {
	// way is how it stands in the forms; its fields are added by fields.
	way provider.Way
	// bases are its addresses, the usual one first; none is only for custom.
	bases []base
	// separate says that a key of one base is not known at the others.
	separate bool
	quirks   openaichat.Quirks
	errors   []openaichat.ErrorRule
	// models are its models, where it does not list them itself; also are those
	// that its list leaves out, and hidden those in it that do not chat, as
	// patterns of path.Match.
	models []llm.Model
	also   []llm.Model
	hidden []string
	// completions is the path of fill-in-the-middle, below the base; "" is none.
	// completers are the models that do it beside those known by their names.
	completions string
	completers  []string
	// marks says that this path has no suffix: both texts go into the prompt, with
	// the marks of the model's family.
	marks bool
	// vectorsAsNumbers says that embeddings come in no other form, and mostTexts how
	// many are made at a time; 0 is any number.
	vectorsAsNumbers bool
	mostTexts        int
	// responses says that it also speaks the Responses protocol.
	responses bool
	// counts says that it counts the tokens of a request in that protocol.
	counts bool
	// freeText says that it knows tools that take free text instead of arguments.
	freeText bool
	// noEmbeddings says that it has none.
	noEmbeddings bool
	// openList says that it lists its models to everybody, so that only a chat
	// proves a key, or the path keyCheck where there is one.
	openList bool
	keyCheck string
	// start is what to do when a server on this computer does not answer.
	start string
}

// base is one address of a service.
type base struct {
	// id is the value of the setting region.
	id  string
	url string
	// keyPage is where its keys are made; "" is the way's.
	keyPage string
}

// presets are the services, in the order in which they are shown.
func presets() []preset {
	return slices.Concat(presetsOfTheWorld(), presetsOfChina(), presetsOfThisComputer(), []preset{{
		way: provider.Way{
			ID:    custom,
			Title: provider.Text{EN: "Any address", ZH: "任意地址"},
			Help: provider.Text{
				EN: "A service of your choice, by its base URL, with a switch for each thing it wants differently.",
				ZH: "按基础地址使用您选择的服务，并可逐项设置它的特殊要求。",
			},
			Credential: provider.CredentialOptionalKey,
		},
		completions: "/completions", marks: true,
	}})
}

// presetKey is the key under which the account remembers its preset.
type presetKey struct{}

// presetOf is the account's; custom for one that does not say, or says what
// nobody knows.
func presetOf(a *account.Account) preset {
	return account.Derive(a, presetKey{}, func() preset {
		all := presets()
		at := slices.IndexFunc(all, func(p preset) bool { return p.way.ID == a.Setting(provider.KindSetting) })
		if at < 0 {
			return all[len(all)-1]
		}
		return all[at]
	})
}

// base is the address that the account's region stands for.
func (p preset) base(a *account.Account) base {
	if len(p.bases) == 0 {
		return base{}
	}
	// One that nobody knows is the first.
	b := p.bases[max(0, slices.IndexFunc(p.bases, func(b base) bool { return b.id == a.Setting(fieldRegion) }))]
	if b.keyPage == "" {
		b.keyPage = p.way.KeyPage
	}
	return b
}

// address is where the account's requests go.
func (p preset) address(a *account.Account) (*url.URL, error) {
	if typed := a.Setting(fieldBaseURL); typed != "" || len(p.bases) == 0 {
		return baseURL(typed)
	}
	return baseURL(p.base(a).url)
}

// rules are the service's error table, and last what to do about a wrong key.
func (p preset) rules(a *account.Account) []openaichat.ErrorRule {
	advice := p.keyAdvice(a)
	if advice == "" {
		return p.errors
	}
	rules := slices.Clone(p.errors)
	for i, r := range rules {
		if r.Kind == llm.KindAuth && r.Advice == "" {
			rules[i].Advice = advice
		}
	}
	return append(rules, openaichat.ErrorRule{Status: 401, Kind: llm.KindAuth, Advice: advice})
}

// keyAdvice is what to do when the key is refused.
func (p preset) keyAdvice(a *account.Account) string {
	b := p.base(a)
	if b.keyPage == "" {
		return ""
	}
	advice := "check the key, or make a new one at " + b.keyPage
	if p.separate && a.Setting(fieldBaseURL) == "" {
		advice += "; a key works only where it was made, and this account asks " + hostOf(b.url) + ": choose the other region if the key is from there"
	}
	return advice
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return u.Host
}
