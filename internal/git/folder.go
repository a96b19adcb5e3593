package git

import (
	"io/fs"
	"slices"
	"strings"
)

// listing is what stands in one folder of a tree. Trees share those that are
// equal, so one that belongs to a finished tree is never changed.
type listing struct {
	files []named  // sorted by name
	dirs  []string // names of the folders in it, sorted
}

// named is a file by its name in its folder.
type named struct {
	name string
	entry
}

// entry is a file as a revision has it, or as a probe puts it in its place.
type entry struct {
	mode fs.FileMode
	id   object
	over *[]byte // set for files that a probe puts in place of the revision's
}

// split is path.Dir and path.Base of a path that is known to be clean.
func split(name string) (dir, base string) {
	if at := strings.LastIndexByte(name, '/'); at >= 0 {
		return name[:at], name[at+1:]
	}
	return ".", name
}

// below is the path of a name in a folder.
func below(dir, name string) string {
	if dir == "." {
		return name
	}
	return dir + "/" + name
}

func byName(f named, name string) int { return strings.Compare(f.name, name) }

// entry is the file of a path; false where there is none.
func (t *Tree) entry(name string) (entry, bool) { return entryIn(t.folders, name) }

func entryIn(folders map[string]*listing, name string) (entry, bool) {
	dir, base := split(name)
	at := folders[dir]
	if at == nil {
		return entry{}, false
	}
	i, found := slices.BinarySearchFunc(at.files, base, byName)
	if !found {
		return entry{}, false
	}
	return at.files[i].entry, true
}

// changing makes another tree of one: folders that do not change are shared.
type changing struct {
	*Tree
	own map[string]*listing // copies that belong to the new tree alone
}

// mine is a folder that may be changed, new where there was none.
func (c changing) mine(dir string) *listing {
	if at := c.own[dir]; at != nil {
		return at
	}
	at := &listing{}
	if known := c.folders[dir]; known != nil {
		at.files, at.dirs = slices.Clone(known.files), slices.Clone(known.dirs)
	} else if dir != "." {
		up, base := split(dir)
		over := c.mine(up)
		if i, found := slices.BinarySearch(over.dirs, base); !found {
			over.dirs = slices.Insert(over.dirs, i, base)
		}
	}
	c.own[dir], c.folders[dir] = at, at
	return at
}

// set puts a file in its place; true when there was none.
func (c changing) set(name string, e entry) (added bool) {
	dir, base := split(name)
	at := c.mine(dir)
	i, found := slices.BinarySearchFunc(at.files, base, byName)
	if found {
		at.files[i].entry = e
		return false
	}
	at.files = slices.Insert(at.files, i, named{base, e})
	return true
}

// remove takes a file out, and the folders with it that are empty then.
func (c changing) remove(name string) {
	dir, base := split(name)
	at := c.mine(dir)
	if i, found := slices.BinarySearchFunc(at.files, base, byName); found {
		at.files = slices.Delete(at.files, i, i+1)
	}
	for len(at.files)+len(at.dirs) == 0 && dir != "." {
		delete(c.folders, dir)
		delete(c.own, dir)
		dir, base = split(dir)
		at = c.mine(dir)
		if i, found := slices.BinarySearch(at.dirs, base); found {
			at.dirs = slices.Delete(at.dirs, i, i+1)
		}
	}
}

// list are the names of a folder in order, each with its file where it is one.
func (f *listing) list() []named {
	all := make([]named, 0, len(f.files)+len(f.dirs))
	all = append(all, f.files...)
	for _, name := range f.dirs {
		all = append(all, named{name, entry{mode: fs.ModeDir | 0o755}})
	}
	slices.SortStableFunc(all, func(a, b named) int { return strings.Compare(a.name, b.name) })
	return all
}
