package main

import (
	"fmt"
	"slices"
	"strconv"
)

// bar is one line of the table: a figure, and what it must not exceed.
type bar struct {
	// row and metric name the figure.
	row, metric string
	title       string
	unit        string
	// than is the yardstick whose figure the limit is a multiple of; "" makes
	// the limit a figure itself.
	than string
	// limit is the most that is allowed, or the least if atLeast; 0 without
	// exact is no limit.
	limit   float64
	atLeast bool
	// exact forbids to widen the limit in short runs.
	exact bool
	// worst takes the worst of the rounds, not their median.
	worst bool
}

// bars are the promises of the program, in the order of the table.
func bars() []bar {
	return []bar{
		{row: "small", metric: "cpu", title: "small JSON, 16 connections: CPU per request", unit: "µs", than: rp, limit: 0.85},
		{row: "small", metric: "rate", title: "small JSON, 16 connections: requests per second", unit: "/s", than: rp, limit: 1.1, atLeast: true},
		{row: "single", metric: "added", title: "small JSON, 1 connection: added time, p50", unit: "µs", than: rp, limit: 1},
		{row: "chunks", metric: "cpu", title: "stream of 200 back-to-back chunks: CPU", unit: "µs", than: rp, limit: 1.1},
		{row: "paced-20", metric: "added", title: "paced streams, 20 begun per second: added time to first token, p50", unit: "µs", than: rp, limit: 1},
		{row: "paced-100", metric: "added", title: "paced streams, 100 begun per second: added time to first token, p50", unit: "µs", than: rp, limit: 1},
		{row: "agent", metric: "cpu", title: "203 KB agent prompt with 30 tools: CPU", unit: "µs", than: stock, limit: 1.2},
		{row: "image", metric: "cpu", title: "2 MB image: CPU", unit: "µs", than: stock, limit: 1.4},
		{row: "streams", metric: "rss", title: "2,000 slow streams at once: memory of each", unit: "kB", limit: 65},
		{row: "stall", metric: "rss", title: "reader stalled in a 16 MB stream: memory", unit: "MB", limit: 1},
		{row: "hangup", metric: "median", title: "hang-up reaches the upstream, median", unit: "ms", limit: 1},
		{row: "hangup", metric: "worst", title: "hang-up reaches the upstream, worst", unit: "ms", limit: 20, worst: true},
		{row: "idle", metric: "rss", title: "idle, headless: memory", unit: "MB", limit: 25},
		{row: "start", metric: "median", title: "start to first answer, headless", unit: "ms", limit: 50},
		{row: "gemini-small", metric: "cpu", title: "OpenAI → Gemini, small body, 16 connections: CPU per request", unit: "µs", than: rp, limit: 1},
		{row: "gemini-chunks", metric: "cpu", title: "OpenAI → Gemini, stream of 200 chunks: CPU", unit: "µs", than: rp, limit: 1.5},
		{row: "gemini-paced", metric: "added", title: "OpenAI → Gemini, paced streams, 20 per second: added time to first token, p50", unit: "µs", than: rp, limit: 1.1},
		{row: "gemini-agent", metric: "cpu", title: "OpenAI → Gemini, 203 KB agent prompt with 30 tools: CPU", unit: "µs", than: stock, limit: 2.5},
		{row: "gemini-agent-single", metric: "added", title: "OpenAI → Gemini, 203 KB agent prompt, 1 connection: added time, p50", unit: "µs", limit: 1200},
		{row: "gemini-streams", metric: "rss", title: "OpenAI → Gemini, 2,000 slow streams at once: memory of each", unit: "kB", limit: 75},
		{row: "responses-small", metric: "cpu", title: "Responses carried, small body, 16 connections: CPU per request", unit: "µs", than: rp, limit: 0.85},
		{row: "responses-chunks", metric: "cpu", title: "Responses carried, stream of 200 chunks: CPU", unit: "µs", than: rp, limit: 1.1},
		{row: "responses-agent", metric: "cpu", title: "Responses carried, 200 KB agent prompt with 30 tools: CPU", unit: "µs", than: stock, limit: 1.2},
		{row: "anthropic-small", metric: "cpu", title: "Anthropic carried, small body, 16 connections: CPU per request", unit: "µs", than: rp, limit: 0.85},
		{row: "anthropic-chunks", metric: "cpu", title: "Anthropic carried, stream of 200 chunks: CPU", unit: "µs", than: rp, limit: 1.1},
		{row: "anthropic-agent", metric: "cpu", title: "Anthropic carried, 200 KB agent prompt with 30 tools: CPU", unit: "µs", than: stock, limit: 1.2},
		{row: "gemini-own-small", metric: "cpu", title: "Gemini carried, small body, 16 connections: CPU per request", unit: "µs", than: rp, limit: 0.85},
		{row: "gemini-own-chunks", metric: "cpu", title: "Gemini carried, stream of 200 chunks: CPU", unit: "µs", than: rp, limit: 1.1},
		{row: "gemini-own-agent", metric: "cpu", title: "Gemini carried, 200 KB agent prompt with 30 tools: CPU", unit: "µs", than: stock, limit: 1.2},
		{row: "completions-small", metric: "cpu", title: "Completions carried, small body, 16 connections: CPU per request", unit: "µs", than: rp, limit: 0.85},
		{row: "embeddings-small", metric: "cpu", title: "Embeddings carried, small body, 16 connections: CPU per request", unit: "µs", than: rp, limit: 0.85},
		{row: "anthropic-by-chat-small", metric: "cpu", title: "Anthropic → OpenAI, small body, 16 connections: CPU per request", unit: "µs", than: rp, limit: 1},
		{row: "anthropic-by-chat-chunks", metric: "cpu", title: "Anthropic → OpenAI, stream of 200 chunks: CPU", unit: "µs", than: rp, limit: 1.5},
		{row: "responses-by-chat-small", metric: "cpu", title: "Responses → OpenAI, small body, 16 connections: CPU per request", unit: "µs", than: rp, limit: 1},
		{row: "responses-by-chat-chunks", metric: "cpu", title: "Responses → OpenAI, stream of 200 chunks: CPU", unit: "µs", than: rp, limit: 1.5},
		{row: "ollama-by-chat-small", metric: "cpu", title: "Ollama → OpenAI, small body, 16 connections: CPU per request", unit: "µs", than: rp, limit: 1},
		{row: "ollama-by-chat-chunks", metric: "cpu", title: "Ollama → OpenAI, stream of 200 chunks: CPU", unit: "µs", than: rp, limit: 1.5},
		{row: answersRow, metric: "wrong", title: "wrong, lost or corrupt answers", limit: 0, exact: true},
		{row: answersRow, metric: "checked", title: "answers checked"},
	}
}

// answersRow is the row that the other rows fill: every answer is checked.
const answersRow = "answers"

// results are the figures of every round: by row, metric and target.
type results map[string]map[string]map[string][]float64

func (r results) record(row, metric, target string, value float64) {
	if r[row] == nil {
		r[row] = map[string]map[string][]float64{}
	}
	if r[row][metric] == nil {
		r[row][metric] = map[string][]float64{}
	}
	r[row][metric][target] = append(r[row][metric][target], value)
}

// verdict is a line of the table filled in.
type verdict struct {
	Row    string `json:"row"`
	Metric string `json:"metric"`
	Title  string `json:"title"`
	Unit   string `json:"unit,omitempty"`
	// Values are the figures by target, Rounds what they are the median of.
	Values map[string]float64   `json:"values"`
	Rounds map[string][]float64 `json:"rounds"`
	// Got is what the bar is about: our figure, or the median over the rounds
	// of our figure divided by the yardstick's of the same round.
	Got float64 `json:"got"`
	Bar string  `json:"bar,omitempty"`
	OK  bool    `json:"ok"`

	than string
}

// judge fills in every line that was measured. widen loosens the limits, for
// runs too short to be exact.
func judge(r results, list []bar, widen float64) []verdict {
	var verdicts []verdict
	for _, b := range list {
		if figures := r[b.row][b.metric]; len(figures[ours]) > 0 {
			verdicts = append(verdicts, b.judge(figures, widen))
		}
	}
	return verdicts
}

func (b bar) judge(figures map[string][]float64, widen float64) verdict {
	v := verdict{Row: b.row, Metric: b.metric, Title: b.title, Unit: b.unit, Values: map[string]float64{}, Rounds: figures, than: b.than}
	for name, list := range figures {
		v.Values[name] = b.figure(list)
	}
	v.Got = v.Values[ours]
	if b.than != "" {
		ratios := make([]float64, 0, len(figures[ours]))
		for i, value := range figures[ours] {
			ratios = append(ratios, value/figures[b.than][i])
		}
		v.Got = b.figure(ratios)
	}
	limit, sign := b.limit*widen, "≤ "
	switch {
	case b.exact:
		limit = b.limit
	case b.atLeast:
		limit, sign = b.limit/widen, "≥ "
	}
	v.OK = b.limit == 0 && !b.exact || v.Got <= limit == !b.atLeast || v.Got == limit
	if b.limit != 0 || b.exact {
		v.Bar = sign + strconv.FormatFloat(limit, 'g', 3, 64)
		if b.than != "" {
			v.Bar += " × `" + b.than + "`"
		} else if b.unit != "" {
			v.Bar += " " + b.unit
		}
	}
	return v
}

func (b bar) figure(list []float64) float64 {
	if b.worst {
		return slices.Max(list)
	}
	return median(slices.Clone(list))
}

// got is the figure as the table shows it.
func (v verdict) got() string {
	if v.than == "" {
		return v.show(ours)
	}
	return fmt.Sprintf("%.2f × `%s`", v.Got, v.than)
}

// show is a target's figure as the table shows it; "–" where there is none.
func (v verdict) show(target string) string {
	value, ok := v.Values[target]
	if !ok {
		return "–"
	}
	digits := 0
	if v.Unit != "" && value < 100 {
		digits = 1
	}
	if v.Unit != "" && value < 10 {
		digits = 2
	}
	text := strconv.FormatFloat(value, 'f', digits, 64)
	if v.Unit == "" || v.Unit[0] == '/' {
		return text + v.Unit
	}
	return text + " " + v.Unit
}
