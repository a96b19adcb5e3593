package checks

import (
	"fmt"
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// longest is how much of a value a message quotes.
const longest = 60

// stated tells what stands at a place and what would be accepted there.
func stated(at manifest.Node, accepted string) string {
	field := at.Path()
	if i := strings.LastIndex(field, "."); i >= 0 && !strings.HasSuffix(field, "]") {
		field = field[i+1:]
	}
	return fmt.Sprintf("%s is %s, accepted is %s", field, quoted(at), accepted)
}

// quoted is a value as a message shows it.
func quoted(at manifest.Node) string {
	text := at.Text()
	switch {
	case !at.Exists():
		return "absent"
	case at.IsNull():
		return "null"
	case at.IsMap(), at.IsList():
		return "set"
	case text == "":
		return "empty"
	case len(text) > longest:
		return strings.ToValidUTF8(text[:longest], "") + "…"
	}
	return text
}

// listed is a list of scalars as a message shows it.
func listed(at manifest.Node) string {
	if !at.IsList() {
		return quoted(at)
	}
	var items []string
	for item := range at.Items() {
		items = append(items, quoted(item))
	}
	return "[" + strings.Join(items, ", ") + "]"
}
