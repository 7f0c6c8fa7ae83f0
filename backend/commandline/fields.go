package commandline

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"unicode"
)

// fill makes commands, flags and arguments of the fields of v.
func (c *Command) fill(v reflect.Value) {
	for i := range v.NumField() {
		field, at := v.Type().Field(i), v.Field(i)
		_, command := field.Tag.Lookup("cmd")
		switch {
		case command:
			c.below(field, at)
		case field.Anonymous && at.Kind() == reflect.Struct:
			c.fill(at)
		case field.IsExported():
			c.flag(field, at)
		}
	}
}

func (c *Command) below(field reflect.StructField, at reflect.Value) {
	_, hidden := field.Tag.Lookup("hidden")
	below := &Command{Name: nameOf(field), Help: field.Tag.Get("help"), Hidden: hidden, Above: c, target: at.Addr().Interface()}
	below.fill(at)
	c.Commands = append(c.Commands, below)
	if field.Tag.Get("default") != "" {
		c.Default = below
	}
}

// flag makes a flag or an argument of a field.
func (c *Command) flag(field reflect.StructField, at reflect.Value) {
	tag := field.Tag
	v := &value{at: at}
	if given, ok := tag.Lookup("default"); ok {
		if err := v.Set(given); err != nil {
			panic(fmt.Errorf("default of %s: %w", field.Name, err))
		}
	}
	v.fresh = true
	var choices []string
	if list := tag.Get("enum"); list != "" {
		choices = strings.Split(list, ",")
	}
	if _, argument := tag.Lookup("arg"); argument {
		_, optional := tag.Lookup("optional")
		c.Arguments = append(c.Arguments, &Argument{
			Name: nameOf(field), Help: tag.Get("help"), Optional: optional, Repeated: at.Kind() == reflect.Slice, choices: choices, value: v,
		})
		return
	}
	v.many = true
	_, hidden := tag.Lookup("hidden")
	f := &Flag{
		Name: nameOf(field), Help: tag.Get("help"), Short: tag.Get("short"), Placeholder: tag.Get("placeholder"), Choices: choices,
		Env: tag.Get("env"), Hidden: hidden, value: v, xor: tag.Get("xor"),
	}
	if f.Placeholder == "" {
		f.Placeholder = strings.ToUpper(f.Name)
	}
	c.Flags = append(c.Flags, f)
}

// nameOf is a field's name as it is typed: KeyFile is key-file.
func nameOf(field reflect.StructField) string {
	if name := field.Tag.Get("name"); name != "" {
		return name
	}
	var b strings.Builder
	letters := []rune(field.Name)
	for i, r := range letters {
		begins := i > 0 && unicode.IsUpper(r) && (unicode.IsLower(letters[i-1]) || i+1 < len(letters) && unicode.IsLower(letters[i+1]))
		if begins {
			b.WriteByte('-')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// value is a field as pflag fills it.
type value struct {
	at reflect.Value
	// fresh says that the next value takes the place of the default, many that one
	// word may be several values, with commas between them.
	fresh, many bool
}

// Type is bool for a switch.
func (v *value) Type() string { return v.at.Kind().String() }

// String is the value of a flag that has one.
func (v *value) String() string {
	if v.at.Kind() == reflect.String {
		return v.at.String()
	}
	return ""
}

// Set reads one value; a list and a map get one more each time.
func (v *value) Set(s string) error {
	switch v.at.Kind() {
	case reflect.Bool:
		b, err := strconv.ParseBool(s)
		if err != nil {
			return fmt.Errorf("%q is neither true nor false", s)
		}
		v.at.SetBool(b)
	case reflect.Int, reflect.Int64:
		n, err := strconv.ParseInt(s, 10, v.at.Type().Bits())
		if err != nil {
			return fmt.Errorf("%q is no whole number", s)
		}
		v.at.SetInt(n)
	case reflect.String:
		v.at.SetString(s)
	case reflect.Slice:
		if v.fresh {
			v.at.SetZero()
		}
		list := []string{s}
		if v.many {
			list = strings.Split(s, ",")
		}
		v.at.Set(reflect.AppendSlice(v.at, reflect.ValueOf(list)))
	case reflect.Map:
		key, is, found := strings.Cut(s, "=")
		if !found || key == "" {
			return fmt.Errorf("%q is not KEY=VALUE", s)
		}
		if v.at.IsNil() {
			v.at.Set(reflect.MakeMap(v.at.Type()))
		}
		v.at.SetMapIndex(reflect.ValueOf(key), reflect.ValueOf(is))
	default:
		return fmt.Errorf("a %s cannot be typed", v.at.Kind())
	}
	v.fresh = false
	return nil
}
