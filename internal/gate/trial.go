package gate

import (
	"path"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/rendergate/rendergate/checks"
	"github.com/rendergate/rendergate/internal/delta"
	"github.com/rendergate/rendergate/internal/git"
	"github.com/rendergate/rendergate/internal/report"
	"github.com/rendergate/rendergate/render"
	"github.com/rendergate/rendergate/render/manifest"
)

func itoa(n int) string { return strconv.Itoa(n) }

// trial is what head would be with one file edited.
type trial struct {
	*suggester
	mine   []int             // the findings that it is for
	edits  [][]manifest.Edit // of each
	fields [][]string
	file   string
	text   string // of the file, edited
	tree   *git.Tree
	looked int       // targets rendered with it
	also   []int     // other findings that it removes
	judged []*target // with it, once all were
}

func (s *suggester) newTrial(mine []int, edits [][]manifest.Edit, file, text string) *trial {
	t := &trial{suggester: s, mine: mine, edits: edits, file: file, text: text, tree: s.change.Head.With(map[string][]byte{file: []byte(text)})}
	for _, group := range edits {
		for _, e := range group {
			if e.Op != manifest.OpBeside {
				t.fields = append(t.fields, pathOf(e.At.Keys()))
			}
		}
	}
	return t
}

// alone renders the findings' own target: which of them go, and whether nothing
// else happens there.
func (t *trial) alone() (done []bool, clean bool) {
	own := t.all[t.mine[0]].target
	after := t.judge.look(t.ctx, t.tree, own.id, own.head)
	t.tried[own.id+"\x00"+t.file+"\x00"+t.text] = after
	gone, clean := t.compare(own.id, own.headSide, after)
	if gone == nil {
		return nil, false
	}
	for n, i := range t.mine {
		done = append(done, slices.ContainsFunc(gone, t.all[i].same) && t.wanted(own.headSide, after, t.edits[n]))
	}
	return done, clean
}

// wanted says that the fields came out as the edits of the rendered object
// have them: a finding also goes where a field is broken.
func (t *trial) wanted(before, after side, edits []manifest.Edit) bool {
	for _, pair := range delta.Match(before.result.Judged(), after.result.Judged(), nil) {
		if pair.Base == nil || pair.Base != edits[0].At.Object() {
			continue
		}
		return pair.Head != nil && !slices.ContainsFunc(edits, func(e manifest.Edit) bool { return !e.MadeIn(pair.Head) })
	}
	return false
}

// everywhere judges all targets that read the edited file, as a change of head
// to what it would be: each finding that the edit is for must go wherever it
// shows, and nothing else may happen.
func (t *trial) everywhere() bool {
	run := *t.run
	run.change = &git.Change{Base: t.change.Head, Head: t.tree, Files: []git.FileDiff{{OldPath: t.file, NewPath: t.file}}}
	run.options.Paths, run.options.All, run.options.Scan = nil, false, false
	run.judge, run.waivers = t.judge, nil
	run.notes, run.undecided = nil, nil
	run.settings.entries = slices.Clone(run.settings.entries)
	for i := range run.settings.entries {
		run.settings.entries[i].base = run.settings.entries[i].head
	}
	targets := t.planned(&run)
	for _, x := range targets {
		if x.affected {
			x.baseSide = t.headOf(x)
			x.headSide = t.edited(x)
		}
	}
	targets = run.releases(t.ctx, targets)
	if len(run.undecided) > 0 {
		return false
	}
	t.looked, t.also, t.judged = 0, nil, targets
	left := t.named()
	for _, x := range targets {
		if !x.affected {
			continue
		}
		if x.base == nil || x.head == nil {
			return false
		}
		if x.guessed() && x.baseSide.state == report.Failed {
			continue // nobody could look before either
		}
		gone, clean := t.compare(x.id, x.baseSide, x.headSide)
		if gone == nil || !clean {
			return false
		}
		t.looked++
		left = slices.DeleteFunc(left, func(i int) bool {
			if t.all[i].target.id != x.id || !slices.ContainsFunc(gone, t.all[i].like) {
				return false
			}
			if !slices.Contains(t.mine, i) {
				t.also = append(t.also, i)
			}
			return true
		})
	}
	return !slices.ContainsFunc(left, func(i int) bool { return slices.Contains(t.mine, i) || t.twin(i) })
}

// planned are the targets of head and of head as edited. Where the edit cannot
// make or end a target they are those of the run.
func (t *trial) planned(run *run) []*target {
	own := t.all[t.mine[0]].target.head
	if own.Kind != render.Helm || path.Base(t.file) == "Chart.yaml" || !inFolder(t.file, own.Dir) {
		return run.targets(t.ctx)
	}
	var all []*target
	for _, x := range t.run.planned {
		if x.head != nil {
			all = append(all, &target{id: x.id, base: x.head, head: x.head})
		}
	}
	run.declaring = declaring{base: t.run.declaring.head, head: t.run.declaring.head}
	markAffected(run.change, all)
	all = run.bounded(all)
	run.around(all)
	return all
}

// edited is a target's side with the edit, looked at now unless it was tried.
func (t *trial) edited(x *target) side {
	own := t.all[t.mine[0]].target
	if known, ok := t.tried[x.id+"\x00"+t.file+"\x00"+t.text]; ok && x.head != nil && reflect.DeepEqual(*x.head, *own.head) {
		return known
	}
	return t.judge.look(t.ctx, t.tree, x.id, x.head)
}

// headOf is head's side of a target, looked at now where the run did not.
func (t *trial) headOf(x *target) side {
	known, ok := t.heads[x.id]
	if !ok || known.result == nil && known.err == nil {
		known = t.judge.look(t.ctx, t.change.Head, x.id, x.base)
		t.heads[x.id] = known
	}
	return known
}

// named are the new findings that the edit may remove: those it is for, and
// others of the same checks at the same place.
func (t *trial) named() []int {
	var all []int
	for i, p := range t.all {
		if p.state == report.New && slices.ContainsFunc(t.mine, func(m int) bool {
			return t.all[m].Check == p.Check && placeKey(t.all[m]) == placeKey(p)
		}) {
			all = append(all, i)
		}
	}
	return all
}

// twin says that a finding is one of those that the edit is for in another
// target.
func (t *trial) twin(i int) bool {
	return slices.ContainsFunc(t.mine, func(m int) bool {
		a, b := t.all[m], t.all[i]
		return a.Check == b.Check && a.Object == b.Object && a.Subject == b.Subject && placeKey(a) == placeKey(b)
	})
}

// like says that two findings of two renders are one.
func (s stated) like(f checks.Finding) bool {
	return f.Check == s.Check && f.Object == s.Object && f.Subject == s.Subject
}

// compare tells which findings go between two looks at a target, and whether
// nothing else happens: no finding comes, no other field changes, and nothing
// that the API server refuses. Nil means that there is no answer. A weaker form of
// what goes is something that comes: a suggestion leaves nothing over.
func (t *trial) compare(id string, before, after side) (gone []checks.Finding, clean bool) {
	if before.err != nil || after.err != nil || before.result == nil || after.result == nil || len(after.result.Missing) > len(before.result.Missing) {
		return nil, false
	}
	pairs := delta.Match(before.result.Judged(), after.result.Judged(), nil)
	compared := delta.Exactly(pairs, before.findings, after.findings)
	gone = append([]checks.Finding{}, compared.Fixed...)
	brought := t.unlessBefore(id, compared.New, after)
	if len(brought) > 0 || !t.nothingBrought(id, before, after) {
		return gone, false
	}
	own := t.owners(id, gone)
	for _, pair := range delta.Match(before.result.Objects, after.result.Objects, nil) {
		if pair.Base == nil && t.expected(pair.Head) {
			continue
		}
		if pair.Base == nil || pair.Head == nil {
			return gone, false
		}
		changed := differences(pair.Base.Root, pair.Head.Root)
		if !t.sameRef(pair) || len(changed) > 0 && !t.mayChange(pair.Base, own, changed) {
			return gone, false
		}
		if len(checks.Refused(pair.Head)) > len(checks.Refused(pair.Base)) {
			return gone, false
		}
	}
	return gone, true
}

// expected says that an object is one that the edits put beside another: what
// it does is what they say, whatever a build makes of its name and labels.
func (t *trial) expected(o *manifest.Object) bool {
	for _, group := range t.edits {
		newcomers, err := manifest.Newcomers(group)
		if err != nil {
			return false
		}
		for _, n := range newcomers {
			changed := differences(n.Root.Get("spec"), o.Root.Get("spec"))
			if n.APIVersion == o.APIVersion && n.Kind == o.Kind && !slices.ContainsFunc(changed, func(field []string) bool {
				return len(field) < 2 || field[1] != "podSelector"
			}) {
				return true
			}
		}
	}
	return false
}

// sameRef says that an object is called as before, and of the same API unless
// that is what is edited.
func (t *trial) sameRef(pair delta.Pair) bool {
	now := pair.Head.Ref
	if slices.ContainsFunc(t.fields, func(field []string) bool { return slices.Equal(field, []string{"apiVersion"}) }) {
		now.APIVersion = pair.Base.APIVersion
	}
	return pair.Base.Ref == now
}

// unlessBefore leaves out of the findings that an edit brings those that base
// has: they were only hidden by what the change did.
func (t *trial) unlessBefore(id string, brought []checks.Finding, after side) []checks.Finding {
	for _, p := range t.all {
		b := p.target.baseSide
		if len(brought) == 0 || p.target.id != id || b.result == nil || b.err != nil {
			continue
		}
		kept := delta.Compare(delta.Match(b.result.Judged(), after.result.Judged(), delta.Renames(t.change.Renames())), b.findings, after.findings).Kept
		return slices.DeleteFunc(slices.Clone(brought), func(f checks.Finding) bool {
			return slices.ContainsFunc(kept, stated{Finding: f}.same)
		})
	}
	return brought
}

// nothingBrought asks the checks that compare two sides.
func (t *trial) nothingBrought(id string, before, after side) bool {
	brought, err := checks.Compare(t.judge.rules, id, delta.SidesOf(before.result.Judged(), after.result.Judged(), nil), t.judge.settings)
	return err == nil && len(brought) == 0
}

// owners are the objects of the findings that the edit is for, as a target
// has them.
func (t *trial) owners(id string, gone []checks.Finding) []manifest.Object {
	var own []manifest.Object
	for _, i := range t.named() {
		p := t.all[i]
		o := p.Node.Object()
		if o == nil || p.target.id == id && !slices.ContainsFunc(gone, p.like) {
			continue
		}
		own = append(own, manifest.Object{Ref: o.Ref, Origin: o.Origin})
	}
	return own
}

// mayChange says that an object is one of those that the edit is for, or the
// same in another variant, and that nothing but the edited fields changes.
func (t *trial) mayChange(o *manifest.Object, own []manifest.Object, changed [][]string) bool {
	first := t.all[t.mine[0]]
	if d := first.target.head.Declared; d != nil && d.Object == o.Ref && d.File == t.file {
		return true // the release that holds the values
	}
	if t.given(o, changed) {
		return true
	}
	mine := slices.ContainsFunc(own, func(other manifest.Object) bool {
		return other.Ref == o.Ref || other.GroupKind() == o.GroupKind() && o.Origin.Path != "" && other.Origin.Path == o.Origin.Path && !t.inTarget(own, o)
	})
	return mine && !slices.ContainsFunc(changed, func(field []string) bool {
		return !strings.Contains(field[len(field)-1], "checksum") && !slices.ContainsFunc(t.fields, func(edited []string) bool { return related(field, edited) })
	})
}

// given says that only the values of a release of a Terraform module change, and
// that each variant of it was rendered with them as a target of its own, where
// every field is looked at.
func (t *trial) given(o *manifest.Object, changed [][]string) bool {
	if slices.ContainsFunc(changed, func(field []string) bool { return !render.IsValues(field[0]) }) {
		return false
	}
	looked := false
	for _, x := range t.judged {
		at := x.any()
		if at.Kind != render.TerraformRelease || at.Declared.Object != o.Ref || at.Declared.File != o.Origin.Path {
			continue
		}
		if looked = x.affected && x.headSide.state == report.Rendered; !looked {
			return false
		}
	}
	return looked
}

// inTarget says that the target of an object has the owner itself, so that the
// object is another one of the same template.
func (t *trial) inTarget(own []manifest.Object, o *manifest.Object) bool {
	first := t.all[t.mine[0]].target
	return slices.ContainsFunc(first.headSide.result.Objects, func(other *manifest.Object) bool { return other.Ref == o.Ref }) && len(own) > 0
}

// related says that one path leads through the other.
func related(a, b []string) bool {
	n := min(len(a), len(b))
	return slices.Equal(a[:n], b[:n])
}

// pathOf is a way in an object in which all containers, and all items of a
// list, are alike.
func pathOf(keys []manifest.Key) []string {
	var names []string
	for _, key := range keys {
		switch {
		case key.Index >= 0:
			names = append(names, "[]")
		case key.Name == string(manifest.InitContainers):
			names = append(names, string(manifest.Containers))
		default:
			names = append(names, key.Name)
		}
	}
	return names
}

// differences are the fields in which two objects differ, each told as exactly as
// it can be: what goes with a mapping or an item are all fields of it.
func differences(a, b manifest.Node) [][]string {
	switch {
	case a.IsMap() && b.IsMap():
		var all [][]string
		for key, value := range a.Fields() {
			all = append(all, differences(value, b.Get(key))...)
		}
		for key, value := range b.Fields() {
			if !a.Get(key).Exists() {
				all = append(all, leaves(value)...)
			}
		}
		return all
	case a.IsList() && b.IsList():
		return itemDifferences(slices.Collect(a.Items()), slices.Collect(b.Items()))
	case sameScalar(a.YAML(), b.YAML()):
		return nil
	case a.Unknown() && b.Unknown() && a.YAML().Value == b.YAML().Value && a.Known().Text() == b.Known().Text():
		return nil // as far as anybody can tell
	case a.IsMap() || b.IsMap():
		var all [][]string
		for _, n := range []manifest.Node{a, b} {
			if n.Set() {
				all = append(all, leaves(n)...)
			}
		}
		return all
	}
	return [][]string{pathOf(a.Keys())}
}

// itemDifferences are those of two lists. Where one is longer, what both begin and
// end with is left out first.
func itemDifferences(a, b []manifest.Node) (all [][]string) {
	same := func(x, y manifest.Node) bool { return len(differences(x, y)) == 0 }
	for len(a) != len(b) && len(a) > 0 && len(b) > 0 && same(a[0], b[0]) {
		a, b = a[1:], b[1:]
	}
	for len(a) != len(b) && len(a) > 0 && len(b) > 0 && same(a[len(a)-1], b[len(b)-1]) {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	for i := range max(len(a), len(b)) {
		switch {
		case i >= len(a):
			all = append(all, leaves(b[i])...)
		case i >= len(b):
			all = append(all, leaves(a[i])...)
		default:
			all = append(all, differences(a[i], b[i])...)
		}
	}
	return all
}

func sameScalar(a, b *yaml.Node) bool {
	return a != nil && b != nil && a.Kind == yaml.ScalarNode && b.Kind == yaml.ScalarNode && a.Value == b.Value && a.Tag == b.Tag
}

// leaves are the fields of something that was put in or taken out.
func leaves(n manifest.Node) [][]string {
	if !n.IsMap() && !n.IsList() || n.Len() == 0 {
		return [][]string{pathOf(n.Keys())}
	}
	var all [][]string
	for _, value := range n.Fields() {
		all = append(all, leaves(value)...)
	}
	for item := range n.Items() {
		all = append(all, leaves(item)...)
	}
	return all
}
