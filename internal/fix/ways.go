// Package fix turns an edit of a rendered field into edits of the source that
// wrote it, keeping everything else of the file as it is. It proposes; whether
// a proposal does what it should, only rendering it tells.
package fix

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/rendergate/rendergate/internal/git"
	"github.com/rendergate/rendergate/render"
	"github.com/rendergate/rendergate/render/manifest"
)

// Case is an object whose fields are to be edited.
type Case struct {
	Tree    *git.Tree // head
	Target  render.Target
	Inputs  []string // the files that the target's render reads
	Object  *manifest.Object
	Changed func(file string) bool // by the change that is judged
	Cause   string                 // the file that caused the finding
	Traced  *manifest.Object       // the same object, which knows who wrote it; nil: only the others are asked
}

// Way is one place to make the edits: a document, and how fields of the
// rendered object are called there.
type Way struct {
	doc   document
	rank  int
	keeps bool   // the key has to stay
	value string // what the source says instead of the edit's value; empty: that
	// beside is another object as the file has to hold it; nil where the way is
	// to edit what the file holds.
	beside func(text string) (string, bool)
	field  func(at manifest.Node) ([]manifest.Key, bool)
}

// The ranks of ways, as a reviewer would choose: the value that decides, what
// the template writes, the patch or the manifest.
const (
	rankCause  = -100
	rankChange = -50
	rankExact  = 0
	rankTraced = 1
	rankNamed  = 10
	rankPatch  = 20
	rankSource = 30
	rankLikely = 40
)

// File is the file that the way edits.
func (w Way) File() string { return w.doc.file }

// Text is the file's text with the edits made. Not all of them need have a
// place there: made tells which were.
func (w Way) Text(edits [][]manifest.Edit) (text string, made []bool, err error) {
	if w.beside != nil {
		text, made = w.withNewcomers(edits)
		return text, made, nil
	}
	var changes []change
	made = make([]bool, len(edits))
	for i, group := range edits {
		if len(group) == 0 {
			continue
		}
		some, ok := w.changes(group)
		if !ok {
			continue
		}
		// Each group is tried alone first, so that one that the text cannot take
		// does not keep the others out.
		if _, failed := w.doc.edit(some); failed != nil {
			err = failed
			continue
		}
		made[i] = true
		for _, c := range some {
			if !slices.ContainsFunc(changes, func(other change) bool { return sameChange(c, other) }) {
				changes = append(changes, c)
			}
		}
	}
	if len(changes) == 0 {
		return "", made, err
	}
	text, err = w.doc.edit(changes)
	return text, made, err
}

func sameChange(a, b change) bool {
	return slices.Equal(a.keys, b.keys) && a.op == b.op && a.value == b.value
}

// changes are the edits in the words of the document; false when one of them
// has no place there.
func (w Way) changes(edits []manifest.Edit) ([]change, bool) {
	var all []change
	for _, e := range edits {
		keys, ok := w.field(e.At)
		if !ok || len(keys) == 0 && (w.doc.hcl == nil || !w.doc.hcl.value) {
			return nil, false
		}
		c := change{keys: keys, op: e.Op, value: e.Value, old: e.Old, new: e.New}
		if w.keeps && e.Op == manifest.OpRemove && e.Same != "" {
			c.op, c.value = manifest.OpSet, e.Same
		}
		if w.value != "" {
			c.value = w.value
		}
		all = append(all, c)
	}
	return all, true
}

// maxWays bounds what is proposed for one object.
const maxWays = 24

// Ways are the places where edits of the object may be made, the best first.
func Ways(c Case, edits []manifest.Edit) []Way {
	var all []Way
	read := &reader{Case: c, known: map[string][]document{}}
	in := slices.DeleteFunc(slices.Clone(edits), besides)
	switch {
	case len(in) == 0:
		// Only other objects come, so that nothing of the object is looked for.
	case c.Target.Kind == render.Terraform:
		all = read.terraform(in)
	case c.Target.Kind == render.CloudFormation:
		all = read.cloudformation(in)
	case c.Object.Origin.Exact:
		all = read.exact()
	case c.Traced != nil:
		all = read.traced(in)
	default:
		all = slices.Concat(read.values(in), read.templates(), read.manifests())
	}
	all = slices.DeleteFunc(all, func(w Way) bool { return read.defies(w, in) })
	for i := range all {
		switch file := all[i].doc.file; {
		case file == c.Cause:
			all[i].rank += rankCause
		case c.Changed(file):
			all[i].rank += rankChange
		}
	}
	all = append(all, kept(all, edits)...)
	if slices.ContainsFunc(edits, besides) {
		all = append(all, read.newcomers()...)
	}
	slices.SortStableFunc(all, func(a, b Way) int { return a.rank - b.rank })
	return all[:min(len(all), maxWays)]
}

// defies says that a way would fix in a template what its actions write, where the
// change is to what they read: that would no longer do anything.
func (r *reader) defies(w Way, edits []manifest.Edit) bool {
	chart, template := chartOf(w.doc.file)
	switch {
	case !template, r.Target.Kind == render.TerraformRelease && strings.HasPrefix(r.Cause, chart+"/"):
		return false
	case w.doc.file == r.Cause && r.Changed(r.Cause):
		return false
	}
	return slices.ContainsFunc(edits, func(e manifest.Edit) bool {
		keys, ok := w.field(e.At)
		return ok && strings.Contains(w.doc.region(keys), "{{")
	})
}

func besides(e manifest.Edit) bool { return e.Op == manifest.OpBeside }

// kept are the same ways for sources whose keys have to stay.
func kept(all []Way, edits []manifest.Edit) []Way {
	if !slices.ContainsFunc(edits, func(e manifest.Edit) bool { return e.Same != "" }) {
		return nil
	}
	more := slices.Clone(all)
	for i := range more {
		more[i].keeps = true
	}
	return more
}

// reader reads the documents that may hold what was rendered.
type reader struct {
	Case
	known   map[string][]document
	written []Way // in templates, once asked for
	asked   bool
}

// maxFile bounds the files that are looked into.
const maxFile = 1 << 19

func (r *reader) documents(file string) []document {
	all, known := r.known[file]
	if known {
		return all
	}
	if data, err := fs.ReadFile(r.Tree, file); err == nil && len(data) <= maxFile {
		all = documentsOf(file, string(data))
	}
	r.known[file] = all
	return all
}

// exact is the place of an object that the source holds as it is.
func (r *reader) exact() []Way {
	for _, d := range r.documents(r.Object.Origin.Path) {
		for _, root := range objectsIn(d) {
			if root.Line() == r.Object.Root.Line() {
				return []Way{wayIn(d, rankExact, r.Object.Root, root)}
			}
		}
		if d.whole.Line() == r.Object.Root.Line() {
			return []Way{wayIn(d, rankExact, r.Object.Root, d.whole)} // a source that is no Kubernetes object
		}
	}
	return nil
}

// wayIn edits what is in a part of the object where a document has that part.
func wayIn(d document, rank int, part, source manifest.Node) Way {
	top := part.Keys()
	return Way{doc: d, rank: rank, field: func(at manifest.Node) ([]manifest.Key, bool) {
		keys := at.Keys()
		if len(keys) < len(top) || !slices.Equal(keys[:len(top)], top) {
			return nil, false
		}
		return counterpart(part, keys[len(top):], source)
	}}
}

// just edits a single field, where a document has it.
func just(field manifest.Node, there []manifest.Key) func(at manifest.Node) ([]manifest.Key, bool) {
	keys := field.Keys()
	return func(at manifest.Node) ([]manifest.Key, bool) { return there, slices.Equal(at.Keys(), keys) }
}

// objectsIn are the roots of the objects of a document: itself, or the items
// of a list.
func objectsIn(d document) []manifest.Node {
	root := d.whole
	if !root.IsMap() {
		return nil
	}
	if items := root.Get("items"); items.IsList() && strings.HasSuffix(root.Get("kind").Text(), "List") {
		return slices.Collect(items.Items())
	}
	if root.Get("kind").Text() == "" {
		return nil
	}
	return []manifest.Node{root}
}

// templates are the places in the template that wrote the object, and in what
// the chart defines for its templates.
func (r *reader) templates() []Way {
	if !r.asked {
		r.asked, r.written = true, r.inTemplates()
	}
	return slices.Clone(r.written)
}

func (r *reader) inTemplates() []Way {
	file := r.Object.Origin.Path
	chart, inTemplates := chartOf(file)
	if !inTemplates {
		return nil
	}
	var all []Way
	for _, d := range r.documents(file) {
		for _, root := range objectsIn(d) {
			if kind := root.Get("kind").Text(); kind == r.Object.Kind || isMasked(kind) {
				all = append(all, wayIn(d, rankSource, r.Object.Root, root))
			}
		}
	}
	for _, name := range r.Inputs {
		if path.Ext(name) != ".tpl" || !strings.HasPrefix(name, chart+"/templates/") {
			continue
		}
		for _, d := range r.documents(name) {
			all = append(all, r.fragment(d)...)
		}
	}
	return all
}

// chartOf is the chart whose template a file is.
func chartOf(file string) (chart string, ok bool) {
	at := strings.LastIndex("/"+file, "/templates/")
	if at < 0 {
		return "", false
	}
	return strings.Trim(("/" + file)[:at], "/"), true
}

// isMasked says that a value is an action's, so that nobody knows it.
func isMasked(text string) bool { return text != "" && strings.Trim(text, "x") == "" }

// fragment are the places in a definition that looks like a part of the
// object.
func (r *reader) fragment(d document) []Way {
	var all []Way
	parts := partsOf(r.Object.Root, 0)
	for _, part := range parts[:min(len(parts), maxParts)] {
		if resembles(d.whole, part) {
			all = append(all, wayIn(d, rankSource+5, part, d.whole))
		}
	}
	return all
}

// maxParts bounds the parts of an object that definitions are held against.
const maxParts = 300

// partsOf are the mappings and lists of an object that a definition may write.
func partsOf(n manifest.Node, depth int) []manifest.Node {
	all := []manifest.Node{n}
	if depth > 9 || len(n.Keys()) > 0 && n.Keys()[0].Name == "data" {
		return nil
	}
	for _, child := range n.Fields() {
		if child.IsMap() || child.IsList() {
			all = append(all, partsOf(child, depth+1)...)
		}
	}
	for child := range n.Items() {
		if child.IsMap() {
			all = append(all, partsOf(child, depth+1)...)
		}
	}
	return all
}

// resembles says that most of what a definition writes literally is what a part
// of the object holds.
func resembles(root, part manifest.Node) bool {
	if root.IsList() != part.IsList() {
		return false
	}
	if root.IsList() {
		for a := range root.Items() {
			for b := range part.Items() {
				if a.IsMap() && b.IsMap() && resembles(a, b) {
					return true
				}
			}
		}
		return false
	}
	common, all := 0, 0
	for key := range root.Fields() {
		if isMasked(key) {
			continue
		}
		all++
		if part.Get(key).Exists() {
			common++
		}
	}
	return common >= 2 && 10*common >= 6*all
}

// counterpart follows keys of the rendered object in a source: fields by their
// name, list items by what they hold.
func counterpart(from manifest.Node, keys []manifest.Key, to manifest.Node) ([]manifest.Key, bool) {
	found := to.Keys()
	for _, key := range keys {
		if key.Index < 0 {
			found = append(slices.Clone(found), key)
			from, to = from.Get(key.Name), to.Get(key.Name)
			continue
		}
		from = from.Item(key.Index)
		item, ok := itemLike(from, key.Index, to)
		if !ok {
			return nil, false
		}
		found, to = item.Keys(), item
	}
	return found, true
}

// itemLike is the item of a list that says most of what another one says.
func itemLike(item manifest.Node, index int, list manifest.Node) (best manifest.Node, ok bool) {
	score := 0
	at := 0
	for other := range list.Items() {
		s := likeness(item, other)
		if s > 0 && at == index {
			s++
		}
		if s > score {
			best, score, ok = other, s, true
		}
		at++
	}
	return best, ok
}

func likeness(a, b manifest.Node) int {
	if !a.IsMap() || !b.IsMap() {
		switch {
		case a.IsMap() != b.IsMap():
			return 0
		case a.Text() == b.Text():
			return 10
		case strings.Contains(b.Text(), "xx"):
			return 1
		}
		return 0
	}
	score := 0
	for key, value := range b.Fields() {
		own := a.Get(key)
		switch {
		case !own.Exists():
		case value.Text() != "" && value.Text() == own.Text() && key == "name":
			score += 20
		case value.Text() != "" && value.Text() == own.Text():
			score += 4
		case key == "name" && value.Text() != "" && !strings.Contains(value.Text(), "xx"):
			return 0 // it is called otherwise
		default:
			score += 1
		}
	}
	return score
}
