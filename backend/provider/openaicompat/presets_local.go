package openaicompat

import (
	"github.com/WenChunTech/OpenAICompatible/backend/dialect/openaichat"
	"github.com/WenChunTech/OpenAICompatible/backend/llm"
	"github.com/WenChunTech/OpenAICompatible/backend/provider"
)

func presetsOfThisComputer() []preset {
	return []preset{ollama(), lmStudio(), llamaCpp(), vLLM()}
}

func ollama() preset {
	return preset{
		way:   local("ollama", "Ollama", "Models that Ollama runs on this computer or on another.", "由本机或其他机器上的 Ollama 运行的模型。"),
		bases: []base{{url: "http://127.0.0.1:11434/v1"}},
		quirks: openaichat.Quirks{
			MaxTokensField: "max_tokens", DeveloperRole: llm.RoleSystem,
		},
		errors: []openaichat.ErrorRule{
			{Says: "does not support tools", Kind: llm.KindUnsupported, Advice: "choose a model with tools, as qwen3 or llama3.1"},
			{Status: 404, Kind: llm.KindNotFound, Advice: "load it with: ollama pull MODEL"},
			{Says: "more system memory", Kind: llm.KindForbidden, Advice: "choose a smaller model"},
		},
		completions: "/completions",
		start:       "start Ollama (open the app, or run: ollama serve), or correct the base URL",
	}
}

func lmStudio() preset {
	return preset{
		way:    local("lmstudio", "LM Studio", "Models that LM Studio serves.", "由 LM Studio 提供的模型。"),
		bases:  []base{{url: "http://127.0.0.1:1234/v1"}},
		quirks: openaichat.Quirks{MaxTokensField: "max_tokens", DeveloperRole: llm.RoleSystem, MergeSystem: true, NeedsParameters: true},
		errors: []openaichat.ErrorRule{
			{Says: "no models loaded", Kind: llm.KindNotFound, Advice: "load a model in LM Studio, or allow it to load on demand"},
			{Says: "context length", Kind: llm.KindTooLarge, Advice: "load the model with a longer context"},
		},
		completions: "/completions", marks: true,
		start: "start the server in LM Studio (Developer, Status: Running; or run: lms server start), or correct the base URL",
	}
}

func llamaCpp() preset {
	return preset{
		way:    local("llamacpp", "llama.cpp", "A llama-server of llama.cpp.", "llama.cpp 的 llama-server。"),
		bases:  []base{{url: "http://127.0.0.1:8080/v1"}},
		quirks: openaichat.Quirks{DeveloperRole: llm.RoleSystem, MergeSystem: true, NeedsParameters: true},
		errors: []openaichat.ErrorRule{
			{Codes: []string{"exceed_context_size_error"}, Kind: llm.KindTooLarge, Advice: "start the server with a longer context (-c)"},
			{Codes: []string{"not_supported_error"}, Kind: llm.KindUnsupported},
			{Codes: []string{"unavailable_error"}, Kind: llm.KindOverloaded, Advice: "the server still loads its model; try again in a moment"},
		},
		completions: "/completions", marks: true,
		openList: true,
		start:    "start the server (llama-server -m MODEL.gguf --jinja), or correct the base URL",
	}
}

func vLLM() preset {
	return preset{
		way:    local("vllm", "vLLM", "A server of vLLM, SGLang or the like.", "vLLM、SGLang 等推理服务器。"),
		bases:  []base{{url: "http://127.0.0.1:8000/v1"}},
		quirks: openaichat.Quirks{DeveloperRole: llm.RoleSystem, MergeSystem: true, NeedsParameters: true},
		errors: []openaichat.ErrorRule{
			{Status: 400, Says: "maximum context length", Kind: llm.KindTooLarge, Advice: "shorten the conversation, or start the server with a longer --max-model-len"},
			{Status: 400, Says: "--enable-auto-tool-choice", Kind: llm.KindUnsupported, Advice: "start the server with --enable-auto-tool-choice and --tool-call-parser"},
		},
		completions: "/completions", marks: true,
		start: "start the server (vllm serve MODEL), or correct the base URL",
	}
}

// local is the way of a server that mostly runs on this computer.
func local(id, title, help, helpZH string) provider.Way {
	return provider.Way{
		ID: id, Title: provider.Text{EN: title, ZH: title + "（本机）"}, Prefix: id,
		Help:       provider.Text{EN: help, ZH: helpZH},
		Credential: provider.CredentialOptionalKey,
	}
}
