package config

import (
	"slices"

	"github.com/tailscale/hujson"
)

// sequence is what objects and arrays have in common: items with white space
// and comments between them.
type sequence interface {
	count() int
	// before is what stands between the bracket or comma and item i.
	before(i int) *hujson.Extra
	// after is what stands between item i and its comma; nil in the last item
	// means that there is no comma.
	after(i int) *hujson.Extra
	// within is what stands between the parts of item i.
	within(i int) []hujson.Extra
	// end is what stands before the closing bracket.
	end() *hujson.Extra
	drop(i int)
}

type object struct{ *hujson.Object }

func (o object) count() int                 { return len(o.Members) }
func (o object) before(i int) *hujson.Extra { return &o.Members[i].Name.BeforeExtra }
func (o object) after(i int) *hujson.Extra  { return &o.Members[i].Value.AfterExtra }
func (o object) end() *hujson.Extra         { return &o.AfterExtra }
func (o object) drop(i int)                 { o.Members = slices.Delete(o.Members, i, i+1) }
func (o object) within(i int) []hujson.Extra {
	return []hujson.Extra{o.Members[i].Name.AfterExtra, o.Members[i].Value.BeforeExtra, o.Members[i].Value.AfterExtra}
}

type array struct{ *hujson.Array }

func (a array) count() int                  { return len(a.Elements) }
func (a array) before(i int) *hujson.Extra  { return &a.Elements[i].BeforeExtra }
func (a array) after(i int) *hujson.Extra   { return &a.Elements[i].AfterExtra }
func (a array) end() *hujson.Extra          { return &a.AfterExtra }
func (a array) drop(i int)                  { a.Elements = slices.Delete(a.Elements, i, i+1) }
func (a array) within(i int) []hujson.Extra { return []hujson.Extra{a.Elements[i].AfterExtra} }
