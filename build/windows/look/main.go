// Command look reads a Windows program and fails when it lacks what Windows shows
// of it: an icon, a version, and the manifest that says how it draws itself.
//
//	go run ./build/windows/look FILE...
//
// The invariant: it reads the file alone, so that it runs on every system. It
// does not run the program.
package main

import (
	"debug/pe"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
)

func main() {
	for _, file := range os.Args[1:] {
		if err := look(file); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", file, err)
			os.Exit(1)
		}
	}
}

func look(file string) error {
	f, err := pe.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	section := f.Section(".rsrc")
	if section == nil {
		return errors.New("has no resources: no icon, no version, no manifest")
	}
	b, err := section.Data()
	if err != nil {
		return err
	}
	there := kinds(b)
	for _, want := range []struct {
		kind  uint32
		title string
	}{{14, "icon"}, {16, "version"}, {24, "manifest"}} {
		if !there[want.kind] {
			return fmt.Errorf("has no %s", want.title)
		}
	}
	return nil
}

// kinds are the types of the resources, from the first level of their tree.
func kinds(b []byte) map[uint32]bool {
	const head, entry = 16, 8
	found := map[uint32]bool{}
	if len(b) < head {
		return found
	}
	n := int(binary.LittleEndian.Uint16(b[12:])) + int(binary.LittleEndian.Uint16(b[14:]))
	for i := range n {
		at := head + i*entry
		if at+entry > len(b) {
			break
		}
		found[binary.LittleEndian.Uint32(b[at:])] = true
	}
	return found
}
