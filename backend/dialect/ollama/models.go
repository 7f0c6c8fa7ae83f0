package ollama

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/WenChunTech/OpenAICompatible/backend/dialect"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// AppendModels appends the answer to /api/tags.
func (Chat) AppendModels(dst []byte, _ *http.Request, list []dialect.Model) ([]byte, *llm.Error) {
	out := struct {
		Models []tag `json:"models"`
	}{make([]tag, 0, len(list))}
	for _, m := range list {
		sum := sha256.Sum256([]byte(m.ID))
		out.Models = append(out.Models, tag{
			Name: m.ID, Model: m.ID, Remote: m.ID, Modified: time.Unix(m.Created, 0).UTC(), Digest: hex.EncodeToString(sum[:]),
			Details: detailsOf(m), Capabilities: capabilities(m),
		})
	}
	return appendJSON(dst, out), nil
}

// AppendModel appends the answer to /api/show.
func (Chat) AppendModel(dst []byte, m dialect.Model) []byte {
	arch := family(m.ID)
	s := shown{
		Modelfile: "# " + m.ID + " of " + m.OwnedBy + ", through OpenAICompatible\n", Remote: m.ID, Details: detailsOf(m),
		Info: map[string]any{"general.architecture": arch, "general.basename": m.ID}, Capabilities: capabilities(m),
		Modified: time.Unix(m.Created, 0).UTC(),
	}
	if m.ContextTokens > 0 {
		s.Info[arch+".context_length"] = m.ContextTokens
		s.Parameters = "num_ctx " + strconv.Itoa(m.ContextTokens)
	}
	if s.Capabilities[0] == "completion" {
		s.Template = template
	}
	return appendJSON(dst, s)
}

func appendJSON(dst []byte, v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err) // texts, numbers and times can be written
	}
	return append(dst, raw...)
}

// details describe a model's file; of a model that is elsewhere there is only
// the family.
type details struct {
	Parent       string   `json:"parent_model"`
	Format       string   `json:"format"`
	Family       string   `json:"family"`
	Families     []string `json:"families"`
	Parameters   string   `json:"parameter_size"`
	Quantization string   `json:"quantization_level"`
}

func detailsOf(m dialect.Model) details {
	f := family(m.ID)
	return details{Family: f, Families: []string{f}}
}

// tag is one line of the list. Remote is where Ollama names a model that does
// not run on this machine.
type tag struct {
	Name         string    `json:"name"`
	Model        string    `json:"model"`
	Remote       string    `json:"remote_model"`
	Modified     time.Time `json:"modified_at"`
	Size         int64     `json:"size"`
	Digest       string    `json:"digest"`
	Details      details   `json:"details"`
	Capabilities []string  `json:"capabilities"`
}

// shown is what there is to say of one model.
type shown struct {
	License      string         `json:"license"`
	Modelfile    string         `json:"modelfile"`
	Parameters   string         `json:"parameters,omitempty"`
	Template     string         `json:"template,omitempty"`
	Remote       string         `json:"remote_model"`
	Details      details        `json:"details"`
	Info         map[string]any `json:"model_info"`
	Capabilities []string       `json:"capabilities"`
	Modified     time.Time      `json:"modified_at"`
}

// family is the word that a model's name begins with, as gemini of
// vertex/gemini-2.5-pro.
func family(id string) string {
	bare := strings.ToLower(id[strings.LastIndexByte(id, '/')+1:])
	end := strings.IndexFunc(bare, func(r rune) bool { return r < 'a' || r > 'z' })
	switch {
	case end > 0:
		return bare[:end]
	case end < 0 && bare != "":
		return bare
	default:
		return "model"
	}
}

// capabilities are what a model can truly be asked for (B42). Every model that
// answers can be asked for the text between two others: where its service has no
// way of its own, it is asked in a conversation.
func capabilities(m dialect.Model) []string {
	if m.Can == (llm.Capabilities{Embeddings: true}) {
		return []string{"embedding"}
	}
	out := []string{"completion", "insert"}
	for _, c := range [...]struct {
		can  bool
		name string
	}{
		{m.Can.Tools, "tools"}, {m.Can.Vision, "vision"}, {m.Can.Reasoning, "thinking"}, {m.Can.Embeddings, "embedding"},
	} {
		if c.can {
			out = append(out, c.name)
		}
	}
	return out
}

// template is what a model's template would be. Continue looks for .Suffix in it
// to know that it may ask with a suffix, and else writes the tokens of another
// model's template itself.
const template = `{{- if .Suffix }}<|fim_prefix|>{{ .Prompt }}<|fim_suffix|>{{ .Suffix }}<|fim_middle|>` +
	`{{- else }}{{ .System }}{{ .Tools }}{{ .Prompt }}{{ end }}`
