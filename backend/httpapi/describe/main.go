// Command describe writes the OpenAPI description of the admin API, from which
// the front end's types are made.
package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"

	"github.com/WenChunTech/OpenAICompatible/backend/httpapi"
)

func main() {
	const owner = 0o644
	b, err := json.MarshalIndent(httpapi.API(http.NewServeMux(), nil, "1").OpenAPI(), "", "  ")
	if err == nil {
		err = os.WriteFile(os.Args[1], append(b, '\n'), owner) //nolint:gosec // a file of the source tree.
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "describe:", err)
		os.Exit(1)
	}
}
