package daemon

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/config"
)

// HealthCommand asks a running program whether it answers: what looks after a
// container or a machine has no browser and often no curl.
type HealthCommand struct {
	Config string `help:"Configuration file; the one that the program uses otherwise." placeholder:"FILE" env:"OPENAICOMPATIBLE_CONFIG"`
	Host   string `help:"Address that the program listens on, instead of the configured one." placeholder:"H"`
	Port   int    `help:"Port that the program listens on, instead of the configured one." placeholder:"P"`
}

// patience is how long a health check waits for the answer.
const patience = 5 * time.Second

func (c *HealthCommand) run(ctx context.Context, t Terminal) error {
	address, err := c.address(t)
	if err != nil {
		return err
	}
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/health", http.NoBody)
	if err != nil {
		return err
	}
	// Neither a proxy of the environment nor a redirect is this program.
	direct := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	answer, err := direct.Do(r)
	if err != nil {
		return fmt.Errorf("nothing answers at %s: %w", address, err)
	}
	defer answer.Body.Close()
	const enough = 4 << 10
	var said struct{ Status, Version string }
	err = json.NewDecoder(io.LimitReader(answer.Body, enough)).Decode(&said)
	if answer.StatusCode != http.StatusOK || err != nil || said.Status != "ok" {
		return fmt.Errorf("what answers at %s is not well, or another program: %s", address, answer.Status)
	}
	_, err = fmt.Fprintf(t.Out, "ok: %s answers with version %s\n", address, said.Version)
	return err
}

// address is where the program listens, as far as its configuration says.
func (c *HealthCommand) address(t Terminal) (string, error) {
	host, port := c.Host, c.Port
	if host == "" || port == 0 {
		path, err := config.Locate(c.Config, t.Headless)
		if err != nil {
			return "", err
		}
		settings, err := config.OpenIn(path, t.environ())
		if err != nil {
			return "", err
		}
		host, port = cmp.Or(host, settings.Snapshot().Host), cmp.Or(port, settings.Snapshot().Port)
	}
	// Who listens on every address listens on this machine's own, too.
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
		if ip.To4() == nil {
			host = "::1"
		}
	}
	return net.JoinHostPort(host, strconv.Itoa(port)), nil
}
