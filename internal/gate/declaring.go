package gate

import (
	"context"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/rendergate/rendergate/internal/git"
	"github.com/rendergate/rendergate/render"
)

// declaring knows the files of both sides that may hold releases and
// Applications, and those that these may refer to. Charts are not looked
// through, so that a thousand of them cost nothing, except for templates whose
// names say that they make Applications or releases.
type declaring struct {
	base, head declaringSide
}

type declaringSide struct {
	releases map[string]bool
	around   *render.Repository
}

// findDeclaring reads all YAML of head outside of charts, and what differs of
// it at base.
func findDeclaring(ctx context.Context, change *git.Change, o Options) declaring {
	d := declaring{head: declares(change.Head, candidates(change.Head.Files(), render.ChartDirs(change.Head)))}
	d.base = d.head
	if len(change.Files) > 0 {
		var differ []string
		changed := map[string]bool{}
		for _, f := range change.Files {
			changed[f.OldPath], changed[f.NewPath] = true, true
			if f.OldPath != "" {
				differ = append(differ, f.OldPath)
			}
		}
		d.base = declares(change.Base, candidates(differ, render.ChartDirs(change.Base)))
		for name := range d.head.releases {
			if !changed[name] {
				d.base.releases[name] = true
			}
		}
		for _, name := range d.head.around.Files {
			if !changed[name] {
				d.base.around.Files = append(d.base.around.Files, name)
			}
		}
		slices.Sort(d.base.around.Files)
	}
	if len(d.head.releases)+len(d.base.releases) > 0 {
		urls := addresses(ctx, o)
		d.head.around.URLs, d.base.around.URLs = urls, urls
	}
	return d
}

// addresses are those of the repository that is judged.
func addresses(ctx context.Context, o Options) []string {
	return append(slices.Clone(o.URLs), o.Repo.Remotes(ctx)...)
}

// ownRepository tells addresses of the repository that is judged from others.
// Which those are is asked once, and only by who wants to know.
func ownRepository(ctx context.Context, o Options) func(string) (own, known bool) {
	repository := sync.OnceValue(func() *render.Repository { return &render.Repository{URLs: addresses(ctx, o)} })
	return func(address string) (own, known bool) { return repository().Is(address) }
}

func declares(tree *git.Tree, names []string) declaringSide {
	side := declaringSide{releases: map[string]bool{}, around: &render.Repository{}}
	tree.Prefetch(names)
	for _, name := range names {
		data, err := fs.ReadFile(tree, name)
		if err != nil {
			continue // a link out of the tree or a pointer: who renders it says so
		}
		switch {
		case render.IsTerraform(name):
			if render.DeclaresCharts(data) {
				side.releases[name] = true
			}
			continue
		case render.DeclaresReleases(data):
			side.releases[name] = true
		}
		if render.MayBeReferred(data) {
			side.around.Files = append(side.around.Files, name)
		}
	}
	return side
}

// candidates are the files worth reading.
func candidates(files []string, charts map[string]bool) []string {
	var names []string
	place, dir := (*folder)(nil), ""
	for _, name := range files {
		if !isYAML(name) && !render.IsTerraform(name) {
			continue
		}
		in, base := ".", name
		if at := strings.LastIndexByte(name, '/'); at >= 0 {
			in, base = name[:at], name[at+1:]
		}
		if place == nil || in != dir { // the next one mostly stands beside it
			place, dir = folderOf(in, charts), in
		}
		if place.mayDeclare(base) {
			names = append(names, name)
		}
	}
	return names
}

// folder is what decides whether files in it are worth reading.
type folder struct{ hidden, chart, templates bool }

func folderOf(dir string, charts map[string]bool) *folder {
	f := &folder{
		hidden:    dir != "." && strings.HasPrefix(dir, ".") || strings.Contains(dir, "/."),
		templates: strings.HasSuffix(dir, "templates") || strings.Contains(dir, "templates/"),
		chart:     partOfChart(dir, charts),
	}
	return f
}

func (f *folder) mayDeclare(base string) bool {
	if f.hidden || strings.HasPrefix(base, ".") {
		return false
	}
	return !f.chart || f.templates && tellingName(base)
}

func isYAML(name string) bool {
	return strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml") || strings.HasSuffix(name, ".json")
}

// partOfChart says that what stands in a folder belongs to a chart. One at the
// root of the tree does not own the whole repository.
func partOfChart(dir string, charts map[string]bool) bool {
	for up := dir; ; {
		if up != "." && charts[up] {
			return true
		}
		at := strings.LastIndexByte(up, '/')
		if at < 0 {
			break
		}
		up = up[:at]
	}
	first, _, _ := strings.Cut(dir, "/")
	return charts["."] && slices.Contains([]string{".", "templates", "charts", "crds", "ci"}, first)
}

// tellingName says that a template's name promises objects that deploy more.
func tellingName(base string) bool {
	base = strings.ToLower(base)
	return slices.ContainsFunc([]string{"app", "argo", "flux", "release", "kustom"}, func(word string) bool { return strings.Contains(base, word) })
}

// folders says in which folders plain manifests are looked for because of the
// releases there.
func (d declaring) folders() map[string]bool {
	dirs := map[string]bool{}
	for _, side := range []declaringSide{d.base, d.head} {
		for name := range side.releases {
			if !render.IsTerraform(name) {
				dirs[path.Dir(name)] = true
			}
		}
	}
	return dirs
}

// touch tells which texts may name what a change touches.
type touch struct {
	changed []string // files, sorted
	dirs    map[string]bool
	bases   map[string]bool
	// yaml says that some of them are read by generators and templates.
	yaml bool
	// charts says that some of them are parts of charts.
	charts bool
}

func touchOf(change *git.Change, affected []*target) touch {
	t := touch{dirs: map[string]bool{}, bases: map[string]bool{}}
	up := t.reach
	for _, f := range change.Files {
		for _, name := range []string{f.OldPath, f.NewPath} {
			if name != "" {
				t.changed = append(t.changed, name)
				t.bases[path.Base(name)] = true
				t.yaml = t.yaml || isYAML(name)
				up(name)
			}
		}
	}
	slices.Sort(t.changed)
	t.charts = touchesCharts(change)
	for _, a := range affected {
		for _, side := range []struct {
			tree *git.Tree
			at   *render.Target
		}{{change.Base, a.base}, {change.Head, a.head}} {
			if side.at == nil {
				continue
			}
			up(side.at.Dir)
			for _, dir := range render.Folders(side.tree, *side.at) {
				up(dir)
			}
		}
	}
	return t
}

// reach adds a folder or a file, with all folders that it lies in.
func (t touch) reach(name string) {
	for ; name != "." && name != "/" && !t.dirs[name]; name = path.Dir(name) {
		t.dirs[name] = true
	}
}

func touchesCharts(change *git.Change) bool {
	base, head := render.ChartDirs(change.Base), render.ChartDirs(change.Head)
	of := func(name string, charts map[string]bool) bool {
		return name != "" && (partOfChart(path.Dir(name), charts) || path.Ext(name) == ".tgz")
	}
	return slices.ContainsFunc(change.Files, func(f git.FileDiff) bool { return of(f.OldPath, base) || of(f.NewPath, head) })
}

// mayName says that a text may name a folder or a file that the change
// touches. It errs on the side of yes, which costs a render.
func (t touch) mayName(text string) bool {
	if namesAll(text) {
		return true
	}
	argo := strings.Contains(text, "argoproj.io/")
	set := argo && strings.Contains(text, "ApplicationSet")
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(" \t\r\n\"'`,[]();|", r) }) {
		whole := path.Clean(word) == "."
		word = strings.TrimLeft(strings.TrimPrefix(word, "./"), "/")
		if !strings.Contains(word, "{") {
			word = strings.TrimRight(word, "}") // of a mapping on one line
		}
		if cut := strings.IndexAny(word, "{$*?"); cut >= 0 {
			if set && t.yaml && cut == 0 && word[0] != '$' {
				return true // made of what a generator finds
			}
			if argo && t.bases[path.Base(word)] {
				return true
			}
			word = word[:max(0, strings.LastIndexByte(word[:cut], '/'))]
		} else if argo && t.bases[path.Base(word)] {
			return true
		}
		if t.dirs[path.Clean(word)] || argo && whole {
			return true
		}
	}
	return false
}

// ownPath is the path of a Flux Kustomization: as far from the margin as a field of
// its spec may stand, or on one line with the spec.
var ownPath = regexp.MustCompile(`(?m)^(?: {1,4}|spec:\s*\{(?:.*,)?\s*)path:\s*["']?([^\s"',}]*)`)

// namesAll says that a text may hold a Flux Kustomization of the whole tree, which
// is also one that names no path.
func namesAll(text string) bool {
	return slices.ContainsFunc(strings.Split(text, "\n---"), func(doc string) bool {
		if !strings.Contains(doc, "kustomize.toolkit.fluxcd.io/") {
			return false
		}
		paths := ownPath.FindAllStringSubmatch(doc, -1)
		return len(paths) == 0 || slices.ContainsFunc(paths, func(m []string) bool { return path.Clean(strings.TrimLeft(m[1], "/")) == "." })
	})
}

// touches says that the change touches one of some files, given sorted.
func (t touch) touches(names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		_, found := slices.BinarySearch(t.changed, name)
		return found
	})
}
