//go:build !linux

package memory

func fileRegions() map[region]bool { return nil }

func (Start) releaseFiles() {}
