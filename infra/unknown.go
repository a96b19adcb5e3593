package infra

import (
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// Unknown says that a text is filled in later, so that nobody can tell what it
// will be. Such a value is no finding.
func Unknown(text string) bool {
	for _, mark := range []string{"${", "{{", "$(", "<%", "{%"} {
		if strings.Contains(text, mark) {
			return true
		}
	}
	return false
}

// Setting is what a source says of one thing: a value, or nothing and what the
// platform makes of that.
type Setting struct {
	At      manifest.Node // absent where the source says nothing
	Default string        // what that means; empty when nobody knows
	Safe    string        // the accepted value as this source writes it; empty where a person has to choose
}

// Value is what holds; empty when nobody knows.
func (s Setting) Value() string {
	switch {
	case !s.At.Set():
		return s.Default
	case Unknown(s.At.Text()):
		return ""
	}
	return s.At.Text()
}

// Is says that one of some values holds, in any case of letters.
func (s Setting) Is(values ...string) bool {
	for _, value := range values {
		if value != "" && strings.EqualFold(s.Value(), value) {
			return true
		}
	}
	return false
}

// Mend gives the setting its accepted value.
func (s Setting) Mend() []manifest.Edit {
	if s.Safe == "" || s.At.Object() == nil {
		return nil
	}
	return []manifest.Edit{manifest.SetTo(s.At, s.Safe)}
}
