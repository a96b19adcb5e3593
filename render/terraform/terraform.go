// Package terraform evaluates Terraform and OpenTofu modules as far as their
// text says: resources, data sources and calls of modules from elsewhere become
// objects. What only a plan would know is unknown, and stays so.
//
// One form for what adapters read: blocks are lists of mappings, attributes are
// fields, a null attribute is absent. What jsonencode and yamlencode encode, and
// text that is JSON, is the structure itself, so that an IAM policy is a mapping
// however it is written; a data aws_iam_policy_document has that form under
// "json".
package terraform

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty/function"

	"github.com/rendergate/rendergate/render/manifest"
)

// The API versions of objects.
const (
	Resource = "terraform"      // also of module calls, whose kind is module
	Data     = "terraform/data" // data sources, which nothing deploys
)

// Result is what a root module deploys.
type Result struct {
	Objects  manifest.Objects
	Releases []Release // the charts that it deploys, by the objects that say so
	Skipped  []Skipped
	Notes    []string
}

// Skipped is a file, or a module that a file names, which nobody looked into.
type Skipped struct{ Path, Why string }

// The bounds of an evaluation: what is larger nobody wrote by hand.
const (
	mostModules   = 500
	mostNested    = 20
	mostInstances = 1000
	mostObjects   = 20_000
	mostText      = 4 << 20 // of a value
	mostFile      = 4 << 20
	mostDeep      = 64 // references that lead to references
	mostSteps     = 500_000
)

// errTooLarge ends an evaluation: nobody can say what it would deploy.
var errTooLarge = errors.New("the module is too large to evaluate")

// Evaluate evaluates the root module of a folder with some variable files over
// those that Terraform reads by itself. An error means that nothing is known.
func Evaluate(tree fs.FS, dir string, layers []string) (result *Result, err error) {
	e := &evaluator{tree: tree, root: dir, files: map[string]*parsed{}, named: map[string]map[string][]manifest.Reference{}}
	defer func() {
		if r := recover(); r != nil {
			known, is := r.(limit)
			if !is {
				panic(r)
			}
			result, err = nil, known.err
		}
	}()
	root, err := e.module(dir, "", nil)
	if err != nil {
		return nil, err
	}
	e.assign(root, layers)
	e.objects(root)
	e.told(root)
	if len(e.remote) > 0 {
		slices.Sort(e.remote)
		e.result.Notes = append(e.result.Notes, "modules from elsewhere are judged by their inputs alone: "+strings.Join(slices.Compact(e.remote), ", "))
	}
	return &e.result, nil
}

// limit carries the error of an evaluation that went over its bounds out of
// the expression engine.
type limit struct{ err error }

// evaluator evaluates one root module.
type evaluator struct {
	tree    fs.FS
	root    string
	files   map[string]*parsed
	known   map[string]function.Function
	modules int
	steps   int
	remote  []string
	named   map[string]map[string][]manifest.Reference // what names a resource, by the module's folder
	result  Result
}

// step counts work that a few lines can multiply: names that lead to names.
func (e *evaluator) step() {
	if e.steps++; e.steps > mostSteps {
		panic(limit{errTooLarge})
	}
}

func (e *evaluator) skip(name, format string, args ...any) {
	s := Skipped{name, fmt.Sprintf(format, args...)}
	if !slices.Contains(e.result.Skipped, s) {
		e.result.Skipped = append(e.result.Skipped, s)
	}
}

// assign gives a root module the values of its variable files.
func (e *evaluator) assign(root *module, layers []string) {
	list, err := fs.ReadDir(e.tree, root.dir)
	if err != nil {
		return // module has said so
	}
	var own []string
	for _, name := range []string{"terraform.tfvars", "terraform.tfvars.json"} {
		if slices.ContainsFunc(list, func(entry fs.DirEntry) bool { return entry.Name() == name }) {
			own = append(own, path.Join(root.dir, name))
		}
	}
	for _, entry := range list {
		if IsAuto(entry.Name()) && !strings.HasPrefix(entry.Name(), "terraform.tfvars") {
			own = append(own, path.Join(root.dir, entry.Name()))
		}
	}
	root.given = map[string]given{}
	for _, name := range append(own, layers...) {
		attrs, err := e.tfvars(name)
		if err != nil {
			e.skip(name, "%v", err)
		}
		for _, a := range attrs {
			root.given[a.name] = given{expr: a.expr, file: a.file, line: a.line}
		}
	}
}

// IsConfig says by its name that a file is part of a module.
func IsConfig(name string) bool {
	for _, end := range []string{".tf", ".tf.json", ".tofu", ".tofu.json"} {
		if strings.HasSuffix(name, end) && !strings.HasSuffix(name, "~") && !strings.HasPrefix(path.Base(name), ".") {
			return true
		}
	}
	return false
}

// IsVariables says by its name that a file gives variables values.
func IsVariables(name string) bool {
	return strings.HasSuffix(name, ".tfvars") || strings.HasSuffix(name, ".tfvars.json")
}

// IsAuto says by its name that Terraform reads a variable file unasked.
func IsAuto(name string) bool {
	base := path.Base(name)
	return base == "terraform.tfvars" || base == "terraform.tfvars.json" || strings.HasSuffix(base, ".auto.tfvars") || strings.HasSuffix(base, ".auto.tfvars.json")
}
