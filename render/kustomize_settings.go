package render

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/rendergate/rendergate/render/manifest"
)

// touches says that a setting may have a say in an object. Source is the object
// as it stood in its file, or nil.
func (s setting) touches(o, source *manifest.Object) bool {
	switch s.field {
	case "patches", "patchesJson6902", "patchesStrategicMerge":
		return s.target != nil && targeted(s.target, o, source) || s.target == nil && slices.ContainsFunc(s.patches, func(p *yaml.Node) bool { return patchOf(p, o, source) })
	case "replicas":
		return wasNamed(field(s.entry, "name"), o, source)
	case "configMapGenerator", "secretGenerator":
		return strings.EqualFold(s.field, o.Kind+"Generator") && wasNamed(field(s.entry, "name"), o, source)
	}
	return true
}

// wasNamed says that a name is the object's, as it was at some time: prefixes and
// suffixes come one after the other.
func wasNamed(name *yaml.Node, o, source *manifest.Object) bool {
	switch {
	case name == nil || name.Kind != yaml.ScalarNode || name.Value == "":
		return false
	case name.Value == o.Name || source != nil && name.Value == source.Name:
		return true
	}
	return strings.Contains(o.Name, name.Value) && (source == nil || strings.Contains(name.Value, source.Name))
}

// patchOf says that a document of a strategic merge is of that object.
func patchOf(patch *yaml.Node, o, source *manifest.Object) bool {
	kind := field(patch, "kind")
	return kind != nil && kind.Value == o.Kind && wasNamed(field(field(patch, "metadata"), "name"), o, source)
}

// targeted reads the target of a patch; its texts are patterns.
func targeted(target *yaml.Node, o, source *manifest.Object) bool {
	fits := func(name string, values ...string) bool {
		n := field(target, name)
		if n == nil || n.Value == "" {
			return true
		}
		pattern, err := regexp.Compile("^(?:" + n.Value + ")$")
		return err == nil && slices.ContainsFunc(values, pattern.MatchString)
	}
	_, version, grouped := strings.Cut(o.APIVersion, "/")
	if !grouped {
		version = o.APIVersion
	}
	names, namespaces := []string{o.Name}, []string{o.Namespace}
	if source != nil {
		names, namespaces = append(names, source.Name), append(namespaces, source.Namespace)
	}
	if !fits("group", o.Group()) || !fits("version", version) || !fits("kind", o.Kind) || !fits("namespace", namespaces...) {
		return false
	}
	if !fits("name", names...) && !wasNamed(field(target, "name"), o, source) {
		return false
	}
	return selected(field(target, "labelSelector"), o.Root.Get("metadata", "labels")) &&
		selected(field(target, "annotationSelector"), o.Root.Get("metadata", "annotations"))
}

func selected(selector *yaml.Node, by manifest.Node) bool {
	if selector == nil || selector.Value == "" {
		return true
	}
	parsed, err := labels.Parse(selector.Value)
	if err != nil {
		return false
	}
	set := labels.Set{}
	for key, value := range by.Fields() {
		set[key] = value.Text()
	}
	return parsed.Matches(set)
}

// sitesOf are the lines of the setting that say what stands at a place of the
// object; plus counts further lines of a text.
func (s setting) sitesOf(o *manifest.Object, at []pathStep, value *yaml.Node, plus int) []manifest.Site {
	line := 0
	switch s.field {
	case "patches", "patchesJson6902", "patchesStrategicMerge":
		line = s.patched(o, at, value, plus)
	case "configMapGenerator", "secretGenerator":
		return s.generated(at, plus)
	default:
		if plus == 0 {
			line = s.said(o, at, value)
		}
	}
	if line == 0 {
		return nil
	}
	return asPatch(s.sites(line))
}

func asPatch(sites []manifest.Site) []manifest.Site {
	sites = slices.Clone(sites)
	for i := range sites {
		if sites[i].Kind == "" {
			sites[i].Kind = manifest.SitePatch
		}
	}
	return sites
}

// patched is the line of a patch that sets the value; 0 when none does.
func (s setting) patched(o *manifest.Object, at []pathStep, value *yaml.Node, plus int) int {
	for _, p := range slices.Backward(s.patches) {
		if p.Kind == yaml.SequenceNode {
			if line := operated(p, at, value, plus); line > 0 {
				return line
			}
			continue
		}
		if s.target == nil && !patchOf(p, o, nil) && len(s.patches) > 1 || len(at) <= 1 && value.Kind == yaml.ScalarNode {
			continue // apiVersion and kind only name the object
		}
		if identifies(at) {
			continue
		}
		if found, line := along(p, at); found != nil && says(found, value) {
			return line + within(found, plus)
		}
	}
	return 0
}

// identifies says that a patch has the field to name its object.
func identifies(at []pathStep) bool {
	return len(at) == 2 && at[0].key == "metadata" && (at[1].key == "name" || at[1].key == "namespace")
}

// says that a value is the one that came out, or holds more than one value.
func says(found, value *yaml.Node) bool {
	value = followed(value)
	return found.Kind == value.Kind && (found.Kind != yaml.ScalarNode || found.Value == value.Value)
}

// operated is the line of the last operation of a JSON patch that sets the
// value.
func operated(operations *yaml.Node, at []pathStep, value *yaml.Node, plus int) int {
	for _, op := range slices.Backward(operations.Content) {
		op = followed(op)
		kind, pointer, set := field(op, "op"), field(op, "path"), field(op, "value")
		if kind == nil || pointer == nil || set == nil || kind.Value != "add" && kind.Value != "replace" {
			continue
		}
		rest, ok := pointed(pointer.Value, at)
		if !ok {
			continue
		}
		found, line := along(set, rest)
		if len(rest) == 0 {
			if line = set.Line; set.Kind != yaml.ScalarNode {
				line = pointer.Line
			}
		}
		if found != nil && says(found, value) {
			return line + within(found, plus)
		}
	}
	return 0
}

// pointed follows a JSON pointer along a path, and returns what is left of it.
func pointed(pointer string, at []pathStep) ([]pathStep, bool) {
	if pointer == "" {
		return at, true
	}
	unescape := strings.NewReplacer("~1", "/", "~0", "~")
	tokens := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	if len(tokens) > len(at) {
		return nil, false
	}
	for i, token := range tokens {
		token = unescape.Replace(token)
		switch step := at[i]; {
		case step.item == nil && step.key != token:
			return nil, false
		case step.item != nil && token != "-" && token != strconv.Itoa(step.index):
			return nil, false
		}
	}
	return at[len(tokens):], true
}

// said is the line of a setting other than a patch that says the value.
func (s setting) said(o *manifest.Object, at []pathStep, value *yaml.Node) int {
	last := at[len(at)-1]
	if value.Kind != yaml.ScalarNode || last.item != nil {
		return 0
	}
	lineOf := func(n *yaml.Node, ok bool) int {
		if n == nil || !ok {
			return 0
		}
		return n.Line
	}
	metadata := len(at) == 2 && at[0].key == "metadata"
	switch s.field {
	case "namespace":
		return lineOf(s.entry, last.key == "namespace" && s.entry.Value == value.Value)
	case "namePrefix":
		return lineOf(s.entry, metadata && last.key == "name" && s.entry.Value != "" && strings.HasPrefix(value.Value, s.entry.Value))
	case "nameSuffix":
		return lineOf(s.entry, metadata && last.key == "name" && s.entry.Value != "" && strings.Contains(value.Value, s.entry.Value))
	case "replicas":
		count := field(s.entry, "count")
		return lineOf(count, last.key == "replicas" && count != nil && count.Value == value.Value)
	case "images":
		return s.image(last.key, value.Value)
	case "commonLabels", "commonAnnotations", "labels":
		return s.label(at, value)
	case "replacements":
		return s.replaced(o, at)
	}
	return 0
}

// image is the line of images: that an image has its tag, its digest or its
// name from.
func (s setting) image(key, image string) int {
	if key != "image" {
		return 0
	}
	if s.entry.Kind == yaml.ScalarNode { // as an Application has it
		if _, now, renamed := strings.Cut(s.entry.Value, "="); renamed && now == image || s.entry.Value == image {
			return s.entry.Line
		}
		return 0
	}
	text := func(name string) (string, *yaml.Node) {
		if n := field(s.entry, name); n != nil {
			return n.Value, n
		}
		return "", nil
	}
	name, _ := text("name")
	now, renamed := text("newName")
	tag, tagged := text("newTag")
	digest, pinned := text("digest")
	if base := imageEdit(image)["name"]; base != orElse(now, name) {
		return 0
	}
	switch {
	case pinned != nil && strings.HasSuffix(image, "@"+digest):
		return pinned.Line
	case tagged != nil && (strings.HasSuffix(image, ":"+tag) || strings.Contains(image, ":"+tag+"@")):
		return tagged.Line
	case renamed != nil:
		return renamed.Line
	}
	return 0
}

func (s setting) label(at []pathStep, value *yaml.Node) int {
	pairs := s.entry
	if s.field == "labels" {
		if inner := field(s.entry, "pairs"); inner != nil {
			pairs = inner // a release's has no more than the pairs
		}
	}
	if len(at) < 2 || !slices.Contains([]string{"labels", "matchLabels", "selector", "annotations"}, at[len(at)-2].key) ||
		(at[len(at)-2].key == "annotations") != (s.field == "commonAnnotations") {
		return 0
	}
	if n := field(pairs, at[len(at)-1].key); n != nil && n.Value == value.Value {
		return n.Line
	}
	return 0
}

// replaced is the line of a target of replacements: that names the field.
func (s setting) replaced(o *manifest.Object, at []pathStep) int {
	targets := field(s.entry, "targets")
	if targets == nil {
		return 0
	}
	for _, target := range targets.Content {
		if selects := field(target, "select"); selects == nil || !targeted(selects, o, nil) {
			continue
		}
		paths := field(target, "fieldPaths")
		if paths == nil {
			continue
		}
		for _, p := range paths.Content {
			if leads(p.Value, at) {
				return p.Line
			}
		}
	}
	return 0
}

// leads says that a field path, such as spec.containers.[name=app].image, is
// that of the place.
func leads(fieldPath string, at []pathStep) bool {
	tokens := strings.Split(fieldPath, ".")
	if len(tokens) != len(at) {
		return false
	}
	for i, token := range tokens {
		switch step := at[i]; {
		case step.item == nil && token != step.key && token != "*":
			return false
		case step.item != nil:
			key, want, named := strings.Cut(strings.Trim(token, "[]"), "=")
			if got := field(step.item, key); named && (got == nil || got.Value != want) || !named && token != "*" && token != strconv.Itoa(step.index) {
				return false
			}
		}
	}
	return true
}

// generated is where the data of a generated object stands: a literal of the
// kustomization, or a file.
func (s setting) generated(at []pathStep, plus int) []manifest.Site {
	if len(at) == 2 && at[0].key == "metadata" && at[1].key == "name" && plus == 0 {
		return asPatch(s.sites(field(s.entry, "name").Line))
	}
	if len(at) != 2 || at[0].key != "data" && at[0].key != "binaryData" {
		return nil
	}
	if literals := field(s.entry, "literals"); literals != nil {
		for _, l := range literals.Content {
			if key, _, _ := strings.Cut(l.Value, "="); key == at[1].key {
				return asPatch(s.sites(l.Line))
			}
		}
	}
	if files := field(s.entry, "files"); files != nil {
		for _, f := range files.Content {
			key, file, named := strings.Cut(f.Value, "=")
			if !named {
				key, file = path.Base(f.Value), f.Value
			}
			if key == at[1].key {
				listed := asPatch(s.sites(f.Line))
				if plus == 0 {
					return listed
				}
				return append([]manifest.Site{{Path: path.Join(s.dir, file), Line: plus, Kind: manifest.SiteFile}}, listed...)
			}
		}
	}
	for _, name := range []string{"envs", "env"} {
		for _, file := range texts(field(s.entry, name)) {
			from := path.Join(s.dir, file)
			for i, line := range strings.Split(string(s.read(from)), "\n") {
				if key, _, _ := strings.Cut(strings.TrimSpace(line), "="); key == at[1].key {
					return []manifest.Site{{Path: from, Line: i + 1, Kind: manifest.SiteFile}}
				}
			}
		}
	}
	return nil
}
