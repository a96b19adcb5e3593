package terraform

import (
	"path"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"go.yaml.in/yaml/v3"

	"github.com/rendergate/rendergate/render/manifest"
)

// readInPart says that a folder's files are not read whole: one is broken.
func (e *evaluator) readInPart(dir string) bool {
	for name, file := range e.files {
		if path.Dir(name) == dir && file.err != nil {
			return true
		}
	}
	return false
}

// mentions are what names a resource in its module. Data sources and calls are
// made by nobody's name.
func (m *module) mentions(blk *block) manifest.Mentions {
	if blk.typ != "resource" || m.partial {
		return manifest.Mentions{}
	}
	return manifest.Mentions{Known: true, By: slices.Clone(m.naming()[strings.Join(blk.labels, ".")])}
}

// addressing are the blocks that say what becomes of an address, and use nothing
// that it stands for.
var addressing = []string{"moved", "removed", "import"}

// naming is what names the resources of a module, by type and name. It is the
// same for every call of it.
func (m *module) naming() map[string][]manifest.Reference {
	if known := m.e.named[m.dir]; known != nil {
		return known
	}
	all := map[string][]manifest.Reference{}
	for _, blk := range m.blocks {
		if slices.Contains(addressing, blk.typ) {
			continue
		}
		by := manifest.Reference{Kind: blk.typ, Name: strings.Join(blk.labels, ".")}
		if len(blk.labels) == 2 {
			by.Kind, by.Name = blk.labels[0], blk.labels[1]
		}
		if blk.typ == "data" {
			by.Kind = "data." + by.Kind
		}
		m.namedIn(blk, by, all)
	}
	m.e.named[m.dir] = all
	return all
}

// namedIn adds what a block names, other than itself.
func (m *module) namedIn(blk *block, by manifest.Reference, all map[string][]manifest.Reference) {
	outermost := by.Field == ""
	for _, a := range blk.attrs {
		if outermost {
			by.Field = a.name
		}
		for _, t := range a.names() {
			m.e.step()
			id := t.RootName() + "." + step(t, 1)
			known := all[id]
			if m.managed[id] != nil && id != by.Kind+"."+by.Name && (len(known) == 0 || known[len(known)-1] != by) {
				all[id] = append(known, by)
			}
		}
	}
	for _, inner := range blk.blocks {
		if outermost {
			by.Field = kindOf(inner)
		}
		m.namedIn(inner, by, all)
	}
}

// names are what an attribute refers to. JSON has what has to be an address as text
// that is no template.
func (a attr) names() []hcl.Traversal {
	all := a.expr.Variables()
	items, diags := hcl.ExprList(a.expr)
	if a.name != "depends_on" || diags.HasErrors() {
		return all
	}
	for _, item := range items {
		if t, diags := hcl.AbsTraversalForExpr(item); !diags.HasErrors() {
			all = append(all, t)
		}
	}
	return all
}

// nameFields are what the cloud calls a resource by.
var nameFields = []string{"name", "account_id"}

// told adds to the objects that an output of the root module names by a text,
// and not by a reference, that it does.
func (e *evaluator) told(root *module) {
	said := map[string]manifest.Reference{}
	for _, blk := range root.blocks {
		expr := blk.attr("value")
		if blk.typ != "output" || expr == nil {
			continue
		}
		b := &builder{file: blk.file, line: blk.line, written: map[int][]manifest.Site{}}
		by := manifest.Reference{Kind: blk.typ, Name: strings.Join(blk.labels, "."), Field: "value"}
		for _, word := range words(b.expr(&scope{m: root}, expr), 0) {
			said[word] = by
		}
	}
	for _, o := range e.result.Objects {
		for _, field := range nameFields {
			by, is := said[o.Root.Get(field).Text()]
			if is && o.Mentions.Known && !slices.Contains(o.Mentions.By, by) {
				o.Mentions.By = append(o.Mentions.By, by)
			}
		}
	}
}

// words are the texts below a node, and the parts of ARNs, paths and members.
func words(y *yaml.Node, depth int) []string {
	if depth > mostDeep {
		return nil
	}
	text := y.Value
	if part, is := manifest.PartOf(y); is {
		text = part
	}
	all := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(":/@, \n", r) })
	for _, c := range y.Content {
		all = append(all, words(c, depth+1)...)
	}
	return all
}
