package qwen

import (
	"bytes"
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
	"github.com/WenChunTech/OpenAICompatible/backend/provider/internal/endpoint"
)

// The keys of the account's settings.
const (
	fieldRegion       = "region"
	fieldBaseURL      = "baseUrl"
	fieldTokenURL     = "tokenUrl"
	fieldAuthURL      = "authUrl"
	fieldCookie       = "cookie"
	fieldHeaders      = "headers"
	fieldEmulateTools = "emulateTools"
)

// region is one of Model Studio's addresses. A key is known at one of them.
type region struct {
	id, base string
	// name and nameZH are how the console calls it.
	name, nameZH string
	// plan says that it serves coding plans, which have keys, models and rules
	// of their own.
	plan bool
	// fim says that code can be filled in there.
	fim bool
}

// regions are the addresses, the usual one first.
func regions() []region {
	return []region{
		{id: "cn", base: "https://dashscope.aliyuncs.com/compatible-mode/v1", name: "China (Beijing)", nameZH: "中国（北京）", fim: true},
		{id: "intl", base: "https://dashscope-intl.aliyuncs.com/compatible-mode/v1", name: "International (Singapore)", nameZH: "国际（新加坡）"},
		{id: "us", base: "https://dashscope-us.aliyuncs.com/compatible-mode/v1", name: "US (Virginia)", nameZH: "美国（弗吉尼亚）"},
		{id: "hongkong", base: "https://cn-hongkong.dashscope.aliyuncs.com/compatible-mode/v1", name: "China (Hong Kong)", nameZH: "中国（香港）"},
		{id: "coding-cn", base: "https://coding.dashscope.aliyuncs.com/v1", name: "Coding Plan, China", nameZH: "Coding Plan 中国站", plan: true},
		{id: "coding-intl", base: "https://coding-intl.dashscope.aliyuncs.com/v1", name: "Coding Plan, International", nameZH: "Coding Plan 国际站", plan: true},
	}
}

// regionOf is the account's region; the usual one for one that is unknown.
func regionOf(a *account.Account) region {
	all := regions()
	for _, r := range all {
		if r.id == a.Setting(fieldRegion) {
			return r
		}
	}
	return all[0]
}

// ownBase says that the account has an address of its own.
func ownBase(a *account.Account) bool { return strings.TrimSpace(a.Setting(fieldBaseURL)) != "" }

// baseOf is the account's address. An own one without a path is a workspace's.
func baseOf(a *account.Account) (*url.URL, error) {
	r := regionOf(a)
	base, err := endpoint.Base(a.Setting(fieldBaseURL), r.base, fieldBaseURL)
	if err != nil {
		return nil, err
	}
	for _, end := range []string{"/chat/completions", "/completions", "/embeddings", "/models"} {
		base.Path = strings.TrimRight(strings.TrimSuffix(base.Path, end), "/")
	}
	switch {
	case base.Path != "":
	case strings.HasPrefix(base.Host, "coding"):
		base.Path = "/v1"
	default:
		base.Path = "/compatible-mode/v1"
	}
	return base, nil
}

// studioRequest builds one attempt at Model Studio.
func (p Provider) studioRequest(ctx context.Context, a *account.Account, c provider.Call) (*http.Request, error) {
	path, body := "", c.Body
	switch c.Operation {
	case dialect.Chat:
		path = "chat/completions"
	case dialect.Embed:
		path = "embeddings"
	case dialect.Complete:
		if r := regionOf(a); !r.fim && !ownBase(a) {
			return nil, unsupported("code is completed (FIM) in the region cn alone, and this account's is " + r.id)
		}
		path = "completions"
		var err error
		if body, err = fillIn(body); err != nil {
			return nil, err
		}
	case dialect.CountTokens:
		return nil, unsupported("Model Studio does not count tokens")
	}
	base, err := baseOf(a)
	if err != nil {
		return nil, err
	}
	key, err := endpoint.Key(ctx, a, "API key")
	if err != nil {
		return nil, err
	}
	r, err := p.request(ctx, http.MethodPost, base.JoinPath(path), key, body)
	if err != nil {
		return nil, err
	}
	if c.Stream || gjson.GetBytes(body, "stream").Bool() {
		r.Header.Set("Accept", "text/event-stream")
	}
	return r, nil
}

// fillIn folds the suffix of a completion into the prompt by the marks that the
// models were trained with: the service has no field for it.
func fillIn(body []byte) ([]byte, error) {
	if !gjson.ValidBytes(body) {
		return body, nil // the service says so better
	}
	q := gjson.ParseBytes(body)
	suffix, prompt := q.Get("suffix"), q.Get("prompt")
	if !suffix.Exists() || suffix.Type == gjson.Null {
		return body, nil
	}
	if list := prompt.Array(); prompt.IsArray() && len(list) == 1 {
		prompt = list[0]
	}
	if prompt.Exists() && prompt.Type != gjson.String || suffix.Type != gjson.String {
		return nil, &llm.Error{Kind: llm.KindUnsupported, Param: "prompt", Message: "a suffix needs a prompt that is one text"}
	}
	e := edits{}
	e.drop("suffix")
	e.set("prompt", text("<|fim_prefix|>"+prompt.Str+"<|fim_suffix|>"+suffix.Str+"<|fim_middle|>"))
	return e.apply(nil, body), nil
}

// studioModels asks for the list. A coding plan has none, for which the names
// that its documentation gives stand in; builtin says so.
func (p Provider) studioModels(ctx context.Context, a *account.Account) (list []llm.Model, builtin bool, err error) {
	base, err := baseOf(a)
	if err != nil {
		return nil, false, err
	}
	key, err := endpoint.Key(ctx, a, "API key")
	if err != nil {
		return nil, false, err
	}
	answer, err := p.listAt(ctx, a, base, key)
	if err != nil {
		return nil, false, err
	}
	plan := regionOf(a).plan || strings.HasPrefix(base.Host, "coding")
	if plan && noSuchPath(answer.Status) {
		return planModels(), true, nil
	}
	list, err = readList(p.studio(a), answer, base)
	return list, false, err
}

// listAt asks one address for its models.
func (p Provider) listAt(ctx context.Context, a *account.Account, base *url.URL, token string) (endpoint.Answer, error) {
	r, err := p.request(ctx, http.MethodGet, base.JoinPath("models"), token, nil)
	if err != nil {
		return endpoint.Answer{}, err
	}
	return endpoint.Ask(a.HTTP, r)
}

func noSuchPath(status int) bool {
	return status == http.StatusNotFound || status == http.StatusMethodNotAllowed
}

// readList reads a model list of the OpenAI form.
func readList(u studioChat, answer endpoint.Answer, base *url.URL) ([]llm.Model, error) {
	if !answer.OK() {
		e := u.DecodeError(answer.Status, answer.Header, answer.Body)
		if noSuchPath(answer.Status) {
			e.Message = base.Host + base.Path + " has no model list: check the region or the base URL, or list the models by hand"
		}
		return nil, e
	}
	data := gjson.GetBytes(answer.Body, "data")
	if !gjson.ValidBytes(answer.Body) || !data.IsArray() {
		return nil, &llm.Error{
			Kind: llm.KindProtocol, Status: answer.Status,
			Message: "the answer of " + base.Host + base.Path + "/models is not a model list: check the region or the base URL, and whether a network's own page stands in between",
		}
	}
	var list []llm.Model
	for _, one := range data.Array() {
		id := one.Get("id").String()
		if id == "" || slices.ContainsFunc(list, func(m llm.Model) bool { return m.ID == id }) {
			continue
		}
		m := known(id)
		m.Created, m.OwnedBy = one.Get("created").Int(), one.Get("owned_by").String()
		list = append(list, m)
	}
	return list, nil
}

// probeStudio asks for the models and, where there is no list, for one word. A
// key that is unknown here is tried at the other regions.
func (p Provider) probeStudio(ctx context.Context, a *account.Account) (provider.Finding, error) {
	f := provider.Finding{}
	if regionOf(a).plan {
		f.Tier = "Coding Plan"
	}
	_, builtin, err := p.studioModels(ctx, a)
	if err == nil && builtin {
		err = p.sayHello(ctx, a, p.studio(a), planModels()[0].ID)
	}
	if err == nil || llm.AsError(err).Kind != llm.KindAuth || ownBase(a) {
		return f, err
	}
	if r, found := p.regionOfKey(ctx, a); found {
		f.Settings = map[string]string{fieldRegion: r.id}
		if f.Tier = ""; r.plan {
			f.Tier = "Coding Plan"
		}
		return f, nil
	}
	return f, err
}

// regionOfKey finds the region that knows the key.
func (p Provider) regionOfKey(ctx context.Context, a *account.Account) (region, bool) {
	key, err := endpoint.Key(ctx, a, "API key")
	if err != nil {
		return region{}, false
	}
	here := regionOf(a)
	for _, r := range regions() {
		if r.id == here.id || r.plan != strings.HasPrefix(key, "sk-sp-") {
			continue
		}
		there := in(a, r)
		_, builtin, err := p.studioModels(ctx, there)
		if err == nil && builtin {
			err = p.sayHello(ctx, there, p.studio(there), planModels()[0].ID)
		}
		if err == nil {
			return r, true
		}
	}
	return region{}, false
}

// in is the account in another region.
func in(a *account.Account, r region) *account.Account {
	there := *a
	there.Settings = maps.Clone(a.Settings)
	if there.Settings == nil {
		there.Settings = map[string]string{}
	}
	there.Settings[provider.KindSetting], there.Settings[fieldRegion] = wayStudio, r.id
	return account.New(there, a.Credential)
}

// sayHello makes the smallest chat there is.
func (p Provider) sayHello(ctx context.Context, a *account.Account, u studioChat, model string) error {
	r, err := p.NewRequest(ctx, a, provider.Call{
		Operation: dialect.Chat, Model: model,
		Body: []byte(`{"model":` + text(model) + `,"messages":[{"role":"user","content":"hi"}],"max_tokens":1}`),
	})
	if err != nil {
		return err
	}
	answer, err := endpoint.Ask(a.HTTP, r)
	switch {
	case err != nil:
		return err
	case !answer.OK():
		return u.DecodeError(answer.Status, answer.Header, answer.Body)
	}
	_, err = llm.Collect(u.DecodeReply("", bytes.NewReader(answer.Body)))
	if e := llm.AsError(err); e != nil && e.Code != "max_tokens" {
		return e
	}
	return nil // a limit of one token may be used up before anything is said
}
