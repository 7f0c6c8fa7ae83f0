package tokens

import (
	"encoding/base64"
	"image"
	_ "image/gif"  // Their sizes are
	_ "image/jpeg" // what a picture
	_ "image/png"  // costs.
	"io"
	"math"
	"strings"

	"github.com/WenChunTech/OpenAICompatible/backend/llm"
)

// unknownSide is the side of a picture whose size cannot be seen: one by its
// address, or in a format that is not read.
const unknownSide = 1024

// size is a picture's width and height, from the first bytes of its data.
func size(i llm.Image) (width, height int) {
	if i.Data == "" {
		return unknownSide, unknownSide
	}
	const header = 256 << 10 // a photograph's size may stand behind a preview
	in := io.LimitReader(base64.NewDecoder(base64.StdEncoding, strings.NewReader(i.Data)), header)
	c, _, err := image.DecodeConfig(in)
	if err != nil || c.Width <= 0 || c.Height <= 0 {
		return unknownSide, unknownSide
	}
	return c.Width, c.Height
}

// fit scales a size down until its longer side is at most long and its shorter
// at most short; 0 is no bound.
func fit(width, height int, long, short float64) (w, h float64) {
	w, h = float64(width), float64(height)
	scale := 1.0
	if longer := max(w, h); long > 0 && longer > long {
		scale = long / longer
	}
	if shorter := min(w, h) * scale; short > 0 && shorter > short {
		scale *= short / shorter
	}
	return w * scale, h * scale
}

func parts(side, part float64) int { return max(1, int(math.Ceil(side/part))) }

// tiles is OpenAI's rule: 85 tokens, and 170 for each square of 512 once the
// picture was fit into 2048 and its shorter side to 768. Low detail is 85.
func tiles(width, height int, detail string) int {
	const base, tile = 85, 170
	if detail == "low" {
		return base
	}
	w, h := fit(width, height, 2048, 768)
	return base + tile*parts(w, 512)*parts(h, 512)
}

// byArea is Anthropic's rule: the area by 750, once the longer side was fit into
// 1568, and at most about 1600.
func byArea(width, height int, _ string) int {
	w, h := fit(width, height, 1568, 0)
	return min(1600, int(math.Ceil(w*h/750)))
}

// squares is Google's rule: 258 for a small picture, and for a larger one as
// much for each square of 768.
func squares(width, height int, _ string) int {
	const square, small = 258, 384
	if width <= small && height <= small {
		return square
	}
	return square * parts(float64(width), 768) * parts(float64(height), 768)
}

// patches is Qwen's rule: one token for each square of 28, at most 1280 unless
// asked otherwise, and two around them.
func patches(width, height int, _ string) int {
	return min(1280, parts(float64(width), 28)*parts(float64(height), 28)) + 2
}
