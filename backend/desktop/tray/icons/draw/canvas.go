package main

import (
	"image"
	"image/color"
	"math"
)

// shape is a signed distance in units of the 24-unit grid: negative inside.
type shape func(x, y float64) float64

// canvas is a square picture of the 24-unit grid. A shape's edge is blended
// over exactly one pixel, so that small sizes stay crisp.
type canvas struct {
	img  *image.NRGBA
	size int
}

const grid = 24.0

func newCanvas(size int) *canvas {
	return &canvas{img: image.NewNRGBA(image.Rect(0, 0, size, size)), size: size}
}

// fill paints a shape with the colour that paint gives at a height of 0 to 1.
func (c *canvas) fill(s shape, paint func(height float64) color.NRGBA) {
	unit := grid / float64(c.size)
	for py := range c.size {
		for px := range c.size {
			x, y := (float64(px)+0.5)*unit, (float64(py)+0.5)*unit
			cover := math.Min(math.Max(0.5-s(x, y)/unit, 0), 1)
			if cover > 0 {
				c.blend(px, py, paint(y/grid), cover)
			}
		}
	}
}

// cut makes a shape transparent.
func (c *canvas) cut(s shape) {
	unit := grid / float64(c.size)
	for py := range c.size {
		for px := range c.size {
			cover := math.Min(math.Max(0.5-s((float64(px)+0.5)*unit, (float64(py)+0.5)*unit)/unit, 0), 1)
			p := c.img.NRGBAAt(px, py)
			p.A = uint8(math.Round(float64(p.A) * (1 - cover)))
			c.img.SetNRGBA(px, py, p)
		}
	}
}

// blend puts one colour over what is there, both with straight alpha.
func (c *canvas) blend(px, py int, top color.NRGBA, cover float64) {
	under := c.img.NRGBAAt(px, py)
	a, b := cover*float64(top.A)/255, float64(under.A)/255
	out := a + b*(1-a)
	mix := func(t, u uint8) uint8 {
		return uint8(math.Round((float64(t)*a + float64(u)*b*(1-a)) / out))
	}
	c.img.SetNRGBA(px, py, color.NRGBA{
		R: mix(top.R, under.R), G: mix(top.G, under.G), B: mix(top.B, under.B),
		A: uint8(math.Round(out * 255)),
	})
}

func plain(p color.NRGBA) func(float64) color.NRGBA {
	return func(float64) color.NRGBA { return p }
}

func fade(top, bottom color.NRGBA) func(float64) color.NRGBA {
	return func(h float64) color.NRGBA {
		mix := func(a, b uint8) uint8 { return uint8(float64(a) + (float64(b)-float64(a))*h) }
		return color.NRGBA{R: mix(top.R, bottom.R), G: mix(top.G, bottom.G), B: mix(top.B, bottom.B), A: 255}
	}
}

func disc(cx, cy, r float64) shape {
	return func(x, y float64) float64 { return math.Hypot(x-cx, y-cy) - r }
}

// bar is a thick line with round ends.
func bar(x1, y1, x2, y2, width float64) shape {
	return func(x, y float64) float64 {
		dx, dy := x2-x1, y2-y1
		t := ((x-x1)*dx + (y-y1)*dy) / (dx*dx + dy*dy)
		t = math.Min(math.Max(t, 0), 1)
		return math.Hypot(x-x1-t*dx, y-y1-t*dy) - width/2
	}
}

// arc is a thick ring with round ends, open towards the right by half an angle
// of gap radians to each side.
func arc(cx, cy, r, width, gap float64) shape {
	ex, ey := r*math.Cos(gap), r*math.Sin(gap)
	return func(x, y float64) float64 {
		x, y = x-cx, math.Abs(y-cy)
		if math.Atan2(y, x) < gap {
			return math.Hypot(x-ex, y-ey) - width/2
		}
		return math.Abs(math.Hypot(x, y)-r) - width/2
	}
}

// tile is a square with round corners.
func tile(inset, radius float64) shape {
	half := grid/2 - inset
	return func(x, y float64) float64 {
		dx, dy := math.Abs(x-grid/2)-half+radius, math.Abs(y-grid/2)-half+radius
		return math.Hypot(math.Max(dx, 0), math.Max(dy, 0)) + math.Min(math.Max(dx, dy), 0) - radius
	}
}
