package control_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/control"
	"github.com/WenChunTech/OpenAICompatible/backend/requestlog"
)

func TestPhrase_DescribesEveryIDThereIs(t *testing.T) {
	field, ok := reflect.TypeFor[control.Phrase]().FieldByName("ID")
	if !ok {
		t.Fatal("a phrase has no ID")
	}
	if got, want := strings.Split(field.Tag.Get("enum"), ","), requestlog.PhraseIDs(); !slices.Equal(got, want) {
		t.Errorf("the description has\n%v\nthe request log says\n%v", got, want)
	}
}
