package anthropic

import (
	"slices"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// leastBudget is the least thinking that can be asked for.
const leastBudget = 1024

// plan decides the wishes that depend on each other: the limit of the answer,
// the thinking, whether a tool can be required, the shape.
func (e *encoder) plan(usual int) {
	r := e.req
	e.forced = r.ToolChoice
	if r.Format.Kind == llm.FormatSchema && r.Format.Schema != nil && e.traits.format {
		e.schema = e.narrowed(r.Format.Schema)
	}
	switch {
	case r.MaxTokens != nil:
		e.limit = *r.MaxTokens
		if r.MaxTokensName != "" && r.MaxTokensName != "max_tokens" {
			e.warn(r.MaxTokensName, "renamed")
		}
	case usual > 0:
		e.limit = usual
		e.warn("max_tokens", "added")
	default:
		e.limit = e.traits.output
		e.warn("max_tokens", "added")
	}
	switch e.traits.thinking {
	case thinksNever:
		e.dropThinking()
	case thinksByBudget:
		e.planBudget()
	case thinksIfAsked, thinksUnlessTold, thinksBetween, thinksAlways:
		e.planEffort()
	}
}

func (e *encoder) requires() bool {
	return len(e.req.Tools) > 0 && (e.forced.Mode == llm.ChoiceRequired || e.forced.Mode == llm.ChoiceTool)
}

func (e *encoder) dropThinking() {
	if s := e.req.Reasoning.Effort; s != "" && s != "none" {
		e.warn("reasoning_effort", "dropped")
	}
	if b := e.req.Reasoning.BudgetTokens; b != nil && *b > 0 {
		e.warn("reasoning budget", "dropped")
	}
	if e.req.Reasoning.Summary != "" {
		e.warn("reasoning summary", "dropped")
	}
}

// planBudget is for models that are given tokens to think with. The protocol
// refuses it together with a required tool, and in the middle of a step whose
// thoughts did not come back with their signatures.
func (e *encoder) planBudget() {
	budget := budgetOf(e.req.Reasoning)
	if e.traits.efforts != nil && e.req.Reasoning.Effort != "" && e.req.Reasoning.Effort != "none" {
		e.effort = e.level(e.req.Reasoning.Effort)
	}
	if budget == 0 {
		return
	}
	if e.requires() || e.stepLacksThought() || e.limit <= leastBudget {
		e.dropThinking()
		return
	}
	budget = max(budget, leastBudget)
	if budget >= e.limit {
		budget = max(leastBudget, e.limit*3/4)
		e.warn("reasoning budget", "lowered, to leave room for the answer:")
	}
	e.think, e.budget = "enabled", budget
}

// budgetOf is how many tokens are wished for thinking; 0 is none.
func budgetOf(r llm.Reasoning) int {
	if r.BudgetTokens != nil {
		return max(0, *r.BudgetTokens)
	}
	switch r.Effort {
	case "", "none":
		return 0
	case "minimal", "low":
		return leastBudget
	case "medium":
		return 8192
	case "high":
		return 24576
	default:
		return 32000
	}
}

// effortOf is the other direction: the level that a budget stands for.
func effortOf(budget int) string {
	switch {
	case budget <= 0:
		return "none"
	case budget <= 1024:
		return "low"
	case budget <= 8192:
		return "medium"
	case budget <= 24576:
		return "high"
	default:
		return "xhigh"
	}
}

// planEffort is for models that decide themselves how long they think.
func (e *encoder) planEffort() {
	r := e.req.Reasoning
	effort := r.Effort
	if effort != "" && r.BudgetTokens != nil {
		e.warn("reasoning budget", "dropped")
	}
	if effort == "" && r.BudgetTokens != nil {
		effort = effortOf(*r.BudgetTokens)
		e.warn("reasoning budget", "read as the effort "+effort+":")
	}
	switch {
	case effort == "none":
		e.off()
	case e.requires():
		e.require(effort)
	case effort != "" || r.Summary != "":
		// Without display, newer models keep their thoughts to themselves, which
		// clients of this protocol ask for by name.
		e.think, e.show = "adaptive", !e.own() || r.Summary != ""
		e.effort = e.level(effort)
	}
}

// off turns the thinking off as far as the model lets itself be told.
func (e *encoder) off() {
	switch e.traits.thinking {
	case thinksUnlessTold:
		e.think = "disabled"
	case thinksBetween:
		e.think = "between_tools"
	case thinksAlways:
		e.effort = "low"
		e.warn("reasoning_effort", "read as low: this model always thinks:")
	case thinksNever, thinksByBudget, thinksIfAsked:
	}
	if e.requires() && !e.traits.forced {
		e.weaken()
	}
}

// require has a model call a tool, which a model that thinks cannot be made to.
func (e *encoder) require(effort string) {
	e.effort = e.level(effort)
	if !e.traits.forced {
		e.weaken()
		e.think = map[bool]string{true: "adaptive"}[effort != ""]
		e.show = effort != ""
		return
	}
	if e.traits.thinking == thinksUnlessTold {
		e.think = "disabled"
		if e.effort == "xhigh" || e.effort == "max" { // no more goes without thinking
			e.effort = "high"
		}
	}
	if effort != "" {
		e.warn("reasoning_effort", "no thinking, since a tool is required:")
	}
}

// weaken leaves the model the choice that it cannot be denied.
func (e *encoder) weaken() {
	e.warn("tool_choice", "read as auto: this model cannot be made to call a tool:")
	e.forced = llm.ToolChoice{Mode: llm.ChoiceAuto}
}

// level is the level that the model has for a wished one.
func (e *encoder) level(wished string) string {
	if wished == "" || slices.Contains(e.traits.efforts, wished) {
		return wished
	}
	level := "high"
	if wished == "minimal" {
		level = "low"
	}
	e.warn("reasoning_effort", "read as "+level+":")
	return level
}

// stepLacksThought says that the conversation is in the middle of a step, with
// results to calls before which the thought is missing.
func (e *encoder) stepLacksThought() bool {
	n := len(e.turns)
	if n < 2 || !e.turns[n-2].assistant || len(e.turns[n-2].blocks) == 0 {
		return false
	}
	calls := slices.ContainsFunc(e.turns[n-2].blocks, func(b block) bool { _, ok := b.part.(llm.ToolCall); return ok })
	return calls && !isThought(e.turns[n-2].blocks[0].part)
}

func isThought(p llm.Part) bool {
	switch p.(type) {
	case llm.Thought, llm.Opaque:
		return true
	case llm.Text, llm.Image, llm.Audio, llm.File, llm.Refusal, llm.ToolCall, llm.ToolResult:
	}
	return false
}

func (e *encoder) thinkingConfig() {
	if e.think == "" {
		return
	}
	e.Key("thinking")
	e.Open('{')
	e.Text("type", e.think)
	if e.budget > 0 {
		e.Int("budget_tokens", e.budget)
	}
	if e.show {
		e.Text("display", "summarized")
	}
	e.Close('}')
}

func (e *encoder) outputConfig() {
	if e.effort == "" && e.schema == nil {
		return
	}
	e.Key("output_config")
	e.Open('{')
	if e.effort != "" {
		e.Text("effort", e.effort)
	}
	if e.schema != nil {
		e.Key("format")
		e.Open('{')
		e.Text("type", "json_schema")
		e.Raw("schema", e.schema)
		e.Close('}')
	}
	e.Close('}')
}
