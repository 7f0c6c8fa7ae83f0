package daemon

import (
	"context"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/network"
)

// Awoke has the program believe that the machine slept.
func (d *Daemon) Awoke(ctx context.Context) { d.awoke(ctx, network.Change{Slept: time.Hour}) }

// Remember writes down what is known of the accounts, which the program does
// when some has gathered.
func (d *Daemon) Remember() { d.accounts.remember() }

// Listen takes over what answers said is left, which the program does when some
// has gathered.
func (d *Daemon) Listen() { d.accounts.listen() }
