package requestlog

// Capture keeps the beginning of what is written to it, up to a limit, and
// remembers whether there was more. The zero value keeps nothing. It belongs
// to one goroutine at a time.
type Capture struct {
	limit int
	kept  []byte
	cut   bool
}

// NewCapture returns a capture of at most limit bytes.
func NewCapture(limit int) *Capture { return &Capture{limit: limit} }

// Write keeps of p what there is room for. It takes all of p and never fails,
// so that it may stand behind an io.TeeReader or an io.MultiWriter.
func (c *Capture) Write(p []byte) (int, error) {
	room := c.limit - len(c.kept)
	if len(p) > room {
		c.cut = true
		c.kept = append(c.kept, p[:max(room, 0)]...)
		return len(p), nil
	}
	c.kept = append(c.kept, p...)
	return len(p), nil
}

// Bytes is what was kept. It is valid until the next Write.
func (c *Capture) Bytes() []byte { return c.kept }

// Cut says that there was more than the limit.
func (c *Capture) Cut() bool { return c.cut }
