package config_test

import (
	"strings"
	"testing"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/config"
)

// account and key are files with one of them that has more members.
func account(more string) string {
	return "{\"accounts\": [{\"provider\": \"p\", \"name\": \"a\",\n" + more + "}]}"
}

func key(more string) string { return "{\"keys\": [{\"name\": \"a\",\n" + more + "}]}" }

// TestErrors_OfEntriesNameTheirPlace is for balance, limits and networks.
func TestErrors_OfEntriesNameTheirPlace(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		account(`"weight": 101`):                                                            "config.json:2: accounts[0].weight: must be between 1 and 100, got 101",
		account(`"weight": "5"`):                                                            "config.json:2: accounts[0].weight: must be a whole number, got a string",
		account(`"priority": 1001`):                                                         "config.json:2: accounts[0].priority: must be between -1000 and 1000",
		account(`"pace": 30`):                                                               "config.json:2: accounts[0].pace: must be an object: { … }, got another number",
		account("\"pace\": {\n\"requestsPerDay\": -1}"):                                     "config.json:3: accounts[0].pace.requestsPerDay: must be between 0, for no bound, and 100000000, got -1",
		account("\"pace\": {\n\"maxInFlight\": 1.5}"):                                       "config.json:3: accounts[0].pace.maxInFlight: must be a whole number",
		account("\"modelPace\": {\"m\": {\n\"maxInFlight\": -2}}"):                          "config.json:3: accounts[0].modelPace.m.maxInFlight: must be between 0, for no bound, and 10000, got -2",
		account(`"modelPace": {"": {}}`):                                                    `config.json:2: accounts[0].modelPace: must have the names of models as its keys, got ""`,
		account(`"modelPace": {"m": 3}`):                                                    "config.json:2: accounts[0].modelPace.m: must be an object",
		account(`"network": {"proxy": "ftp://u:canary@h"}`):                                 "config.json:2: accounts[0].network.proxy: must be system, direct, a URL as http://127.0.0.1:7890",
		account(`"network": {"caFile": " "}`):                                               "config.json:2: accounts[0].network.caFile: must be the path of a file",
		key(`"expires": "tomorrow"`):                                                        "config.json:2: keys[0].expires: must be a time as 2030-01-31T00:00:00Z, or empty for never",
		key(`"models": ["a", " b"]`):                                                        "config.json:2: keys[0].models[1]: must be the name of a model; * stands for any text in it",
		key(`"requestsPerMinute": -1`):                                                      "config.json:2: keys[0].requestsPerMinute: must be between 0, for no bound, and 1000000, got -1",
		key(`"profile": "loud"`):                                                            "config.json:2: keys[0].profile: must be one of plain, qwen-code, silent, or empty",
		key(`"disabled": 1`):                                                                "config.json:2: keys[0].disabled: must be true or false",
		"{\"routing\": {\n\"policy\": \"random\"}}":                                         "config.json:2: routing.policy: must be one of round_robin, weighted, fill_first, least_busy, most_quota, soonest_reset",
		"{\"network\": {\n\"proxy\": \"localhost:7890\"}}":                                  "config.json:2: network.proxy: must be system, direct, or a URL as http://127.0.0.1:7890",
		"{\"network\": {\"noProxy\": [\"ok\",\n\"http://h\"]}}":                             "config.json:2: network.noProxy[1]: must be a name, *.example.com, an address, or a network",
		"{\"network\": {\"noProxy\": [\n\"h:port\"]}}":                                      "config.json:2: network.noProxy[0]: must be a name",
		"{\"proxy\": \"direct\"}":                                                           "config.json:1: proxy: must be a URL",
		"{\"routing\": {\"maxRestMinutes\": 0}}":                                            "config.json:1: routing.maxRestMinutes: must be between 1 and 1440, got 0",
		"{\"accounts\": [{\"provider\": \"p\", \"name\": \"a\", \"network\": \"direct\"}]}": "config.json:1: accounts[0].network: must be an object",
	} {
		_, err := config.Open(write(t, text))
		if err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s:\n got %v\nwant %s", text, err, want)
		}
	}
}

func TestEntries_TakeWhatPeopleWrite(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		account(`"pace": {}`), account(`"pace": null`), account(`"modelPace": {"*": {"requestsPerDay": 5}, "org/m:free": {}}`),
		account(`"network": {"proxy": "socks5h://u:p@h:1080", "caFile": "C:\\ca.pem"}`), account(`"weight": 0`),
		key(`"expires": "2030-01-31T08:00:00+08:00"`), key(`"models": ["*", "qwen/*-coder"]`),
		`{"network": {"noProxy": ["*", "<local>", "localhost", ".example.com", "*.example.com", "example.com:8443", "10.0.0.0/8", "fd00::/8", "::1", "[::1]:80", "10.1.2.3:80"]}}`,
		`{"network": {"proxy": "http://user:p%40ss@proxy.example.com:3128"}}`,
	} {
		if _, err := config.Open(write(t, text)); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestPace_LeftOutIsAnotherThanNone(t *testing.T) {
	t.Parallel()
	c := open(t, write(t, account(`"pace": {}`))).Snapshot()
	if p := c.Accounts[0].Pace; p == nil || *p != (config.Pace{}) {
		t.Errorf("without bounds: %+v", p)
	}
	if p := open(t, write(t, account(`"weight": 1`))).Snapshot().Accounts[0].Pace; p != nil {
		t.Errorf("left out: %+v", p)
	}
}

func TestUpstreamProxy_IsTheOriginalsWhereNothingElseIsSaid(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{}`:                        "system",
		`{"proxy": "http://old:1"}`: "http://old:1",
		`{"proxy": "http://old:1", "network": {"proxy": "direct"}}`: "direct",
		`{"proxy": "http://old:1", "network": {"proxy": "system"}}`: "system",
	} {
		if got := open(t, write(t, text)).Snapshot().UpstreamProxy(); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

func TestKey_EndsWhenItSays(t *testing.T) {
	t.Parallel()
	k := config.Key{Expires: "2030-01-31T08:00:00+08:00"}
	if got := k.Ends(); !got.Equal(time.Date(2030, 1, 31, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("got %v", got)
	}
	if k = (config.Key{}); !k.Ends().IsZero() {
		t.Errorf("one without an end: %v", k.Ends())
	}
}
