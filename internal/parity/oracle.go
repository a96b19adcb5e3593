package main

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/rendergate/rendergate/render"
	"github.com/rendergate/rendergate/render/manifest"
)

// verdicts of one kind of site: the line was changed, and then the field
// changed or did not; the rest could not be decided.
type verdicts struct{ agree, disagree, broke, uneditable int }

func (v *verdicts) add(other verdicts) {
	v.agree, v.disagree, v.broke, v.uneditable = v.agree+other.agree, v.disagree+other.disagree, v.broke+other.broke, v.uneditable+other.uneditable
}

func (v verdicts) String() string {
	return fmt.Sprintf("%d of %d decided agree (%.2f%%), %d did not render, %d could not be edited",
		v.agree, v.agree+v.disagree, percent(v.agree, v.agree+v.disagree), v.broke, v.uneditable)
}

// oracle asks the renderer itself whether a trace is right: it changes the line
// that a field is said to come from, renders without a trace, and looks whether
// the field has changed.
type oracle struct {
	parity
	samples int // of each target
	random  *rand.Rand
	found   map[string]*verdicts
}

// asked are the kinds of sites that are tried, and a control: the line of
// another field, which must change nothing.
var asked = []string{"template", "values", "patch", "file", "condition", "control"}

func newOracle(p parity, samples int) *oracle {
	o := &oracle{parity: p, samples: samples, random: rand.New(rand.NewPCG(4, 2)), found: map[string]*verdicts{}}
	for _, kind := range asked {
		o.found[kind] = &verdicts{}
	}
	return o
}

// since tells what was found after some figures.
func (q *oracle) since(before map[string]verdicts) string {
	var b strings.Builder
	for _, kind := range asked {
		now, then := *q.found[kind], before[kind]
		now.add(verdicts{-then.agree, -then.disagree, -then.broke, -then.uneditable})
		fmt.Fprintf(&b, "  %s: %s\n", kind, now)
	}
	return b.String()
}

// wrong says that more than one decided sample of a hundred disagrees. A
// condition may be one of several that each suffice, so those are only told.
func (q *oracle) wrong() bool {
	return slices.ContainsFunc(asked, func(kind string) bool {
		v := q.found[kind]
		return kind != string(manifest.SiteCondition) && v.disagree*100 > v.agree+v.disagree
	})
}

// sample is a field of a traced object.
type sample struct {
	object int
	leaf   leaf
	sites  []manifest.Site
}

func (q *oracle) target(tree folder, t render.Target) {
	t.Traced = true
	traced, err := render.Render(tree, t)
	if err != nil {
		return
	}
	t.Traced = false
	var all []sample
	for i, o := range traced.Objects {
		leaves := leavesOf(o.Root.YAML())
		beside := map[int]int{} // a line of several fields says nothing of one
		for _, l := range leaves {
			beside[l.node.Line]++
		}
		for _, l := range leaves {
			if sites := o.SitesAt(l.node.Line); len(sites) > 0 && l.node.Value != "" && beside[l.node.Line] == 1 {
				all = append(all, sample{i, l, sites})
			}
		}
	}
	q.random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	for n, s := range all[:min(len(all), q.samples)] {
		for _, kind := range asked[:5] {
			site := siteOf(s.sites, manifest.SiteKind(kind))
			if overridden := kind == string(manifest.SiteFile) && s.sites[0].Kind == manifest.SitePatch; overridden {
				continue // by a patch: the line of the file says what was
			}
			if site != nil && site.Line > 0 && (kind != string(manifest.SitePatch) || len(s.leaf.way) > 1) {
				q.try(tree, t, traced, s, kind, *site)
			}
		}
		if other := all[(n+len(all)/2)%len(all)]; n%4 == 0 && unrelated(s, other) {
			q.try(tree, t, traced, s, "control", other.sites[0])
		}
	}
}

// unrelated says that no line of the one is a line of the other. What names an
// object decides over all of it, where patches look for it.
func unrelated(a, b sample) bool {
	return len(b.leaf.way) > 1 && b.leaf.way[0] != "metadata" && b.sites[0].Line > 0 && !slices.ContainsFunc(a.sites, func(s manifest.Site) bool {
		return s.Path == b.sites[0].Path && s.Line == b.sites[0].Line
	})
}

func (q *oracle) try(tree folder, t render.Target, before *render.Result, s sample, kind string, site manifest.Site) {
	v := q.found[kind]
	changed, ok := mutated(tree, site, s)
	if !ok {
		v.uneditable++
		return
	}
	after, err := render.Render(edited{tree, site.Path, changed}, t)
	if err != nil {
		v.broke++
		return
	}
	same := unchanged(before, after, s, kind == string(manifest.SiteCondition))
	if same != (kind == "control") {
		v.disagree++
		fmt.Fprintf(q.out, "  %s %s: %s%v = %q is not from %s %s:%d %s\n", t.Kind, t.ID(), before.Objects[s.object].Ref, s.leaf.way, s.leaf.node.Value, kind, site.Path, site.Line, site.Field)
		return
	}
	v.agree++
}

// unchanged finds the field again: in the object in its place, or, where others
// came or went or its name says more, in as many objects of its name as before.
func unchanged(before, after *render.Result, s sample, named bool) bool {
	if len(before.Objects) == len(after.Objects) && !named {
		return s.in(after.Objects[s.object])
	}
	holders := func(of *render.Result) int {
		n := 0
		for _, o := range of.Objects {
			if o.Ref == before.Objects[s.object].Ref && s.in(o) {
				n++
			}
		}
		return n
	}
	return holders(after) >= holders(before)
}

// in says that an object has the field with the same value.
func (s sample) in(o *manifest.Object) bool {
	return slices.ContainsFunc(leavesOf(o.Root.YAML()), func(l leaf) bool {
		return slices.Equal(l.way, s.leaf.way) && l.node.Value == s.leaf.node.Value
	})
}

// edited is a tree with one file changed.
type edited struct {
	folder
	name string
	data []byte
}

// ReadFile implements fs.ReadFileFS.
func (e edited) ReadFile(name string) ([]byte, error) {
	if name == e.name {
		return slices.Clone(e.data), nil
	}
	return fs.ReadFile(e.folder, name)
}

// mutated changes what a line says, in its file's own language.
func mutated(tree folder, site manifest.Site, s sample) ([]byte, bool) {
	data, err := fs.ReadFile(tree, site.Path)
	if err != nil {
		return nil, false
	}
	lines := strings.SplitAfter(string(data), "\n")
	if site.Line > len(lines) {
		return nil, false
	}
	ok := false
	if template := strings.Contains("/"+site.Path, "/templates/"); template && site.Kind == manifest.SiteTemplate {
		ok = mutateTemplate(lines, site.Line-1)
	} else {
		ok = mutateYAML(data, lines, site, s)
	}
	return []byte(strings.Join(lines, "")), ok
}

// mark is what is added; of texts that must not end in letters, such as
// versions, it is the only change that keeps them what they are.
const mark = "zz"

// mutateTemplate adds to what the line writes: after its last action that
// writes something, else to its text.
func mutateTemplate(lines []string, at int) bool {
	text := strings.Join(lines[at:], "")
	end := len(lines[at])
	if open := strings.LastIndex(lines[at], "{{"); open >= 0 && !strings.Contains(lines[at][open:], "}}") {
		closing := strings.Index(text, "}}")
		if closing < 0 {
			return false
		}
		end = closing + 2
	}
	line, rest := text[:end], text[end:]
	last, from := -1, 0
	for {
		open := strings.Index(line[from:], "{{")
		if open < 0 {
			break
		}
		closing := strings.Index(line[from+open:], "}}")
		if closing < 0 {
			return false
		}
		if writes(line[from+open : from+open+closing]) {
			last = from + open
		}
		from += open + closing + 2
	}
	switch {
	case last >= 0 && blocks(line[last:]):
		closing := last + strings.Index(line[last:], "}}") + 2
		line = line[:last] + line[closing:]
	case last >= 0:
		closing := last + strings.Index(line[last:], "}}") + 2
		line = line[:closing] + mark + line[closing:]
	default:
		var ok bool
		if line, ok = mutateText(line); !ok {
			return false
		}
	}
	for i := range lines[at:] {
		lines[at+i] = ""
	}
	lines[at] = line + rest
	return true
}

// writes says that an action writes something.
func writes(action string) bool {
	words := strings.Fields(strings.TrimLeft(action, "{-"))
	if len(words) == 0 || strings.Contains(action, ":=") || strings.HasPrefix(words[0], "/*") {
		return false
	}
	return !slices.Contains([]string{"if", "else", "end", "with", "range", "define", "block", "break", "continue", "set"}, words[0]) && !strings.HasPrefix(words[0], "$_")
}

// blocks says that an action writes several lines: it is taken out, since
// anything beside it would not be YAML any more.
func blocks(action string) bool {
	action, _, _ = strings.Cut(action, "}}")
	return strings.Contains(action, "indent") || strings.Contains(action, "toYaml") || strings.Contains(action, "tpl ")
}

// mutateText adds to the text of a line outside of actions.
func mutateText(line string) (string, bool) {
	text := strings.TrimRight(line, " \r\n")
	if open := strings.Index(text, "{{"); open >= 0 {
		closing := strings.Index(text, "}}") + 2
		after := strings.TrimLeft(text[closing:], " ")
		word, _, _ := strings.Cut(after, "{{")
		if strings.TrimSpace(word) == "" {
			return line, false
		}
		at := closing + strings.Index(text[closing:], word) + len(strings.TrimRight(word, ` "'`))
		return line[:at] + mark + line[at:], true
	}
	if comment := strings.Index(text, " #"); comment >= 0 {
		text = strings.TrimRight(text[:comment], " ")
	}
	if text == "" || strings.HasSuffix(text, ":") || strings.HasSuffix(text, "|") {
		return line, false
	}
	text = strings.TrimSuffix(text, ",")
	at := len(text)
	if strings.HasSuffix(text, `"`) || strings.HasSuffix(text, "'") {
		at--
	}
	if strings.ContainsAny(text[at-1:at], "]}") {
		return line, false
	}
	return line[:at] + mark + line[at:], true
}

// mutateYAML changes the value that stands on the line.
func mutateYAML(data []byte, lines []string, site manifest.Site, s sample) bool {
	decoder := yaml.NewDecoder(strings.NewReader(string(data)))
	var found *yaml.Node
	for {
		var doc yaml.Node
		if decoder.Decode(&doc) != nil {
			break
		}
		for _, l := range leavesOf(&doc) {
			if contains(l.node, site.Line) && (found == nil || l.node.Value == s.leaf.node.Value || fits(l, site.Field)) {
				found = l.node
			}
		}
	}
	if found == nil || found.Kind != yaml.ScalarNode || site.Kind == manifest.SiteCondition && found.Tag != "!!bool" {
		return false
	}
	at := site.Line - 1
	if key := lastOf(site.Field); key != "" && key == s.leaf.node.Value && found.Value != key {
		lines[at] = strings.Replace(lines[at], key, key+mark, 1) // it is the key that came out
		return true
	}
	if found.Line != site.Line {
		lines[at] = strings.TrimRight(lines[at], "\r\n") + mark + "\n"
		return true
	}
	return mutateScalar(lines, at, found, path.Base(site.Path) == "Chart.yaml")
}

func lastOf(field string) string { return field[strings.LastIndex(field, ".")+1:] }

// fits says that a value stands at a path of values.
func fits(l leaf, field string) bool {
	var names []string
	for _, step := range l.way {
		names = append(names, fmt.Sprint(step))
	}
	return field != "" && strings.HasSuffix(strings.Join(names, "."), strings.TrimPrefix(field, "Chart."))
}

func contains(n *yaml.Node, line int) bool {
	if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		return line > n.Line && line <= n.Line+strings.Count(n.Value, "\n")
	}
	return n.Line == line
}

// mutateScalar writes another value of the same type in the place of one.
func mutateScalar(lines []string, at int, n *yaml.Node, version bool) bool {
	line, column := lines[at], n.Column-1
	if column > len(line) {
		return false
	}
	raw := n.Value
	if n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 {
		column++
	}
	now := mark + raw // what is too long for a name loses its end
	switch {
	case n.Tag == "!!bool" && strings.EqualFold(raw, "true"):
		now = "false"
	case n.Tag == "!!bool":
		now = "true"
	case n.Tag == "!!int" || n.Tag == "!!float":
		now = "1" + raw
	case version && !strings.HasPrefix(strings.TrimSpace(line), "name:"):
		now = raw + "-" + mark
	case n.Tag == "!!null" && raw == "":
		lines[at] = strings.TrimRight(line, "\r\n ") + " " + mark + "\n"
		return true
	}
	if !strings.HasPrefix(line[column:], raw) {
		return false
	}
	lines[at] = line[:column] + now + line[column+len(raw):]
	return true
}
