package gate

import (
	"context"
	"io/fs"
	"path"
	"slices"
	"strings"

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
	d := declaring{head: declares(change.Head, candidates(change.Head.Files()))}
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
		d.base = declares(change.Base, candidates(differ, chartFolders(change.Base.Files())...))
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
		urls := append(slices.Clone(o.URLs), o.Repo.Remotes(ctx)...)
		d.head.around.URLs, d.base.around.URLs = urls, urls
	}
	return d
}

func declares(tree *git.Tree, names []string) declaringSide {
	side := declaringSide{releases: map[string]bool{}, around: &render.Repository{}}
	tree.Prefetch(names)
	for _, name := range names {
		data, err := fs.ReadFile(tree, name)
		if err != nil {
			continue // a link out of the tree or a pointer: who renders it says so
		}
		if render.DeclaresReleases(data) {
			side.releases[name] = true
		}
		if render.MayBeReferred(data) {
			side.around.Files = append(side.around.Files, name)
		}
	}
	return side
}

// candidates are the files worth reading. Charts are told by the files
// themselves, or given.
func candidates(files []string, charts ...string) []string {
	if charts == nil {
		charts = chartFolders(files)
	}
	inside := map[string]bool{}
	for _, dir := range charts {
		inside[dir] = true
	}
	var names []string
	for _, name := range files {
		if !isYAML(name) || strings.HasPrefix(name, ".") || strings.Contains(name, "/.") {
			continue
		}
		if !partOfChart(name, inside) || strings.Contains(name, "templates/") && tellingName(path.Base(name)) {
			names = append(names, name)
		}
	}
	return names
}

func isYAML(name string) bool {
	return slices.Contains([]string{".yaml", ".yml", ".json"}, path.Ext(name))
}

func chartFolders(files []string) []string {
	dirs := []string{}
	for _, name := range files {
		if path.Base(name) == "Chart.yaml" {
			dirs = append(dirs, path.Dir(name))
		}
	}
	return dirs
}

// partOfChart says that a file belongs to a chart. One at the root of the tree
// does not own the whole repository.
func partOfChart(name string, charts map[string]bool) bool {
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		if charts[dir] {
			return true
		}
	}
	if !charts["."] {
		return false
	}
	first, _, nested := strings.Cut(name, "/")
	return !nested || slices.Contains([]string{"templates", "charts", "crds", "ci"}, first)
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
			dirs[path.Dir(name)] = true
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
}

func touchOf(change *git.Change, affected []*target) touch {
	t := touch{dirs: map[string]bool{}, bases: map[string]bool{}}
	up := func(name string) {
		for ; name != "." && name != "/" && !t.dirs[name]; name = path.Dir(name) {
			t.dirs[name] = true
		}
	}
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

// mayName says that a text may name a folder or a file that the change
// touches. It errs on the side of yes, which costs a render.
func (t touch) mayName(text string) bool {
	argo := strings.Contains(text, "argoproj.io/")
	set := argo && strings.Contains(text, "ApplicationSet")
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(" \t\r\n\"'`,[]();|", r) }) {
		word = strings.TrimLeft(strings.TrimPrefix(word, "./"), "/")
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
		if word = strings.TrimSuffix(word, "/"); t.dirs[word] || argo && word == "." {
			return true
		}
	}
	return false
}

// touches says that the change touches one of some files, given sorted.
func (t touch) touches(names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		_, found := slices.BinarySearch(t.changed, name)
		return found
	})
}
