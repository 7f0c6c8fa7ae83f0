package config_test

import (
	"strings"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/config"
)

func TestPrices_ThatCannotBeMeantAreRefusedAtTheirField(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"prices": [{"model": " m"}]}`:                             "prices[0].model",
		`{"prices": [{"model": "m"}, {"model": "m"}]}`:              "prices[1].model",
		`{"prices": [{"model": "m", "input": -1}]}`:                 "prices[0].input",
		`{"prices": [{"model": "m", "output": 100001}]}`:            "prices[0].output",
		`{"prices": [{"model": "m", "cachedInput": -0.5}]}`:         "prices[0].cachedInput",
		`{"prices": [{"model": "m", "input": "1.25"}]}`:             "prices[0].input: must be a number",
		`{"prices": [{"model": "m", "input": 1.25, "output": 10}]}`: "",
	} {
		_, err := config.Open(write(t, text))
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
}
