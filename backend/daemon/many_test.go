package daemon_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/control"
)

// TestB57_ManyAccountsAreListedAndChangedWithoutAWait is about work that
// grows with the square of their number.
func TestB57_ManyAccountsAreListedAndChangedWithoutAWait(t *testing.T) {
	const many = 300
	entries := make([]string, 0, many)
	for i := range many {
		entries = append(entries, fmt.Sprintf(`{"id":%d,"provider":"cloud","name":"n%d","settings":{"kind":"key","region":"eu"},"key":"good:a%d@x"}`, i+1, i, i))
	}
	p := withCloud(t, &cloud{}, `{"version":1,"accounts":[`+strings.Join(entries, ",")+`]}`)
	p.until("all ready", func() bool {
		var s control.Status
		p.api("GET", "/api/status", "", &s)
		ready := 0
		for _, a := range p.Control().Accounts() {
			if a.State == control.AccountReady {
				ready++
			}
		}
		return ready == many
	})
	start := time.Now()
	p.Control().Accounts()
	if took := time.Since(start); took > time.Second {
		t.Errorf("the list takes %v", took)
	}
	start = time.Now()
	if code := p.api("PATCH", "/api/accounts/200", `{"name":"other"}`, nil); code != 200 {
		t.Fatalf("change: %d", code)
	}
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("a change takes %v", took)
	}
	t.Logf("a change takes %v", time.Since(start))
}
