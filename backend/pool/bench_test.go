package pool_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/account"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/pool"
)

// large is 20 models of 1,000 accounts.
func large(policy pool.Policy, now func() time.Time) []*pool.Pool {
	const accounts, models = 1000, 20
	s := pool.New(pool.Options{Now: now})
	all := make([]*account.Account, accounts)
	for i := range all {
		all[i] = account.New(account.Account{ID: int64(i + 1), Name: fmt.Sprintf("account %d", i)}, nil)
	}
	r := s.Rebuild()
	defer r.Done()
	pools := make([]*pool.Pool, models)
	for m := range pools {
		us := make([]pool.Upstream, accounts)
		for i, a := range all {
			us[i] = pool.Upstream{Account: a, Model: fmt.Sprintf("model-%d", m), Terms: &pool.Terms{
				Weight: i%5 + 1, Pace: pool.Pace{PerMinute: 1 << 30, InFlight: 1 << 30},
			}}
		}
		pools[m] = r.Pool(us[0].Model, policy, us)
	}
	return pools
}

// one is a whole attempt: chosen, answered, done.
func one(p *pool.Pool) bool {
	turn := pool.Begin(p)
	turn.Limit(pool.Limits{Attempts: 3, Queue: 10, Wait: time.Second})
	u, _, _ := turn.Next()
	if u == nil {
		return false
	}
	turn.Answered()
	turn.Done(nil, llm.Usage{Known: true, Input: 10, Output: 10})
	return true
}

func BenchmarkPick(b *testing.B) {
	for _, policy := range pool.Policies() {
		b.Run(string(policy), func(b *testing.B) {
			pools := large(policy, time.Now)
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				if !one(pools[i%len(pools)]) {
					b.Fatal("nobody")
				}
				i++
			}
		})
	}
}

// BenchmarkPickOfOneThatIsWell has 999 of 1,000 accounts at rest.
func BenchmarkPickOfOneThatIsWell(b *testing.B) {
	for _, policy := range pool.Policies() {
		b.Run(string(policy), func(b *testing.B) {
			pools := large(policy, time.Now)
			for _, p := range pools {
				for range 999 {
					turn := pool.Begin(p)
					if u, _, _ := turn.Next(); u.Account.ID == 500 {
						turn.Next()
					}
					turn.Done(&llm.Error{Kind: llm.KindQuota, RetryAfter: time.Hour}, llm.Usage{})
				}
			}
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				if !one(pools[i%len(pools)]) {
					b.Fatal("nobody")
				}
				i++
			}
		})
	}
}

// BenchmarkPickWhileRestsComeAndGo has every seventh request begin a rest, and as
// many rests end.
func BenchmarkPickWhileRestsComeAndGo(b *testing.B) {
	now := time.Now()
	pools := large(pool.RoundRobin, func() time.Time { return now })
	limit := &llm.Error{Kind: llm.KindQuota, RetryAfter: time.Second}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		turn := pool.Begin(pools[i%len(pools)])
		if u, _, _ := turn.Next(); u == nil {
			b.Fatal("nobody")
		}
		if i%7 == 0 {
			turn.Done(limit, llm.Usage{})
		} else {
			turn.Done(nil, llm.Usage{})
		}
		now = now.Add(time.Millisecond)
		i++
	}
}

// BenchmarkRefusal is the answer when all of a thousand accounts rest.
func BenchmarkRefusal(b *testing.B) {
	pools := large(pool.RoundRobin, time.Now)
	turn := pool.Begin(pools[0])
	for u, _, _ := turn.Next(); u != nil; u, _, _ = turn.Next() {
		turn.Done(&llm.Error{Kind: llm.KindQuota, RetryAfter: time.Hour}, llm.Usage{})
	}
	b.ReportAllocs()
	for b.Loop() {
		if one(pools[0]) {
			b.Fatal("somebody")
		}
	}
}

func BenchmarkRebuild(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		large(pool.RoundRobin, time.Now)
	}
}

func TestPick_OfAThousandAccountsAllocatesNothing(t *testing.T) {
	for _, policy := range pool.Policies() {
		pools := large(policy, time.Now)
		if n := testing.AllocsPerRun(200, func() { one(pools[3]) }); n != 0 {
			t.Errorf("%s: %v allocations", policy, n)
		}
	}
}
