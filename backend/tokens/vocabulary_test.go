package tokens

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// total is the number of tokens of a text.
func (v *vocabulary) total(text string) int {
	var all tally
	v.count(text, &all)
	n := 0
	for _, k := range all[:digits] {
		n += k
	}
	return n
}

// The counts are those of OpenAI's own tiktoken 1.0.22 for JavaScript, of the
// examples in its documentation among others.
func TestCount_IsThatOfTiktoken(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("testdata/counts.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Text   string `json:"text"`
		Times  int    `json:"times"`
		Tokens int    `json:"tokens"`
	}
	if err := json.Unmarshal(file, &cases); err != nil {
		t.Fatal(err)
	}
	v := load()
	for _, c := range cases {
		if got := v.total(strings.Repeat(c.Text, c.Times)); got != c.Tokens {
			t.Errorf("%d times %q has %d tokens, want %d", c.Times, c.Text, got, c.Tokens)
		}
	}
}

// Text of one kind only is the worst for what merges neighbours: its time must
// not grow with the square of the length.
func TestCount_TakesABoundedTimeForAnyText(t *testing.T) {
	t.Parallel()
	v := load()
	for _, hard := range []string{"a", "\n ", "中", "ªA"} {
		begun := time.Now()
		n := v.total(strings.Repeat(hard, 256<<10/len(hard)))
		if took := time.Since(begun); n <= 0 || took > 10*time.Second {
			t.Errorf("256 KB of %q: %d tokens in %v", hard, n, took)
		}
	}
}

func TestEstimator_HoldsTheVocabularyOnlyWhileItIsUsed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var e Estimator
		holds := func() bool {
			e.mu.Lock()
			defer e.mu.Unlock()
			return e.vocabulary != nil
		}
		if holds() {
			t.Error("a new estimator holds a vocabulary")
		}
		ask := func() {
			if n, _ := e.Request(&llm.Request{Completion: &llm.Completion{Prompt: "hello world"}}, "gpt-4o"); n != 2 {
				t.Errorf("got %d tokens, want 2", n)
			}
		}
		ask()
		time.Sleep(kept - time.Second)
		ask()
		time.Sleep(kept - time.Second)
		synctest.Wait()
		if !holds() {
			t.Error("the vocabulary was dropped while it was in use")
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if holds() {
			t.Error("the vocabulary is still held when nobody has asked for a while")
		}
		ask()
		e.idle.Stop()
	})
}

func TestUnpack_RefusesABrokenFile(t *testing.T) {
	t.Parallel()
	for _, file := range [][]byte{nil, []byte("x"), packed[:100], packed[:len(packed)-1]} {
		if _, err := unpack(file); err == nil {
			t.Errorf("a file of %d bytes was taken", len(file))
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		load()
	}
}

func BenchmarkCount(b *testing.B) {
	text := strings.Repeat("func (s *server) serve(w http.ResponseWriter, r *http.Request) {\n\treturn 42 // 中文注释 and words\n}\n", 1000)
	v := load()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		v.total(text)
	}
}
