package gate

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/rendergate/rendergate/internal/config"
	"github.com/rendergate/rendergate/internal/fetch"
	"github.com/rendergate/rendergate/internal/git"
	"github.com/rendergate/rendergate/render"
)

// locations are what may be fetched from: what base's files name as the place
// of a chart, a base or a source, and what base's configuration allows beyond.
func locations(base *git.Tree, decides *config.File) (fetch.Prefixes, error) {
	var all fetch.Prefixes
	for _, text := range decides.Network.Allow {
		p, err := fetch.ParsePrefix(text)
		if err != nil {
			return nil, &UsageError{fmt.Errorf("network.allow: %w", err)}
		}
		all = append(all, p)
	}
	seen := map[string]bool{}
	modules := map[string]bool{}
	for _, name := range base.Files() {
		if render.IsTerraform(name) && deploysCharts(base, path.Dir(name), modules) {
			for _, text := range render.ChartLocations(base, name) {
				if p, err := fetch.ParsePrefix(text); err == nil && !seen[text] {
					seen[text] = true
					all = append(all, p)
				}
			}
		}
		if !mayName(name) {
			continue
		}
		data, err := fs.ReadFile(base, name)
		if err != nil || len(data) > maxNaming {
			continue // it names nothing that anybody could trust
		}
		if render.IsKustomization(name) {
			for _, r := range render.Remotes(base, name) {
				all = append(all, fetch.OfRemote(r)...)
			}
		}
		for _, text := range namedIn(name, data) {
			if p, err := fetch.ParsePrefix(text); err == nil && !seen[text] {
				seen[text] = true
				all = append(all, p)
			}
		}
	}
	return all, nil
}

// deploysCharts says that a module has releases of charts: what the rest of it
// names are then the places of charts.
func deploysCharts(base *git.Tree, dir string, known map[string]bool) bool {
	if says, asked := known[dir]; asked {
		return says
	}
	list, err := fs.ReadDir(base, dir)
	known[dir] = err == nil && slices.ContainsFunc(list, func(entry fs.DirEntry) bool {
		if entry.IsDir() || !render.IsTerraform(entry.Name()) {
			return false
		}
		data, err := fs.ReadFile(base, path.Join(dir, entry.Name()))
		return err == nil && render.DeclaresCharts(data)
	})
	return known[dir]
}

// maxNaming bounds the files that are looked into: larger ones are no release.
const maxNaming = 1 << 20

func mayName(name string) bool {
	switch path.Ext(name) {
	case ".yaml", ".yml", ".lock":
		return true
	}
	return path.Base(name) == "Kustomization"
}

// namingKinds are the objects that say where something is to be fetched.
var namingKinds = []string{"HelmRepository", "OCIRepository", "GitRepository", "Application", "helmCharts", "chartRepoUrl"}

// namedIn are the locations in one file.
func namedIn(name string, data []byte) []string {
	switch path.Base(name) {
	case "Chart.yaml", "Chart.lock", "requirements.yaml", "requirements.lock":
		return scalars(data, "repository")
	}
	for _, kind := range namingKinds {
		if bytes.Contains(data, []byte(kind)) {
			return scalars(data, "url", "repoURL", "repo", "chartRepoUrl", "helmRepo")
		}
	}
	return nil
}

// scalars are the values of some keys, wherever they stand in a file. A
// registry may be named without a scheme, as Argo CD does.
func scalars(data []byte, keys ...string) []string {
	var found []string
	var into func(n *yaml.Node, depth int)
	into = func(n *yaml.Node, depth int) {
		for i, c := range n.Content {
			if depth < 64 && c.Kind != yaml.ScalarNode && c.Kind != yaml.AliasNode {
				into(c, depth+1)
			}
			if n.Kind != yaml.MappingNode || i%2 == 0 || c.Kind != yaml.ScalarNode {
				continue
			}
			for _, key := range keys {
				if n.Content[i-1].Value == key && strings.Contains(c.Value, "://") {
					found = append(found, c.Value)
				} else if n.Content[i-1].Value == key {
					found = append(found, "oci://"+c.Value)
				}
			}
		}
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var doc yaml.Node
		if err := decoder.Decode(&doc); err != nil {
			if !errors.Is(err, io.EOF) {
				return nil // a template, or broken: what it would name nobody knows
			}
			return found
		}
		into(&doc, 0)
	}
}
