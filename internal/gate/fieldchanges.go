package gate

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/rendergate/rendergate/internal/delta"
	"github.com/rendergate/rendergate/internal/report"
	"github.com/rendergate/rendergate/render/manifest"
)

// changes tells what a change makes of rendered objects: field by field, list
// items by their names, whatever the order. What is told is bounded, and what
// is left out is counted.
type changes struct {
	around surroundings
	left   int // lines of the whole report
}

// The bounds of what is told: of a field, of a target, and of all. An object
// with more nodes than heaviest, aliases followed, is not compared.
const (
	linesOfField  = 40
	linesOfTarget = 400
	linesOfReport = 4000
	heaviest      = 50_000
)

// of are the changed objects of a target, and how many are not told of in
// full. A target of which one side does not render has none.
func (c *changes) of(t *target) (all []report.Change, unshown int) {
	all = []report.Change{}
	if !t.affected || t.baseSide.state == report.Failed || t.headSide.state == report.Failed {
		return all, 0
	}
	left := linesOfTarget
	for _, pair := range c.around.pairsOf(t) {
		one, whole := c.change(pair)
		if one == nil {
			continue
		}
		size := 1
		for _, f := range one.Fields {
			size += 1 + len(f.Lines)
		}
		if size > min(left, c.left) {
			unshown++
			continue
		}
		left, c.left = left-size, c.left-size
		if all = append(all, *one); !whole {
			unshown++
		}
	}
	return all, unshown
}

// change is what becomes of one object, nil for nothing; whole says that
// nothing of it was left out.
func (c *changes) change(pair delta.Pair) (one *report.Change, whole bool) {
	d := differ{show: c.around, whole: true}
	switch base, head := pair.Base, pair.Head; {
	case base == nil:
		one = &report.Change{Object: objectOf(head), What: report.Added}
		d.of(head).side(head.Root, "+")
	case head == nil:
		return &report.Change{Object: objectOf(base), What: report.Removed, Fields: []report.FieldChange{}}, true
	default:
		one = &report.Change{Object: objectOf(head), What: report.Changed}
		if was := objectOf(base); was.Namespace != one.Object.Namespace || was.Name != one.Object.Name || was.Kind != one.Object.Kind {
			one.What, one.Was = report.Renamed, &was
		}
		d.of(head).of(base).node(base.Root, head.Root)
		if len(d.fields) == 0 && one.Was == nil && d.whole {
			return nil, true
		}
	}
	one.Fields = append([]report.FieldChange{}, d.fields...)
	return one, d.whole
}

func objectOf(o *manifest.Object) report.Object {
	return report.Object{APIVersion: o.APIVersion, Kind: o.Kind, Namespace: o.Namespace, Name: o.Name}
}

// differ compares two objects.
type differ struct {
	show   surroundings
	secret bool // the object is a Secret: none of its data is shown
	heavy  bool // it is too large to be compared
	fields []report.FieldChange
	whole  bool
}

// of prepares for an object.
func (d *differ) of(o *manifest.Object) *differ {
	budget := heaviest
	if !light(o.Root.YAML(), &budget) {
		d.heavy, d.whole = true, false
	}
	d.secret = d.secret || o.GroupKind() == "Secret"
	return d
}

// light says that a value has no more nodes than the budget: a few aliases of
// aliases make millions.
func light(y *yaml.Node, budget *int) bool {
	if y == nil {
		return true
	}
	if *budget--; *budget < 0 {
		return false
	}
	if y.Kind == yaml.AliasNode {
		return light(y.Alias, budget)
	}
	return !slices.ContainsFunc(y.Content, func(c *yaml.Node) bool { return !light(c, budget) })
}

func (d *differ) node(base, head manifest.Node) {
	switch {
	case d.heavy:
	case base.IsMap() && head.IsMap():
		for key, value := range head.Fields() {
			d.node(base.Get(key), value)
		}
		for key, value := range base.Fields() {
			if !head.Get(key).Exists() {
				d.node(value, head.Get(key))
			}
		}
	case base.IsList() && head.IsList():
		d.list(base, head)
	case !base.Set() && !head.Set():
	case !base.Set():
		d.side(head, "+")
	case !head.Set():
		d.side(base, "-")
	default:
		d.values(base, head)
	}
}

// list compares items by their names where all have one of their own.
func (d *differ) list(base, head manifest.Node) {
	before, ok := byNames(base)
	after, also := byNames(head)
	if !ok || !also {
		d.values(base, head)
		return
	}
	for item := range head.Items() {
		name := nameOf(item)
		if was, there := before[name]; there {
			d.node(was, item)
			continue
		}
		d.side(item, "+")
	}
	for item := range base.Items() {
		if _, there := after[nameOf(item)]; !there {
			d.side(item, "-")
		}
	}
}

func nameOf(item manifest.Node) string {
	keys := item.Keys()
	if last := keys[len(keys)-1]; last.Name != strconv.Itoa(last.Index) {
		return last.Name
	}
	return ""
}

func byNames(list manifest.Node) (map[string]manifest.Node, bool) {
	all := map[string]manifest.Node{}
	for item := range list.Items() {
		name := nameOf(item)
		if _, twice := all[name]; name == "" || twice {
			return nil, false
		}
		all[name] = item
	}
	return all, true
}

// values compares what has no fields in common. Equal is what is written the
// same, secrets included.
func (d *differ) values(base, head manifest.Node) {
	if plain(base) == plain(head) {
		return
	}
	before, after := d.text(base), d.text(head)
	if before == after { // what differs is not shown
		after += "(changed)\n"
	}
	d.add(head.Path(), report.DiffLines(before, after))
}

// plain is a value as it is, to be compared and never shown.
func plain(n manifest.Node) string { return written(surroundings{}.whole(n)) }

// whole is a copy of a value with everything in it, redacted, a field a line.
func (s surroundings) whole(n manifest.Node) *yaml.Node {
	y := s.shown(n, "", endless)
	unfold(y)
	return y
}

func unfold(y *yaml.Node) {
	y.Style = 0
	for _, c := range y.Content {
		unfold(c)
	}
}

// endless is deeper than any value that was parsed.
const endless = 1 << 20

// side tells of a value that only one side has.
func (d *differ) side(n manifest.Node, sign string) {
	if d.heavy {
		return
	}
	var lines []string
	for line := range strings.Lines(d.text(n)) {
		lines = append(lines, sign+strings.TrimSuffix(line, "\n"))
	}
	d.add(n.Path(), lines)
}

func (d *differ) add(path string, lines []string) {
	if most := linesOfField; len(lines) > most {
		rest := len(lines) - most + 1
		lines = append(slices.Clone(lines[:most-1]), fmt.Sprintf(" … %d more lines", rest))
		d.whole = false
	}
	d.fields = append(d.fields, report.FieldChange{Field: d.show.redact.Text(path), Lines: lines})
}

// text is a value as it may be shown: that of a scalar, YAML of the others.
func (d *differ) text(n manifest.Node) string {
	if d.secret {
		return d.sealed(n)
	}
	if text := n.Text(); strings.Contains(text, "\n") {
		return strings.TrimSuffix(d.show.redact.Text(text), "\n") + "\n"
	}
	return written(d.show.whole(n))
}

// sealed is a value of a Secret: data only as that it is there, and changed.
func (d *differ) sealed(n manifest.Node) string {
	y := d.show.whole(n)
	keys := n.Keys()
	if len(keys) > 0 && (keys[0].Name == "data" || keys[0].Name == "stringData") {
		seal(y)
	}
	for i := 0; len(keys) == 0 && i+1 < len(y.Content); i += 2 {
		if name := y.Content[i].Value; name == "data" || name == "stringData" {
			seal(y.Content[i+1])
		}
	}
	return written(y)
}

func seal(y *yaml.Node) {
	if y.Kind == yaml.ScalarNode {
		y.Value, y.Tag = manifest.Sealed, "!!str"
	}
	for i, c := range y.Content {
		if y.Kind != yaml.MappingNode || i%2 == 1 {
			seal(c)
		}
	}
}

// written is a value as YAML; empty where there is no way to write it.
func written(y *yaml.Node) string {
	var b bytes.Buffer
	encoder := yaml.NewEncoder(&b)
	encoder.SetIndent(2)
	if err := encoder.Encode(y); err != nil {
		return ""
	}
	return b.String()
}
