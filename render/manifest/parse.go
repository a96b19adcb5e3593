package manifest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxNodes bounds a document after its aliases are followed, so that a few
// lines of nested anchors cannot grow into gigabytes (the YAML alias bomb).
const maxNodes = 4_000_000

// maxDepth bounds how deeply values nest.
const maxDepth = 10_000

// maxCopied is the same for what other libraries parsed, which copy what an
// anchor stands for wherever it is named.
const maxCopied = 500_000

// Parse reads a stream of YAML or JSON documents. Documents that are not
// Kubernetes objects (no apiVersion and kind) are left out; a List, PodList or the
// like is replaced by its items. An error names the document's first line.
func Parse(data []byte, origin Origin) ([]*Object, error) {
	return ParseAt(data, origin, 1)
}

// ParseAt is Parse for a part of a text that starts at line first of it.
func ParseAt(data []byte, origin Origin, first int) ([]*Object, error) {
	var objects []*Object
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var doc yaml.Node
		err := decoder.Decode(&doc)
		if errors.Is(err, io.EOF) {
			return objects, nil
		}
		if err != nil {
			return objects, fmt.Errorf("not valid YAML: %s", strings.TrimPrefix(err.Error(), "yaml: "))
		}
		if len(doc.Content) == 0 {
			continue
		}
		if first > 1 {
			shift(&doc, first-1)
		}
		budget := maxNodes
		if !within(&doc, &budget, 0) {
			return objects, fmt.Errorf("line %d: the document expands to more than %d values through its anchors", doc.Line, maxNodes)
		}
		found := FromYAML(doc.Content[0], origin)
		if len(found) == 0 && origin.Exact {
			found = settingsOf(resolve(doc.Content[0]), origin, strings.HasPrefix(doc.HeadComment, cloudConfig) || bytes.HasPrefix(data, []byte(cloudConfig)))
		}
		objects = append(objects, found...)
	}
}

// shift moves the lines of a document that does not start its text.
func shift(y *yaml.Node, by int) {
	if y.Line > 0 {
		y.Line += by
	}
	for _, c := range y.Content {
		shift(c, by)
	}
}

// within counts the nodes of a document with its aliases expanded.
func within(y *yaml.Node, budget *int, depth int) bool {
	if *budget--; *budget < 0 || depth > maxDepth {
		return false
	}
	if y.Kind == yaml.AliasNode {
		return within(y.Alias, budget, depth+1)
	}
	for _, c := range y.Content {
		if !within(c, budget, depth+1) {
			return false
		}
	}
	return true
}

// Bounded says that a document stays small when its aliases are followed. What
// other libraries parsed must be asked before it is read.
func Bounded(root *yaml.Node) error {
	budget := maxCopied
	if !within(root, &budget, 0) {
		return fmt.Errorf("expands to more than %d values through its anchors", maxCopied)
	}
	return nil
}

// FromYAML makes objects of one parsed document: none when it is not a
// Kubernetes object, several when it is a List, PodList or the like.
func FromYAML(root *yaml.Node, origin Origin) []*Object {
	root = resolve(root)
	spellOut(root, 0)
	o := &Object{Origin: origin}
	o.Root = Node{value: root, at: &step{object: o}}
	if !o.Root.IsMap() {
		return nil
	}
	o.readIdentity()
	if o.Kind == "" || o.APIVersion == "" {
		return nil
	}
	items := o.Root.Get("items")
	of, listed := strings.CutSuffix(o.Kind, "List")
	if !listed || !items.IsList() || of != "" && !holdsObjects(items) {
		return []*Object{o}
	}
	var objects []*Object
	for _, item := range items.value.Content {
		if of != "" {
			item = typed(resolve(item), o.APIVersion, of)
		}
		objects = append(objects, FromYAML(item, origin)...)
	}
	return objects
}

// spellOut writes in letters what is written as bytes in base64: to Kubernetes a
// key or a text of that tag is what the bytes are.
func spellOut(y *yaml.Node, depth int) {
	if depth > maxDepth {
		return
	}
	if y.Kind == yaml.ScalarNode && y.Style&yaml.TaggedStyle != 0 && y.ShortTag() == "!!binary" {
		var text string
		if y.Decode(&text) == nil {
			y.Tag, y.Value, y.Style = "!!str", text, yaml.DoubleQuotedStyle
		}
	}
	for _, c := range y.Content {
		spellOut(c, depth+1)
	}
}

// holdsObjects says that items are objects: what is called a list and holds
// anything else, such as addresses, is an object itself.
func holdsObjects(items Node) bool {
	n := 0
	for item := range items.Items() {
		if item.Get("metadata").IsMap() || item.Get("kind").Text() != "" {
			return true
		}
		n++
	}
	return n == 0
}

// typed is an item of a PodList or the like with the kind and version that it
// need not say itself.
// Source: apimachinery, unstructuredJSONScheme.decodeToList.
func typed(item *yaml.Node, version, kind string) *yaml.Node {
	if item.Kind != yaml.MappingNode {
		return item
	}
	whole := *item
	whole.Content = slices.Clone(item.Content)
	for _, f := range [][2]string{{"apiVersion", version}, {"kind", kind}} {
		if at := (Node{value: item}).Get(f[0]); at.Text() == "" {
			key := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: f[0], Line: item.Line, Column: item.Column}
			whole.Content = append(whole.Content, key, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: f[1], Line: item.Line, Column: item.Column})
		}
	}
	return &whole
}

// ParseSource reads a file that is not a Kubernetes object, such as a
// Chart.yaml, as an object under the reference given.
func ParseSource(data []byte, ref Ref, origin Origin) (*Object, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return nil, fmt.Errorf("not valid YAML: %s", strings.TrimPrefix(err.Error(), "yaml: "))
	}
	budget := maxNodes
	if !within(&doc, &budget, 0) {
		return nil, fmt.Errorf("the document expands to more than %d values through its anchors", maxNodes)
	}
	o := &Object{Ref: ref, Origin: origin}
	o.Root = Node{at: &step{object: o}}
	if len(doc.Content) > 0 {
		o.Root.value = resolve(doc.Content[0])
	}
	return o, nil
}
