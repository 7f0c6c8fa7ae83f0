package rawjson

import "strconv"

// Writer writes objects and lists, minding the commas: each method that writes a
// value separates it from what stands before. The zero value is ready.
type Writer struct{ Out []byte }

// Comma separates from what stands before, if anything does.
func (w *Writer) Comma() {
	if len(w.Out) == 0 {
		return
	}
	switch w.Out[len(w.Out)-1] {
	case '{', '[', ':':
	default:
		w.Out = append(w.Out, ',')
	}
}

// Open begins an object or a list.
func (w *Writer) Open(bracket byte) {
	w.Comma()
	w.Out = append(w.Out, bracket)
}

// Close ends one.
func (w *Writer) Close(bracket byte) { w.Out = append(w.Out, bracket) }

// Key opens a member of the object that was begun last.
func (w *Writer) Key(name string) {
	w.Comma()
	w.Out = append(AppendString(w.Out, name), ':')
}

// Text writes a member that is a string.
func (w *Writer) Text(name, s string) {
	w.Key(name)
	w.Out = AppendString(w.Out, s)
}

// Said is Text, but for an empty string, which is left out.
func (w *Writer) Said(name, s string) {
	if s != "" {
		w.Text(name, s)
	}
}

// Raw writes a member that is JSON already; nil is left out.
func (w *Writer) Raw(name string, v []byte) {
	if v != nil {
		w.Key(name)
		w.Out = append(w.Out, v...)
	}
}

// Token writes a string as the token that it was read from, where there is one.
func (w *Writer) Token(raw []byte, s string) {
	if raw != nil {
		w.Out = append(w.Out, raw...)
		return
	}
	w.Out = AppendString(w.Out, s)
}

// Int writes a member that is a whole number.
func (w *Writer) Int(name string, n int) { w.Int64(name, int64(n)) }

// Int64 is Int for the numbers that need not fit into one.
func (w *Writer) Int64(name string, n int64) {
	w.Key(name)
	w.Out = strconv.AppendInt(w.Out, n, 10)
}

// Whole is Int for a number that may be unsaid.
func (w *Writer) Whole(name string, n *int) {
	if n != nil {
		w.Int(name, *n)
	}
}

// Number writes a member that is a number and may be unsaid.
func (w *Writer) Number(name string, f *float64) {
	if f != nil {
		w.Key(name)
		w.Out = strconv.AppendFloat(w.Out, *f, 'g', -1, 64)
	}
}

// Flag writes a member that is true or false and may be unsaid.
func (w *Writer) Flag(name string, on *bool) {
	if on != nil {
		w.Key(name)
		w.Out = strconv.AppendBool(w.Out, *on)
	}
}

// Strings writes a member that is a list of strings.
func (w *Writer) Strings(name string, list []string) {
	w.Key(name)
	w.Open('[')
	for _, s := range list {
		w.Comma()
		w.Out = AppendString(w.Out, s)
	}
	w.Close(']')
}
