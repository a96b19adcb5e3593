package render

import (
	"errors"
	"io/fs"
	"path"
	"path/filepath"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// treeFS shows a tree to kustomize as a read-only disk.
type treeFS struct {
	tree     fs.FS
	root     string
	annotate bool
}

var errReadOnly = errors.New("the tree is read-only")

// relative is the tree path of an absolute one; false when it leaves the tree.
func relative(name string) (string, bool) {
	clean := strings.TrimPrefix(path.Clean("/"+name), "/")
	if clean == "" {
		clean = "."
	}
	return clean, fs.ValidPath(clean)
}

func (t *treeFS) Create(string) (filesys.File, error) { return nil, errReadOnly }
func (t *treeFS) Mkdir(string) error                  { return errReadOnly }
func (t *treeFS) MkdirAll(string) error               { return errReadOnly }
func (t *treeFS) RemoveAll(string) error              { return errReadOnly }
func (t *treeFS) WriteFile(string, []byte) error      { return errReadOnly }
func (t *treeFS) Open(name string) (filesys.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: errReadOnly}
}

func (t *treeFS) stat(name string) (fs.FileInfo, error) {
	rel, ok := relative(name)
	if !ok {
		return nil, &fs.PathError{Op: "stat", Path: name, Err: fs.ErrInvalid}
	}
	return fs.Stat(t.tree, rel)
}

func (t *treeFS) IsDir(name string) bool {
	info, err := t.stat(name)
	return err == nil && info.IsDir()
}

func (t *treeFS) Exists(name string) bool {
	_, err := t.stat(name)
	return err == nil
}

func (t *treeFS) ReadDir(name string) ([]string, error) {
	rel, ok := relative(name)
	if !ok {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: fs.ErrInvalid}
	}
	list, err := fs.ReadDir(t.tree, rel)
	var names []string
	for _, entry := range list {
		names = append(names, entry.Name())
	}
	return names, err
}

func (t *treeFS) ReadFile(name string) ([]byte, error) {
	rel, ok := relative(name)
	if !ok {
		return nil, &fs.PathError{Op: "read", Path: name, Err: fs.ErrInvalid}
	}
	data, err := fs.ReadFile(t.tree, rel)
	if err == nil && t.annotate && rel == kustomizationFile(t.tree, t.root) {
		return annotated(data), nil
	}
	return data, err
}

// CleanedAbs implements filesys.FileSystem. Links are followed, so that the
// load restriction of kustomize sees where a path really leads.
func (t *treeFS) CleanedAbs(name string) (filesys.ConfirmedDir, string, error) {
	rel, ok := relative(name)
	if !ok {
		return "", "", &fs.PathError{Op: "stat", Path: name, Err: fs.ErrInvalid}
	}
	if locator, ok := t.tree.(interface{ Locate(string) (string, error) }); ok {
		real, err := locator.Locate(rel)
		if err != nil {
			return "", "", &fs.PathError{Op: "stat", Path: name, Err: err}
		}
		rel = real
	}
	info, err := fs.Stat(t.tree, rel)
	if err != nil {
		return "", "", err
	}
	if info.IsDir() {
		return filesys.ConfirmedDir(absolute(rel)), "", nil
	}
	return filesys.ConfirmedDir(absolute(path.Dir(rel))), path.Base(rel), nil
}

func (t *treeFS) Glob(pattern string) ([]string, error) {
	rel, ok := relative(pattern)
	if !ok {
		return nil, &fs.PathError{Op: "glob", Path: pattern, Err: fs.ErrInvalid}
	}
	found, err := fs.Glob(t.tree, rel)
	for i := range found {
		found[i] = absolute(found[i])
	}
	return found, err
}

func (t *treeFS) Walk(root string, visit filepath.WalkFunc) error {
	rel, ok := relative(root)
	if !ok {
		return &fs.PathError{Op: "walk", Path: root, Err: fs.ErrInvalid}
	}
	return fs.WalkDir(t.tree, rel, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return visit(absolute(name), nil, err)
		}
		info, err := entry.Info()
		return visit(absolute(name), info, err)
	})
}
