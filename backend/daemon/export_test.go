package daemon

import (
	"context"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/network"
)

// Awoke has the program believe that the machine slept.
func (d *Daemon) Awoke(ctx context.Context) { d.awoke(ctx, network.Change{Slept: time.Hour}) }
