package requestlog

import (
	"slices"
	"strings"
)

// Phrase is a sentence of a reason or of a note as data, so that a page can say
// it in its own language. Text is always the sentence in English.
type Phrase struct {
	Text string
	// ID is which sentence it is; "" is one that is not known.
	ID string
	// Values are what stands in it, by name.
	Values map[string]string
	// Parts are the sentences that it quotes.
	Parts []Phrase
}

// pattern is a sentence with {name} where its values stand. The value {parts} is
// a list of sentences of its own.
type pattern struct{ id, form string }

// chosen are why an account is asked.
func chosen() []pattern {
	return []pattern{
		{"renewed", "again, with a renewed credential"},
		{"kept", "its conversation stays"},
		{"only", "the only account"},
		{"share", "its share (weight {weight})"},
		{"first", "the first that is able (priority {priority})"},
		{"leastBusy", "the least busy ({number} in flight)"},
		{"mostQuota", "the most quota left ({percent} %)"},
		{"soonestReset", "its quota resets soonest"},
		{"turn", "its turn ({number} of {all})"},
	}
}

// barred are why an account is not asked.
func barred() []pattern {
	return []pattern{
		{"off", "{account} is disabled"},
		{"credential", "{account} rests until it has a new credential (the service refused it)"},
		{"notAllowed", "{account} may not use {model} (the service refused it)"},
		{"refused", "{account} is refused by the service"},
		{"restsModel", "{account} rests until {until} ({model}, {source})"},
		{"rests", "{account} rests until {until} ({source})"},
		{"tried", "{account} is being tried after a rest"},
		{"busyModel", "{account} has {number} of {all} requests in flight ({model})"},
		{"busy", "{account} has {number} of {all} requests in flight"},
		{"pacedModel", "{account} is over its pace until {until} ({model})"},
		{"paced", "{account} is over its pace until {until}"},
		{"more", "and {number} more"},
	}
}

// failed is who was asked before, and what came of it.
func failed() []pattern { return []pattern{{"failed", "{account} ({kind})"}} }

// noted are what notes say; what a codec did to a field comes last, for it
// matches most.
func noted() []pattern {
	return []pattern{
		{"replay", replayNote + "{request}"},
		{"waited", waitNote + "{time}" + waitWhy + "{parts}"},
		{"nobodyElse", "nobody else could be asked: {parts}"},
		{"notRenewed", "the credential of {account} was refused and could not be renewed: {error}"},
		{"noCompletion", "the service completes no text with this model: {error}"},
		{"noKeepAlives", "left out keep-alives before the answer: this client hangs on an error behind one"},
		{"estimated", "estimated the tokens ({reason}) with {tokenizer}"},
		{"droppedKnown", "dropped, for the conversation has it already: {field}"},
		{"noThinking", "no thinking, since a tool is required: {field}"},
		{"described", "described in the prompt: {field}"},
		{"readAsAuto", "read as auto: unknown value of {field}"},
		{"readAsEffort", "read as the effort {new}: {field}"},
		{"readAs", "read as {new}: {field}"},
		{"writtenAs", "written as {new}: {field}"},
		{"lowered", "lowered to {new}: {field}"},
		{"inRange", "brought into the model's range: {field}"},
		{"completed", "completed {field}"},
		{"flattened", "flattened {field}"},
		{"repaired", "repaired {field}"},
		{"narrowed", "narrowed {field}"},
		{"rewrote", "rewrote {field}"},
		{"resolved", "resolved here: {field}"},
		{"keptHere", "kept here, not at the service: {field}"},
		{"toFunction", "made a function of {field}"},
		{"toEnd", "moved to the end {field}"},
		{"toFront", "moved to the front: {field}"},
		{"toPieces", "moved to the pieces of {field}"},
		{"mergedSystem", "merged the system messages of {field}"},
		{"systemAsUser", "sent the system text as the user's of {field}"},
		{"thoughtsRepeated", "repeated the thoughts as the {field}"},
		{"addedUsage", "added include_usage to {field}"},
		{"addedResult", "added the missing result of {field}"},
		{"addedName", "added the name of {field}"},
		{"addedUser", "added the user's turn before {field}"},
		{"replacedBy", "replaced {old} by {new} in {field}"},
		{"replaced", "replaced {field}"},
		{"renamed", "renamed {field}"},
		{"added", "added {field}"},
		{"set", "set {field}"},
		{"dropped", "dropped {field}"},
	}
}

// failures are why a request failed before anybody was asked, or after all were.
func failures() []pattern {
	const nobody = "no account can take a request for {model} now: {parts}"
	return []pattern{
		{"nobodySaid", nobody + "; the service said: {error}"},
		{"nobody", nobody},
		{"noneLeft", "no account serves {model} any more"},
	}
}

// PhraseIDs are all that a [Phrase] may have, in order.
func PhraseIDs() []string {
	out := []string{"after", "moved"}
	for _, list := range [][]pattern{chosen(), barred(), failed(), noted(), failures()} {
		for _, p := range list {
			out = append(out, p.id)
		}
	}
	slices.Sort(out)
	return out
}

// Reason takes the reason of an attempt at an account apart: why it was chosen,
// and what kept others from it.
func Reason(text, account string) (why Phrase, others []Phrase) {
	chose, bars := text, ""
	if rest, ok := strings.CutPrefix(text, "chose "+account+", "); ok {
		chose, bars, _ = strings.Cut(rest, "; ")
	}
	return whyPhrase(chose), listed(barred(), bars)
}

func whyPhrase(text string) Phrase {
	if names, ok := strings.CutPrefix(text, "next after "); ok {
		return Phrase{Text: text, ID: "after", Parts: listed(failed(), names)}
	}
	if policy, bar, ok := strings.Cut(text, ", for its conversation cannot stay: "); ok {
		return Phrase{Text: text, ID: "moved", Parts: append([]Phrase{whyPhrase(policy)}, listed(barred(), bar)...)}
	}
	return find(chosen(), text)
}

// Bar is a sentence about what keeps an account from being asked.
func Bar(text string) Phrase { return find(barred(), text) }

// Failure takes the error of a request apart; most are a service's own words and
// stay as they are.
func Failure(text string) Phrase { return find(failures(), text) }

// Note takes one note apart.
func Note(text string) Phrase { return find(noted(), text) }

// listed splits a list of sentences, each of which is one of all. Names may have
// commas too: what is no sentence yet goes on behind its comma.
func listed(all []pattern, text string) []Phrase {
	var out []Phrase
	for pool := range strings.SplitSeq(text, "; ") {
		if pool == "" {
			continue
		}
		more := strings.LastIndex(pool, " and ")
		if more < 0 || Bar(pool[more+1:]).ID != "more" {
			more = len(pool)
		}
		open := ""
		for part := range strings.SplitSeq(pool[:more], ", ") {
			open += part
			if p := find(all, open); p.ID != "" {
				out, open = append(out, p), ""
			} else {
				open += ", "
			}
		}
		if open != "" {
			out = append(out, Phrase{Text: strings.TrimSuffix(open, ", ")})
		}
		if more < len(pool) {
			out = append(out, Bar(pool[more+1:]))
		}
	}
	return out
}

func find(all []pattern, text string) Phrase {
	out := Phrase{Text: text}
	for _, p := range all {
		values, ok := fill(p.form, text)
		if !ok {
			continue
		}
		if parts, ok := values["parts"]; ok {
			out.Parts = listed(barred(), parts)
			delete(values, "parts")
		}
		if source, ok := values["source"]; ok {
			values["source"] = sourceID(source)
		}
		out.ID, out.Values = p.id, values
		break
	}
	return out
}

// sourceID is the name of who says how long a rest is.
func sourceID(words string) string {
	switch words {
	case "the service's hint":
		return "hint"
	case "the quota's reset":
		return "reset"
	case "our own pause":
		return "own"
	}
	return "refused"
}

// fill finds the values with which a form is the text. Each is as short as it
// can be, but for one at the end; none is empty.
func fill(form, text string) (map[string]string, bool) {
	values := map[string]string{}
	for {
		before, rest, more := strings.Cut(form, "{")
		tail, ok := strings.CutPrefix(text, before)
		if !ok {
			return nil, false
		}
		if !more {
			return values, tail == ""
		}
		name, after, _ := strings.Cut(rest, "}")
		next, _, inner := strings.Cut(after, "{")
		end := len(tail) - len(next)
		if inner {
			end = strings.Index(tail, next)
		}
		if end <= 0 {
			return nil, false
		}
		values[name], text, form = tail[:end], tail[end:], after
	}
}
