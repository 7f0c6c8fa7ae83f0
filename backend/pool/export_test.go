package pool

// Known is how many keys are counted.
func (c *Clients) Known() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.keys)
}
