package fix

import (
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/rendergate/rendergate/render"
	"github.com/rendergate/rendergate/render/manifest"
)

// layer is a document of values that a chart is rendered with: where in it the
// values are that the object's template reads.
type layer struct {
	doc    document
	prefix []string
}

// values are the places in the values that may decide the fields.
func (r *reader) values(edits []manifest.Edit) []Way {
	layers := r.layers()
	var all []Way
	for _, frame := range frames(edits) {
		named := r.named(frame)
		for _, l := range layers {
			for i, field := range named {
				all = append(all, l.under(frame, field, rankNamed+i)...)
			}
			for i, field := range r.likely(l.values(), frame) {
				if !slices.ContainsFunc(named, func(n []string) bool { return slices.Equal(n, field) }) {
					all = append(all, l.under(frame, field, rankLikely+i)...)
				}
			}
		}
	}
	return all
}

// values are those of the layer that the object's template reads.
func (l layer) values() manifest.Node { return l.doc.whole.Get(l.prefix...) }

// under edits a field where a value stands for a part of the object.
func (l layer) under(frame manifest.Node, field []string, rank int) []Way {
	at := l.values().Get(field...)
	if parent := l.values().Get(field[:len(field)-1]...); !at.Exists() && (!parent.IsMap() || rank >= rankLikely) {
		return nil
	}
	if !at.Exists() {
		rank += 5 // another layer has it
	}
	return []Way{wayIn(l.doc, rank, frame, at)}
}

// frames are the edited fields and what they are in, up to the container or
// the pod: any of them may be one value.
func frames(edits []manifest.Edit) []manifest.Node {
	var all []manifest.Node
	seen := map[string]bool{}
	var deep [][]manifest.Node
	for _, e := range edits {
		keys := e.At.Keys()
		root := e.At.Object().Root
		var way []manifest.Node
		for n := len(keys); n > 0 && len(way) < 5; n-- {
			way = append(way, root.Follow(keys[:n]))
			if keys[n-1].Index < 0 && (keys[n-1].Name == "containers" || keys[n-1].Name == "initContainers" || keys[n-1].Name == "spec") {
				break
			}
		}
		slices.Reverse(way)
		deep = append(deep, way)
	}
	// What several edits have in common comes first: one value for all of them.
	for level := range 5 {
		for _, way := range deep {
			if level < len(way) && !seen[way[level].Path()] {
				seen[way[level].Path()] = true
				all = append(all, way[level])
			}
		}
	}
	slices.SortStableFunc(all, func(a, b manifest.Node) int { return shared(edits, b) - shared(edits, a) })
	return all
}

// shared counts the edits below a node.
func shared(edits []manifest.Edit, n manifest.Node) int {
	count := 0
	top := n.Keys()
	for _, e := range edits {
		if keys := e.At.Keys(); len(keys) >= len(top) && slices.Equal(keys[:len(top)], top) {
			count++
		}
	}
	return count
}

// valuesName finds what a template reads of the values.
var valuesName = regexp.MustCompile(`\.Values((?:\.[A-Za-z_][A-Za-z0-9_]*)+)`)

// included finds the definitions that a template includes.
var included = regexp.MustCompile(`(?:include|template)\s+"([^"]+)"`)

// named are the values that the template names where it writes a field.
func (r *reader) named(frame manifest.Node) [][]string {
	var all [][]string
	add := func(text string) {
		for _, m := range valuesName.FindAllStringSubmatch(text, -1) {
			field := strings.Split(m[1][1:], ".")
			if !slices.ContainsFunc(all, func(known []string) bool { return slices.Equal(known, field) }) {
				all = append(all, field)
			}
		}
	}
	for _, w := range r.templates() {
		keys, ok := w.field(frame)
		if !ok {
			continue
		}
		text := w.doc.region(keys)
		add(text)
		for _, m := range included.FindAllStringSubmatch(text, -1) {
			add(r.definition(m[1]))
		}
	}
	return all
}

// region is the text that writes a field in a template: its lines, and those
// before it that hold only actions.
func (d document) region(keys []manifest.Key) string {
	if !d.whole.Exists() {
		return ""
	}
	way, rest := walk(d.whole.YAML(), keys)
	if len(rest) > 0 || len(way) == 0 {
		return ""
	}
	p := newPage(d.text, false)
	last := way[len(way)-1]
	first, column := last.value.Line-1, last.value.Column-1
	if last.key != nil {
		first, column = last.key.Line-1, last.key.Column-1
	} else {
		column--
	}
	end := p.blockEnd(first, column, true)
	for end < len(p.lines) && p.outputs(end) {
		end++
	}
	for first > 0 && p.outputs(first-1) {
		first--
	}
	return strings.Join(p.lines[first:end], "")
}

// definition is the text of what a chart defines under a name.
func (r *reader) definition(name string) string {
	chart, _ := chartOf(r.Object.Origin.Path)
	for _, file := range r.Inputs {
		if path.Ext(file) != ".tpl" || !strings.HasPrefix(file, chart+"/templates/") {
			continue
		}
		data, err := fs.ReadFile(r.Tree, file)
		if err != nil || len(data) > maxFile {
			continue
		}
		if _, after, found := strings.Cut(string(data), `define "`+name+`"`); found {
			body, _, _ := strings.Cut(after, "{{- define")
			return body
		}
	}
	return ""
}

// mostLikely bounds the values that are only called alike.
const mostLikely = 5

// likely are the values that are called like the field, those that are also
// called like the object or the container first.
func (r *reader) likely(values, frame manifest.Node) [][]string {
	keys := frame.Keys()
	last := keys[len(keys)-1]
	if last.Index >= 0 || !values.IsMap() {
		return nil
	}
	type candidate struct {
		field []string
		score int
	}
	var all []candidate
	var into func(n manifest.Node, way []string)
	into = func(n manifest.Node, way []string) {
		for key, value := range n.Fields() {
			field := append(slices.Clone(way), key)
			if score := r.calledLike(field, last.Name, frame, value); score > 0 {
				all = append(all, candidate{field, score})
			}
			if len(field) < 8 && value.IsMap() {
				into(value, field)
			}
		}
	}
	into(values, nil)
	slices.SortStableFunc(all, func(a, b candidate) int { return b.score - a.score })
	var fields [][]string
	for _, c := range all[:min(len(all), mostLikely)] {
		fields = append(fields, c.field)
	}
	return fields
}

// calledLike says how much the name of a value promises to be the field's.
func (r *reader) calledLike(field []string, name string, frame, value manifest.Node) int {
	key := strings.ToLower(field[len(field)-1])
	score := 0
	switch own := strings.ToLower(name); {
	case key == own:
		score = 10
	case strings.HasSuffix(key, own):
		score = 8
	default:
		return 0
	}
	if frame.Exists() && !frame.IsMap() && !frame.IsList() && frame.Text() != value.Text() {
		return 0
	}
	container := false
	names := strings.ToLower(r.Object.Name + " " + path.Base(r.Object.Origin.Path))
	for _, k := range frame.Keys() {
		container = container || k.Index >= 0
		if k.Index >= 0 {
			names += " " + strings.ToLower(k.Name)
		}
	}
	for _, part := range field[:len(field)-1] {
		if strings.Contains(names, strings.ToLower(part)) {
			score += 5
		}
	}
	if strings.HasPrefix(key, "pod") == container {
		score -= 3
	}
	return score - len(field)/2
}

// layers are the values that the object's chart is rendered with, those that
// decide first.
func (r *reader) layers() []layer {
	chart, ok := chartOf(r.Object.Origin.Path)
	if !ok {
		return nil
	}
	var all []layer
	add := func(file string, prefix ...string) {
		for _, d := range r.documents(file) {
			if !slices.ContainsFunc(all, func(l layer) bool { return l.doc.file == file && slices.Equal(l.prefix, prefix) }) {
				all = append(all, layer{d, prefix})
			}
		}
	}
	all = append(all, r.release()...)
	prefixes := r.prefixes(chart)
	own := render.Layers(r.Tree, r.Target)
	slices.Reverse(own)
	for _, file := range append(own, path.Join(r.Target.Dir, "values.yaml")) {
		for _, prefix := range prefixes {
			add(file, prefix...)
		}
	}
	for _, file := range r.Inputs {
		if r.Target.Declared != nil && r.isValues(file) {
			add(file) // what a release reads beside the chart
		}
	}
	add(path.Join(chart, "values.yaml"))
	return all
}

// isValues says that a file may hold values, under whatever name.
func (r *reader) isValues(file string) bool {
	if _, template := chartOf(file); template || !isYAML(file) || path.Base(file) == "Chart.yaml" || strings.Contains(path.Base(file), "ustomization") {
		return false
	}
	all := r.documents(file)
	return len(all) == 1 && len(objectsIn(all[0])) == 0
}

// prefixes are where a parent's values speak of a chart that is part of it.
func (r *reader) prefixes(chart string) [][]string {
	dir := r.Target.Dir
	if dir == "." {
		dir = ""
	}
	if chart == dir || r.Target.Declared != nil {
		return [][]string{nil}
	}
	names := []string{path.Base(chart)}
	if data, err := fs.ReadFile(r.Tree, path.Join(r.Target.Dir, "Chart.yaml")); err == nil {
		if o, err := manifest.ParseSource(data, manifest.Ref{}, manifest.Origin{}); err == nil {
			for dep := range o.Root.Get("dependencies").Items() {
				if alias := dep.Get("alias").Text(); alias != "" && dep.Get("name").Text() == names[0] {
					names = append(names, alias)
				}
			}
		}
	}
	var all [][]string
	for _, name := range names {
		all = append(all, []string{name})
	}
	return all
}

// release are the values that a release itself holds.
func (r *reader) release() []layer {
	declared := r.Target.Declared
	if declared == nil {
		return nil
	}
	var all []layer
	for _, d := range r.documents(declared.File) {
		for _, root := range objectsIn(d) {
			if root.Get("metadata", "name").Text() != declared.Object.Name || root.Get("kind").Text() != declared.Object.Kind || len(root.Keys()) > 0 {
				continue
			}
			all = append(all, layer{d, []string{"spec", "values"}}, layer{d, []string{"spec", "source", "helm", "valuesObject"}})
			if in, ok := d.inner(root.Get("spec", "source", "helm", "values")); ok {
				all = append(all, layer{in, nil})
			}
		}
	}
	return slices.DeleteFunc(all, func(l layer) bool { return !l.values().IsMap() })
}
