package qwen

import (
	"net/http"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openaichat"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// studioErrors are what Model Studio's errors mean. The names lie now and then:
// insufficient_quota is the limit of the minute, and Arrearage comes as a bad
// request.
func studioErrors(a *account.Account) []openaichat.ErrorRule {
	const (
		used = "the plan's share is used up and comes back by itself; until then use another account"
		bill = "pay the overdue bill of the Alibaba Cloud account, then try again"
		wait = "wait a little, or ask for a higher limit in the Model Studio console"
	)
	key := keyAdvice(a)
	return []openaichat.ErrorRule{
		{Says: "hour allocated quota exceeded", Kind: llm.KindQuota, Account: true, Advice: used},
		{Says: "week allocated quota exceeded", Kind: llm.KindQuota, Account: true, Advice: used},
		{Says: "month allocated quota exceeded", Kind: llm.KindQuota, Account: true, Advice: used},
		{Codes: []string{"allocationquota.freetieronly"}, Kind: llm.KindQuota, Advice: "the model's free quota is used up: " +
			"switch off in the Model Studio console that it ends there, or use another model"},
		{Codes: []string{"arrearage"}, Kind: llm.KindQuota, Account: true, Advice: bill},
		{Codes: []string{"prepaidbilloverdue", "postpaidbilloverdue"}, Kind: llm.KindQuota, Account: true, Advice: bill},
		{Codes: []string{"commoditynotpurchased", "accessdenied.unpurchased"}, Kind: llm.KindForbidden, Account: true, Advice: "activate Model Studio, or buy the plan, in the Alibaba Cloud console"},
		{Codes: []string{"insufficient_quota", "throttling.allocationquota"}, Kind: llm.KindRate, Advice: "this is the limit of tokens a minute: " + wait},
		{Codes: []string{"limit_requests", "limit_burst_rate", "throttling", "throttling.ratequota", "throttling.burstrate"}, Kind: llm.KindRate, Advice: wait},
		{Codes: []string{"data_inspection_failed", "datainspectionfailed"}, Kind: llm.KindContent, Advice: "the service's content filter stopped the request or its answer: word it differently"},
		{Status: http.StatusMethodNotAllowed, Kind: llm.KindForbidden, Advice: "the plan serves coding tools alone and may refuse others: use an API key that is billed by use, with the region it was made in"},
		{Codes: []string{"invalid_api_key", "invalidapikey"}, Kind: llm.KindAuth, Advice: key},
		{Status: http.StatusUnauthorized, Kind: llm.KindAuth, Advice: key},
		{Status: http.StatusForbidden, Says: "api-key", Kind: llm.KindAuth, Advice: key},
		{Codes: []string{"model.accessdenied", "access_denied", "accessdenied"}, Kind: llm.KindForbidden, Advice: "allow the model to the key's workspace in the Model Studio console, or use another model"},
		{Codes: []string{"model_not_found", "modelnotfound", "model_not_supported"}, Kind: llm.KindNotFound, Advice: "models differ by region and plan: see the account's list"},
		{Codes: []string{"requesttimeout"}, Kind: llm.KindTimeout},
		{Codes: []string{"modelservingerror", "modelunavailable"}, Kind: llm.KindOverloaded},
		{Codes: []string{"internal_error", "internalerror", "systemerror"}, Kind: llm.KindTransient},
	}
}

// keyAdvice says what to do about a key that is not taken: most of those are
// right, and known in another region.
func keyAdvice(a *account.Account) string {
	r := regionOf(a)
	switch {
	case ownBase(a):
		return "check the key and the base URL: a key is known in the region, workspace or plan that it was made in, and nowhere else"
	case r.plan:
		return "check the key: the account is set to " + r.name + " (" + r.id + "), which takes that plan's keys alone; they begin with sk-sp-"
	}
	return "check the key and the region: the account is set to " + r.name + " (" + r.id + "), and a key is known in the region that it was made in alone; a Coding Plan's key (sk-sp-) needs coding-cn or coding-intl"
}
