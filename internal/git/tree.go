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
	entries map[string]entry
	dirs    map[string][]string // folder to the sorted names in it
	links   bool
	blobs   *batch

	from    *Tree // the tree that this one is a change of
	added   []string
	sorting sync.Once
	sorted  []string // all names; of a change, once somebody asked for them

	derived *sync.Map // what was made of this tree
	parsed  *sync.Map // what was made of single contents; shared with the trees made of this one
}

type entry struct {
	mode fs.FileMode
	sha  string
	data []byte // set for files that a probe puts in place of the revision's
	over bool
}

// Errors of a read that are not "there is no such file".
var (
	ErrSubmodule = errors.New("is in a submodule, which rendergate does not look into")
	ErrLFS       = errors.New("is a Git LFS pointer, not the file itself; check out with LFS, or keep rendered files out of LFS")
	ErrOutside   = errors.New("is a symbolic link that leads out of the tree")
)

// EmptyTree has no files.
func EmptyTree() *Tree { return newTree(map[string]entry{}, nil, nil) }

// Tree lists a revision. Contents are read when asked for.
func (r *Repo) Tree(ctx context.Context, v Revision) (*Tree, error) {
	out, err := r.git(ctx, "ls-tree", "-r", "-z", "--full-tree", v.Tree)
	if err != nil {
		return nil, fmt.Errorf("the files of %s cannot be listed: %w", v.Name, err)
	}
	blobs, err := r.startBatch(ctx)
	if err != nil {
		return nil, err
	}
	return parseTree(out, blobs)
}

// parseTree reads what git ls-tree prints: mode, type, id, a tab and the path,
// for each file in the order of the paths.
func parseTree(out string, blobs *batch) (*Tree, error) {
	count := strings.Count(out, "\x00")
	entries, names := make(map[string]entry, count), make([]string, 0, count)
	for line := range strings.SplitSeq(out, "\x00") {
		head, name, found := strings.Cut(line, "\t")
		if !found {
			continue
		}
		octal, rest, _ := strings.Cut(head, " ")
		_, sha, found := strings.Cut(rest, " ")
		if !found {
			return nil, fmt.Errorf("git ls-tree printed %q", line)
		}
		entries[name] = entry{mode: mode(octal), sha: sha}
		names = append(names, name)
	}
	return newTree(entries, names, blobs), nil
}

func mode(octal string) fs.FileMode {
	switch octal {
	case "120000":
		return fs.ModeSymlink | 0o777
	case "160000":
		return fs.ModeIrregular // a submodule
	case "100755":
		return 0o755
	}
	return 0o644
}

// newTree makes a tree of entries, whose names are given in git's order.
func newTree(entries map[string]entry, names []string, blobs *batch) *Tree {
	t := &Tree{entries: entries, blobs: blobs, dirs: map[string][]string{".": nil}, sorted: names, derived: &sync.Map{}, parsed: &sync.Map{}}
	for _, name := range names {
		t.links = t.links || entries[name].mode&fs.ModeSymlink != 0
		for {
			dir, base := split(name)
			list, known := t.dirs[dir]
			t.dirs[dir] = append(list, base)
			if known || dir == "." {
				break
			}
			name = dir
		}
	}
	for _, list := range t.dirs {
		if !slices.IsSorted(list) { // a folder x stands behind a file x.y there
			slices.Sort(list)
		}
	}
	if !slices.IsSorted(names) {
		slices.Sort(names)
	}
	return t
}

// split is path.Dir and path.Base of a path that is known to be clean.
func split(name string) (dir, base string) {
	if at := strings.LastIndexByte(name, '/'); at >= 0 {
		return name[:at], name[at+1:]
	}
	return ".", name
}

// Files are the paths of all files, sorted. The list must not be changed.
func (t *Tree) Files() []string {
	t.sorting.Do(func() {
		if t.from == nil {
			return
		}
		files := slices.DeleteFunc(slices.Clone(t.from.Files()), func(name string) bool {
			_, still := t.entries[name]
			return !still
		})
		t.sorted = slices.Concat(files, t.added)
		slices.Sort(t.sorted)               // nearly sorted as it is, which is fast
		t.sorted = slices.Compact(t.sorted) // what was removed and came again
	})
	return t.sorted
}

// Prefetch reads files in one go: one by one each costs a wait for git. What
// cannot be read is left to those who read it.
func (t *Tree) Prefetch(names []string) {
	var shas []string
	for _, name := range names {
		if e, ok := t.entries[name]; ok && !e.over && e.mode != fs.ModeIrregular {
			shas = append(shas, e.sha)
		}
	}
	if t.blobs != nil {
		t.blobs.prefetch(shas)
	}
}

// Derive returns what build makes of the tree, and remembers it under the key:
// build must depend on nothing but the tree.
func (t *Tree) Derive(key string, build func() any) any { return remember(t.derived, key, build) }

// DeriveFrom returns what build makes of a file's content, and remembers it for
// every tree that this one was made of and for those made of it.
func (t *Tree) DeriveFrom(key, name string, build func() any) any {
	if t.links {
		if real, err := t.Locate(name); err != nil || real != name {
			return build() // a link's content is not its file's
		}
	}
	return remember(t.parsed, key+" "+t.ID(name), build)
}

func remember(known *sync.Map, key string, build func() any) any {
	if value, ok := known.Load(key); ok {
		return value
	}
	value, _ := known.LoadOrStore(key, build())
	return value
}

// ID identifies a file's content and mode: equal ids are equal files. It is
// empty when there is no such file. Links are not followed.
func (t *Tree) ID(name string) string {
	e, ok := t.entries[name]
	if !ok {
		return ""
	}
	if e.over {
		sum := sha256.Sum256(e.data)
		return hex.EncodeToString(sum[:])
	}
	return e.sha + e.mode.String()
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
		set[name] = entry{mode: 0o644, data: data, over: true}
	}
	return t.with(removed, set)
}

// with makes another tree of this one. Folders that do not change are shared.
func (t *Tree) with(removed []string, set map[string]entry) *Tree {
	next := &Tree{entries: maps.Clone(t.entries), dirs: maps.Clone(t.dirs), links: t.links, blobs: t.blobs, from: t, derived: &sync.Map{}, parsed: t.parsed}
	for _, name := range removed {
		if _, known := next.entries[name]; known {
			delete(next.entries, name)
			next.unlist(name)
		}
	}
	for name, e := range set {
		if _, known := next.entries[name]; !known {
			next.list(name)
			next.added = append(next.added, name)
		}
		next.entries[name] = e
		next.links = next.links || e.mode&fs.ModeSymlink != 0
	}
	return next
}

// list adds a name to its folder, and the folder to its own where it is new.
func (t *Tree) list(name string) {
	for {
		dir, base := split(name)
		names, known := t.dirs[dir]
		if at, found := slices.BinarySearch(names, base); !found {
			t.dirs[dir] = slices.Insert(slices.Clone(names), at, base)
		}
		if known || dir == "." {
			return
		}
		name = dir
	}
}

// unlist takes a name from its folder, and the folder with it that is empty
// then.
func (t *Tree) unlist(name string) {
	for {
		dir, base := split(name)
		names := t.dirs[dir]
		at, found := slices.BinarySearch(names, base)
		if !found {
			return
		}
		names = slices.Delete(slices.Clone(names), at, at+1)
		t.dirs[dir] = names
		if len(names) > 0 || dir == "." {
			return
		}
		delete(t.dirs, dir)
		name = dir
	}
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
			if e, ok := t.entries[at]; ok && e.mode&fs.ModeSymlink != 0 {
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
		for name, e := range t.entries {
			if e.mode&fs.ModeSymlink != 0 {
				names = append(names, name)
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
		e, ok := t.entries[prefix]
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
	if e.over {
		return e.data, nil
	}
	return t.blobs.blob(e.sha)
}

// find looks a path up: an entry, or a folder.
func (t *Tree) find(op, name string) (real string, e entry, dir bool, err error) {
	if !fs.ValidPath(name) {
		return "", entry{}, false, &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	if real, err = t.Locate(name); err != nil {
		return "", entry{}, false, &fs.PathError{Op: op, Path: name, Err: err}
	}
	if e, ok := t.entries[real]; ok {
		return real, e, false, nil
	}
	if _, ok := t.dirs[real]; ok {
		return real, entry{}, true, nil
	}
	for up := path.Dir(real); up != "."; up = path.Dir(up) {
		if e, ok := t.entries[up]; ok && e.mode == fs.ModeIrregular {
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
	for _, base := range t.dirs[real] {
		list = append(list, fs.FileInfoToDirEntry(t.info(path.Join(real, base))))
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
	e, ok := t.entries[real]
	if !ok {
		return fileInfo{name: path.Base(real), mode: fs.ModeDir | 0o755}
	}
	return fileInfo{name: path.Base(real), mode: e.mode, tree: t, entry: e}
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
