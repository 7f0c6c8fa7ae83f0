package browser_test

import (
	"testing"

	"github.com/WenChunTech/OpenAICompatible/backend/desktop/browser"
)

func TestOpen_RefusesWhatIsNoWebPage(t *testing.T) {
	for _, address := range []string{
		"", "file:///etc/passwd", "javascript:alert(1)", "/usr/bin/true", "calculator://", "https:", "--version", "http://%zz",
	} {
		if err := browser.Open(address); err == nil {
			t.Errorf("%q was opened, want an error", address)
		}
	}
}
