package openaicompat_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/provider/openaicompat"
)

func TestB08_EachServicesErrorsAreWhatTheyAre(t *testing.T) {
	reset := time.Now().Add(2 * time.Hour).In(time.FixedZone("", 8*60*60)).Format(time.DateTime)
	z := func(code, message string) string {
		return fmt.Sprintf(`{"error":{"code":%q,"message":%q}}`, code, message)
	}
	for _, c := range []struct {
		kind   string
		status int
		body   string
		want   llm.Kind
		says   string
		wait   time.Duration
	}{
		{"openai", 401, `{"error":{"message":"Incorrect API key provided: sk-…","type":"invalid_request_error","code":"invalid_api_key"}}`, llm.KindAuth, "platform.openai.com/api-keys", 0},
		{"openai", 429, `{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","code":"insufficient_quota"}}`, llm.KindQuota, "billing", 0},
		{"openai", 429, `{"error":{"message":"Rate limit reached for gpt-4o. Limit 30000, Used 29000. Please try again in 6m0.5s. Visit…","type":"tokens","code":"rate_limit_exceeded"}}`, llm.KindRate, "try again", 6*time.Minute + 500*time.Millisecond},
		{"openai", 403, `{"error":{"message":"Country, region, or territory not supported","code":"unsupported_country_region_territory"}}`, llm.KindForbidden, "proxy", 0},
		{"openrouter", 402, `{"error":{"code":402,"message":"Insufficient credits"}}`, llm.KindQuota, "settings/credits", 0},
		{"openrouter", 429, `{"error":{"code":429,"message":"Provider returned error","metadata":{"raw":"m is temporarily rate-limited upstream","provider_name":"X"}}}`, llm.KindRate, "temporarily rate-limited upstream", 0},
		{"openrouter", 429, `{"error":{"code":429,"message":"Rate limit exceeded: free-models-per-day"}}`, llm.KindQuota, "", 0},
		{"openrouter", 404, `{"error":{"code":404,"message":"No endpoints found matching your data policy"}}`, llm.KindForbidden, "settings/privacy", 0},
		{"groq", 413, `{"error":{"message":"Request too large for model x on tokens per minute (TPM)","type":"tokens","code":"rate_limit_exceeded"}}`, llm.KindTooLarge, "shorten", 0},
		{"groq", 429, `{"error":{"message":"Rate limit reached on tokens per day (TPD): try again in 7m30s","code":"rate_limit_exceeded"}}`, llm.KindQuota, "", 450 * time.Second},
		{"mistral", 429, `{"object":"error","message":"Rate limit exceeded","type":"rate_limited","param":null,"code":"1300","raw_status_code":429}`, llm.KindRate, "Rate limit exceeded", 0},
		{"mistral", 400, `{"object":"error","message":"Invalid model: x","type":"invalid_model","code":"1500"}`, llm.KindNotFound, "Invalid model", 0},
		{"mistral", 401, `{"detail":"Unauthorized"}`, llm.KindAuth, "api.mistral.ai", 0},
		{"mistral", 422, `{"detail":[{"type":"extra_forbidden","loc":["body","x"],"msg":"Extra inputs are not permitted"}]}`, llm.KindBadRequest, "Extra inputs", 0},
		{"xai", 400, `{"code":"Client specified an invalid argument","error":"Incorrect API key provided: xa***. You can obtain an API key from https://console.x.ai."}`, llm.KindAuth, "console.x.ai", 0},
		{"xai", 403, `{"code":"The caller does not have permission","error":"Your newly created team doesn't have any credits yet."}`, llm.KindQuota, "credits", 0},
		{"deepseek", 402, `{"error":{"message":"Insufficient Balance","type":"unknown_error","param":null,"code":"invalid_request_error"}}`, llm.KindQuota, "top_up", 0},
		{"deepseek", 400, `{"error":{"message":"Model Not Exist","type":"invalid_request_error","code":"invalid_request_error"}}`, llm.KindNotFound, "", 0},
		{"deepseek", 401, `{"error":{"message":"Authentication Fails (no such user)","type":"authentication_error","code":"invalid_request_error"}}`, llm.KindAuth, "platform.deepseek.com", 0},
		{"zhipu", 401, z("1002", "authorization token invalid"), llm.KindAuth, "open.bigmodel.cn", 0},
		{"zhipu", 401, z("1000", "auth"), llm.KindAuth, "region", 0},
		{"zhipu", 429, z("1113", "account in arrears"), llm.KindQuota, "finance", 0},
		{"zhipu", 429, z("1302", "rate limit reached"), llm.KindRate, "", 0},
		{"zhipu", 429, z("1303", "frequency"), llm.KindRate, "", 0},
		{"zhipu", 429, z("1304", "daily"), llm.KindQuota, "", 0},
		{"zhipu", 429, z("1305", "overloaded"), llm.KindOverloaded, "", 0},
		{"zhipu", 429, z("1308", "Usage limit reached for 5 hour. Your limit will reset at "+reset), llm.KindQuota, "reset", 2 * time.Hour},
		{"zhipu", 429, z("1310", "已达到每周的使用上限。您的限额将在 "+reset+" 重置。"), llm.KindQuota, "重置", 2 * time.Hour},
		{"zhipu", 429, z("1309", "plan expired"), llm.KindQuota, "plan", 0},
		{"zhipu", 429, z("1311", "not in the plan"), llm.KindForbidden, "plan", 0},
		{"zhipu", 400, z("1210", "parameter"), llm.KindBadRequest, "", 0},
		{"zhipu", 400, z("1211", "model does not exist"), llm.KindNotFound, "", 0},
		{"zhipu", 400, z("1214", "Incorrect role information"), llm.KindBadRequest, "", 0},
		{"zhipu", 400, z("1261", "Prompt too long"), llm.KindTooLarge, "shorten", 0},
		{"zhipu", 400, z("1301", "sensitive"), llm.KindContent, "", 0},
		{"zhipu", 200, z("1302", "rate limit reached"), llm.KindRate, "", 0},
		{"moonshot", 429, `{"error":{"message":"Your account is suspended due to insufficient balance","type":"exceeded_current_quota_error"}}`, llm.KindQuota, "top up", 0},
		{"moonshot", 429, `{"error":{"message":"The engine is currently overloaded","type":"engine_overloaded_error"}}`, llm.KindOverloaded, "", 0},
		{"moonshot", 429, `{"error":{"message":"max RPM: 3, please try again after 1 seconds","type":"rate_limit_reached_error"}}`, llm.KindRate, "", time.Second},
		{"moonshot", 401, `{"error":{"message":"Invalid Authentication","type":"invalid_authentication_error"}}`, llm.KindAuth, "this account asks api.moonshot.cn", 0},
		{"moonshot", 404, `{"error":{"message":"Not found the model","type":"resource_not_found_error"}}`, llm.KindNotFound, "", 0},
		{"siliconflow", 403, `{"code":30001,"message":"Sorry, your account balance is insufficient","data":null}`, llm.KindQuota, "top up", 0},
		{"siliconflow", 401, `"Invalid token"`, llm.KindAuth, "cloud.siliconflow.cn", 0},
		{"siliconflow", 400, `{"code":20012,"message":"Model does not exist. Please check it carefully.","data":null}`, llm.KindNotFound, "", 0},
		{"siliconflow", 429, `{"message":"Request was rejected due to rate limiting. Details:TPM limit reached.","data":null}`, llm.KindRate, "TPM", 0},
		{"siliconflow", 503, `{"code":50505,"message":"Model service overloaded. Please try again later.","data":null}`, llm.KindOverloaded, "", 0},
		{"minimax", 401, `{"type":"error","error":{"type":"authorized_error","message":"invalid api key (2049)","http_code":"401"}}`, llm.KindAuth, "minimaxi.com", 0},
		{"minimax", 200, `{"id":"","choices":null,"base_resp":{"status_code":1004,"status_msg":"login fail"}}`, llm.KindAuth, "login fail", 0},
		{"minimax", 200, `{"base_resp":{"status_code":1008,"status_msg":"insufficient balance"}}`, llm.KindQuota, "insufficient balance", 0},
		{"minimax", 200, `{"base_resp":{"status_code":1002,"status_msg":"rate limit"}}`, llm.KindRate, "", 0},
		{"minimax", 200, `{"base_resp":{"status_code":1026,"status_msg":"input new_sensitive"}}`, llm.KindContent, "", 0},
		{"volcengine", 403, `{"error":{"code":"AccountOverdueError","message":"The request failed because your account has an overdue balance.","type":"Forbidden"}}`, llm.KindQuota, "finance", 0},
		{"volcengine", 404, `{"error":{"code":"ModelNotOpen","message":"Your account has not activated the model","type":"NotFound"}}`, llm.KindNotFound, "activate", 0},
		{"volcengine", 404, `{"error":{"code":"InvalidEndpointOrModel.NotFound","message":"The model does not exist","type":"NotFound"}}`, llm.KindNotFound, "", 0},
		{"volcengine", 400, `{"error":{"code":"SensitiveContentDetected.Violence","message":"…","type":"BadRequest"}}`, llm.KindContent, "", 0},
		{"volcengine", 429, `{"error":{"code":"SetLimitExceeded","message":"…","type":"TooManyRequests"}}`, llm.KindQuota, "limits", 0},
		{"volcengine", 429, `{"error":{"code":"RateLimitExceeded.EndpointRPMExceeded","message":"…","type":"TooManyRequests"}}`, llm.KindRate, "", 0},
		{"volcengine", 401, `{"error":{"code":"AuthenticationError","message":"The API key is invalid","type":"Unauthorized"}}`, llm.KindAuth, "console.volcengine.com", 0},
		{"modelscope", 401, `{"errors":{"message":"please bind your Alibaba Cloud account before use"},"request_id":"r"}`, llm.KindForbidden, "accountsettings", 0},
		{"modelscope", 429, `{"errors":{"message":"You have exceeded today's quota for model x"},"request_id":"r"}`, llm.KindQuota, "", 0},
		{"ollama", 404, `{"error":{"message":"model \"x\" not found, try pulling it first","type":"api_error","param":null,"code":null}}`, llm.KindNotFound, "ollama pull", 0},
		{"ollama", 400, `{"error":{"message":"registry.ollama.ai/library/x does not support tools","type":"api_error"}}`, llm.KindUnsupported, "with tools", 0},
		{"lmstudio", 404, `{"error":"No models loaded. Please load a model."}`, llm.KindNotFound, "load a model", 0},
		{"llamacpp", 503, `{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}`, llm.KindOverloaded, "a moment", 0},
		{"llamacpp", 400, `{"error":{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error"}}`, llm.KindTooLarge, "-c", 0},
		{"vllm", 400, `{"object":"error","message":"This model's maximum context length is 4096 tokens.","type":"BadRequestError","param":null,"code":400}`, llm.KindTooLarge, "max-model-len", 0},
		{"custom", 401, `{"error":{"message":"Incorrect API key","code":"invalid_api_key"}}`, llm.KindAuth, "Incorrect API key", 0},
	} {
		upstream := openaicompat.New().Dialect(of(c.kind, "", nil), "")
		var got *llm.Error
		if c.status == http.StatusOK { // a failure in the answer itself, in any form
			_, err := llm.Collect(upstream.DecodeReply("", strings.NewReader("data: "+c.body+"\n\n")))
			if _, whole := llm.Collect(upstream.DecodeReply("", strings.NewReader(c.body))); whole == nil || whole.Error() != err.Error() {
				t.Errorf("%s: as an event %v, as a whole answer %v", c.body, err, whole)
			}
			got = llm.AsError(err)
		} else {
			got = upstream.DecodeError(c.status, http.Header{}, []byte(c.body))
		}
		if got.Kind != c.want || !strings.Contains(got.Message, c.says) {
			t.Errorf("%s %d %s\n got %v %q\nwant %v that says %q", c.kind, c.status, c.body, got.Kind, got.Message, c.want, c.says)
		}
		if off := got.RetryAfter - c.wait; off < -2*time.Second || off > 0 {
			t.Errorf("%s %s: got the wait %v, want %v", c.kind, c.body, got.RetryAfter, c.wait)
		}
	}
}
