package git

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
)

// Tree is the files of a revision as an fs.FS. Symbolic links are followed
// inside the tree; one that leads out of it, a submodule and a Git LFS pointer
// are errors when they are read, never absent files: nobody looked into them.
type Tree struct {
	folders map[string]*listing // by their path
	links   bool
	blobs   *batch

	from    *Tree // the tree that this one is a change of
	differ  []string
	removed map[string]bool
	added   []string
	sorting sync.Once
	sorted  []string // all names, once somebody asked for them

	derived *derived // what was made of this tree
	named   *derived // what was made of the names alone; shared with trees of the same names
	parsed  *derived // what was made of single contents; shared with the trees made of this one
}

// Errors of a read that are not "there is no such file".
var (
	ErrSubmodule = errors.New("is in a submodule, which rendergate does not look into: vendor it, or leave out what reads it with exclude in .rendergate.yaml")
	ErrLFS       = errors.New("is a Git LFS pointer, not the file itself, wherever it is checked out: keep rendered files out of LFS, or leave out what reads it with exclude in .rendergate.yaml")
	ErrOutside   = errors.New("is a symbolic link that leads out of the tree")
)

// EmptyTree has no files.
func EmptyTree() *Tree { return newTree(map[string]*listing{".": {}}, false, nil) }

// Tree lists a revision. Contents are read when asked for.
func (r *Repo) Tree(ctx context.Context, v Revision) (*Tree, error) {
	blobs, err := r.startBatch(ctx)
	if err != nil {
		return nil, err
	}
	root, err := objectOf(v.Tree)
	if err != nil {
		return nil, fmt.Errorf("the files of %s cannot be listed: %w", v.Name, err)
	}
	g := newGrowing(r.Ahead)
	g.place(".", root)
	if err := g.grow(blobs); err != nil {
		return nil, fmt.Errorf("the files of %s cannot be listed: %w", v.Name, err)
	}
	return newTree(g.folders, g.links, blobs), nil
}

func newTree(folders map[string]*listing, links bool, blobs *batch) *Tree {
	return &Tree{folders: folders, links: links, blobs: blobs, derived: &derived{}, named: &derived{}, parsed: &derived{}}
}

// Files are the paths of all files, sorted. The list must not be changed.
func (t *Tree) Files() []string {
	t.sorting.Do(func() {
		if t.from == nil {
			t.sorted = t.appendFiles(nil, ".")
			return
		}
		if t.sorted = t.from.Files(); len(t.removed)+len(t.added) == 0 {
			return
		}
		kept := slices.DeleteFunc(slices.Clone(t.sorted), func(name string) bool { return t.removed[name] })
		t.sorted = slices.Concat(kept, t.added)
		slices.Sort(t.sorted) // nearly sorted as it is, which is fast
	})
	return t.sorted
}

// Prefetch reads files in one go: one by one each costs a wait for git. What
// cannot be read is left to those who read it.
func (t *Tree) Prefetch(names []string) {
	var wanted []object
	for _, name := range names {
		if e, ok := t.entry(name); ok && e.over == nil && e.mode != fs.ModeIrregular {
			wanted = append(wanted, e.id)
		}
	}
	if t.blobs != nil {
		t.blobs.prefetch(wanted)
	}
}

// Derive returns what build makes of the tree, and remembers it under the key:
// build must depend on nothing but the tree.
func (t *Tree) Derive(key string, build func() any) any { return t.derived.of(key, build) }

// DeriveNames is Derive for what depends on the names of files alone, which
// most changes leave as they are.
func (t *Tree) DeriveNames(key string, build func() any) any { return t.named.of(key, build) }

// DeriveFrom returns what build makes of a file's content, and remembers it for
// every tree that this one was made of and for those made of it.
func (t *Tree) DeriveFrom(key, name string, build func() any) any {
	if t.links {
		if real, err := t.Locate(name); err != nil || real != name {
			return build() // a link's content is not its file's
		}
	}
	return t.parsed.of(key+" "+t.ID(name), build)
}

// derived is what was made of something, by keys. Whoever asks for what another
// one is making waits for it.
type derived struct{ known sync.Map }

func (d *derived) of(key string, build func() any) any {
	value, ok := d.known.Load(key)
	if !ok {
		value, _ = d.known.LoadOrStore(key, sync.OnceValue(build))
	}
	return value.(func() any)()
}

// Since is the tree that this one is a change of, with the paths that differ;
// nil for a revision as git lists it. What was made of that tree holds for this
// one as far as it depends on other paths.
func (t *Tree) Since() (before fs.FS, differ []string) {
	if t.from == nil {
		return nil, nil
	}
	return t.from, t.differ
}

// ID identifies a file's content and mode: equal ids are equal files. It is
// empty when there is no such file. Links are not followed.
func (t *Tree) ID(name string) string {
	e, ok := t.entry(name)
	if !ok {
		return ""
	}
	if e.over != nil {
		sum := sha256.Sum256(*e.over)
		return hex.EncodeToString(sum[:])
	}
	return e.id.String() + e.mode.String()
}

// With returns the tree with some files replaced, and those whose content is
// nil removed. The tree itself is unchanged.
func (t *Tree) With(files map[string][]byte) *Tree {
	set := make(map[string]entry, len(files))
	var removed []string
	for name, data := range files {
		if data == nil {
			removed = append(removed, name)
			continue
		}
		set[name] = entry{mode: 0o644, over: &data}
	}
	return t.with(removed, set)
}

// with makes another tree of this one.
func (t *Tree) with(removed []string, set map[string]entry) *Tree {
	next := newTree(maps.Clone(t.folders), t.links, t.blobs)
	next.from, next.parsed, next.removed = t, t.parsed, map[string]bool{}
	c := changing{next, map[string]*listing{}}
	for _, name := range removed {
		if _, known := next.entry(name); known {
			c.remove(name)
			next.removed[name] = true
		}
	}
	next.differ = slices.Concat(removed, slices.Collect(maps.Keys(set)))
	for name, e := range set {
		if c.set(name, e) {
			next.added = append(next.added, name)
		}
		next.links = next.links || e.mode&fs.ModeSymlink != 0
	}
	if len(next.removed)+len(next.added) == 0 {
		next.named = t.named
	}
	return next
}

// Locate follows the symbolic links of a path to the real one.
func (t *Tree) Locate(name string) (string, error) {
	if !t.links {
		return name, nil
	}
	for range 40 {
		next, link, err := t.follow(name)
		if err != nil || !link {
			return next, err
		}
		name = next
	}
	return "", fmt.Errorf("too many levels of symbolic links")
}

// Through are the paths that reading a path passes through symbolic links: the
// links behind the first one and the real path; none where it leads through no
// link. A change of any of them is a change of what is read.
func (t *Tree) Through(name string) []string {
	if !t.links {
		return nil
	}
	var passed []string
	for range 40 {
		next, link, err := t.follow(name)
		if err != nil || !link {
			break
		}
		name = next
		passed = append(passed, name)
		for at := path.Dir(name); at != "."; at = path.Dir(at) {
			if e, ok := t.entry(at); ok && e.mode&fs.ModeSymlink != 0 {
				passed = append(passed, at)
			}
		}
	}
	return passed
}

// Linked says that reading a folder may pass a symbolic link.
func (t *Tree) Linked(dir string) bool {
	if !t.links {
		return false
	}
	links := t.Derive("links", func() any {
		var names []string
		for dir, at := range t.folders {
			for _, f := range at.files {
				if f.mode&fs.ModeSymlink != 0 {
					names = append(names, below(dir, f.name))
				}
			}
		}
		return names
	}).([]string)
	return slices.ContainsFunc(links, func(link string) bool {
		return dir == "." || link == dir || strings.HasPrefix(link, dir+"/") || strings.HasPrefix(dir, link+"/")
	})
}

// follow replaces the first link of a path by its target; false when the path
// has none.
func (t *Tree) follow(name string) (next string, link bool, err error) {
	for i := 0; i <= len(name); i++ {
		if i < len(name) && name[i] != '/' {
			continue
		}
		prefix := name[:i]
		e, ok := t.entry(prefix)
		if !ok || e.mode&fs.ModeSymlink == 0 {
			continue
		}
		target, err := t.content(e)
		if err != nil {
			return "", true, err
		}
		to := path.Join(path.Dir(prefix), string(target))
		// No name has a NUL, and what renderers see at such names is not the tree's.
		if path.IsAbs(string(target)) || to == ".." || strings.HasPrefix(to, "../") || strings.Contains(to, "\x00") {
			return "", true, ErrOutside
		}
		return path.Join(to, strings.TrimPrefix(name[i:], "/")), true, nil
	}
	return name, false, nil
}

func (t *Tree) content(e entry) ([]byte, error) {
	if e.over != nil {
		return *e.over, nil
	}
	return t.blobs.blob(e.id)
}

// find looks a path up: an entry, or a folder.
func (t *Tree) find(op, name string) (real string, e entry, dir bool, err error) {
	if !fs.ValidPath(name) {
		return "", entry{}, false, &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	if real, err = t.Locate(name); err != nil {
		return "", entry{}, false, &fs.PathError{Op: op, Path: name, Err: err}
	}
	if e, ok := t.entry(real); ok {
		return real, e, false, nil
	}
	if t.folders[real] != nil {
		return real, entry{}, true, nil
	}
	for up := path.Dir(real); up != "."; up = path.Dir(up) {
		if e, ok := t.entry(up); ok && e.mode == fs.ModeIrregular {
			return "", entry{}, false, &fs.PathError{Op: op, Path: name, Err: ErrSubmodule}
		}
	}
	return "", entry{}, false, &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
}

// ReadFile implements fs.ReadFileFS.
func (t *Tree) ReadFile(name string) ([]byte, error) {
	_, e, dir, err := t.find("read", name)
	switch {
	case err != nil:
		return nil, err
	case dir:
		return nil, &fs.PathError{Op: "read", Path: name, Err: errors.New("is a folder")}
	case e.mode == fs.ModeIrregular:
		return nil, &fs.PathError{Op: "read", Path: name, Err: ErrSubmodule}
	}
	data, err := t.content(e)
	if err == nil && bytes.HasPrefix(data, []byte("version https://git-lfs.github.com/spec/")) {
		err = ErrLFS
	}
	if err != nil {
		return nil, &fs.PathError{Op: "read", Path: name, Err: err}
	}
	return bytes.Clone(data), nil
}

// ReadDir implements fs.ReadDirFS.
func (t *Tree) ReadDir(name string) ([]fs.DirEntry, error) {
	real, _, dir, err := t.find("readdir", name)
	if err != nil {
		return nil, err
	}
	if !dir {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: errors.New("is not a folder")}
	}
	var list []fs.DirEntry
	for _, f := range t.folders[real].list() {
		list = append(list, fs.FileInfoToDirEntry(t.infoOf(f)))
	}
	return list, nil
}

// Stat implements fs.StatFS; links are followed.
func (t *Tree) Stat(name string) (fs.FileInfo, error) {
	real, _, _, err := t.find("stat", name)
	if err != nil {
		return nil, err
	}
	info := t.info(real)
	info.name = path.Base(name)
	return info, nil
}

func (t *Tree) info(real string) fileInfo {
	e, ok := t.entry(real)
	if !ok {
		e.mode = fs.ModeDir | 0o755
	}
	return t.infoOf(named{path.Base(real), e})
}

func (t *Tree) infoOf(f named) fileInfo {
	info := fileInfo{name: f.name, mode: f.mode}
	if !f.mode.IsDir() {
		info.tree, info.entry = t, f.entry
	}
	return info
}

// Open implements fs.FS.
func (t *Tree) Open(name string) (fs.File, error) {
	info, err := t.Stat(name)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		list, err := t.ReadDir(name)
		return &folder{info: info, list: list}, err
	}
	data, err := t.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return &file{Reader: bytes.NewReader(data), info: info}, nil
}

type file struct {
	*bytes.Reader
	info fs.FileInfo
}

func (f *file) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *file) Close() error               { return nil }

type folder struct {
	info fs.FileInfo
	list []fs.DirEntry
}

func (f *folder) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *folder) Close() error               { return nil }
func (f *folder) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: f.info.Name(), Err: errors.New("is a folder")}
}

func (f *folder) ReadDir(n int) ([]fs.DirEntry, error) {
	if n <= 0 {
		list := f.list
		f.list = nil
		return list, nil
	}
	if len(f.list) == 0 {
		return nil, io.EOF
	}
	n = min(n, len(f.list))
	list := f.list[:n]
	f.list = f.list[n:]
	return list, nil
}

// fileInfo has no times: a tree knows none. The size is that of the content,
// read when asked for.
type fileInfo struct {
	name  string
	mode  fs.FileMode
	tree  *Tree
	entry entry
}

func (i fileInfo) Name() string       { return i.name }
func (i fileInfo) Mode() fs.FileMode  { return i.mode }
func (i fileInfo) ModTime() time.Time { return time.Time{} }
func (i fileInfo) IsDir() bool        { return i.mode.IsDir() }
func (i fileInfo) Sys() any           { return nil }
func (i fileInfo) Size() int64 {
	if i.tree == nil || i.mode == fs.ModeIrregular {
		return 0
	}
	data, err := i.tree.content(i.entry)
	if err != nil {
		return 0
	}
	return int64(len(data))
}
