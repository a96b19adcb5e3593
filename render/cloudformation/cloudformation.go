// Package cloudformation evaluates CloudFormation templates, those of SAM
// included, as far as their text says: each resource becomes an object. What
// only a deployment would know is unknown, and stays so.
//
// An object is the resource as the template has it, with Type and Properties,
// every function replaced by what it gives. Lines are those of the template. A
// text of which some parts are unknown is unknown as a whole and keeps what is
// known of it (manifest.Node.Partly), with ${AWS::IAM::Role.Name.Arn} for what an
// attribute of a resource will be. What Fn::Base64 encodes stays plain, what Fn::ToJsonString
// encodes stays a structure.
package cloudformation

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/rendergate/rendergate/render/manifest"
)

// Resource is the API version of the objects.
const Resource = "cloudformation"

// The bounds of an evaluation. CloudFormation takes a megabyte and 500
// resources; what goes over these nobody can deploy.
const (
	mostFile    = 4 << 20
	mostText    = 32 << 20 // of all texts that functions make
	mostSteps   = 500_000
	mostDeep    = 200
	mostObjects = 5_000
)

// errTooLarge ends an evaluation: nobody can say what it would deploy.
var errTooLarge = errors.New("the template is too large to evaluate")

// Template is a parsed template.
type Template struct {
	File string
	root *yaml.Node
}

// Looks says of a file's text, at a glance, that it may be a template. It must
// not miss one.
func Looks(data []byte) bool {
	if bytes.Contains(data, []byte("AWSTemplateFormatVersion")) {
		return true
	}
	return bytes.Contains(data, []byte("Resources")) && (bytes.Contains(data, []byte("::")) || bytes.Contains(data, []byte(`\u`)))
}

// Parse are the templates of a file: none where it holds something else. An
// error means that it cannot be read at all.
func Parse(file string, data []byte) ([]*Template, error) {
	if len(data) > mostFile {
		return nil, fmt.Errorf("has %d bytes, more than any template can have", len(data))
	}
	if trimmed := bytes.TrimSpace(data); len(trimmed) > 0 && trimmed[0] == '{' {
		data = bytes.ReplaceAll(data, []byte("\t"), []byte(" ")) // which YAML's reader takes ill
	}
	var all []*Template
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var doc yaml.Node
		err := decoder.Decode(&doc)
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return all, fmt.Errorf("not valid YAML: %s", strings.TrimPrefix(err.Error(), "yaml: "))
		}
		if len(doc.Content) == 0 || !isTemplate(doc.Content[0]) {
			continue
		}
		if err := manifest.Bounded(&doc); err != nil {
			return all, err
		}
		all = append(all, &Template{File: file, root: doc.Content[0]})
	}
}

// isTemplate goes by what CloudFormation asks for. A Kubernetes object is none,
// whatever else it holds.
func isTemplate(root *yaml.Node) bool {
	if field(root, "apiVersion") != nil && field(root, "kind") != nil {
		return false
	}
	resources := field(root, "Resources")
	if resources == nil || resources.Kind != yaml.MappingNode {
		return false
	}
	if field(root, "AWSTemplateFormatVersion") != nil {
		return true
	}
	for i := 1; i < len(resources.Content); i += 2 {
		typ := field(resolve(resources.Content[i]), "Type")
		for _, namespace := range []string{"AWS::", "Custom::", "Alexa::"} {
			if typ != nil && strings.HasPrefix(typ.Value, namespace) {
				return true
			}
		}
	}
	return false
}

// Parameters are the names of a template's parameters.
func (t *Template) Parameters() []string {
	var names []string
	for name := range fields(field(t.root, "Parameters")) {
		names = append(names, name)
	}
	return names
}

// Result is what a template deploys.
type Result struct {
	Objects manifest.Objects
	Notes   []string
}

// Evaluate evaluates a template with the values that a parameter file gives,
// nil for none. An error means that nothing is known.
func (t *Template) Evaluate(given *Values) (result *Result, err error) {
	e := &evaluator{t: t, given: given, named: t.naming(), conditions: map[string]truth{}, deciding: map[string]bool{}}
	defer func() {
		if r := recover(); r != nil {
			known, is := r.(limit)
			if !is {
				panic(r)
			}
			result, err = nil, known.err
		}
	}()
	e.resources(field(t.root, "Resources"), nil)
	return &e.result, nil
}

// limit carries the error of an evaluation that went over its bounds.
type limit struct{ err error }

// evaluator evaluates one template.
type evaluator struct {
	t          *Template
	given      *Values
	conditions map[string]truth
	deciding   map[string]bool // conditions that are being decided: they may name each other
	steps      int
	text       int
	deep       int
	written    map[int][]manifest.Site // of the object that is being made
	named      naming                  // what names the resources; nil where nobody knows
	result     Result
}

// step counts work that a few lines can multiply.
func (e *evaluator) step() {
	if e.steps++; e.steps > mostSteps {
		panic(limit{errTooLarge})
	}
}

// grow counts the text that functions make.
func (e *evaluator) grow(by int) {
	if e.text += by; e.text > mostText {
		panic(limit{errTooLarge})
	}
}

func (e *evaluator) note(format string, args ...any) {
	e.result.Notes = append(e.result.Notes, fmt.Sprintf(format, args...))
}

// resources adds the resources of a section.
func (e *evaluator) resources(section *yaml.Node, s *scope) {
	for name, y := range fields(section) {
		if s.loops() > 0 {
			name = s.filled(name)
		}
		switch {
		case strings.HasPrefix(name, loopPrefix):
			e.loop(y, s, func(body *yaml.Node, s *scope) { e.resources(body, s) })
		case strings.HasPrefix(name, "Fn::"):
			e.note("%s: what %s brings in is not in the tree", e.t.File, name)
		default:
			e.resource(name, y, s)
		}
	}
}

// resource adds a resource, unless its condition says that it is not deployed.
func (e *evaluator) resource(name string, y *yaml.Node, s *scope) {
	typ := field(y, "Type")
	if typ == nil || typ.Kind != yaml.ScalarNode || typ.Value == "" {
		e.note("%s:%d: %s has no type, so that nothing would deploy it", e.t.File, y.Line, name)
		return
	}
	if len(e.result.Objects) >= mostObjects {
		panic(limit{errTooLarge})
	}
	e.written = map[int][]manifest.Site{}
	if condition := field(y, "Condition"); condition != nil {
		if e.condition(condition.Value) == no {
			return
		}
		e.decides(y.Line, condition.Value)
	}
	root := e.value(y, s)
	if root == nil || root.Kind != yaml.MappingNode {
		return
	}
	ref := manifest.Ref{APIVersion: Resource, Kind: typ.Value, Name: name}
	o := manifest.NewObject(ref, manifest.Origin{Path: e.t.File, Exact: true}, root)
	e.sign(root, 0)
	o.Written = e.written
	o.Mentions = manifest.Mentions{Known: e.named != nil, By: e.named[name]}
	e.result.Objects = append(e.result.Objects, o)
}
