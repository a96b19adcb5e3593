package render

import (
	"cmp"
	"io/fs"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/rendergate/rendergate/render/manifest"
)

// overlayTrace tells where the lines of built objects come from. What kustomize
// itself records names neither a line nor the file of a patch, so the
// kustomizations are read once more, and each setting of theirs is asked
// whether it says what came out.
type overlayTrace struct {
	plan     *plan
	files    map[string][]*manifest.Object // what stands in the files
	layers   []overlayLayer                // the outermost first: the last to have a say
	settings map[string][]setting          // by kustomization file
	added    *addedEdits
}

// addedEdits are what a release adds to the kustomization of its folder, and
// what the objects are that lie over the tree as files.
type addedEdits struct {
	file    string // of the kustomization that they are written into
	under   fs.FS  // the tree without them
	list    []edit
	objects map[string][]*manifest.Object
}

// overlayLayer is a kustomization and what it reaches.
type overlayLayer struct {
	kustomization
	inputs    map[string]bool
	component bool
}

func newOverlayTrace(p *plan, added *addedEdits) *overlayTrace {
	if !p.target.Traced {
		return nil
	}
	t := &overlayTrace{plan: p, files: map[string][]*manifest.Object{}, settings: map[string][]setting{}, added: added}
	t.follow(newReading(p.tree), p.target.Dir, 0)
	return t
}

// follow adds a kustomization and then what it builds upon: the components,
// which come after the resources, and of each list the last one first.
func (t *overlayTrace) follow(read *reading, dir string, depth int) {
	file := kustomizationFile(t.plan.tree, dir)
	if _, known := t.settings[file]; known || file == "" || depth > maxOverlays {
		return
	}
	k := read.of(file)
	t.settings[file] = nil
	if k.err != nil {
		return
	}
	t.settings[file] = t.settingsOf(k.kustomization)
	t.layers = append(t.layers, overlayLayer{k.kustomization, read.closure(dir).inputs, k.component()})
	for _, name := range []string{"components", "resources", "bases"} {
		for _, text := range slices.Backward(texts(field(k.root, name))) {
			if at := path.Join(dir, text); fs.ValidPath(at) {
				t.follow(read, at, depth+1)
			}
		}
	}
}

// pathStep is one step from an object's root: a key, or an item of a list.
type pathStep struct {
	key   string
	index int
	item  *yaml.Node // nil: a key
}

// note tells an object who wrote its lines. They are numbered anew, as if the
// object were printed: those that kustomize leaves behind are of many files.
func (t *overlayTrace) note(o *manifest.Object, from string) {
	if t == nil {
		return
	}
	renumber(o.Root.YAML())
	source := t.source(o, from)
	if _, inflated := t.plan.origins[from]; inflated {
		from = kustomizationFile(t.plan.tree, path.Dir(path.Dir(from))) // that names the chart
	}
	var settings []setting
	for _, l := range t.layers {
		if l.component || l.inputs[from] || l.file == from {
			for _, s := range t.settings[l.file] {
				if s.touches(o, source) {
					settings = append(settings, s)
				}
			}
		}
	}
	o.Written = map[int][]manifest.Site{}
	n := overlayNotes{object: o, source: source, settings: settings}
	n.walk(o.Root.YAML(), nil)
}

// overlayNotes writes down the sites of one object.
type overlayNotes struct {
	object   *manifest.Object
	source   *manifest.Object // as it stands in its file; nil where it has none
	settings []setting
}

func (n overlayNotes) walk(y *yaml.Node, at []pathStep) {
	switch y.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(y.Content); i += 2 {
			below := append(slices.Clip(at), pathStep{key: y.Content[i].Value})
			n.walk(y.Content[i+1], below)
			n.line(y.Content[i].Line, y.Content[i+1], below)
		}
	case yaml.SequenceNode:
		for i, c := range y.Content {
			below := append(slices.Clip(at), pathStep{index: i, item: c})
			n.walk(c, below)
			n.line(c.Line, c, below)
		}
	}
}

// line notes the sites of a value, and of the further lines of a text.
func (n overlayNotes) line(line int, y *yaml.Node, at []pathStep) {
	if line == 0 || n.object.Written[line] != nil {
		return
	}
	for plus := range linesOf(y) {
		if sites := n.sites(y, at, plus); len(sites) > 0 {
			n.object.Written[line+plus] = sites
		}
	}
}

// sites are, for a value, the patches that say it and then the line of the
// file, which may have said something else. What holds values stands where it
// stood before: a patch only passes through.
func (n overlayNotes) sites(y *yaml.Node, at []pathStep, plus int) []manifest.Site {
	var file, all siteList
	if n.source != nil {
		if found, line := along(n.source.Root.YAML(), at); found != nil {
			file.add(n.source.SitesAt(line + within(found, plus))...)
		}
	}
	if len(file) > 0 && len(y.Content) > 0 {
		return file
	}
	for _, s := range n.settings {
		all.add(s.sitesOf(n.object, at, y, plus)...)
	}
	all.add(file...)
	return slices.SortedStableFunc(slices.Values(all), func(a, b manifest.Site) int {
		return cmp.Compare(conditional(a), conditional(b))
	})
}

func conditional(s manifest.Site) int {
	if s.Kind == manifest.SiteCondition {
		return 1
	}
	return 0
}

// linesOf is how many lines a value takes that is written as a block of text.
func linesOf(y *yaml.Node) int {
	if !block(y) {
		return 1
	}
	return 1 + strings.Count(strings.TrimSuffix(y.Value, "\n"), "\n") + 1
}

func block(y *yaml.Node) bool {
	return y.Kind == yaml.ScalarNode && (y.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 || strings.Contains(y.Value, "\n"))
}

// within is the line of a text where a further one of the rendered text stands.
func within(y *yaml.Node, plus int) int {
	if y.Kind == yaml.ScalarNode && y.Style&yaml.LiteralStyle != 0 {
		return plus
	}
	return 0
}

// renumber gives each line of an object the number that it has when the object
// is printed with its texts as blocks.
func renumber(root *yaml.Node) {
	line := 1
	var number func(y *yaml.Node)
	number = func(y *yaml.Node) {
		y.Line = line
		switch {
		case y.Kind == yaml.MappingNode && len(y.Content) > 0:
			for i := 0; i+1 < len(y.Content); i += 2 {
				y.Content[i].Line = line
				if value := y.Content[i+1]; len(value.Content) > 0 {
					line++
					number(value)
				} else {
					number(value)
				}
			}
		case y.Kind == yaml.SequenceNode && len(y.Content) > 0:
			for _, c := range y.Content {
				number(c)
			}
		default:
			line += linesOf(y)
		}
	}
	if root != nil {
		number(root)
	}
}

// along follows the path of a rendered value through another value of its
// object: items of lists by what names them, else by their place.
func along(y *yaml.Node, at []pathStep) (*yaml.Node, int) {
	y = followed(y)
	line := 0
	for _, step := range at {
		if y == nil {
			return nil, 0
		}
		switch {
		case step.item == nil && y.Kind == yaml.MappingNode:
			key, value := entry(y, step.key, 0)
			if value == nil {
				return nil, 0
			}
			if line, y = key.Line, followed(value); y.Kind == yaml.ScalarNode {
				line = y.Line
			}
		case step.item != nil && y.Kind == yaml.SequenceNode:
			if y = followed(sameItem(y, step)); y == nil {
				return nil, 0
			}
			line = y.Line
		default:
			return nil, 0
		}
	}
	return y, line
}

// itemNames are the fields that tell items of lists apart.
var itemNames = []string{"name", "mountPath", "devicePath", "containerPort", "port", "ip", "topologyKey", "kind"}

func sameItem(list *yaml.Node, step pathStep) *yaml.Node {
	item := followed(step.item)
	if item.Kind == yaml.ScalarNode {
		for _, c := range list.Content {
			if c = followed(c); c.Kind == yaml.ScalarNode && c.Value == item.Value {
				return c
			}
		}
		return nil
	}
	for _, name := range itemNames {
		want := field(item, name)
		if want == nil || want.Kind != yaml.ScalarNode {
			continue
		}
		var named []*yaml.Node
		for _, c := range list.Content {
			if got := field(c, name); got != nil && got.Value == want.Value {
				named = append(named, c)
			}
		}
		switch len(named) {
		case 0:
			return nil
		case 1:
			return named[0]
		}
		return likest(list, step) // as where all are named "*", which tells nothing apart
	}
	return likest(list, step)
}

// likest is the item that has most in common with one that nothing names: the
// one in its place, unless others fit better, as after an item was taken out.
func likest(list *yaml.Node, step pathStep) *yaml.Node {
	var best *yaml.Node
	most := 0
	if step.index < len(list.Content) {
		if best = list.Content[step.index]; alike(best, step.item) == whole {
			return best
		}
		most = alike(best, step.item)
	}
	for _, c := range list.Content {
		if n := alike(c, step.item); n > most {
			best, most = c, n
		}
	}
	return best
}

const whole = 1 << 20 // two values are the same

// alike counts what two values have in common. Aliases are not followed, which
// could take for ever.
func alike(a, b *yaml.Node) int {
	switch {
	case a == nil || b == nil || a.Kind != b.Kind:
		return 0
	case a.Kind == yaml.ScalarNode || a.Kind == yaml.AliasNode:
		if a.Value == b.Value {
			return whole
		}
		return 0
	}
	common, same := 0, len(a.Content) == len(b.Content)
	count := func(x, y *yaml.Node) {
		switch n := alike(x, y); {
		case n >= whole:
			common += 2
		case n > 0:
			common, same = common+1, false
		default:
			same = false
		}
	}
	if a.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(a.Content); i += 2 {
			count(a.Content[i+1], field(b, a.Content[i].Value))
		}
	} else {
		for i := range min(len(a.Content), len(b.Content)) {
			count(a.Content[i], b.Content[i])
		}
	}
	if same {
		return whole
	}
	return common
}

// source is the object as it stands in its file. Its name may have got a prefix
// and a suffix since.
func (t *overlayTrace) source(o *manifest.Object, from string) *manifest.Object {
	if known := t.plan.objects[from]; known != nil {
		return best(known, o)
	}
	if t.added != nil && t.added.objects[from] != nil {
		return best(t.added.objects[from], o)
	}
	return best(t.objectsOf(from), o)
}

func best(from []*manifest.Object, o *manifest.Object) *manifest.Object {
	var found *manifest.Object
	same := 0
	for _, candidate := range from {
		if candidate.Kind != o.Kind {
			continue
		}
		same++
		if candidate.Name == o.Name {
			return candidate
		}
		if candidate.Name != "" && strings.Contains(o.Name, candidate.Name) && (found == nil || len(candidate.Name) > len(found.Name)) {
			found = candidate
		}
	}
	if found == nil && same == 1 {
		return slices.DeleteFunc(slices.Clone(from), func(c *manifest.Object) bool { return c.Kind != o.Kind })[0]
	}
	return found
}

// objectsOf are the objects of a file.
func (t *overlayTrace) objectsOf(file string) []*manifest.Object {
	objects, known := t.files[file]
	if !known {
		if data, err := fs.ReadFile(t.plan.tree, file); err == nil && isYAML(file) {
			if objects, err = manifest.Parse(data, manifest.Origin{Path: file, Exact: true}); err != nil {
				objects = nil
			}
		}
		t.files[file] = objects
	}
	return objects
}

// setting is one thing that a kustomization says of objects.
type setting struct {
	field string
	entry *yaml.Node // the item or the value
	dir   string
	sites func(line int) []manifest.Site

	patches []*yaml.Node // the documents or the operations of a patch
	target  *yaml.Node   // of a patch
	read    func(name string) []byte
}

// settingsOf are what a kustomization says; one that a release adds to stands
// in the tree without that.
func (t *overlayTrace) settingsOf(k kustomization) []setting {
	if t.added == nil || t.added.file != k.file {
		return t.settingsIn(k, inFile(k.file, false))
	}
	var all []setting
	for _, e := range slices.Backward(t.added.list) {
		if o := e.at.Object(); o != nil && e.at.Exists() {
			at := func(line int) []manifest.Site { return asPatches(withoutConditions(o.SitesAt(line))) }
			all = append(all, t.settingAt(k.dir, e.field, e.at.YAML(), at)...)
		}
	}
	if original, err := readKustomization(t.added.under, k.file); err == nil {
		all = append(all, t.settingsIn(original, inFile(k.file, false))...)
	}
	return all
}

// asPatches are sites of an object that are lines of a patch for others.
func asPatches(sites []manifest.Site) []manifest.Site {
	for i := range sites {
		if i == 0 {
			sites[i].Kind = manifest.SitePatch
		}
	}
	return sites
}

// settingsIn are the settings of a file, those that kustomize runs last first.
func (t *overlayTrace) settingsIn(k kustomization, sites func(int) []manifest.Site) []setting {
	var all []setting
	for _, name := range []string{"replicas", "images", "labels", "commonAnnotations", "commonLabels", "nameSuffix", "namePrefix", "namespace",
		"replacements", "patches", "patchesJson6902", "patchesStrategicMerge", "configMapGenerator", "secretGenerator"} {
		value := field(k.root, name)
		if value == nil {
			continue
		}
		if value.Kind != yaml.SequenceNode {
			all = append(all, t.settingAt(k.dir, name, value, sites)...)
			continue
		}
		for _, item := range slices.Backward(value.Content) {
			all = append(all, t.settingAt(k.dir, name, followed(item), sites)...)
		}
	}
	return all
}

// settingAt reads one setting, with the files that it names.
func (t *overlayTrace) settingAt(dir, name string, entry *yaml.Node, sites func(int) []manifest.Site) []setting {
	s := setting{field: name, entry: entry, dir: dir, sites: sites, read: t.read}
	text, file := entry, ""
	switch name {
	case "patches", "patchesJson6902":
		s.target = field(entry, "target")
		if text = field(entry, "patch"); text == nil {
			if text = field(entry, "path"); text == nil {
				return nil
			}
			file = path.Join(dir, text.Value)
		}
	case "patchesStrategicMerge":
		if text.Kind == yaml.ScalarNode && !strings.Contains(text.Value, "\n") {
			file = path.Join(dir, text.Value)
		}
	default:
		return []setting{s}
	}
	if file != "" {
		s.sites = inFile(file, false)
		s.patches = documentsOf(t.read(file))
		return []setting{s}
	}
	if text.Kind != yaml.ScalarNode {
		s.patches = []*yaml.Node{text}
		return []setting{s}
	}
	s.patches = documentsOf([]byte(text.Value))
	literal := text.Style&yaml.LiteralStyle != 0
	s.sites = func(line int) []manifest.Site {
		if literal {
			return sites(text.Line + line)
		}
		return sites(text.Line)
	}
	return []setting{s}
}

func (t *overlayTrace) read(name string) []byte {
	if !fs.ValidPath(name) {
		return nil
	}
	data, err := fs.ReadFile(t.plan.tree, name)
	if err != nil || unfolded(name, data) != nil {
		return nil
	}
	return data
}

func documentsOf(data []byte) []*yaml.Node {
	var all []*yaml.Node
	decoder := yaml.NewDecoder(strings.NewReader(string(data)))
	for {
		var doc yaml.Node
		if decoder.Decode(&doc) != nil {
			return all
		}
		if len(doc.Content) > 0 {
			all = append(all, doc.Content[0])
		}
	}
}
