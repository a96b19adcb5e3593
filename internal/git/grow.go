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

// growing reads the folders of a revision, level by level: the folders of one
// are asked for while git still reads its last ones. That costs half of what
// `git ls-tree` takes to print them, which is half of a check of one chart
// among a thousand.
type growing struct {
	folders map[string]*listing
	links   bool
	ahead   func(name string) bool // files that are asked for along the way

	read  map[object]contents
	open  map[object][]string // folders by their tree, which is asked for
	asked []object            // these, in order
	blobs []object            // that were foreseen
	names int                 // in all folders
}

// contents is what a tree of git holds.
type contents struct {
	*listing
	trees []object // of the listing's folders
}

// most bounds how many names a revision has: crafted trees that hold the same
// tree again and again list for ever.
const most = 3_000_000

// place puts a tree where a folder is, and asks for it if nobody did.
func (g *growing) place(dir string, id object) {
	if g.names++; g.names > most {
		return
	}
	at, known := g.read[id]
	if !known {
		if g.open == nil {
			g.open = map[object][]string{}
		}
		if g.open[id] == nil {
			g.asked = append(g.asked, id)
		}
		g.open[id] = append(g.open[id], dir)
		return
	}
	g.folders[dir] = at.listing
	g.names += len(at.files)
	for i, name := range at.dirs {
		g.place(below(dir, name), at.trees[i])
	}
}

// grow reads the trees that were asked for, and those below them.
func (g *growing) grow(b *batch) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for len(g.asked)+len(g.blobs) > 0 {
		open, trees := g.open, g.asked
		wanted := slices.Concat(trees, g.blobs)
		g.open, g.asked, g.blobs = nil, nil, nil
		err := b.each(wanted, func(id object, data []byte, err error) error {
			dirs, isTree := open[id]
			switch {
			case !isTree && err == nil:
				b.cached[id] = data
			case isTree && err == nil:
				err = g.add(id, string(data), dirs)
			case isTree:
				return err
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// add reads a tree and puts it where it was asked for.
func (g *growing) add(id object, data string, dirs []string) error {
	at, err := parseTree(data, len(id))
	if err != nil {
		return fmt.Errorf("tree %s %w", id, err)
	}
	for _, f := range at.files {
		g.links = g.links || f.mode&fs.ModeSymlink != 0
		if g.ahead != nil && f.mode != fs.ModeIrregular && g.ahead(f.name) {
			g.blobs = append(g.blobs, f.id)
		}
	}
	g.read[id] = at
	for _, dir := range dirs {
		g.place(dir, id)
	}
	if g.names > most {
		return fmt.Errorf("holds more than %d files", most)
	}
	return nil
}

// parseTree reads a tree of git: mode, name, a NUL and the bytes of the id, for
// each of what it holds. What git itself never writes is an error: nobody knows
// what such a tree would be checked out as.
func parseTree(data string, size int) (contents, error) {
	at := contents{listing: &listing{}}
	count := strings.Count(data, "\x00") // or more, as ids have NULs too
	at.files = make([]named, 0, min(count, len(data)/(size+8)))
	for data != "" {
		octal, rest, spaced := strings.Cut(data, " ")
		name, rest, ended := strings.Cut(rest, "\x00")
		if !spaced || !ended || len(rest) < size {
			return at, errors.New("breaks off")
		}
		id := object(rest[:size])
		data = rest[size:]
		if name == "" || name == "." || name == ".." || strings.Contains(name, "/") {
			return at, fmt.Errorf("holds the name %q, which git allows nobody: see git fsck", name)
		}
		kind, err := mode(octal)
		if err != nil {
			return at, err
		}
		if kind.IsDir() {
			at.dirs, at.trees = append(at.dirs, name), append(at.trees, id)
			continue
		}
		at.files = append(at.files, named{name, entry{mode: kind, id: id}})
	}
	return at, at.order()
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
