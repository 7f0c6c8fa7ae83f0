package openaichat

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect/internal/answer"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// passes says that a failure of this kind goes by with time.
func passes(k llm.Kind) bool {
	switch k {
	case llm.KindRate, llm.KindQuota, llm.KindOverloaded, llm.KindTransient:
		return true
	case llm.KindInternal, llm.KindBadRequest, llm.KindAuth, llm.KindForbidden, llm.KindNotFound, llm.KindMethod, llm.KindTooLarge,
		llm.KindUnsupported, llm.KindTimeout, llm.KindNetwork, llm.KindProtocol, llm.KindContent, llm.KindUnavailable, llm.KindCanceled:
		return false
	default:
		return false
	}
}

// waitIn finds the wait in a sentence, as "try again in 1m7.5s", "retry after 30
// seconds" or "20 秒后重试".
func waitIn(message string) time.Duration {
	const number = `\d+(?:\.\d+)?`
	const unit = `ms|milliseconds?|minutes?|mins?|m|hours?|hrs?|h|seconds?|secs?|s|days?|d`
	sentence := regexp.MustCompile(`(?i)\b(?:try again|retry|wait|resets?)\b[^0-9]{0,40}?((?:` + number + `\s*(?:` + unit + `)\s*)+)\b|(` + number + `\s*(?:秒|分钟|小时))后`)
	found := sentence.FindStringSubmatch(message)
	if found == nil {
		return 0
	}
	total := 0.0
	for _, part := range regexp.MustCompile(`(?i)(`+number+`)\s*(`+unit+`|秒|分钟|小时)`).FindAllStringSubmatch(found[1]+found[2], -1) {
		n, _ := strconv.ParseFloat(part[1], 64) // the expression found a number
		total += n * secondsOf(strings.ToLower(part[2]))
	}
	return answer.Seconds(total)
}

// secondsOf is how long a unit of time is, by its name.
func secondsOf(unit string) float64 {
	switch {
	case strings.HasPrefix(unit, "ms"), strings.HasPrefix(unit, "milli"):
		return 0.001
	case strings.HasPrefix(unit, "m"), unit == "分钟":
		return 60
	case strings.HasPrefix(unit, "h"), unit == "小时":
		return 3600
	case strings.HasPrefix(unit, "d"):
		return 86400
	default:
		return 1
	}
}
