package render

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"slices"

	"github.com/rendergate/rendergate/render/manifest"
)

// plain reads the manifests of one folder, not of those below it.
func plain(tree fs.FS, t Target) (*Result, error) {
	files, err := manifestFiles(tree, t.Dir)
	if err != nil {
		return nil, err
	}
	result := &Result{}
	for _, name := range files {
		if slices.Contains(t.Except, name) {
			continue
		}
		data, err := fs.ReadFile(tree, name)
		if err != nil {
			return nil, err
		}
		objects, err := manifest.Parse(data, manifest.Origin{Path: name, Exact: true})
		switch {
		case err != nil && templated(data):
			result.Skipped = append(result.Skipped, Skipped{Path: name, Why: "it is a template of another tool"})
			continue
		case err != nil:
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		for _, o := range objects {
			o.InNamespace(t.Namespace)
		}
		result.Objects = append(result.Objects, objects...)
	}
	return result, nil
}

// manifestFiles are the files of a folder that hold Kubernetes objects.
func manifestFiles(tree fs.FS, dir string) ([]string, error) {
	list, err := fs.ReadDir(tree, dir)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, entry := range list {
		name := join(dir, entry.Name())
		if entry.IsDir() || !isYAML(name) || isKustomization(tree, name) {
			continue
		}
		data, err := fs.ReadFile(tree, name)
		if err != nil {
			return nil, err
		}
		if looksLikeObject(data) {
			files = append(files, name)
		}
	}
	return files, nil
}

func isYAML(name string) bool {
	switch path.Ext(name) {
	case ".yaml", ".yml", ".json":
		return true
	}
	return false
}

// looksLikeObject is the cheap test before a parse: the two keys that every
// Kubernetes object has.
func looksLikeObject(data []byte) bool {
	return bytes.Contains(data, []byte("apiVersion")) && bytes.Contains(data, []byte("kind"))
}

// templated says that a file is a template that another tool fills in.
func templated(data []byte) bool {
	return bytes.Contains(data, []byte("{{")) || bytes.Contains(data, []byte("{%")) || bytes.Contains(data, []byte("<%"))
}
