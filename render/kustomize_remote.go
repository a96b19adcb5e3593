package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"
)

// kustomize fetches http(s) wherever it loads a file, and runs git wherever it
// accepts a folder, so everything that it could take for remote is replaced by
// what was fetched, or refused, before a build, unless the value stands where
// kustomize only reads text. These tables name the text, not the paths: a field
// that nobody thought of is refused. Each position is told from kustomize's types by the tests.

// kustomizationText are the positions of a kustomization, in its canonical
// form, that kustomize never loads; everything below them is text too.
var kustomizationText = positions(`apiVersion kind metadata namePrefix nameSuffix namespace commonLabels labels commonAnnotations
	images replicas vars sortOptions buildMetadata generatorOptions openapi.version
	patches.patch patches.target patches.options patchesJson6902.patch patchesJson6902.target patchesJson6902.options
	replacements.source replacements.sourceValue replacements.targets
	configMapGenerator.name configMapGenerator.namespace configMapGenerator.behavior configMapGenerator.literals configMapGenerator.options
	secretGenerator.name secretGenerator.namespace secretGenerator.behavior secretGenerator.literals secretGenerator.options secretGenerator.type
	helmCharts.name helmCharts.version helmCharts.repo helmCharts.releaseName helmCharts.namespace helmCharts.valuesInline
	helmCharts.valuesMerge helmCharts.apiVersions helmCharts.kubeVersion helmCharts.nameTemplate`)

// pluginText are those of the settings of a built-in plugin.
var pluginText = positions(`apiVersion kind metadata annotations labels imageTag fieldSpecs fieldspecs replica prefix suffix
	patch patches jsonOp target targets options value replacements.source replacements.sourceValue replacements.targets
	setRoleBindingSubjects sortOptions name namespace behavior literals type
	cloud kubernetesService serviceAccount projectId
	version repo releaseName valuesInline valuesMerge apiVersions kubeVersion nameTemplate`)

func positions(text string) map[string]bool {
	at := map[string]bool{}
	for _, position := range strings.Fields(text) {
		at[position] = true
	}
	return at
}

// folderPositions take a folder, which git may clone; elsewhere kustomize loads
// a file, and takes for remote what starts with http.
var folderPositions = positions("resources bases components generators transformers validators")

// neverFetched are positions that hold a folder which kustomize only looks for
// on its disk.
var neverFetched = positions("helmGlobals.chartHome helmGlobals.configHome chartHome configHome helmHome")

// values walks the settings of a kustomization or a plugin, and puts in place
// of each text outside of the text positions what change makes of it; false
// takes it out of its list.
func values(at any, position string, text map[string]bool, change func(position, value string) (string, bool)) any {
	switch at := at.(type) {
	case map[string]any:
		for _, key := range sortedKeys(at) {
			if below := strings.TrimPrefix(position+"."+key, "."); !text[below] {
				at[key] = values(at[key], below, text, change)
			}
		}
	case []any:
		kept := at[:0]
		for _, item := range at {
			if value, ok := item.(string); ok {
				if value, ok = change(position, value); ok {
					kept = append(kept, value)
				}
				continue
			}
			kept = append(kept, values(item, position, text, change))
		}
		return kept
	case string:
		value, _ := change(position, at)
		return value
	}
	return at
}

// remoteIn tells what of a value kustomize would go for outside of the tree, and
// the key that stands before it: a generator's file may have one, key=file.
func remoteIn(tree fs.FS, dir, position, text string) (key, address string, remote bool) {
	if folderPositions[position] {
		return "", text, remoteFile(text) || remoteRepository(text)
	}
	candidates := []string{text}
	before, file, keyed := strings.Cut(text, "=")
	if keyed {
		candidates = []string{file}
		if remoteFile(text) && !remoteFile(file) {
			candidates = append(candidates, text) // a key has no colon, so this is no key
		}
	}
	for _, name := range candidates {
		at := path.Join(dir, name)
		if remoteFile(name) || remoteRepository(name) && !(fs.ValidPath(at) && exists(tree, at)) {
			if keyed && name == file {
				key = before
			}
			return key, name, true
		}
	}
	return "", "", false
}

// remoteFile recognises all that kustomize gets over HTTP: what parses as a URL
// with the scheme http or https, in any case.
func remoteFile(text string) bool {
	scheme, _, found := strings.Cut(strings.ToLower(text), ":")
	return found && (scheme == "http" || scheme == "https")
}

var account = regexp.MustCompile(`(?s)^[a-z][a-z0-9-]*@.*[/:]`)

// remoteRepository recognises all that kustomize takes for a git repository,
// and a little more. Source: NewRepoSpecFromURL of kustomize 0.21.
func remoteRepository(text string) bool {
	if path.IsAbs(text) {
		return false
	}
	text = strings.TrimPrefix(strings.ToLower(text), "git::")
	for _, start := range []string{"ssh:", "http:", "https:", "file:", "git:", "github.com/", "github.com:"} {
		if strings.HasPrefix(text, start) {
			return true
		}
	}
	return account.MatchString(text)
}

// unfetched is a value that is not loaded.
type unfetched struct{ file, position, value string }

// Error says what to do about it.
func (e *unfetched) Error() string {
	return fmt.Sprintf("%s: %s: %q is outside of the tree, and was not fetched for kustomize; "+
		"copy it into the repository and name the copy (`kustomize localize` does so for a whole overlay)", e.file, e.position, e.value)
}

// remoteBase is what is outside of the tree as a missing part: its address, and
// the version that it is pinned to.
func remoteBase(file, text string, r Remote) Missing {
	address, query, _ := strings.Cut(text, "?")
	m := Missing{Kind: MissingBase, Name: address, Version: refOf(query), In: file, Remote: &r}
	if r.Repository == "" && r.File != "" {
		m.Name, m.Version = text, ""
	}
	return m
}

// Remotes are what a kustomization file names outside of its tree; none where
// it cannot be read.
func Remotes(tree fs.FS, file string) []Remote {
	parsed, err := readKustomization(tree, file)
	if err != nil || !parsed.own() {
		return nil
	}
	k, err := parsed.meaning()
	if err != nil {
		return nil
	}
	plain, err := plainOf(k)
	if err != nil {
		return nil
	}
	var all []Remote
	values(plain, "", kustomizationText, func(position, value string) (string, bool) {
		if _, address, remote := remoteIn(tree, path.Dir(file), position, value); remote {
			if r := parseRemote(address, folderPositions[position]); r.Never == "" {
				all = append(all, r)
			}
		}
		return value, true
	})
	return all
}

// plainOf are settings as maps and lists.
func plainOf(settings any) (any, error) {
	data, err := json.Marshal(settings)
	if err != nil {
		return nil, err
	}
	var plain any
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	err = decoder.Decode(&plain)
	return plain, err
}
