package render

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
)

// kustomize fetches http(s) wherever it loads a file, and runs git wherever it
// accepts a folder, so everything that it could take for remote is refused
// before a build, unless the value stands where kustomize only reads text.
// These tables name the text, not the paths: a field that nobody thought of is
// refused. Each position is told from kustomize's types by the tests.

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

// remoteValue finds a value outside of the text positions that kustomize would
// fetch. It returns the position and the value, both empty when there is none.
func remoteValue(tree fs.FS, dir string, settings any, text map[string]bool) (position, value string, err error) {
	data, err := json.Marshal(settings)
	if err != nil {
		return "", "", err
	}
	var plain any
	if err := json.Unmarshal(data, &plain); err != nil {
		return "", "", err
	}
	position, value = search{tree, dir, text}.value(plain, "")
	return position, value, nil
}

type search struct {
	tree fs.FS
	dir  string
	text map[string]bool
}

func (s search) value(at any, position string) (string, string) {
	switch at := at.(type) {
	case map[string]any:
		for _, key := range sortedKeys(at) {
			below := strings.TrimPrefix(position+"."+key, ".")
			if s.text[below] {
				continue
			}
			if position, value := s.value(at[key], below); position != "" {
				return position, value
			}
		}
	case []any:
		for _, item := range at {
			if position, value := s.value(item, position); position != "" {
				return position, value
			}
		}
	case string:
		if s.fetched(at, position) {
			return position, at
		}
	}
	return "", ""
}

// fetched says that kustomize would go for a value outside of the tree. A
// generator's file may have a key in front of it: key=file.
func (s search) fetched(text, position string) bool {
	if folderPositions[position] {
		return remoteFile(text) || remoteRepository(text)
	}
	candidates := []string{text}
	if _, file, keyed := strings.Cut(text, "="); keyed {
		candidates = []string{file}
		if remoteFile(text) && !remoteFile(file) {
			candidates = append(candidates, text) // a key has no colon, so this is no key
		}
	}
	return slices.ContainsFunc(candidates, func(name string) bool {
		at := path.Join(s.dir, name)
		return remoteFile(name) || remoteRepository(name) && !(fs.ValidPath(at) && exists(s.tree, at))
	})
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

// refusal explains why a value is not loaded, and what to do about it.
func refusal(file, position, value string) error {
	return fmt.Errorf("%s: %s: %q is outside of the tree, and nothing is fetched for kustomize; "+
		"copy it into the repository and name the copy (`kustomize localize` does so for a whole overlay)", file, position, value)
}

// remoteBase is a base outside of the tree as a missing part: its address, and
// the version that it is pinned to.
func remoteBase(file, text string) Missing {
	address, query, _ := strings.Cut(text, "?")
	m := Missing{Kind: MissingBase, Name: address, In: file}
	values, err := url.ParseQuery(query)
	if err != nil {
		m.Name = text
		return m
	}
	for _, key := range []string{"version", "ref"} {
		if ref := values.Get(key); ref != "" {
			m.Version = ref
		}
	}
	return m
}
