package gate

import (
	"testing"

	"github.com/rendergate/rendergate/render"
)

func TestNamesInPathsAreNoSecrets(t *testing.T) {
	tell := public([]*target{{base: &render.Target{Dir: "charts/enterprise-logs"}}, {head: &render.Target{Dir: "charts/new"}}})
	for secret, want := range map[string]bool{"enterprise-logs": true, "new": true, "charts/enterprise-logs": false, "hunter2-logs": false} {
		if got := tell(secret); got != want {
			t.Errorf("public(%q) = %v, want %v", secret, got, want)
		}
	}
}
