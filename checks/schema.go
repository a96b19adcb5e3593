package checks

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
	"go.yaml.in/yaml/v3"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/rendergate/rendergate/render/manifest"
)

// misfit is a place of an object that the API server would refuse, or forget.
type misfit struct {
	at   manifest.Node
	what string // such as: unknown field "imagee"; did you mean "image"?
}

// class names the place for identity: the way to it, in which all items of a
// list are alike.
func (m misfit) class() string {
	var b strings.Builder
	for _, key := range m.at.Keys() {
		switch {
		case key.Index >= 0:
			b.WriteString("[]")
		case b.Len() > 0:
			b.WriteString("." + key.Name)
		default:
			b.WriteString(key.Name)
		}
	}
	return b.String()
}

// builtIn is the Go type of a built-in kind; nil for one that is not known, or
// no longer.
func builtIn(r manifest.Ref) reflect.Type {
	if r.APIVersion == "apiextensions.k8s.io/v1" && r.Kind == "CustomResourceDefinition" {
		return reflect.TypeFor[apiextensions.CustomResourceDefinition]()
	}
	o, err := scheme.Scheme.New(schema.FromAPIVersionAndKind(r.APIVersion, r.Kind))
	if err != nil {
		return nil
	}
	return reflect.TypeOf(o).Elem()
}

// misspelt says that a version of the API server's own has no such kind.
func misspelt(r manifest.Ref) bool {
	gv, err := schema.ParseGroupVersion(r.APIVersion)
	return err == nil && scheme.Scheme.IsVersionRegistered(gv) && !scheme.Scheme.Recognizes(gv.WithKind(r.Kind))
}

// kindsOf are the kinds of the same version.
func kindsOf(r manifest.Ref) []string {
	gv, err := schema.ParseGroupVersion(r.APIVersion)
	if err != nil {
		return nil
	}
	return slices.Collect(maps.Keys(scheme.Scheme.KnownTypes(gv)))
}

// fitter holds objects against Go types as strict decoding does, with the
// place of each misfit.
type fitter struct{ found []misfit }

// maxMisfits bounds what is told of one object.
const maxMisfits = 50

func (f *fitter) add(at manifest.Node, format string, args ...any) {
	if len(f.found) < maxMisfits {
		f.found = append(f.found, misfit{at, fmt.Sprintf(format, args...)})
	}
}

var unmarshaler = reflect.TypeFor[json.Unmarshaler]()

// fit holds a value against a type. What an API takes as absent fits, as does
// what some later step replaces.
func (f *fitter) fit(n manifest.Node, t reflect.Type) {
	if !n.Set() || substituted(n.Text()) {
		return
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if reflect.PointerTo(t).Implements(unmarshaler) {
		f.special(n, t)
		return
	}
	switch t.Kind() {
	case reflect.Struct:
		if f.expect(n, n.IsMap(), "an object") {
			f.object(n, t)
		}
	case reflect.Map:
		if f.expect(n, n.IsMap(), "an object") {
			f.duplicates(n)
			for _, value := range n.Fields() {
				f.fit(value, t.Elem())
			}
		}
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			f.base64(n)
		} else if f.expect(n, n.IsList(), "a list") {
			for item := range n.Items() {
				f.fit(item, t.Elem())
			}
		}
	case reflect.String:
		f.expect(n, isString(n), "a string")
	case reflect.Bool:
		f.expect(n, n.IsTrue() || n.IsFalse() || tag(n) == "!!bool", "true or false")
	case reflect.Int, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint32, reflect.Uint64:
		_, integer := n.Int()
		f.expect(n, integer, "a whole number")
	case reflect.Float32, reflect.Float64:
		f.expect(n, tag(n) == "!!int" || tag(n) == "!!float", "a number")
	}
}

// special are the types that read themselves. Those that take anything fit.
func (f *fitter) special(n manifest.Node, t reflect.Type) {
	switch t {
	case reflect.TypeFor[resource.Quantity]():
		_, err := resource.ParseQuantity(n.Text())
		f.expect(n, err == nil, "a quantity such as 500m or 1Gi")
	case reflect.TypeFor[intstr.IntOrString]():
		_, integer := n.Int()
		f.expect(n, integer || isString(n), "a whole number or a string")
	case reflect.TypeFor[metav1.Time](), reflect.TypeFor[metav1.MicroTime](), reflect.TypeFor[metav1.Duration]():
		f.expect(n, isString(n), "a string")
	}
}

func (f *fitter) object(n manifest.Node, t reflect.Type) {
	f.duplicates(n)
	known := map[string]reflect.Type{}
	fieldsOf(t, known)
	for key, value := range n.Fields() {
		field, ok := known[key]
		switch {
		case ok:
			f.fit(value, field)
		case !substituted(key):
			f.add(value, "unknown field %q; %s", key, meant(key, slices.Collect(maps.Keys(known))))
		}
	}
}

// fieldsOf collects the fields of a type under their names in JSON.
func fieldsOf(t reflect.Type, into map[string]reflect.Type) {
	for i := range t.NumField() {
		field := t.Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case name == "-" || !field.IsExported():
		case name == "" && (field.Anonymous || strings.Contains(options, "inline")):
			own := field.Type
			if own.Kind() == reflect.Pointer {
				own = own.Elem()
			}
			if own.Kind() == reflect.Struct {
				fieldsOf(own, into)
			}
		case name != "":
			into[name] = field.Type
		}
	}
}

// duplicates finds keys that a mapping has twice: readers do not agree on which
// one counts.
func (f *fitter) duplicates(n manifest.Node) {
	seen := map[string]bool{}
	content := n.YAML().Content
	for i := 0; i+1 < len(content); i += 2 {
		if key := content[i].Value; content[i].Tag != "!!merge" {
			if seen[key] {
				f.add(n.Get(key), "field %q is given twice", key)
			}
			seen[key] = true
		}
	}
}

func (f *fitter) base64(n manifest.Node) {
	if f.expect(n, isString(n), "base64 text") {
		_, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(n.Text()), ""))
		f.expect(n, err == nil, "base64 text")
	}
}

// expect reports a value of another type than the API has. What nobody knows has
// no type yet.
func (f *fitter) expect(n manifest.Node, ok bool, want string) bool {
	if !ok && !n.Unknown() {
		f.add(n, "%s stands where %s is expected", describedValue(n), want)
	}
	return ok
}

// describedValue tells what a value is without saying it: it may be a secret.
func describedValue(n manifest.Node) string {
	switch {
	case n.IsMap():
		return "an object"
	case n.IsList():
		return "a list"
	case isString(n):
		return "a string"
	case tag(n) == "!!int", tag(n) == "!!float":
		return "a number"
	}
	return "a boolean"
}

func tag(n manifest.Node) string { return n.YAML().ShortTag() }

// isString says that a value reaches the API server as a string: plain numbers
// and truth values do not. The words of YAML 1.1 (yes, on) pass: what kustomize
// built has lost the quotes that told them apart.
func isString(n manifest.Node) bool {
	if n.YAML().Kind != yaml.ScalarNode {
		return false
	}
	switch tag(n) {
	case "!!int", "!!float", "!!bool":
		return false
	}
	return true
}

// substituted says that some later step replaces a value, as Flux does.
func substituted(text string) bool {
	return strings.Contains(text, "${") || strings.Contains(text, "{{") || strings.Contains(text, "$(")
}

// meant names the nearest of some names: as what was meant where it is like the
// text, else as what comes nearest.
func meant(text string, names []string) string {
	name := nearest(text, names)
	if levenshtein.ComputeDistance(text, name) <= max(2, len(text)/3) {
		return fmt.Sprintf("did you mean %q?", name)
	}
	return fmt.Sprintf("the nearest that is known is %q", name)
}

// nearest is the name most like text; the first in the alphabet among equals.
func nearest(text string, names []string) string {
	best, distance := "", 0
	for _, name := range slices.Sorted(slices.Values(names)) {
		if d := levenshtein.ComputeDistance(text, name); best == "" || d < distance {
			best, distance = name, d
		}
	}
	return best
}
