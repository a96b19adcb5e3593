package render

import (
	"errors"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/rendergate/rendergate/render/cloudformation"
)

// stack renders the CloudFormation templates of one folder, not of those below
// it: with a parameter file those that it is for. A file that cannot be read does
// not hide the others.
func stack(tree fs.FS, t Target) (*Result, error) {
	files, err := templateFiles(tree, t.Dir)
	if err != nil {
		return nil, err
	}
	given, err := parameterValues(tree, t)
	if err != nil {
		return nil, err
	}
	result := &Result{}
	for _, f := range files {
		if f.broken != nil {
			result.Skipped = append(result.Skipped, *f.broken)
		}
		for _, template := range f.templates {
			if given != nil && !given.For(template) {
				continue
			}
			found, err := template.Evaluate(given)
			if err != nil {
				result.Skipped = append(result.Skipped, Skipped{Path: f.name, Why: err.Error(), Broken: true})
				continue
			}
			result.Objects = append(result.Objects, found.Objects...)
			result.Notes = append(result.Notes, found.Notes...)
		}
	}
	return result, nil
}

// parameterValues are those of the file that the target names, nil where it
// names none.
func parameterValues(tree fs.FS, t Target) (*cloudformation.Values, error) {
	if len(t.Values) == 0 {
		return nil, nil
	}
	var all *cloudformation.Values
	for _, layer := range t.Values {
		name, err := valuesPath(tree, t.Dir, layer)
		if err != nil {
			return nil, err
		}
		data, err := fs.ReadFile(tree, name)
		if err != nil {
			return nil, err
		}
		values := cloudformation.ReadValues(name, data)
		if values == nil {
			return nil, errors.New(name + " gives no parameters of CloudFormation; accepted are a list of ParameterKey and ParameterValue, a list of KEY=VALUE, or a mapping under Parameters")
		}
		all = all.Then(values)
	}
	return all, nil
}

// templateFile is a file that holds CloudFormation templates, or should.
type templateFile struct {
	name      string
	templates []*cloudformation.Template
	broken    *Skipped
}

// isTemplateName says by its name that a file may hold one.
func isTemplateName(name string) bool {
	switch path.Ext(name) {
	case ".template", ".cfn":
		return true
	}
	return isYAML(name)
}

// templateFiles are the files of a folder that hold templates.
func templateFiles(tree fs.FS, dir string) ([]templateFile, error) {
	list, err := fs.ReadDir(tree, dir)
	if err != nil {
		return nil, err
	}
	var files []templateFile
	for _, entry := range list {
		name := join(dir, entry.Name())
		if entry.IsDir() || !isTemplateName(name) {
			continue
		}
		data, err := fs.ReadFile(tree, name)
		if err != nil {
			if !isYAML(name) { // of others the folder's manifests tell
				files = append(files, templateFile{name: name, broken: &Skipped{Path: name, Why: err.Error(), Broken: true}})
			}
			continue
		}
		if !cloudformation.Looks(data) {
			continue
		}
		if f := readTemplate(name, data); f.broken != nil || len(f.templates) > 0 {
			files = append(files, f)
		}
	}
	return files, nil
}

// claimsTemplate tells a template that cannot be read from whatever else cannot.
var claimsTemplate = regexp.MustCompile(`AWSTemplateFormatVersion|(?m:^\s*["']?Resources["']?\s*:)`)

func readTemplate(name string, data []byte) templateFile {
	f := templateFile{name: name}
	var err error
	f.templates, err = cloudformation.Parse(name, data)
	switch {
	case err == nil:
	case templated(data) || yttComment.Match(data):
		f.broken = &Skipped{Path: name, Why: "it is a template of another tool"}
	case len(f.templates) > 0 || claimsTemplate.Match(data):
		f.broken = &Skipped{Path: name, Why: err.Error(), Broken: true}
	}
	return f
}

// hasTemplates says that a folder holds a template.
func hasTemplates(tree fs.FS, dir string) bool {
	files, err := templateFiles(tree, dir)
	return len(files) > 0 || err != nil && !errors.Is(err, fs.ErrNotExist)
}

// stackTargets are the folders with templates, among those that wanted says yes
// of, each with the variants that parameter files make.
func stackTargets(tree fs.FS, at *layout, wanted func(dir string) bool) []Target {
	near := map[string]bool{}
	for _, dir := range at.manifests {
		if above, is := parametersOf(dir); is && wanted(dir) {
			near[above] = true
		}
	}
	var targets []Target
	for _, dir := range at.templates() {
		above, _ := splitPath(dir)
		if !wanted(dir) && !near[dir] && !near[above] || ofTools(dir) || at.inTemplates(join(dir, "template.yaml")) {
			continue
		}
		files, err := templateFiles(tree, dir)
		if len(files) == 0 && err == nil {
			continue
		}
		targets = append(targets, Target{Kind: CloudFormation, Dir: dir})
		targets = append(targets, stackVariants(tree, dir, files)...)
	}
	return targets
}

// parameterFolders are where parameter files stand by convention: in the folder
// of the templates, or beside it.
var parameterFolders = []string{"params", "parameters", "parameter-files", "config", "configs", "env", "envs", "environments"}

// parametersOf is the folder above one for parameter files, which may have
// folders of its own.
func parametersOf(dir string) (above string, is bool) {
	for range 2 {
		var base string
		if dir, base = splitPath(dir); slices.Contains(parameterFolders, base) {
			return dir, true
		}
	}
	return "", false
}

// stackVariants are the guessed variants of a folder's templates: one for each
// parameter file that is for one of them.
func stackVariants(tree fs.FS, dir string, files []templateFile) []Target {
	var targets []Target
	for _, name := range parameterFiles(tree, dir) {
		data, err := fs.ReadFile(tree, name)
		if err != nil {
			continue // nobody said that it is one
		}
		given := cloudformation.ReadValues(name, data)
		if given == nil {
			continue
		}
		for _, f := range files {
			if slices.ContainsFunc(f.templates, given.For) {
				targets = append(targets, StackVariant(dir, name))
				break
			}
		}
	}
	return targets
}

// parameterFiles are the files that may give the templates of a folder values.
func parameterFiles(tree fs.FS, dir string) []string {
	var names []string
	add := func(at string, takes func(base string) bool) (below []string) {
		list, err := fs.ReadDir(tree, at)
		if err != nil {
			return nil // most folders are not there
		}
		for _, entry := range list {
			name := join(at, entry.Name())
			switch {
			case entry.IsDir():
				below = append(below, name)
			case isYAML(name) && takes(entry.Name()):
				names = append(names, name)
			}
		}
		return below
	}
	add(dir, func(base string) bool { return strings.Contains(strings.ToLower(base), "param") })
	above, _ := splitPath(dir)
	every := func(string) bool { return true }
	for _, at := range slices.Compact([]string{dir, above}) {
		for _, folder := range parameterFolders {
			for _, below := range add(join(at, folder), every) {
				if below != dir {
					add(below, every)
				}
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// StackVariant is the guessed variant of a folder's templates with a parameter
// file of the tree, by its path from the root.
func StackVariant(dir, name string) Target {
	layer := name
	if inside, below := strings.CutPrefix(name, dir+"/"); below {
		layer = inside
	}
	return Target{Kind: CloudFormation, Dir: dir, Values: []string{layer}, Variant: strings.TrimSuffix(layer, path.Ext(layer)), Guessed: true}
}

// stackInputs are the files of the folder that may be templates, and the
// parameter file.
func stackInputs(tree fs.FS, t Target) map[string]bool {
	inputs := map[string]bool{}
	for _, name := range Layers(tree, t) {
		inputs[name] = true
	}
	list, err := fs.ReadDir(tree, t.Dir)
	if err != nil {
		inputs[t.Dir] = true // its render says so
	}
	for _, entry := range list {
		if name := join(t.Dir, entry.Name()); !entry.IsDir() && isTemplateName(name) {
			inputs[name] = true
		}
	}
	return inputs
}
