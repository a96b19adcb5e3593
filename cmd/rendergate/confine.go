package main

import (
	"errors"
	"io"
	"log"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strings"
)

// harmless are the variables that stay while a pull request is rendered:
// none of them is a secret, a path to programs or a way to the network.
var harmless = []string{"TMPDIR", "TEMP", "TMP", "TZ", "LANG", "LC_ALL", "SYSTEMROOT", "GOMAXPROCS", "GOMEMLIMIT", "GOCOVERDIR"}

// trusted say which certificate authorities the machine trusts. The parent keeps
// them, and reads those only once it fetches: it takes longer than most checks.
var trusted = []string{"SSL_CERT_FILE", "SSL_CERT_DIR"}

// refusing answers every request with an error.
type refusing struct{}

func (refusing) RoundTrip(r *http.Request) (*http.Response, error) {
	return nil, errors.New("rendering may not reach the network: " + r.URL.Redacted())
}

// confine takes away what a render must not have: programs, tokens, a home and
// the network. Libraries that log would put untrusted text on the terminal.
func confine() {
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if name != "" && !slices.Contains(harmless, name) && !slices.Contains(trusted, name) {
			if err := os.Unsetenv(name); err != nil {
				panic(err)
			}
		}
	}
	http.DefaultTransport = refusing{}
	http.DefaultClient = &http.Client{Transport: refusing{}}
	log.SetOutput(io.Discard)
	slog.SetDefault(slog.New(slog.DiscardHandler))
}
