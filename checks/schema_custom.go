package checks

import (
	"slices"

	"github.com/rendergate/rendergate/render/manifest"
)

// definitions are the schemas of the custom kinds that some objects define, by
// apiVersion and kind.
func definitions(objects []*manifest.Object) map[[2]string]manifest.Node {
	found := map[[2]string]manifest.Node{}
	for _, o := range objects {
		if o.GroupKind() != "apiextensions.k8s.io/CustomResourceDefinition" || o.APIVersion != "apiextensions.k8s.io/v1" {
			continue
		}
		spec := o.Root.Get("spec")
		group, kind := spec.Get("group").Text(), spec.Get("names", "kind").Text()
		for version := range spec.Get("versions").Items() {
			if at := version.Get("schema", "openAPIV3Schema"); at.IsMap() {
				found[[2]string{group + "/" + version.Get("name").Text(), kind}] = at
			}
		}
	}
	return found
}

// custom holds a custom resource against the schema of its definition. The
// fields that every object has are the API server's own.
func (f *fitter) custom(o *manifest.Object, schema manifest.Node) {
	f.duplicates(o.Root)
	known := schema.Get("properties")
	for key, value := range o.Root.Fields() {
		if slices.Contains([]string{"apiVersion", "kind", "metadata"}, key) {
			continue
		}
		f.property(value, key, schema, known, 0)
	}
	f.required(o.Root, schema)
}

// maxSchema bounds how deep a schema is followed.
const maxSchema = 64

// property holds a field against what a schema has of that name.
func (f *fitter) property(value manifest.Node, key string, schema, known manifest.Node, depth int) {
	own, others := known.Get(key), schema.Get("additionalProperties")
	switch {
	case own.IsMap():
		f.structural(value, own, depth+1)
	case others.IsMap():
		f.structural(value, others, depth+1)
	case schema.Get("x-kubernetes-preserve-unknown-fields").IsTrue(), others.IsTrue(), substituted(key):
	case known.Len() > 0 || !schema.Get("x-kubernetes-embedded-resource").IsTrue():
		names := []string{}
		for name := range known.Fields() {
			names = append(names, name)
		}
		if len(names) == 0 {
			f.add(value, "unknown field %q; none is known here", key)
			return
		}
		f.add(value, "unknown field %q; %s", key, meant(key, names))
	}
}

// structural holds a value against a schema: types, fields, choices. Rules
// beyond these are the API server's.
func (f *fitter) structural(n, schema manifest.Node, depth int) {
	if !n.Set() || depth > maxSchema || substituted(n.Text()) {
		return
	}
	if schema.Get("x-kubernetes-int-or-string").IsTrue() {
		_, integer := n.Int()
		f.expect(n, integer || isString(n), "a whole number or a string")
		return
	}
	switch schema.Get("type").Text() {
	case "object":
		if f.expect(n, n.IsMap(), "an object") && !schema.Get("x-kubernetes-embedded-resource").IsTrue() {
			f.duplicates(n)
			known := schema.Get("properties")
			for key, value := range n.Fields() {
				f.property(value, key, schema, known, depth)
			}
			f.required(n, schema)
		}
	case "array":
		if f.expect(n, n.IsList(), "a list") {
			for item := range n.Items() {
				f.structural(item, schema.Get("items"), depth+1)
			}
		}
	case "string":
		if f.expect(n, isString(n), "a string") {
			f.choice(n, schema.Get("enum"))
		}
	case "integer":
		_, integer := n.Int()
		f.expect(n, integer, "a whole number")
	case "number":
		f.expect(n, n.YAML() != nil && (tag(n) == "!!int" || tag(n) == "!!float"), "a number")
	case "boolean":
		f.expect(n, n.IsTrue() || n.IsFalse() || tag(n) == "!!bool", "true or false")
	}
}

// choice reports a text that is none of those which a schema lists.
func (f *fitter) choice(n, enum manifest.Node) {
	if enum.Len() == 0 {
		return
	}
	var all []string
	for item := range enum.Items() {
		if item.Text() == n.Text() {
			return
		}
		all = append(all, item.Text())
	}
	f.add(n, "%q is none of the known values; %s", n.Text(), meant(n.Text(), all))
}

// required reports fields that a schema wants and does not fill in itself.
func (f *fitter) required(n, schema manifest.Node) {
	for name := range schema.Get("required").Items() {
		at := n.Get(name.Text())
		if !at.Exists() && !schema.Get("properties", name.Text(), "default").Exists() {
			f.add(at, "field %q is required and not there", name.Text())
		}
	}
}
