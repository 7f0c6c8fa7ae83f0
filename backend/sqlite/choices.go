package sqlite

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
)

// choicesLimit bounds each list of Choices: names come from clients.
const choicesLimit = 500

// Choices are what the log can be filtered by.
func (l *Log) Choices(ctx context.Context) (requestlog.Choices, error) {
	c, err := l.choices(ctx)
	if err != nil {
		l.heal(ctx, err)
		return requestlog.Choices{}, fmt.Errorf("read what the log can be filtered by: %w", err)
	}
	return c, nil
}

// choices reads the traits, which are few however many exchanges have them.
func (l *Log) choices(ctx context.Context) (requestlog.Choices, error) {
	rows, err := l.db.QueryContext(ctx, "SELECT max(id), provider, asked, served, client, key, account_id, account "+
		"FROM traits GROUP BY provider, asked, served, client, key, account_id, account ORDER BY max(id)")
	if err != nil {
		return requestlog.Choices{}, err
	}
	defer rows.Close()
	providers, models, clients, keys := wordSet{}, wordSet{}, wordSet{}, wordSet{}
	accounts := map[int64]string{}
	for rows.Next() {
		var id, account int64
		var provider, asked, served, client, key, name string
		if err := rows.Scan(&id, &provider, &asked, &served, &client, &key, &account, &name); err != nil {
			return requestlog.Choices{}, err
		}
		providers.add(provider)
		models.add(asked)
		models.add(served)
		clients.add(client)
		keys.add(key)
		if account != 0 {
			accounts[account] = name // the newest comes last
		}
	}
	c := requestlog.Choices{Providers: providers.sorted(), Models: models.sorted(), Clients: clients.sorted(), Keys: keys.sorted()}
	for _, id := range slices.Sorted(maps.Keys(accounts)) {
		c.Accounts = append(c.Accounts, requestlog.AccountChoice{ID: id, Name: accounts[id]})
	}
	return c, rows.Err()
}

// wordSet is a bounded set of names.
type wordSet map[string]struct{}

func (s wordSet) add(name string) {
	if name != "" && len(s) < choicesLimit {
		s[name] = struct{}{}
	}
}

func (s wordSet) sorted() []string { return slices.Sorted(maps.Keys(s)) }
