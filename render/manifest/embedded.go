package manifest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Embedded are the YAML documents that a text holds which stands at the node,
// or is decoded from it. Their places lie below the node; their lines are those
// of the node's own text where that is a block of lines as it is.
func (n Node) Embedded(text string) ([]Node, error) {
	if n.value == nil {
		return nil, nil
	}
	var all []Node
	decoder := yaml.NewDecoder(bytes.NewReader([]byte(text)))
	for {
		var doc yaml.Node
		err := decoder.Decode(&doc)
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return all, fmt.Errorf("not valid YAML: %s", strings.TrimPrefix(err.Error(), "yaml: "))
		}
		budget := maxNodes
		if !within(&doc, &budget, 0) {
			return all, fmt.Errorf("the document expands to more than %d values through its anchors", maxNodes)
		}
		if len(doc.Content) == 0 {
			continue
		}
		if n.value.Style&yaml.LiteralStyle != 0 && text == n.value.Value {
			shift(&doc, n.value.Line)
		} else {
			onLine(&doc, n.value.Line)
		}
		all = append(all, Node{value: resolve(doc.Content[0]), near: n.value, at: n.at})
	}
}

func onLine(y *yaml.Node, line int) {
	y.Line = line
	for _, c := range y.Content {
		onLine(c, line)
	}
}

// LineOf is the line on which line number of a text begins that stands at the
// node, counted from 1; the node's own where the text is no block of lines.
func (n Node) LineOf(number int) int {
	if n.value == nil || n.value.Style&yaml.LiteralStyle == 0 {
		return n.Line()
	}
	return n.value.Line + number
}

// OnLine is the node as of a line of its text, for pointing at it.
func (n Node) OnLine(number int) Node {
	line := n.LineOf(number)
	if n.value == nil || line == n.value.Line {
		return n
	}
	at := *n.value
	at.Line = line
	n.value = &at
	return n
}
