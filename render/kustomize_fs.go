package render

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/kyaml/filesys"

	"github.com/rendergate/rendergate/render/manifest"
)

// treeFS shows a tree to kustomize as a read-only disk, with files of a plan in
// front of the tree's own.
type treeFS struct {
	tree  fs.FS
	files map[string][]byte
}

// planned says that a path is a file of the plan, or a folder that only the
// plan has.
func (t *treeFS) planned(rel string) (file, folder bool) {
	if _, file := t.files[rel]; file {
		return true, false
	}
	if !strings.Contains(path.Base(rel), inflatedDir) {
		return false, false
	}
	_, folder = t.files[path.Join(rel, "kustomization.yaml")]
	return false, folder
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
	if rel, ok := relative(name); ok {
		if file, folder := t.planned(rel); file || folder {
			return folder
		}
	}
	info, err := t.stat(name)
	return err == nil && info.IsDir()
}

func (t *treeFS) Exists(name string) bool {
	if rel, ok := relative(name); ok {
		if file, folder := t.planned(rel); file || folder {
			return true
		}
	}
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
	if data, planned := t.files[rel]; planned {
		return bytes.Clone(data), nil
	}
	data, err := fs.ReadFile(t.tree, rel)
	if err != nil {
		return nil, err
	}
	return data, unfolded(rel, data)
}

// written refuses documents that are written in place, as text of a document,
// as patches and the settings of plugins are.
func written(name string, in *yaml.Node) error {
	texts := map[string]bool{}
	scalars(in, texts)
	for text := range texts {
		if err := unfolded(name, []byte(text)); err != nil {
			return err
		}
	}
	return nil
}

// unfolded refuses a file whose anchors would blow it up: kustomize follows all
// of them in whatever it loads, and never counts.
func unfolded(name string, data []byte) error {
	if !bytes.ContainsRune(data, '&') || !bytes.ContainsRune(data, '*') {
		return nil
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var doc yaml.Node
		if decoder.Decode(&doc) != nil {
			return nil // the end, or no YAML, which has no anchors
		}
		if err := manifest.Bounded(&doc); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
}

// CleanedAbs implements filesys.FileSystem. Links are followed, so that the
// load restriction of kustomize sees where a path really leads.
func (t *treeFS) CleanedAbs(name string) (filesys.ConfirmedDir, string, error) {
	rel, ok := relative(name)
	if !ok {
		return "", "", &fs.PathError{Op: "stat", Path: name, Err: fs.ErrInvalid}
	}
	if file, folder := t.planned(rel); folder {
		return filesys.ConfirmedDir(absolute(rel)), "", nil
	} else if file && !exists(t.tree, rel) {
		return filesys.ConfirmedDir(absolute(path.Dir(rel))), path.Base(rel), nil
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
