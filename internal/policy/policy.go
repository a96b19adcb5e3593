// Package policy judges objects by a team's own ValidatingAdmissionPolicies, as
// an API server of Kubernetes does, with its own evaluator. It alone knows the
// API server's libraries.
package policy

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	admission "k8s.io/api/admissionregistration/v1"
	"sigs.k8s.io/yaml"

	"github.com/rendergate/rendergate/checks"
	"github.com/rendergate/rendergate/render/manifest"
)

// Prefix begins the ids of checks that are policies.
const Prefix = "policy/"

// Topic is that of every policy.
const Topic checks.Topic = "policies"

const group = "admissionregistration.k8s.io"

// File is a file with policies, their bindings, and the objects that they take
// as parameters; Namespaces among them tell the labels of what a cluster has.
type File struct {
	Path string
	Data []byte
}

// Set is all policies of a configuration, compiled.
type Set struct {
	policies   []*policy
	params     []*manifest.Object
	namespaces map[string]*manifest.Object
	kinds      definitions

	mu    sync.Mutex
	notes map[string]bool
}

// policy is a ValidatingAdmissionPolicy with its bindings.
type policy struct {
	*admission.ValidatingAdmissionPolicy
	at       string // file:line
	bindings []*admission.ValidatingAdmissionPolicyBinding
	program
}

// Load reads and compiles policies. An error names the file and the line.
func Load(files []File) (*Set, error) {
	s := &Set{namespaces: map[string]*manifest.Object{}, kinds: definitions{}, notes: map[string]bool{}}
	var bindings []*admission.ValidatingAdmissionPolicyBinding
	for _, file := range files {
		objects, err := manifest.Parse(file.Data, manifest.Origin{Path: file.Path, Exact: true})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file.Path, err)
		}
		for _, o := range objects {
			if err := s.add(o, &bindings); err != nil {
				return nil, fmt.Errorf("%s:%d: %w", file.Path, o.Root.Line(), err)
			}
		}
	}
	for _, b := range bindings {
		at := slices.IndexFunc(s.policies, func(p *policy) bool { return p.Name == b.Spec.PolicyName })
		if at < 0 {
			return nil, fmt.Errorf("the binding %s is of the policy %q, which is in none of the files of policies", b.Name, b.Spec.PolicyName)
		}
		s.policies[at].bindings = append(s.policies[at].bindings, b)
	}
	slices.SortFunc(s.policies, func(a, b *policy) int { return strings.Compare(a.Name, b.Name) })
	for _, p := range s.policies {
		if len(p.bindings) == 0 {
			s.note("the policy %s (%s) has no binding, so that it is about nothing, as in a cluster", p.Name, p.at)
		}
	}
	return s, nil
}

// add takes in one object of a file.
func (s *Set) add(o *manifest.Object, bindings *[]*admission.ValidatingAdmissionPolicyBinding) error {
	switch {
	case o.GroupKind() == group+"/ValidatingAdmissionPolicy":
		p := &policy{ValidatingAdmissionPolicy: &admission.ValidatingAdmissionPolicy{}, at: fmt.Sprintf("%s:%d", o.Origin.Path, o.Root.Line())}
		if err := read(o, p.ValidatingAdmissionPolicy); err != nil {
			return err
		}
		if slices.ContainsFunc(s.policies, func(other *policy) bool { return other.Name == p.Name }) {
			return fmt.Errorf("there are two policies %s", p.Name)
		}
		if err := p.valid(); err != nil {
			return fmt.Errorf("the policy %s: %w", p.Name, err)
		}
		s.policies = append(s.policies, p)
	case o.GroupKind() == group+"/ValidatingAdmissionPolicyBinding":
		b := &admission.ValidatingAdmissionPolicyBinding{}
		if err := read(o, b); err != nil {
			return err
		}
		if len(b.Spec.ValidationActions) == 0 {
			return fmt.Errorf("the binding %s has no validationActions: use Deny, Warn or Audit", b.Name)
		}
		*bindings = append(*bindings, b)
	case o.GroupKind() == "Namespace":
		s.namespaces[o.Name] = o
	default:
		s.kinds.learn(o)
		s.params = append(s.params, o)
	}
	return nil
}

// maxName is the longest name of an object.
const maxName = 253

// isName is what may name a policy, and so a check.
var isName = regexp.MustCompile(`^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$`)

// read decodes an object strictly: a misspelt key of a policy would guard
// nothing.
func read(o *manifest.Object, into any) error {
	if v := o.APIVersion; v != group+"/v1" && v != group+"/v1beta1" {
		return fmt.Errorf("%s is not supported: use %s/v1", v, group)
	}
	if len(o.Name) > maxName || !isName.MatchString(o.Name) {
		return fmt.Errorf("%q is no name of a %s", o.Name, o.Kind)
	}
	value, err := plain(o.Root)
	if err != nil {
		return err
	}
	data, err := yaml.Marshal(value)
	if err != nil {
		return err
	}
	if err := yaml.UnmarshalStrict(data, into); err != nil {
		return fmt.Errorf("%s %s: %s", o.Kind, o.Name, strings.TrimPrefix(err.Error(), "error unmarshaling JSON: while decoding JSON: "))
	}
	return nil
}

func (p *policy) valid() error {
	if p.Spec.MatchConstraints == nil || len(p.Spec.MatchConstraints.ResourceRules) == 0 {
		return errors.New("matchConstraints has no resourceRules, so that it would match nothing")
	}
	if len(p.Spec.Validations) == 0 && len(p.Spec.AuditAnnotations) == 0 {
		return errors.New("it has neither validations nor auditAnnotations")
	}
	if f := p.Spec.FailurePolicy; f != nil && *f != admission.Fail && *f != admission.Ignore {
		return fmt.Errorf("failurePolicy is Fail or Ignore, not %q", *f)
	}
	for _, selector := range p.selectors(nil) {
		if _, err := selectorOf(selector); err != nil {
			return err
		}
	}
	return p.compile()
}

// note keeps what a reader should know, once.
func (s *Set) note(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notes[fmt.Sprintf(format, args...)] = true
}

// Notes are what a reader should know of the policies and of what they could
// not judge.
func (s *Set) Notes() []string {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.notes))
}

// Ids are the ids of the policies.
func (s *Set) Ids() []string {
	var ids []string
	for _, c := range s.Checks() {
		ids = append(ids, c.ID)
	}
	return ids
}

// level is what validationActions make of a policy: one check each, because an
// id has one severity.
type level struct {
	suffix   string
	severity checks.Severity
	action   admission.ValidationAction
}

var levels = []level{
	{"", checks.High, admission.Deny}, {":warn", checks.Medium, admission.Warn}, {":audit", checks.Low, admission.Audit},
}

// levelOf is the strictest action of a binding.
func levelOf(b *admission.ValidatingAdmissionPolicyBinding) int {
	for i, l := range levels {
		if slices.Contains(b.Spec.ValidationActions, l.action) {
			return i
		}
	}
	return len(levels) - 1
}

// Checks are the policies as checks: for each strictest action of its bindings
// one that judges objects as they stand and, where the policy looks at what a
// change does, one more.
func (s *Set) Checks() []*checks.Check {
	if s == nil {
		return nil
	}
	var all []*checks.Check
	for _, p := range s.policies {
		for i := range levels {
			var bound []*admission.ValidatingAdmissionPolicyBinding
			for _, b := range p.bindings {
				if levelOf(b) == i {
					bound = append(bound, b)
				}
			}
			if len(bound) > 0 {
				all = append(all, s.checksOf(p, levels[i], bound)...)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b *checks.Check) int { return strings.Compare(a.ID, b.ID) })
	return all
}

func (s *Set) checksOf(p *policy, l level, bound []*admission.ValidatingAdmissionPolicyBinding) []*checks.Check {
	make := func(id, title string) *checks.Check {
		return &checks.Check{
			ID: id, Title: title, Severity: l.severity, Topic: Topic,
			Why: "It is a rule of this repository: the ValidatingAdmissionPolicy " + p.Name + ", " + p.at + ". A cluster with that policy answers with " + string(l.action) + ".",
			Fix: "Change the object so that the policy lets it through, or change the policy in a pull request of its own.", Source: p.at,
		}
	}
	j := judge{set: s, policy: p, bindings: bound}
	stands := make(Prefix+p.Name+l.suffix, "The policy "+p.Name+" is violated")
	stands.RunTarget = j.standing
	all := []*checks.Check{stands}
	if p.transitions() {
		changes := make(Prefix+p.Name+l.suffix+":change", "The policy "+p.Name+" does not allow this change")
		changes.Compare = j.change
		all = append(all, changes)
	}
	return all
}
