// Package browser opens web addresses in the person's browser.
//
// The invariant: it opens web pages and nothing else. What the pages of the
// user interface ask for may come from a provider's answer, so a file or a
// program is refused.
package browser

import (
	"fmt"
	"io"
	"net/url"

	"github.com/pkg/browser"
)

// Open shows a page whose address is http or https.
func Open(address string) error {
	if err := check(address); err != nil {
		return err
	}
	// The opener's own words do not belong on the program's output.
	browser.Stdout, browser.Stderr = io.Discard, io.Discard
	if err := browser.OpenURL(address); err != nil {
		return fmt.Errorf("open the browser: %w", err)
	}
	return nil
}

func check(address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return fmt.Errorf("open the browser: %w", err)
	}
	if (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" {
		return fmt.Errorf("open the browser: %q is no web address", address)
	}
	return nil
}
