package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/rendergate/rendergate/internal/gate"
)

// TestHostileTargetNames prints folders of a pull request so that they steer no
// terminal.
func TestHostileTargetNames(t *testing.T) {
	var out bytes.Buffer
	p := &program{stdout: &out, stderr: &out}
	err := p.print([]gate.Rendered{{Target: "charts/\x1b[2J\u202ex", Err: errors.New("no \x1b[2J")}}, false, false)
	if err == nil || strings.ContainsAny(out.String(), "\x1b\u202e") || !strings.Contains(out.String(), "does not render: no") {
		t.Errorf("%v: %q", err, out.String())
	}
}
