package desktop

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/control"
)

// attend tells the person, outside the window, what the engine wants them for.
func (p *Program) attend(ctx context.Context, data json.RawMessage) {
	var a control.Attention
	if json.Unmarshal(data, &a) != nil {
		return // the engine's own words
	}
	w := wordsOf(p.o.Preferences().Language)
	text := attentionText(a, w, time.Now())
	if text == "" {
		return
	}
	p.act(ctx, func(context.Context) {
		if err := p.o.Notify(w.name, text); err != nil {
			p.o.Log.Info("no notification could be shown", slog.Any("error", err))
		}
	})
}

// attentionText is what to say; "" is nothing.
func attentionText(a control.Attention, w words, now time.Time) string {
	switch a.Kind {
	case control.NeedsSignIn:
		return fmt.Sprintf(w.needsSignIn, a.Account)
	case control.NewVersion:
		return fmt.Sprintf(w.newVersion, a.Version)
	case control.AllRest:
		if a.Until.IsZero() {
			return w.allRest
		}
		layout := "15:04"
		if a.Until.Sub(now) >= 20*time.Hour {
			layout = "2006-01-02 15:04"
		}
		return fmt.Sprintf(w.allRestUntil, a.Until.In(now.Location()).Format(layout))
	}
	return ""
}
