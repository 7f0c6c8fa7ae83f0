package config_test

import (
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/config"
)

func TestMaskedProxy_ShowsAllButThePassword(t *testing.T) {
	for proxy, want := range map[string]string{
		"":                                   "",
		"system":                             "system",
		"http://127.0.0.1:7890":              "http://127.0.0.1:7890",
		"http://[::1]:7890/x":                "http://[::1]:7890/x",
		"http://ann@proxy:1":                 "http://ann@proxy:1",
		"http://ann:@proxy:1":                "http://ann:@proxy:1",
		"http://ann:canary@proxy:1":          "http://ann:•••@proxy:1",
		"socks5://:canary@proxy":             "socks5://:•••@proxy",
		"https://a%40b:ca:n@ry@proxy:8443/p": "https://a%40b:•••@proxy:8443/p",
		"http://proxy/a:b@c":                 "http://proxy/a:b@c",
		"ann:canary@proxy:1":                 "ann:•••@proxy:1",
	} {
		if got := config.MaskedProxy(proxy); got != want {
			t.Errorf("%s: got %s, want %s", proxy, got, want)
		}
		if got, ok := config.UnmaskedProxy(config.MaskedProxy(proxy), proxy); !ok || got != proxy {
			t.Errorf("%s given back: got %s, %v", proxy, got, ok)
		}
	}
}

func TestUnmaskedProxy_APasswordGoesToNoOtherProxy(t *testing.T) {
	const stored = "http://ann:canary@proxy:1"
	for given, want := range map[string]string{
		"http://ann:other@proxy:1": "http://ann:other@proxy:1",
		"direct":                   "direct",
		"http://bob:•••@proxy:1":   "",
		"http://ann:•••@evil:1":    "",
		"socks5://ann:•••@proxy:1": "",
	} {
		if got, ok := config.UnmaskedProxy(given, stored); got != want || ok != (want != "") {
			t.Errorf("%s: got %q, %v", given, got, ok)
		}
	}
	if got, ok := config.UnmaskedProxy("http://ann:•••@proxy:1", ""); ok {
		t.Errorf("nothing is stored: got %q", got)
	}
}
