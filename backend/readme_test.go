package backend_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/config"
)

// Each setting has a row in the table of both READMEs that begins with its name
// and its default: | `server.maxBodyMB` | `64` |.
func TestReadme_ListsEverySettingWithItsDefault(t *testing.T) {
	defaults := config.Default()
	want := settings("", reflect.ValueOf(defaults))
	for _, file := range []string{"README.md", "README.zh-CN.md"} {
		_, table, _ := strings.Cut(string(read(t, file)), "<!-- settings:start -->")
		table, _, found := strings.Cut(table, "<!-- settings:end -->")
		if !found {
			t.Fatalf("%s has no table of settings between its two markers", file)
		}
		rows := strings.Count(table, "\n| `")
		for _, row := range want {
			if !strings.Contains(table, "\n"+row) {
				t.Errorf("the table of settings in %s lacks the row\n%s…", file, row)
			}
		}
		if rows != len(want) {
			t.Errorf("the table of settings in %s has %d rows, want %d: one for each setting", file, rows, len(want))
		}
	}
}

// settings are the beginnings of the table's rows, in the order of the structs.
func settings(prefix string, v reflect.Value) []string {
	var rows []string
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		if f := v.Field(i); f.Kind() == reflect.Struct {
			rows = append(rows, settings(prefix+name+".", f)...)
			continue
		}
		value, err := json.Marshal(v.Field(i).Interface())
		if err != nil {
			panic(err)
		}
		if string(value) == "null" {
			value = []byte("[]")
		}
		rows = append(rows, fmt.Sprintf("| `%s%s` | `%s` |", prefix, name, value))
	}
	return rows
}
