package daemon

import (
	"context"
	"encoding/json"
	"path/filepath"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/config"
	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/event"
	"github.com/WenChunTech/OpenAICompatible/backend/update"
)

// releases are the newer versions as the pages see them.
type releases struct{ *update.Watch }

var _ control.Updates = releases{}

// Notice is what is known now.
func (r releases) Notice() control.UpdateNotice {
	n := r.Watch.Notice()
	out := control.UpdateNotice{Problem: n.Problem}
	if !n.Asked.IsZero() {
		out.AskedAt = &n.Asked
	}
	if n.Newer != nil {
		out.Version, out.Notes, out.Link = n.Newer.Version, n.Newer.Notes, n.Newer.Link
	}
	return out
}

func (d *Daemon) newReleases() releases {
	return releases{update.New(update.Options{
		On:   func() bool { return d.config.Snapshot().Updates.Check == config.UpdatesDaily },
		Feed: func() string { return d.config.Snapshot().Updates.Feed }, Client: d.outside, Version: d.o.Version,
		File: filepath.Join(d.o.DataDir, "updates.json"), Now: time.Now, Log: d.log,
		Newer: func(r update.Release) {
			if data, err := json.Marshal(control.Attention{Kind: control.NewVersion, Version: r.Version}); err == nil { // it is plain data
				d.events.Publish(event.Event{Kind: event.Attention, Data: data})
			}
		},
	})}
}

// watchReleases asks while the settings say so, and looks at them when they
// change.
func (d *Daemon) watchReleases(ctx context.Context) error {
	defer d.config.Subscribe(func(was, now *config.Config) {
		if was.Updates != now.Updates {
			d.releases.Touch()
		}
	})()
	return d.releases.Run(ctx)
}
