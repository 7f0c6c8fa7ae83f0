package gemini

import (
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// advise adds to Google's own words what the user of that way can do, and gives
// failures of an account's settings a kind of their own.
func advise(way string, e *llm.Error) *llm.Error {
	switch e.Code {
	case "UNSUPPORTED_CLIENT":
		return &llm.Error{
			Kind: llm.KindForbidden, Code: e.Code, Status: e.Status, Message: unsupportedClient(e.Message).Message, Cause: e.Cause,
		}
	case "VALIDATION_REQUIRED", "SERVICE_DISABLED", "SECURITY_POLICY_VIOLATED":
		return e // the codec names the page
	}
	if strings.Contains(strings.ToLower(e.Message), "unsupported region") {
		e.Kind, e.Code, e.Param = llm.KindForbidden, "unsupported_region", fieldLocation
	}
	advice := adviceFor(way, e)
	if advice == "" {
		return e
	}
	e.Message = strings.TrimRight(e.Message, " .") + ". " + advice
	return e
}

func adviceFor(way string, e *llm.Error) string {
	switch e.Code {
	case "invalid_api_key":
		return "Make a new key at " + keyPage + " and enter it in the account"
	case "unsupported_location":
		return "Google does not serve this country, or takes the exit of a VPN or proxy for another one: use a proxy in a country that is served, or Vertex AI"
	case "unsupported_region":
		return "Enter another location in the account's settings, as global or us-central1"
	case "API_KEY_SERVICE_BLOCKED", "API_KEY_HTTP_REFERRER_BLOCKED", "API_KEY_IP_ADDRESS_BLOCKED", "API_KEY_ANDROID_APP_BLOCKED", "API_KEY_IOS_APP_BLOCKED":
		return "The key is restricted: permit the Generative Language API from this network for it at https://console.cloud.google.com/apis/credentials , or make another key"
	case "BILLING_DISABLED":
		return "Enable billing for the project at https://console.cloud.google.com/billing"
	case "CONSUMER_SUSPENDED", "ACCOUNT_STATE_INVALID":
		return "Google has suspended the project or the account; only Google's support can lift that"
	case "IAM_PERMISSION_DENIED":
		return "Check the project ID, and have the role Vertex AI User given to the account at https://console.cloud.google.com/iam-admin"
	}
	switch {
	case e.Kind == llm.KindForbidden && way == wayCLI:
		return remaining
	case e.Kind == llm.KindForbidden && way == wayKey && strings.Contains(e.Message, "unregistered callers"):
		return "Enter the account's API key again"
	case e.Kind == llm.KindNotFound && onVertex(way):
		return "Not every location has every model: try the location global"
	}
	return ""
}

// linkIn is the first address in a message; "" is none.
func linkIn(message string) string {
	_, rest, ok := strings.Cut(message, "https://")
	if !ok {
		return ""
	}
	rest, _, _ = strings.Cut(rest, " ")
	return "https://" + strings.TrimRight(rest, ".,;)")
}
