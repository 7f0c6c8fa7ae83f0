package gemini

import (
	"slices"
	"strings"
)

// The budgets that Google itself gives the efforts.
const (
	budgetLow    = 1024
	budgetMedium = 8192
	budgetHigh   = 24576
)

// budgets is the range of a model whose thinking is bounded in tokens.
type budgets struct {
	least, most int
	off         bool // it can be switched off
}

// levels are those that a model of Gemini 3 knows, from the least; nil is a
// model whose thinking is no matter of levels.
func (f family) levels() []string {
	switch {
	case !f.three():
		return nil
	case f.image && f.flash:
		return []string{"minimal", "high"}
	case f.image, f.pro && f.major == 3 && f.minor == 0:
		return []string{"low", "high"}
	case f.pro, f.since(3, 8):
		return []string{"low", "medium", "high"}
	default:
		return []string{"minimal", "low", "medium", "high"}
	}
}

// budgets is the range of a model of Gemini 2.5; false is a model that does not
// think, or not by budgets.
func (f family) budgets() (budgets, bool) {
	switch {
	case !f.since(2, 5) || f.three() || f.image:
		return budgets{}, false
	case f.lite:
		return budgets{least: 512, most: 24576, off: true}, true
	case f.flash:
		return budgets{least: 1, most: 24576, off: true}, true
	default:
		return budgets{least: 128, most: 32768}, true
	}
}

// thinking asks for as much of it as the client wants, and to see it. A level
// and a budget together are refused, so there is never more than one.
func (e *encoder) thinking() {
	effort, budget := e.wanted()
	raw := e.wish.thinking
	if levels := e.family.levels(); levels != nil {
		level := e.level(levels, effort, budget)
		e.think(level, nil, !strings.EqualFold(effort, "none") && (raw.include == nil || *raw.include))
		return
	}
	r, ok := e.family.budgets()
	if !ok {
		if effort != "" && effort != "none" || budget != nil && *budget != 0 {
			e.warn("reasoning_effort", "dropped")
		}
		return
	}
	tokens := e.budget(r, effort, budget)
	off := tokens != nil && *tokens == 0
	e.think("", tokens, !off && !strings.EqualFold(effort, "none") && (raw.include == nil || *raw.include))
}

// wanted is the client's wish; Google's own words win over OpenAI's, the exact
// over the rough.
func (e *encoder) wanted() (effort string, budget *int) {
	raw, w, r := e.wish.thinking, e.wish, e.req.Reasoning
	switch {
	case raw.budget != nil:
		return "", raw.budget
	case raw.level != "":
		return strings.ToLower(raw.level), nil
	case r.BudgetTokens != nil:
		return "", r.BudgetTokens
	case r.Effort != "":
		return r.Effort, nil
	case w.effortMax != nil:
		return "", w.effortMax
	default:
		return w.effort, nil
	}
}

// level is the nearest one that the model has; "" leaves it to the model.
func (e *encoder) level(levels []string, effort string, budget *int) string {
	if budget != nil {
		if *budget < 0 { // Google's word for as much as it likes
			return ""
		}
		e.warn("reasoning budget", "replaced by a level:")
		effort = effortOf(*budget)
	}
	if effort == "" || effort == "auto" || slices.Contains(levels, effort) {
		if effort == "auto" {
			return ""
		}
		return effort
	}
	least, most := levels[0], levels[len(levels)-1]
	near := most
	switch effort {
	case "none", "minimal":
		near = least
	case "low":
		near = least
	case "medium", "high", "xhigh", "max":
	default:
		e.warn("reasoning_effort", "dropped")
		return ""
	}
	if budget == nil {
		e.warn("reasoning_effort", "sent "+effort+" as "+near+" in")
	}
	return near
}

// effortOf is the effort that a budget is nearest to.
func effortOf(budget int) string {
	switch {
	case budget == 0:
		return "none"
	case budget <= 512:
		return "minimal"
	case budget <= 2*budgetLow:
		return "low"
	case budget <= 2*budgetMedium:
		return "medium"
	default:
		return "high"
	}
}

// budget is the wish in tokens, within the model's range; nil leaves it to the
// model.
func (e *encoder) budget(r budgets, effort string, budget *int) *int {
	if budget != nil {
		return e.within(r, *budget, "reasoning budget")
	}
	n := 0
	switch effort {
	case "none":
	case "minimal", "low":
		n = budgetLow
	case "medium":
		n = budgetMedium
	case "high":
		n = budgetHigh
	case "xhigh", "max":
		n = r.most
		e.warn("reasoning_effort", "sent "+effort+" as the largest budget in")
	case "auto":
		n = -1
	case "":
		return nil
	default:
		e.warn("reasoning_effort", "dropped")
		return nil
	}
	return e.within(r, n, "reasoning_effort")
}

func (e *encoder) within(r budgets, n int, field string) *int {
	near := n
	switch {
	case n < 0:
		near = -1 // as much as it likes
	case n == 0 && r.off:
	case n < r.least:
		near = r.least
	case n > r.most:
		near = r.most
	}
	if near != n {
		e.warn(field, "brought into the model's range:")
	}
	return &near
}

func (e *encoder) think(level string, budget *int, include bool) {
	if e.family.image && level == "" && budget == nil {
		return // who wants a picture has not asked for thoughts
	}
	e.open("thinkingConfig", '{')
	e.Flag("includeThoughts", new(include))
	switch {
	case level != "":
		e.Text("thinkingLevel", strings.ToUpper(level))
	case budget != nil:
		e.Whole("thinkingBudget", budget)
	}
	e.Out = append(e.Out, '}')
}
