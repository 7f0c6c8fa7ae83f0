package control

import (
	"context"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// NetworkTest says what to try: the way to an account's service, or to an
// address.
type NetworkTest struct {
	// AccountID tries the way of this account; 0 is that of all.
	AccountID int64 `json:"accountId,omitempty"`
	// URL is what to reach; "" is the account's service, or a well known address.
	URL string `json:"url,omitempty" maxLength:"2048"`
	// Network is tried instead of what is set, before it is kept. A proxy whose
	// password is shown as dots has the one that is kept.
	Network *AccountNetwork `json:"network,omitempty"`
}

// NetworkResult is what became of a [NetworkTest], hop by hop.
type NetworkResult struct {
	Hops []Hop `json:"hops"`
	OK   bool  `json:"ok"`
	// Said is a sentence about the whole: that it works, or which hop failed and
	// why.
	Said string `json:"said"`
}

// Hop is one step of the way to a service.
type Hop struct {
	Name   string `json:"name" enum:"proxy,dns,connect,tls,http"`
	Target string `json:"target"`
	OK     bool   `json:"ok"`
	Ms     int64  `json:"ms"`
	// Said is what was found, or what went wrong.
	Said string `json:"said"`
}

// NetworkState is what was found of the network of this machine.
type NetworkState struct {
	System SystemProxy `json:"system"`
}

// SystemProxy is the proxy that the system has set. "" is none.
type SystemProxy struct {
	HTTP    string   `json:"http"`
	HTTPS   string   `json:"https"`
	NoProxy []string `json:"noProxy"`
	// Source is where it stands: environment, gnome, windows, macos; "" is
	// nowhere.
	Source string `json:"source"`
}

// Network is the network as the daemon keeps it.
type Network interface {
	// System is the system's proxy as it is now.
	System() SystemProxy
	// Test tries a way hop by hop and ends with ctx at the latest. An error is a
	// test that cannot be made, as of an account that is not there.
	Test(ctx context.Context, t NetworkTest) (NetworkResult, error)
}

// Network is what was found of the network of this machine.
func (s *Panel) Network() NetworkState {
	out := NetworkState{System: SystemProxy{NoProxy: []string{}}}
	if s.o.Network != nil {
		out.System = s.o.Network.System()
		out.System.NoProxy = list(out.System.NoProxy)
	}
	return out
}

// proxy is the one that is kept for an account, or with 0 for all.
func (s *Panel) proxy(id int64) string {
	c := s.o.Config.Snapshot()
	for _, a := range s.entries(c) {
		if a.ID == id {
			return a.Network.Proxy
		}
	}
	return c.UpstreamProxy()
}

// TestNetwork tries the way to a service, hop by hop (B60).
func (s *Panel) TestNetwork(ctx context.Context, t NetworkTest) (NetworkResult, error) {
	if s.o.Network == nil {
		return NetworkResult{}, &llm.Error{Kind: llm.KindUnsupported, Message: "this program has no network to test"}
	}
	if t.AccountID != 0 {
		if _, err := s.Account(t.AccountID); err != nil {
			return NetworkResult{}, err
		}
	}
	if t.Network != nil {
		n, err := t.Network.meant(s.proxy(t.AccountID))
		if err != nil {
			return NetworkResult{}, err
		}
		t.Network = new(AccountNetwork(n))
	}
	out, err := s.o.Network.Test(ctx, t)
	out.Hops = full(out.Hops)
	return out, err
}
