package manifest

import (
	"errors"
	"slices"
	"strings"
)

// Workload is a kind that makes pods and that no table knows.
type Workload struct {
	Kind string // group/Kind, or Kind in the core group
	Pod  string // the way to the pod template or to its spec, as in spec.groups[name].template
}

// layout says how objects of the kind describe their pods.
func (w Workload) layout() (*layout, error) {
	if w.Pod == "" {
		return nil, errors.New("the way to the pod is empty")
	}
	p, err := parsePlace("", w.Pod)
	return &layout{form: formAny, places: []place{p}}, err
}

// Valid says what is wrong with the description of a workload.
func (w Workload) Valid() error {
	_, err := w.layout()
	return err
}

// Recognize tells the objects of one target where they hold pods that no table
// knows: those of the kinds that are given, and of custom resources whose
// definition, in the same target, has a PodSpec in its schema. Nobody else may
// hold the objects yet.
func Recognize(objects []*Object, own []Workload) {
	described := map[string]*layout{}
	for _, w := range own {
		if l, err := w.layout(); err == nil {
			described[w.Kind] = l
		}
	}
	definitions := map[string]*Object{}
	for _, o := range objects {
		if o.GroupKind() == "apiextensions.k8s.io/CustomResourceDefinition" {
			spec := o.Root.Get("spec")
			definitions[spec.Get("group").Text()+"/"+spec.Get("names", "kind").Text()] = o
		}
	}
	for _, o := range objects {
		kind := o.GroupKind()
		if l, known := described[kind]; known {
			o.own = l
			continue
		}
		definition := definitions[kind]
		if layouts[kind] != nil || definition == nil {
			continue
		}
		l := definedLayout(definition)
		described[kind] = l
		o.own = l
	}
}

// layout is how the object describes its pods, nil where it has none.
func (o *Object) layout() *layout {
	if o.own != nil {
		return o.own
	}
	return layouts[o.GroupKind()]
}

// definedLayout finds PodSpecs in the schemas of a definition; nil where there
// are none.
func definedLayout(definition *Object) *layout {
	spec := definition.Root.Get("spec")
	f := podFinder{budget: 200_000, seen: map[string]bool{}}
	f.into(spec.Get("validation", "openAPIV3Schema"), nil, false)
	for version := range spec.Get("versions").Items() {
		f.into(version.Get("schema", "openAPIV3Schema"), nil, false)
	}
	l := &layout{form: formAny, open: f.open}
	for _, way := range f.ways {
		name := ""
		if len(f.ways) > 1 && !strings.ContainsAny(way, "[{") {
			name = strings.TrimPrefix(way, "spec.")
		}
		if p, err := parsePlace(name, way); err == nil {
			l.places = append(l.places, p)
		}
	}
	if len(l.places) == 0 {
		return nil
	}
	return l
}

// podFinder looks for PodSpecs in a schema.
type podFinder struct {
	budget int // of schemas: definitions are as large as who writes them likes
	ways   []string
	seen   map[string]bool
	open   bool // some PodSpec may leave its containers to an operator
}

// mostNested bounds how deep in a custom resource a pod may stand.
const mostNested = 12

// into visits a schema that stands at a way; templated says that a field beside
// it is the pod's metadata.
func (f *podFinder) into(schema Node, way []string, templated bool) {
	if f.budget--; f.budget < 0 || len(way) > mostNested {
		return
	}
	if isPodSpec(schema) && len(way) > 0 {
		if templated && len(way) > 1 && way[len(way)-1] == "spec" {
			way = way[:len(way)-1]
		}
		if text := strings.Join(way, "."); !f.seen[text] {
			f.seen[text] = true
			f.ways = append(f.ways, text)
			f.open = f.open || !requires(schema, "containers")
		}
		return
	}
	properties := schema.Get("properties")
	meta := len(way) > 0 && properties.Get("metadata").Exists()
	for field, next := range properties.Fields() {
		if strings.ContainsAny(field, "[]{}./ *") || len(way) == 0 && field != "spec" && field != "template" {
			continue
		}
		switch {
		case next.Get("items", "properties").IsMap():
			if by := keyOf(next); by != "" {
				f.into(next.Get("items"), extended(way, field+"["+by+"]"), false)
			}
		case next.Get("additionalProperties", "properties").IsMap():
			f.into(next.Get("additionalProperties"), extended(way, field+"{}"), false)
		case next.Get("properties").IsMap():
			f.into(next, extended(way, field), meta)
		}
	}
}

func extended(way []string, field string) []string { return append(slices.Clone(way), field) }

// keyOf is the field that tells the items of a list apart; empty where there is
// none that could.
func keyOf(list Node) string {
	for key := range list.Get("x-kubernetes-list-map-keys").Items() {
		return key.Text()
	}
	properties := list.Get("items", "properties")
	for _, by := range []string{"name", "groupName", "id", "role", "type"} {
		if properties.Get(by, "type").Text() == "string" {
			return by
		}
	}
	return ""
}

// isPodSpec says that a schema is that of a PodSpec: it has a list of what only
// containers have together.
func isPodSpec(schema Node) bool {
	list := schema.Get("properties", "containers")
	container := list.Get("items", "properties")
	for _, field := range []string{"name", "image", "command", "securityContext", "volumeMounts"} {
		if !container.Get(field).Exists() {
			return false
		}
	}
	return true
}

func requires(schema Node, field string) bool {
	for name := range schema.Get("required").Items() {
		if name.Text() == field {
			return true
		}
	}
	return false
}
