package infra

import (
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// Several sources have the fields of another one under other names: Crossplane
// and Config Connector are made of Terraform's providers, AWS Controllers for
// Kubernetes of the same API as CloudFormation. An object of theirs is read by
// the other's adapters, through a view.

// view is what an object is seen as.
type view struct {
	kind  string   // of the other source
	way   []string // where its fields stand
	names *manifest.Naming
}

// snakeAsCamel and flatCamel are Terraform's names as Kubernetes writes them.
var (
	snakeAsCamel = &manifest.Naming{Name: camel}
	flatCamel    = &manifest.Naming{Name: camel, Flat: true}
)

func camel(asked string) string {
	words := strings.Split(asked, "_")
	for i, word := range words[1:] {
		if word != "" {
			words[i+1] = strings.ToUpper(word[:1]) + word[1:]
		}
	}
	return strings.Join(words, "")
}

// adapterOf is the adapter of an object in a table, and the object as the
// adapter reads it; nil where the table has none.
func adapterOf[T any](table map[string]func(*manifest.Object) T, o *manifest.Object) (func(*manifest.Object) T, *manifest.Object) {
	if adapter := table[o.GroupKind()]; adapter != nil {
		return adapter, o
	}
	for _, viewOf := range []func(*manifest.Object) (view, bool){crossplaneView, configConnectorView, ackView} {
		seen, ok := viewOf(o)
		if adapter := table[seen.kind]; ok && adapter != nil {
			return adapter, o.As(seen.kind, o.Root.Get(seen.way...), seen.names)
		}
	}
	return nil, nil
}
