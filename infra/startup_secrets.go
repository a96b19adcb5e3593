package infra

import (
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// Secret is one that a text shows to everybody.
type Secret struct {
	Kind, Name string
	At         manifest.Node
}

// Secrets are those of a text, each at its line.
func (t Text) Secrets() []Secret {
	var all []Secret
	for _, found := range manifest.SecretsIn(t.Name, exported(t.Text)) {
		at := t.At
		if i := strings.Index(t.Text, found.Value); i >= 0 && t.Line >= 0 {
			at = t.At.OnLine(t.Line + strings.Count(t.Text[:i], "\n") + 1)
		}
		all = append(all, Secret{found.Kind, found.Name, at})
	}
	return all
}

// exported is a script whose lines set names as a configuration file does.
func exported(text string) string { return strings.ReplaceAll(text, "export ", "") }
