package gate

import (
	"io/fs"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/rendergate/rendergate/checks"
	"github.com/rendergate/rendergate/internal/git"
	"github.com/rendergate/rendergate/internal/waive"
	"github.com/rendergate/rendergate/render"
	"github.com/rendergate/rendergate/render/manifest"
)

// cover finds the waivers that are about the findings of one target at one side.
type cover struct {
	*waivers
	tree    *git.Tree
	at      render.Target
	entries entries
	place   waive.Place
	objects []*manifest.Object

	ofHead   bool
	comments func() map[string][]waive.Comment            // of the files that the target reads, by path
	same     func() map[*manifest.Object]*manifest.Object // the objects as a traced render has them
}

// coverKey tells looks at targets apart.
type coverKey struct {
	tree   *git.Tree
	result *render.Result
}

// of is the cover of a side, nil where nothing was rendered.
func (w *waivers) of(s side) *cover {
	if s.result == nil || s.at == nil || s.tree == nil {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	key := coverKey{s.tree, s.result}
	if w.covers[key] == nil {
		of := w.base
		if s.tree == w.change.Head {
			of = w.head
		}
		w.covers[key] = w.cover(s, of)
	}
	return w.covers[key]
}

func (w *waivers) cover(s side, of entries) *cover {
	targets := []string{s.id, s.at.ID(), s.at.Dir}
	c := &cover{
		waivers: w, tree: s.tree, at: *s.at, entries: of, ofHead: s.tree == w.change.Head, objects: s.result.Judged(),
		place: waive.Place{Targets: targets, Environments: w.environmentsOf(targets)},
	}
	c.comments = sync.OnceValue(c.readComments)
	c.same = sync.OnceValue(c.trace)
	return c
}

// readComments reads the target's files, once for each content.
func (c *cover) readComments() map[string][]waive.Comment {
	all := map[string][]waive.Comment{}
	for _, name := range render.Inputs(c.tree, c.at) {
		found := c.tree.DeriveFrom("waivers", name, func() any {
			data, err := fs.ReadFile(c.tree, name)
			if err != nil {
				return []waive.Comment(nil) // what cannot be read silences nothing
			}
			return waive.Comments(data)
		}).([]waive.Comment)
		if len(found) > 0 {
			all[name] = found
		}
	}
	return all
}

// trace renders the target once more, to know which lines wrote its objects.
func (c *cover) trace() map[*manifest.Object]*manifest.Object {
	same := map[*manifest.Object]*manifest.Object{}
	traced := c.judge.withSites(c.ctx, c.tree, &c.at)
	if len(traced) == len(c.objects) { // else it is not what was judged
		for i, o := range c.objects {
			same[o] = traced[i]
		}
	}
	return same
}

// sites are the lines of the tree that wrote what stands at a node.
func (c *cover) sites(n manifest.Node) []manifest.Site {
	if o := n.Object(); o != nil && o.Written == nil && !o.Origin.Exact {
		same := c.same()[o]
		if same == nil {
			return nil
		}
		n = n.In(same)
	}
	return n.Sites()
}

// marks are the waivers that are about a finding, whether or not they count.
func (c *cover) marks(f checks.Finding) []mark {
	var all []mark
	for _, e := range c.entries.about[f.Check.ID] {
		if waive.Matches(e, f, c.place) {
			by := e.Owner
			if by == "" {
				by = c.entries.file
			}
			all = append(all, mark{kind: waive.InFile, by: by, reason: waive.Reason(e), expires: e.Expires, path: c.entries.file, line: e.Line, own: true})
		}
	}
	if o := f.Node.Object(); o != nil {
		all = append(all, c.annotations(o, f.Check)...)
		all = append(all, c.commented(f)...)
	}
	if c.ofHead {
		c.mu.Lock()
		defer c.mu.Unlock()
		for i := range all {
			c.used[all[i].place()] = true
		}
	}
	return all
}

// annotations are those of an object that are about a check, where the tree has
// them: a chart that was fetched, or lies packed in the tree, silences nothing.
func (c *cover) annotations(o *manifest.Object, check *checks.Check) []mark {
	var all []mark
	for _, a := range waive.Annotations(o) {
		if !a.About(check) {
			continue
		}
		if path, line, ok := c.writes(a); ok {
			all = append(all, mark{kind: waive.InAnnotation, by: a.Key, reason: a.Reason, path: path, line: line, own: a.Own})
		}
	}
	return all
}

// writes is the line of the tree that wrote an annotation: one that names it, or
// a template's that writes what it is given.
func (c *cover) writes(a waive.Annotation) (path string, line int, ok bool) {
	sites := c.sites(a.Node)
	packed := slices.ContainsFunc(sites, func(s manifest.Site) bool { return s.Line == 0 })
	for i, s := range sites {
		text := c.line(s)
		switch {
		case s.Kind == manifest.SiteCondition || text == "":
		case strings.Contains(text, a.Key), strings.Contains(text, strings.ReplaceAll(a.Key, "/", "~1")):
			return s.Path, s.Line, true
		case i == 0 && !packed && s.Kind == manifest.SiteTemplate && strings.Contains(text, "{{"):
			path, line, ok = s.Path, s.Line, true
		}
	}
	return path, line, ok
}

// line is the text of a site, empty where the tree itself has no such file.
func (c *cover) line(s manifest.Site) string {
	if s.Line == 0 || c.tree.ID(s.Path) == "" {
		return ""
	}
	lines := c.tree.DeriveFrom("lines", s.Path, func() any {
		data, err := fs.ReadFile(c.tree, s.Path)
		if err != nil {
			return []string(nil) // as if it were not there: it silences nothing
		}
		return strings.Split(string(data), "\n")
	}).([]string)
	if s.Line > len(lines) {
		return ""
	}
	return lines[s.Line-1]
}

// commented are the comments at the lines that wrote what a finding is about, or
// where its container or object begins.
func (c *cover) commented(f checks.Finding) []mark {
	if len(c.comments()) == 0 {
		return nil
	}
	var all []mark
	add := func(site manifest.Site, exactly bool) {
		for _, found := range c.comments()[site.Path] {
			if !found.About(site.Line, exactly) || !waive.Are(found.Names, f.Check) {
				continue
			}
			m := mark{
				kind: waive.InComment, by: found.Notation, reason: found.Reason, expires: found.Expires,
				path: site.Path, line: found.Line, anchor: found.Anchor, own: found.Own,
			}
			if !slices.ContainsFunc(all, func(other mark) bool { return other.path == m.path && other.line == m.line }) {
				all = append(all, m)
			}
		}
	}
	for _, site := range c.sites(f.Node) {
		add(site, site.Kind == manifest.SiteCondition)
	}
	for _, whole := range wholes(f) {
		for _, site := range c.sites(whole) {
			if site.Kind != manifest.SiteCondition && site.Kind != manifest.SiteValues {
				add(site, true)
			}
		}
	}
	return all
}

// wholes are the container and the object of a finding.
func wholes(f checks.Finding) []manifest.Node {
	o := f.Node.Object()
	all := []manifest.Node{o.Root}
	for container := range o.Containers() {
		if f.Subject.Container != "" && container.Subject().Container == f.Subject.Container {
			all = append(all, container.Node)
		}
	}
	return all
}

// warm traces beforehand, on all cores, what will be asked for.
func (w *waivers) warm(targets []*target) {
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for _, t := range targets {
		for _, s := range []side{t.baseSide, t.headSide} {
			if !t.affected || len(s.findings) == 0 || s.err != nil {
				continue
			}
			group.Go(func() error {
				if c := w.of(s); c != nil {
					for _, f := range s.findings {
						c.marks(f)
					}
				}
				return nil
			})
		}
	}
	// It only looks ahead, and has no errors.
	if err := group.Wait(); err != nil {
		panic(err)
	}
}
