package render

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	sigsyaml "sigs.k8s.io/yaml"

	"github.com/rendergate/rendergate/render/manifest"
)

// overridden is a source with what files of its folder set anew: one for all
// Applications, and one for this one, which image updaters write.
// Source: the Argo CD documentation, Parameter Overrides, Store Overrides In Git.
func (a argoSource) overridden(source manifest.Node, dir string) (manifest.Node, error) {
	for _, name := range []string{".argocd-source.yaml", ".argocd-source-" + a.app.Name + ".yaml", ".argocd-source-" + a.app.Namespace + "_" + a.app.Name + ".yaml"} {
		at := join(dir, name)
		a.d.reads[at] = true
		if !exists(a.d.tree, at) {
			continue
		}
		over, err := fs.ReadFile(a.d.tree, at)
		if err != nil {
			return source, err
		}
		if source, err = merged(source, over, at); err != nil {
			return source, fmt.Errorf("%s: %w", at, err)
		}
	}
	return source, nil
}

// merged is a source with a file's settings over its own, a null taking one
// away. Where it comes from is not for the file to say.
func merged(source manifest.Node, over []byte, file string) (manifest.Node, error) {
	own, err := readValues(source)
	if err != nil {
		return source, err
	}
	before, err := json.Marshal(own)
	if err != nil {
		return source, err
	}
	patch, err := sigsyaml.YAMLToJSON(over)
	if err != nil {
		return source, err
	}
	data, err := jsonpatch.MergePatch(before, patch)
	if err != nil {
		return source, err
	}
	var after map[string]any
	if err := json.Unmarshal(data, &after); err != nil {
		return source, err
	}
	for _, field := range []string{"chart", "path", "repoURL", "targetRevision"} {
		delete(after, field)
		if value, set := own[field]; set {
			after[field] = value
		}
	}
	if data, err = sigsyaml.Marshal(after); err != nil {
		return source, err
	}
	o, err := manifest.ParseSource(data, source.Object().Ref, manifest.Origin{Path: file})
	if err != nil {
		return source, err
	}
	return o.Root, nil
}

// expanded fills in what Argo CD tells of the build, such as ${ARGOCD_APP_NAME};
// any other variable is empty. What only the controller knows stays as it is.
// Source: the Argo CD documentation, Build Environment.
func (a argoSource) expanded(source manifest.Node, text string) string {
	if !strings.Contains(text, "$") {
		return text
	}
	return os.Expand(text, func(name string) string {
		switch name {
		case "$":
			return "$"
		case "ARGOCD_APP_NAME":
			return a.app.Name
		case "ARGOCD_APP_NAMESPACE":
			return a.namespace
		case "ARGOCD_APP_PROJECT_NAME":
			return a.app.Root.Get("spec", "project").Text()
		case "ARGOCD_APP_SOURCE_REPO_URL":
			return source.Get("repoURL").Text()
		case "ARGOCD_APP_SOURCE_PATH":
			return source.Get("path").Text()
		case "ARGOCD_APP_SOURCE_TARGET_REVISION":
			return source.Get("targetRevision").Text()
		}
		if strings.HasPrefix(name, "ARGOCD_") {
			return "${" + name + "}"
		}
		return ""
	})
}

// valueFile is a values file, and how the source calls it.
type valueFile struct{ at, said string }

// valueFiles are the values files, in order: patterns stand for what matches them
// and is not named by itself, and each file counts once.
func (a argoSource) valueFiles(source manifest.Node, dir string) ([]valueFile, error) {
	var asked, files []valueFile
	for file := range source.Get("helm", "valueFiles").Items() {
		name, err := a.placeOf(source, file.Text(), dir)
		if err != nil {
			return nil, err
		}
		asked = append(asked, valueFile{name, file.Text()})
	}
	among := func(list []valueFile, name string) bool {
		return slices.ContainsFunc(list, func(f valueFile) bool { return f.at == name })
	}
	for _, one := range asked {
		found := []string{one.at}
		if strings.ContainsAny(one.at, "*?[") {
			var err error
			if found, err = a.globbedFiles(one.at); err != nil {
				return nil, fmt.Errorf("values file %q: %w", one.said, err)
			}
			found = slices.DeleteFunc(found, func(name string) bool { return among(asked, name) })
			if len(found) == 0 && !source.Get("helm", "ignoreMissingValueFiles").IsTrue() {
				return nil, fmt.Errorf("values file %q: nothing matches it", one.said)
			}
		}
		for _, name := range found {
			if !among(files, name) {
				files = append(files, valueFile{name, one.said})
			}
		}
	}
	return files, nil
}

func (a argoSource) globbedFiles(pattern string) ([]string, error) {
	root, _ := doublestar.SplitPattern(pattern)
	a.d.reads[path.Clean(root)] = true
	found, err := doublestar.Glob(a.d.tree, pattern, doublestar.WithFilesOnly())
	slices.Sort(found)
	return found, err
}
