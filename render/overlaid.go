package render

import (
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"path"
	"slices"
	"time"
)

// overlaid is a tree with some files put in place of its own or added to them:
// the values that a release gives to its chart, a chart out of its archive, a
// kustomization with what an Application adds to it. The renderers see one tree.
type overlaid struct {
	under fs.FS
	files map[string][]byte
	dirs  map[string][]string // folders of files, with the names in them
}

func overlay(under fs.FS, files map[string][]byte) *overlaid {
	o := &overlaid{under: under, files: files, dirs: map[string][]string{}}
	for name := range files {
		for at := name; at != "."; at = path.Dir(at) {
			dir := path.Dir(at)
			if !slices.Contains(o.dirs[dir], path.Base(at)) {
				o.dirs[dir] = append(o.dirs[dir], path.Base(at))
			}
		}
	}
	return o
}

// Stat implements fs.StatFS.
func (o *overlaid) Stat(name string) (fs.FileInfo, error) {
	if data, ok := o.files[name]; ok {
		return overlaidInfo{path.Base(name), int64(len(data)), 0o644}, nil
	}
	if _, ok := o.dirs[name]; ok && name != "." {
		return overlaidInfo{path.Base(name), 0, fs.ModeDir | 0o755}, nil
	}
	return fs.Stat(o.under, name)
}

// ReadFile implements fs.ReadFileFS.
func (o *overlaid) ReadFile(name string) ([]byte, error) {
	if data, ok := o.files[name]; ok {
		return bytes.Clone(data), nil
	}
	return fs.ReadFile(o.under, name)
}

// ReadDir implements fs.ReadDirFS.
func (o *overlaid) ReadDir(name string) ([]fs.DirEntry, error) {
	list, err := fs.ReadDir(o.under, name)
	over, ok := o.dirs[name]
	if !ok || err != nil && !errors.Is(err, fs.ErrNotExist) {
		return list, err
	}
	entries := map[string]fs.DirEntry{}
	for _, entry := range list {
		entries[entry.Name()] = entry
	}
	for _, base := range over {
		info, err := o.Stat(path.Join(name, base))
		if err != nil {
			return nil, err
		}
		entries[base] = fs.FileInfoToDirEntry(info)
	}
	names := slices.Sorted(maps.Keys(entries))
	merged := make([]fs.DirEntry, len(names))
	for i, base := range names {
		merged[i] = entries[base]
	}
	return merged, nil
}

// Locate follows the links of the tree below; what was put over it has none.
func (o *overlaid) Locate(name string) (string, error) {
	_, file := o.files[name]
	_, dir := o.dirs[name]
	if file || dir && !exists(o.under, name) {
		return name, nil
	}
	if locator, ok := o.under.(interface{ Locate(string) (string, error) }); ok {
		return locator.Locate(name)
	}
	return name, nil
}

// Open implements fs.FS. Folders that only lie over the tree are for Stat and
// ReadDir, which all readers of a tree use.
func (o *overlaid) Open(name string) (fs.File, error) {
	data, ok := o.files[name]
	if !ok {
		return o.under.Open(name)
	}
	return &overlaidFile{bytes.NewReader(data), overlaidInfo{path.Base(name), int64(len(data)), 0o644}}, nil
}

type overlaidFile struct {
	*bytes.Reader
	info overlaidInfo
}

func (f *overlaidFile) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *overlaidFile) Close() error               { return nil }

type overlaidInfo struct {
	name string
	size int64
	mode fs.FileMode
}

func (i overlaidInfo) Name() string       { return i.name }
func (i overlaidInfo) Size() int64        { return i.size }
func (i overlaidInfo) Mode() fs.FileMode  { return i.mode }
func (i overlaidInfo) ModTime() time.Time { return time.Time{} }
func (i overlaidInfo) IsDir() bool        { return i.mode.IsDir() }
func (i overlaidInfo) Sys() any           { return nil }
