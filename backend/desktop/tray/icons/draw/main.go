// Command draw makes the program's icons: the tray icons beside it and the
// application's in build/. Run it with go generate; its output is committed.
//
// The mark is a port: an open ring, the O and the C of the name, with a plug in
// it. A state changes the shape as well as the colour, for colour alone carries
// no meaning.
package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strconv"
)

type state struct {
	name  string
	main  color.NRGBA
	plug  bool
	badge func(c *canvas, mono bool)
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: draw TRAY-FOLDER BUILD-FOLDER")
		os.Exit(2)
	}
	if err := draw(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func draw(trayFolder, buildFolder string) error {
	files := map[string][]byte{}
	for _, s := range states() {
		files[filepath.Join(trayFolder, s.name+".png")] = encode(s.icon(48, false))
		files[filepath.Join(trayFolder, s.name+".template.png")] = encode(s.icon(32, true))
		files[filepath.Join(trayFolder, s.name+".ico")] = ico([]int{16, 20, 24, 32, 48}, func(n int) *canvas { return s.icon(n, false) })
	}
	files[filepath.Join(buildFolder, "appicon.png")] = encode(application(1024, 1.9))
	files[filepath.Join(buildFolder, "linux", "openaicompatible.png")] = encode(application(256, 0.9))
	for _, n := range []int{16, 24, 32, 48, 64, 128, 512} {
		// A margin of less than a pixel would only blur a small one's edge.
		margin := 0.9
		if n <= 48 {
			margin = 0.4
		}
		files[filepath.Join(buildFolder, "linux", "icons", strconv.Itoa(n)+".png")] = encode(application(n, margin))
	}
	files[filepath.Join(buildFolder, "windows", "icon.ico")] = ico([]int{16, 24, 32, 48, 64, 128, 256}, func(n int) *canvas { return application(n, 0.4) })
	for name, data := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil { //nolint:gosec // Folders of the repository, readable by all.
			return err
		}
		if err := os.WriteFile(name, data, 0o644); err != nil { //nolint:gosec // Pictures, readable by all.
			return err
		}
	}
	return nil
}

func states() []state {
	blue := color.NRGBA{R: 0x4C, G: 0x6E, B: 0xF5, A: 255}
	grey := color.NRGBA{R: 0x8B, G: 0x93, B: 0x9E, A: 255}
	amber := color.NRGBA{R: 0xF5, G: 0x9E, B: 0x0B, A: 255}
	red := color.NRGBA{R: 0xE5, G: 0x48, B: 0x4D, A: 255}
	return []state{
		{name: "running", main: blue, plug: true},
		{name: "stopped", main: grey},
		{name: "degraded", main: blue, plug: true, badge: func(c *canvas, mono bool) {
			badge(c, amber, mono, bar(18.5, 15.4, 18.5, 18.2, 1.9), disc(18.5, 21.3, 1))
		}},
		{name: "error", main: grey, badge: func(c *canvas, mono bool) {
			badge(c, red, mono, bar(16.7, 16.7, 20.3, 20.3, 1.9), bar(16.7, 20.3, 20.3, 16.7, 1.9))
		}},
	}
}

// icon draws a tray icon; mono is black alone, for macOS to tint.
func (s state) icon(size int, mono bool) *canvas {
	c, paint := newCanvas(size), plain(s.main)
	if mono {
		paint = plain(color.NRGBA{A: 255})
	}
	mark(c, paint, 12, 12, 1, s.plug)
	if s.badge != nil {
		s.badge(c, mono)
	}
	return c
}

// mark draws the port, and the plug in it when it is in use.
func mark(c *canvas, paint func(float64) color.NRGBA, cx, cy, scale float64, plug bool) {
	c.fill(arc(cx-0.6*scale, cy, 9*scale, 3.2*scale, 0.72), paint)
	if !plug {
		return
	}
	c.fill(disc(cx-0.6*scale, cy, 3.6*scale), paint)
	c.fill(bar(cx, cy, cx+10*scale, cy, 2.6*scale), paint)
}

// badge cuts a disc out of the corner and puts a smaller one with signs on it
// there, so that it stands clear of the mark on any panel.
func badge(c *canvas, colour color.NRGBA, mono bool, signs ...shape) {
	c.cut(disc(18.5, 18.5, 6.6))
	paint := plain(colour)
	if mono {
		paint = plain(color.NRGBA{A: 255})
	}
	c.fill(disc(18.5, 18.5, 5.4), paint)
	for _, sign := range signs {
		if mono {
			c.cut(sign)
			continue
		}
		c.fill(sign, plain(color.NRGBA{R: 255, G: 255, B: 255, A: 255}))
	}
}

// application draws the application's icon with a margin around its tile.
func application(size int, margin float64) *canvas {
	c := newCanvas(size)
	top, bottom := color.NRGBA{R: 0x6A, G: 0x86, B: 0xFA, A: 255}, color.NRGBA{R: 0x2F, G: 0x49, B: 0xBD, A: 255}
	c.fill(tile(margin, 5.4), fade(top, bottom))
	scale := (grid - 2*margin) / grid * 0.74
	mark(c, plain(color.NRGBA{R: 255, G: 255, B: 255, A: 255}), 12-0.2*scale, 12, scale, true)
	return c
}

func encode(c *canvas) []byte {
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, c.img); err != nil {
		panic(err) // A buffer takes all that is written, and the picture is ours.
	}
	return b.Bytes()
}

// ico packs PNG pictures into a Windows icon.
func ico(sizes []int, at func(int) *canvas) []byte {
	var head, body bytes.Buffer
	put := func(values ...any) {
		for _, v := range values {
			_ = binary.Write(&head, binary.LittleEndian, v) // A buffer takes all.
		}
	}
	put(uint16(0), uint16(1), uint16(len(sizes))) //nolint:gosec // A handful.
	for _, n := range sizes {
		picture := encode(at(n))
		side := uint8(n & 0xFF)                                                                                     // 256 is written as 0.
		put(side, side, uint16(0), uint16(1), uint16(32), uint32(len(picture)), uint32(6+16*len(sizes)+body.Len())) //nolint:gosec // A few kB.
		body.Write(picture)
	}
	return append(head.Bytes(), body.Bytes()...)
}
