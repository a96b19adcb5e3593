package render

import (
	"bytes"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/rendergate/rendergate/render/terraform"
)

// terraformModule renders a root module, with the modules of the tree that it
// calls. A file that cannot be read does not hide the others.
func terraformModule(tree fs.FS, t Target) (*Result, error) {
	var layers []string
	for _, layer := range t.Values {
		name, err := valuesPath(tree, t.Dir, layer)
		if err != nil {
			return nil, err
		}
		layers = append(layers, name)
	}
	found, err := terraform.Evaluate(tree, t.Dir, layers)
	if err != nil {
		return nil, err
	}
	result := &Result{Objects: found.Objects, Notes: found.Notes, charts: found.Releases}
	for _, s := range found.Skipped {
		result.Skipped = append(result.Skipped, Skipped{Path: s.Path, Why: s.Why, Broken: true})
	}
	return result, nil
}

func hasTerraform(tree fs.FS, dir string) bool {
	list, err := fs.ReadDir(tree, dir)
	return err == nil && slices.ContainsFunc(list, func(entry fs.DirEntry) bool { return !entry.IsDir() && terraform.IsConfig(entry.Name()) })
}

// terraformAnchor is main.tf, or the first file of a module.
func terraformAnchor(tree fs.FS, dir string) string {
	if exists(tree, join(dir, "main.tf")) {
		return join(dir, "main.tf")
	}
	// A folder that cannot be listed stands for itself.
	list, err := fs.ReadDir(tree, dir)
	if err == nil {
		for _, entry := range list {
			if terraform.IsConfig(entry.Name()) {
				return join(dir, entry.Name())
			}
		}
	}
	return dir
}

// moduleFile is what a file of a module refers to, as far as its text tells
// without being evaluated.
type moduleFile struct {
	calls []string // folders of modules
	reads []string // files and folders, where files are read by a name that is not all literal
}

// modules are what the Terraform files of a tree refer to, by file. Where the
// tree is a change of another one, only what differs is looked at again.
func modules(tree fs.FS) map[string]moduleFile {
	d, ok := tree.(deriver)
	if !ok {
		return readModules(tree, terraformFiles(filesOf(tree)))
	}
	return d.Derive("modules", func() any {
		before, differ := since(tree)
		if before == nil {
			return readModules(tree, terraformFiles(filesOf(tree)))
		}
		all := modules(before)
		differ = terraformFiles(differ)
		if len(differ) == 0 {
			return all
		}
		all = maps.Clone(all)
		for _, name := range differ {
			delete(all, name)
		}
		maps.Copy(all, readModules(tree, slices.DeleteFunc(differ, func(name string) bool { return !exists(tree, name) })))
		return all
	}).(map[string]moduleFile)
}

func terraformFiles(names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !terraform.IsConfig(name) })
}

func readModules(tree fs.FS, names []string) map[string]moduleFile {
	if many, ok := tree.(interface{ Prefetch([]string) }); ok && len(names) > 0 {
		many.Prefetch(names)
	}
	all := map[string]moduleFile{}
	for _, name := range names {
		data, err := fs.ReadFile(tree, name)
		if err != nil {
			continue // whoever renders the module says so
		}
		var m moduleFile
		if bytes.Contains(data, []byte("module")) && bytes.Contains(data, []byte(`./`)) {
			m.calls = terraform.Sources(tree, name)
		}
		m.reads = filesRead(path.Dir(name), data)
		if len(m.calls) > 0 || len(m.reads) > 0 {
			all[name] = m
		}
	}
	return all
}

// fileCalls finds the calls of functions that read files, with what their names
// begin with.
var fileCalls = regexp.MustCompile(`\b(?:file|templatefile|filebase64|fileset|fileexists)\(\s*(?:"((?:\$\{path\.(?:module|root|cwd)\}/?)?[^"$]*))?`)

// filesRead are the files that a text reads, and folders below which it may
// read any.
func filesRead(dir string, data []byte) []string {
	var all []string
	for _, found := range fileCalls.FindAllSubmatchIndex(data, -1) {
		if found[2] < 0 {
			all = append(all, dir)
			continue
		}
		name := string(data[found[2]:found[3]])
		if at := strings.Index(name, "}"); at >= 0 {
			name = name[at+1:]
		}
		name = strings.TrimPrefix(name, "/")
		if whole := data[found[3]] == '"'; !whole && !strings.HasSuffix(name, "/") {
			name = path.Dir(name)
		}
		if at := join(dir, name); fs.ValidPath(at) {
			all = append(all, at)
		}
	}
	return all
}

// moduleFolders groups what is known of files by their folders.
func moduleFolders(tree fs.FS) map[string]moduleFile {
	build := func() any {
		all := map[string]moduleFile{}
		for _, name := range sortedKeys(modules(tree)) {
			dir, m := path.Dir(name), modules(tree)[name]
			all[dir] = moduleFile{append(all[dir].calls, m.calls...), append(all[dir].reads, m.reads...)}
		}
		return all
	}
	if d, ok := tree.(deriver); ok {
		return d.Derive("module folders", build).(map[string]moduleFile)
	}
	return build().(map[string]moduleFile)
}

// terraformTargets are the root modules: those that nothing in the tree calls.
func terraformTargets(tree fs.FS, at *layout) []Target {
	if len(at.modules) == 0 {
		return nil // as in most repositories: no file is read
	}
	called := map[string]bool{}
	for dir, m := range moduleFolders(tree) {
		for _, other := range m.calls {
			if other != dir {
				called[other] = true
			}
		}
	}
	var targets []Target
	for _, dir := range at.modules {
		if called[dir] && !inLoop(tree, dir) || ofTools(dir) || at.inTemplates(join(dir, "main.tf")) {
			continue
		}
		targets = append(targets, Target{Kind: Terraform, Dir: dir})
		for _, name := range at.tfvars {
			if layer, is := variableLayer(dir, name); is {
				targets = append(targets, TerraformVariant(dir, layer))
			}
		}
	}
	return targets
}

// inLoop says that a module calls itself through others, so that it would hide
// itself.
func inLoop(tree fs.FS, dir string) bool { return slices.Contains(calledFrom(tree, dir), dir) }

// calledFrom are the folders that a module calls, all the way down.
func calledFrom(tree fs.FS, dir string) []string {
	folders := moduleFolders(tree)
	seen := map[string]bool{}
	next := slices.Clone(folders[dir].calls)
	for len(next) > 0 {
		at := next[0]
		next = next[1:]
		if !seen[at] {
			seen[at] = true
			next = append(next, folders[at].calls...)
		}
	}
	return sortedKeys(seen)
}

// variableFolders are where variable files of environments stand by convention.
var variableFolders = []string{".", "env", "envs", "environments", "vars", "tfvars"}

// variableLayer is a variable file that Terraform reads only when told, as its
// root module would be told: relative to it.
func variableLayer(dir, name string) (string, bool) {
	layer := name
	if dir != "." {
		var inside bool
		if layer, inside = strings.CutPrefix(name, dir+"/"); !inside {
			return "", false
		}
	}
	if terraform.IsAuto(layer) && path.Dir(layer) == "." {
		return "", false
	}
	folder := path.Dir(layer)
	return layer, slices.Contains(variableFolders, folder) || slices.Contains(variableFolders[1:], path.Dir(folder))
}

// TerraformVariant is the guessed variant of a root module with one variable
// file.
func TerraformVariant(dir, layer string) Target {
	name := strings.TrimSuffix(strings.TrimSuffix(layer, ".json"), ".tfvars")
	return Target{Kind: Terraform, Dir: dir, Values: []string{layer}, Variant: name, Guessed: true}
}

// terraformInputs are the files of a module and of those that it calls, what
// they read by functions, and the variable files. Those of other variants are
// not among them.
func terraformInputs(tree fs.FS, t Target) map[string]bool {
	inputs := map[string]bool{}
	folders := moduleFolders(tree)
	for _, dir := range append(calledFrom(tree, t.Dir), t.Dir) {
		// A folder that cannot be listed has no files; its render says so.
		list, err := fs.ReadDir(tree, dir)
		if err != nil {
			inputs[dir] = true
		}
		for _, entry := range list {
			if name := entry.Name(); !entry.IsDir() && (terraform.IsConfig(name) || dir == t.Dir && terraform.IsVariables(name) && terraform.IsAuto(name)) {
				inputs[join(dir, name)] = true
			}
		}
		for _, at := range folders[dir].reads {
			addRead(tree, at, inputs)
		}
	}
	for _, name := range Layers(tree, t) {
		inputs[name] = true
	}
	return inputs
}

func addRead(tree fs.FS, at string, inputs map[string]bool) {
	inputs[at] = true
	files, err := filesBelow(tree, at)
	if err != nil {
		return // a file, or nothing
	}
	for _, name := range files {
		if !terraform.IsConfig(name) && !terraform.IsVariables(name) {
			inputs[name] = true
		}
	}
}

// IsTerraform says by its name that a file is part of a Terraform module.
func IsTerraform(name string) bool { return terraform.IsConfig(name) }

// DeclaresCharts is the cheap test before an evaluation: the text may hold a
// release of a chart.
func DeclaresCharts(data []byte) bool { return bytes.Contains(data, []byte(terraform.ReleaseType)) }

// ChartLocations are the addresses that a file of a module names as places of
// charts: in a release, or in what a release may be made of.
func ChartLocations(tree fs.FS, name string) []string {
	data, err := fs.ReadFile(tree, name)
	if err != nil {
		return nil // it names nothing that anybody could trust
	}
	var all []string
	for _, found := range chartAddress.FindAllSubmatch(data, -1) {
		all = append(all, string(found[1]))
	}
	return all
}

// chartAddress is a setting that is an address by its value and the place of a
// chart by its name, or the default of a variable.
var chartAddress = regexp.MustCompile(`(?m)^[^#\n]*\b"?(?:\w*repo\w*|chart|default)"?\s*[=:]\s*"((?:https|oci)://[^"$%\s]+)"`)
