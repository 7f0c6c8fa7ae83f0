package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// prefix begins the environment variables of settings.
const prefix = "OPENAICOMPATIBLE_"

// Variable is the environment variable of one setting.
type Variable struct {
	// Name is the variable, as OPENAICOMPATIBLE_SERVER_MAX_BODY_MB, and Field
	// the setting, as server.maxBodyMB.
	Name, Field string

	index []int
	kind  reflect.Type
}

// Variables are those of all settings, in the order of the struct. The format's
// version has none: it is of the file.
func Variables() []Variable { return variablesOf(reflect.TypeFor[Config](), Variable{})[1:] }

func variablesOf(t reflect.Type, in Variable) []Variable {
	var all []Variable
	for f := range t.Fields() {
		name := jsonName(f)
		if name == "" {
			continue
		}
		v := Variable{Field: join(in.Field, name), index: append(slices.Clone(in.index), f.Index...), kind: f.Type}
		if f.Type.Kind() == reflect.Struct {
			all = append(all, variablesOf(f.Type, v)...)
			continue
		}
		v.Name = prefix + shout(v.Field)
		all = append(all, v)
	}
	return all
}

// shout writes server.maxBodyMB as SERVER_MAX_BODY_MB.
func shout(field string) string {
	var b strings.Builder
	var last rune
	for _, r := range field {
		if unicode.IsUpper(r) && unicode.IsLower(last) {
			b.WriteByte('_')
		}
		last = r
		if r == '.' {
			r = '_'
		}
		b.WriteRune(unicode.ToUpper(r))
	}
	return b.String()
}

// Unknown are the variables in environ that begin as those of settings do and
// are none of them, nor in but.
func Unknown(environ []string, but ...string) []string {
	known := but
	for _, v := range Variables() {
		known = append(known, v.Name)
	}
	var unknown []string
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, prefix) && !slices.Contains(known, name) && !ofKubernetes(name, value) {
			unknown = append(unknown, name)
		}
	}
	return unknown
}

// ofKubernetes says that a variable is not a person's: for a Service of this
// program's name each container gets some, among them a PORT that is a URL.
func ofKubernetes(name, value string) bool {
	return strings.HasPrefix(value, "tcp://") || strings.HasPrefix(name, prefix+"SERVICE_") || strings.HasPrefix(name, prefix+"PORT_")
}

// override is a setting that the environment decides.
type override struct {
	Variable
	value reflect.Value
}

// readEnvironment finds the settings in environ. An empty variable is one that
// is not set, as compose files write it.
func readEnvironment(environ []string) ([]override, error) {
	given := map[string]string{}
	for _, entry := range environ {
		if name, value, ok := strings.Cut(entry, "="); ok && value != "" && strings.HasPrefix(name, prefix) && !ofKubernetes(name, value) {
			given[name] = value
		}
	}
	var all []override
	for _, v := range Variables() {
		text, ok := given[v.Name]
		if !ok {
			continue
		}
		value, err := v.read(text)
		if err != nil {
			return nil, err
		}
		all = append(all, override{v, value})
	}
	return all, nil
}

// read takes a value as a file of this setting alone would have it, so that both
// are checked by the same code.
func (v Variable) read(text string) (reflect.Value, error) {
	file := v.literal(text)
	for _, name := range slices.Backward(strings.Split(v.Field, ".")) {
		file = fmt.Sprintf("{%q: %s}", name, file)
	}
	d, err := parseDocument([]byte(file))
	if err != nil {
		return reflect.Value{}, wrong(v.Name, "must be written as in the file, as JSON")
	}
	c, err := d.decode()
	if e, ok := errors.AsType[*Error](err); ok {
		return reflect.Value{}, wrong(v.Name+strings.TrimPrefix(e.Field, v.Field), "%s", e.Message)
	}
	if err != nil {
		return reflect.Value{}, err
	}
	return reflect.ValueOf(c).Elem().FieldByIndex(v.index), nil
}

// literal is the JSON of a variable's text: words and lists of words need no
// quotes.
func (v Variable) literal(text string) string {
	_, notNumber := strconv.ParseInt(text, 10, 64)
	bare := v.kind.Kind() == reflect.Int && notNumber == nil || v.kind.Kind() == reflect.Bool && (text == "true" || text == "false")
	switch {
	case bare:
		return text
	case v.kind.Kind() != reflect.Slice && v.kind.Kind() != reflect.Map:
		return quoted(text)
	case v.kind == reflect.TypeFor[[]string]() && !strings.HasPrefix(strings.TrimSpace(text), "["):
		var words []string
		for word := range strings.SplitSeq(text, ",") {
			words = append(words, quoted(strings.TrimSpace(word)))
		}
		return "[" + strings.Join(words, ",") + "]"
	}
	return text
}

func quoted(text string) string {
	b, _ := json.Marshal(text) // a string always can
	return string(b)
}

// over puts what the environment decides over c, which is not changed.
func over(c *Config, all []override) (*Config, error) {
	if len(all) == 0 {
		return c, nil
	}
	n := c.clone()
	for _, o := range all {
		reflect.ValueOf(n).Elem().FieldByIndex(o.index).Set(o.value)
	}
	n = n.clone() // the values' lists are not theirs
	if err := Validate(n); err != nil {
		return nil, fmt.Errorf("the environment and the file do not fit together: %w", err)
	}
	return n, nil
}

// decided is an error when a change is one of a setting that the environment
// decides: it would be in the file and of no effect.
func decided(was, wanted *Config, all []override) error {
	for _, o := range all {
		a, b := reflect.ValueOf(was).Elem().FieldByIndex(o.index), reflect.ValueOf(wanted).Elem().FieldByIndex(o.index)
		if !reflect.DeepEqual(a.Interface(), b.Interface()) {
			return wrong(o.Field, "is set by the environment variable %s: change it there", o.Name)
		}
	}
	return nil
}
