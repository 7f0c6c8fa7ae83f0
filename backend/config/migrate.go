package config

import (
	"github.com/tailscale/hujson"
)

// Current is the format of the files that this program writes.
const Current = 1

// version is the format of the file: 0, the original program's, where it says
// nothing. Formats of the future are refused, as saving would lose what this
// program does not know.
func (d *document) version() (int, error) {
	root, _ := d.root.Value.(*hujson.Object)
	i := member(root, "version")
	if i < 0 || root.Members[i].Value.Value.Kind() == 'n' {
		return 0, nil
	}
	v := root.Members[i].Value
	if !isWhole(v.Value) {
		return 0, d.locate(wrong("version", "must be a whole number, got %s", titleOf(v.Value.Kind())))
	}
	n := v.Value.(hujson.Literal).Int()
	if n < 0 || n > Current {
		return 0, d.locate(wrong("version", "is %d, and this program knows up to %d: use a newer program", n, Current))
	}
	return int(n), nil
}

// migrate brings the tree to the current format. The version in it is written
// with the rest, when something is written at all.
func (d *document) migrate(from int) {
	steps := []func(*hujson.Object){fromOriginal}
	root, _ := d.root.Value.(*hujson.Object)
	for _, step := range steps[from:] {
		step(root)
	}
}

// fromOriginal takes out the two values that meant something else in the
// original: no host was every interface, and port 0 a port of the system's
// choice. Both happened to those who had forgotten the key.
func fromOriginal(root *hujson.Object) {
	drop := func(name, zero string) {
		if i := member(root, name); i >= 0 && root.Members[i].Value.Value.Kind() != 'n' && plain(&root.Members[i].Value) == zero {
			removeMember(root, name)
		}
	}
	drop("host", "")
	drop("port", "0")
}
