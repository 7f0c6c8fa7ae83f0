package control

import "github.com/WenChunTech/OpenAICompatible/backend/requestlog"

// Phrase is a sentence of the request log as data, so that a page can say it in
// its own language: why an account was chosen, what keeps another from it, what
// became of a field.
type Phrase struct {
	// Text is the sentence in English.
	Text string `json:"text"`
	// ID is which sentence it is; none is one that is not known.
	ID string `json:"id,omitempty" enum:"added,addedName,addedResult,addedUsage,addedUser,after,busy,busyModel,completed,credential,described,dropped,droppedKnown,estimated,failed,first,flattened,inRange,kept,keptHere,leastBusy,lowered,mergedSystem,more,mostQuota,moved,narrowed,noCompletion,noKeepAlives,noThinking,nobody,nobodyElse,nobodySaid,noneLeft,notAllowed,notRenewed,off,only,paced,pacedModel,readAs,readAsAuto,readAsEffort,refused,renamed,renewed,repaired,replaced,replacedBy,replay,resolved,rests,restsModel,rewrote,set,share,soonestReset,systemAsUser,thoughtsRepeated,toEnd,toFront,toFunction,toPieces,tried,turn,waited,writtenAs"`
	// Values are what stands in it, by name: account, model, until, source (hint,
	// reset, own or refused), kind, number, all, field and the like.
	Values map[string]string `json:"values,omitempty"`
	// Parts are the sentences that it quotes.
	Parts []Phrase `json:"parts,omitempty"`
}

func phrase(p requestlog.Phrase) Phrase {
	out := Phrase{Text: p.Text, ID: p.ID, Values: p.Values}
	if len(p.Parts) > 0 {
		out.Parts = phrases(p.Parts)
	}
	return out
}

func phrases(all []requestlog.Phrase) []Phrase {
	out := make([]Phrase, 0, len(all))
	for _, p := range all {
		out = append(out, phrase(p))
	}
	return out
}

// remarks are notes as data, in their order.
func remarks(notes []string) []Phrase {
	out := make([]Phrase, 0, len(notes))
	for _, n := range notes {
		out = append(out, phrase(requestlog.Note(n)))
	}
	return out
}

// attempt shows one try with its reason taken apart.
func attempt(a *requestlog.Attempt) Attempt {
	out := Attempt{
		Provider: a.Provider, Account: a.Account, Model: a.Model, Reason: a.Reason, StartMs: a.StartMs,
		HeaderMs: a.HeaderMs, DurationMs: a.DurationMs, Status: a.Status, ErrorKind: a.ErrorKind, Error: a.Error,
	}
	why, others := requestlog.Reason(a.Reason, a.Account)
	out.Why, out.Others = phrase(why), phrases(others)
	if a.Rest != "" {
		rest := phrase(requestlog.Bar(a.Rest))
		out.Rest = &rest
	}
	return out
}
