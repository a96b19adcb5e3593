package git

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
)

// object is the bytes of an object's id: half as long as its name, and as a
// part of the tree that holds it without a copy of its own.
type object string

func (o object) String() string { return hex.EncodeToString([]byte(o)) }

func objectOf(name string) (object, error) {
	id, err := hex.DecodeString(name)
	return object(id), err
}

// growing reads the folders of a revision, level by level: all of one are asked
// for at once. That costs half of what `git ls-tree` takes to print them, which
// was most of what a check of one chart among a thousand took longer.
type growing struct {
	folders map[string]*listing
	links   bool
	ahead   func(name string) bool // files that are asked for along the way

	trees map[object]*contents
	asked []object // trees of the next level
	blobs []object // that were foreseen
	names int      // in all folders
}

func newGrowing(ahead func(name string) bool) *growing {
	const many = 4096 // growing maps to that takes longer
	return &growing{folders: make(map[string]*listing, many), trees: make(map[object]*contents, many), ahead: ahead}
}

// contents is what a tree of git holds.
type contents struct {
	*listing          // nil until git has answered
	trees    []object // of the listing's folders
	first    string   // the folder that it was asked for
	others   []string // and those that hold the same
}

// most bounds how many names a revision has: crafted trees that hold the same
// tree again and again list for ever.
const most = 3_000_000

// place puts a tree where a folder is, and asks for it if nobody did.
func (g *growing) place(dir string, id object) {
	switch at := g.trees[id]; {
	case at == nil:
		g.trees[id] = &contents{first: dir}
		g.asked = append(g.asked, id)
	case at.listing == nil:
		at.others = append(at.others, dir)
	default:
		g.put(dir, at)
	}
}

func (g *growing) put(dir string, at *contents) {
	if g.names += len(at.files) + len(at.dirs); g.names > most {
		return
	}
	g.folders[dir] = at.listing
	for i, name := range at.dirs {
		g.place(below(dir, name), at.trees[i])
	}
}

// grow reads the trees that were asked for, and those below them.
func (g *growing) grow(b *batch) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for len(g.asked)+len(g.blobs) > 0 {
		wanted := slices.Concat(g.asked, g.blobs)
		g.asked, g.blobs = nil, nil
		err := b.each(wanted, func(id object, data []byte, err error) error {
			at := g.trees[id]
			switch {
			case at != nil && err == nil:
				return g.add(id, at, string(data))
			case at != nil:
				return err
			case err == nil:
				b.cached[id] = data
			}
			return nil // whoever reads the file is told
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// add reads a tree and puts it where it was asked for.
func (g *growing) add(id object, at *contents, data string) error {
	if err := at.parse(data, len(id)); err != nil {
		return fmt.Errorf("tree %s %w", id, err)
	}
	for _, f := range at.files {
		g.links = g.links || f.mode&fs.ModeSymlink != 0
		if g.ahead != nil && f.mode != fs.ModeIrregular && g.ahead(f.name) {
			g.blobs = append(g.blobs, f.id)
		}
	}
	g.put(at.first, at)
	for _, dir := range at.others {
		g.put(dir, at)
	}
	if g.names > most {
		return fmt.Errorf("holds more than %d files", most)
	}
	return nil
}

// parse reads a tree of git: mode, name, a NUL and the bytes of the id, for
// each of what it holds. What git itself never writes is an error: nobody knows
// what such a tree would be checked out as.
func (c *contents) parse(data string, size int) error {
	at := &listing{}
	count := strings.Count(data, "\x00") // or more, as ids have NULs too
	at.files = make([]named, 0, min(count, len(data)/(size+8)))
	for data != "" {
		octal, rest, spaced := strings.Cut(data, " ")
		name, rest, ended := strings.Cut(rest, "\x00")
		if !spaced || !ended || len(rest) < size {
			return errors.New("breaks off")
		}
		id := object(rest[:size])
		data = rest[size:]
		if name == "" || name == "." || name == ".." || strings.Contains(name, "/") {
			return fmt.Errorf("holds the name %q, which git allows nobody: see git fsck", name)
		}
		kind, err := mode(octal)
		if err != nil {
			return err
		}
		if kind.IsDir() {
			at.dirs, c.trees = append(at.dirs, name), append(c.trees, id)
			continue
		}
		at.files = append(at.files, named{name, entry{mode: kind, id: id}})
	}
	c.listing = at
	return c.order()
}

// order sorts files and folders by their names alone, as git has a folder x
// behind x-y, and sees to it that no name comes twice.
func (c *contents) order() error {
	if !slices.IsSorted(c.dirs) {
		trees := make(map[string]object, len(c.dirs))
		for i, name := range c.dirs {
			trees[name] = c.trees[i]
		}
		slices.Sort(c.dirs)
		for i, name := range c.dirs {
			c.trees[i] = trees[name]
		}
	}
	names := func(a, b named) int { return strings.Compare(a.name, b.name) }
	if !slices.IsSortedFunc(c.files, names) {
		slices.SortFunc(c.files, names)
	}
	for i, f := range c.files {
		if i > 0 && c.files[i-1].name == f.name {
			return fmt.Errorf("holds %q twice, which git allows nobody: see git fsck", f.name)
		}
	}
	for i, name := range c.dirs {
		_, found := slices.BinarySearchFunc(c.files, name, byName)
		if found || i > 0 && c.dirs[i-1] == name {
			return fmt.Errorf("holds %q twice, which git allows nobody: see git fsck", name)
		}
	}
	return nil
}

// mode reads what git says that something is. What is nothing else is a
// submodule to git as well.
func mode(octal string) (fs.FileMode, error) {
	bits, err := strconv.ParseUint(octal, 8, 32)
	if err != nil {
		return 0, fmt.Errorf("holds something of mode %q", octal)
	}
	switch bits & 0o170000 {
	case 0o040000:
		return fs.ModeDir | 0o755, nil
	case 0o120000:
		return fs.ModeSymlink | 0o777, nil
	case 0o100000:
		if bits&0o100 != 0 {
			return 0o755, nil
		}
		return 0o644, nil
	}
	return fs.ModeIrregular, nil
}

// appendFiles appends the paths of all files of a folder in order: sorted by
// path, those in a folder x come behind x-y.
func (t *Tree) appendFiles(paths []string, dir string) []string {
	at := t.folders[dir]
	prefix := dir + "/"
	if dir == "." {
		prefix = ""
	}
	files := at.files
	for _, name := range byPath(at.dirs) {
		for len(files) > 0 && beforeFolder(files[0].name, name) {
			paths = append(paths, prefix+files[0].name)
			files = files[1:]
		}
		paths = t.appendFiles(paths, prefix+name)
	}
	for _, f := range files {
		paths = append(paths, prefix+f.name)
	}
	return paths
}

// beforeFolder says that a file sorts before the files in a folder beside it.
func beforeFolder(file, dir string) bool {
	if len(file) > len(dir) && file[:len(dir)] == dir {
		return file[len(dir)] < '/'
	}
	return file <= dir
}

// byPath are names of folders in the order of the paths in them.
func byPath(dirs []string) []string {
	for i := 1; i < len(dirs); i++ {
		if strings.HasPrefix(dirs[i], dirs[i-1]) {
			return slices.SortedFunc(slices.Values(dirs), func(a, b string) int { return strings.Compare(a+"/", b+"/") })
		}
	}
	return dirs
}
