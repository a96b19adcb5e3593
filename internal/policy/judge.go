package policy

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/cel-go/common/types"
	admission "k8s.io/api/admissionregistration/v1"
	core "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	request "k8s.io/apiserver/pkg/admission"
	plugin "k8s.io/apiserver/pkg/admission/plugin/cel"
	limits "k8s.io/apiserver/pkg/apis/cel"
	"k8s.io/apiserver/pkg/authentication/user"

	"github.com/rendergate/rendergate/checks"
	"github.com/rendergate/rendergate/render/manifest"
)

// timeLimit bounds what one object may cost beyond the budget of CEL.
const timeLimit = 10 * time.Second

// judge holds objects against one policy under some of its bindings.
type judge struct {
	set      *Set
	policy   *policy
	bindings []*admission.ValidatingAdmissionPolicyBinding
}

// surroundings are what an object is judged among.
type surroundings struct {
	kinds  definitions
	spaces map[string]*manifest.Object
}

func (j judge) around(objects []*manifest.Object) surroundings {
	s := surroundings{j.set.kinds.with(objects), map[string]*manifest.Object{}}
	for _, o := range objects {
		if o.GroupKind() == "Namespace" {
			s.spaces[o.Name] = o
		}
	}
	for name, o := range j.set.namespaces {
		s.spaces[name] = o // the team's own word outweighs what a change renders
	}
	return s
}

// standing judges objects as they stand: as if they were created, and what is
// only about updates as if they were written once more.
func (j judge) standing(p *checks.Pass) {
	s := j.around(p.Objects)
	for _, o := range p.Objects {
		if !deployed(o) {
			continue
		}
		j.violations(s, o, nil, admission.Create, p)
		if !j.matches(s, o, admission.Create) {
			j.violations(s, o, o, admission.Update, p)
		}
		o.ForgetUnknown() // each violation says by itself whether it is sure
	}
}

// change judges what a change does to objects: updates with what was there
// before, and deletions.
func (j judge) change(p *checks.Pass) {
	s := j.around(p.Objects)
	for _, pair := range p.Pairs {
		switch {
		case pair.Head == nil && deployed(pair.Base):
			j.violations(s, nil, pair.Base, admission.Delete, p)
		case pair.Base != nil && pair.Head != nil && deployed(pair.Head) && (j.policy.names["oldObject"] || j.policy.names["request.operation"]):
			if pair.Base.Kind == pair.Head.Kind && j.stands(s, pair.Head) {
				j.violations(s, pair.Head, pair.Base, admission.Update, p)
			}
		}
	}
}

// stands says that an object as it is violates nothing, so that only the change
// can.
func (j judge) stands(s surroundings, o *manifest.Object) bool {
	if !j.matches(s, o, admission.Create) {
		return len(j.evaluate(s, o, o, admission.Update)) == 0
	}
	return len(j.evaluate(s, o, nil, admission.Create)) == 0
}

// deployed leaves out what says how to render and never reaches a cluster.
func deployed(o *manifest.Object) bool {
	return o.Root.Get("kind").Text() != "" && o.Root.Get("apiVersion").Text() != "" && o.Group() != "kustomize.config.k8s.io"
}

func (j judge) matches(s surroundings, o *manifest.Object, op admission.OperationType) bool {
	return asked{o, op, s.kinds.resources(o), s.kinds, s.spaces}.fits(j.policy.Spec.MatchConstraints) != no
}

// violation is one expression that does not hold for an object.
type violation struct {
	at             manifest.Node
	class, message string
	unsure         bool // it depends on what nobody knows
}

func (j judge) violations(s surroundings, o, old *manifest.Object, op admission.OperationType, p *checks.Pass) {
	for _, v := range j.evaluate(s, o, old, op) {
		report := p.Report
		if v.unsure {
			report = p.Suspect
		}
		report(v.at, manifest.Subject{}.Of(v.class), "%s", v.message)
	}
}

// evaluate asks every binding, with each of its parameters.
func (j judge) evaluate(s surroundings, o, old *manifest.Object, op admission.OperationType) []violation {
	object := o
	if object == nil {
		object = old
	}
	a := asked{object, op, s.kinds.resources(object), s.kinds, s.spaces}
	found := a.fits(j.policy.Spec.MatchConstraints)
	var all []violation
	for _, b := range j.bindings {
		fits := min(found, a.fits(b.Spec.MatchResources))
		if fits == no {
			continue
		}
		for _, v := range j.bound(a, b, o, old) {
			if fits == assumed {
				v.message += fmt.Sprintf(" (assumed, because nobody says which labels the namespace %q has: add it as a Namespace to the files of policies)", object.Namespace)
			}
			known := slices.IndexFunc(all, func(other violation) bool { return other.class == v.class })
			if known < 0 {
				all = append(all, v)
			} else if all[known].unsure && !v.unsure {
				all[known] = v
			}
		}
	}
	return all
}

func (j judge) bound(a asked, b *admission.ValidatingAdmissionPolicyBinding, o, old *manifest.Object) []violation {
	params, missing := j.params(a, b)
	if missing != "" {
		return j.failed(a.object, "", missing)
	}
	var all []violation
	for _, param := range params {
		all = append(all, j.asked(a, o, old, param)...)
	}
	return all
}

// params are what a binding hands its policy; a nil one where it has none.
func (j judge) params(a asked, b *admission.ValidatingAdmissionPolicyBinding) (all []*manifest.Object, missing string) {
	kind, ref := j.policy.Spec.ParamKind, b.Spec.ParamRef
	if kind == nil || ref == nil {
		return []*manifest.Object{nil}, ""
	}
	namespace := ref.Namespace
	if namespace == "" {
		namespace = a.object.Namespace
	}
	for _, o := range j.set.params {
		if o.APIVersion != kind.APIVersion || o.Kind != kind.Kind || o.Namespace != "" && o.Namespace != namespace {
			continue
		}
		if ref.Name != "" && o.Name != ref.Name || !(asked{object: o}).labelled(ref.Selector) {
			continue
		}
		all = append(all, o)
	}
	if len(all) == 0 && (ref.ParameterNotFoundAction == nil || *ref.ParameterNotFoundAction != admission.AllowAction) {
		return nil, fmt.Sprintf("the binding %s names parameters (%s) that are in none of the files of policies", b.Name, kind.Kind)
	}
	return all, ""
}

// failed is what an error means: what the API server would refuse, unless the
// policy says that errors are ignored.
func (j judge) failed(o *manifest.Object, class, why string) []violation {
	if f := j.policy.Spec.FailurePolicy; f != nil && *f == admission.Ignore {
		j.set.note("the policy %s could not be held against %s and says that errors are ignored: %s", j.policy.Name, o.Ref, why)
		return nil
	}
	return []violation{{at: o.Root, class: class, message: "the policy cannot be held against the object, which the API server refuses then: " + why}}
}

// evaluation is one object on its way through a policy's expressions.
type evaluation struct {
	attributes *request.VersionedAttributes
	bindings   plugin.OptionalVariableBindings
	namespace  *core.Namespace
	resource   metav1.GroupVersionResource
	reads      *reads
	budget     int64
}

// asked holds an object against the policy with one parameter.
func (j judge) asked(a asked, o, old, param *manifest.Object) []violation {
	ctx, cancel := context.WithTimeout(context.Background(), timeLimit)
	defer cancel()
	e, err := newEvaluation(a, o, old, param)
	if err != nil {
		return j.failed(a.object, "", err.Error())
	}
	forget(o, old)
	unsure := false // a condition that decides on what nobody knows is met or not for all that follows
	for _, c := range j.policy.conditions {
		if c.reads["authorizer"] {
			j.set.note("the condition %s of the policy %s asks who may do what, which only a cluster knows; the policy is held against everything else that it matches", c.name, j.policy.Name)
			continue
		}
		holds, err := e.holds(ctx, c.made)
		unsure = unsure || met(o, old)
		if err != nil {
			return doubted(j.failed(a.object, "", fmt.Sprintf("its condition %s: %v", c.name, err)), unsure)
		}
		if !holds {
			return nil
		}
	}
	var all []violation
	for _, v := range j.policy.validations {
		if v.reads["authorizer"] {
			j.set.note("a validation of the policy %s asks who may do what, which only a cluster knows, and is not judged: %s", j.policy.Name, v.text)
			continue
		}
		e.reads.last = manifest.Node{}
		forget(o, old)
		holds, err := e.holds(ctx, v.made)
		at, led := e.reads.last, unsure || met(o, old)
		switch {
		case err != nil:
			for _, failed := range doubted(j.failed(a.object, v.class, err.Error()), led) {
				all = append(all, placedAt(failed, at))
			}
		case !holds:
			all = append(all, placedAt(violation{a.object.Root, v.class, e.message(ctx, v), led}, at))
		}
	}
	return all
}

// forget begins anew to watch which values the sides of an object are asked for.
func forget(sides ...*manifest.Object) {
	for _, o := range sides {
		if o != nil {
			o.ForgetUnknown()
		}
	}
}

// met says that one was asked for a value that nobody knows.
func met(sides ...*manifest.Object) bool {
	return slices.ContainsFunc(sides, func(o *manifest.Object) bool { return o != nil && o.MetUnknown() })
}

func doubted(all []violation, unsure bool) []violation {
	for i := range all {
		all[i].unsure = unsure
	}
	return all
}

// placedAt points at what the expression looked at last, which decided it.
func placedAt(v violation, at manifest.Node) violation {
	if at.Object() != nil {
		v.at = at
	}
	return v
}

func newEvaluation(a asked, o, old, param *manifest.Object) (*evaluation, error) {
	e := &evaluation{reads: &reads{}, budget: limits.RuntimeCELCostBudget, namespace: a.space()}
	object, err := traced(o, e.reads)
	if err != nil {
		return nil, err
	}
	ofOld := &reads{} // what is read of the old object says nothing of the new one
	if o == nil {
		ofOld = e.reads
	}
	before, err := traced(old, ofOld)
	if err != nil {
		return nil, err
	}
	if param != nil {
		value, err := plain(param.Root)
		if err != nil {
			return nil, err
		}
		fields, _ := value.(map[string]any)
		e.bindings.VersionedParams = &unstructured.Unstructured{Object: fields}
	}
	kind := schema.FromAPIVersionAndKind(a.object.APIVersion, a.object.Kind)
	resource := kind.GroupVersion().WithResource(a.resources[0])
	e.resource = metav1.GroupVersionResource(resource)
	e.attributes = &request.VersionedAttributes{
		Attributes: request.NewAttributesRecord(object, before, kind, a.object.Namespace, a.object.Name, resource, "",
			request.Operation(a.operation), nil, false, &user.DefaultInfo{}),
		VersionedKind: kind,
	}
	if o != nil {
		e.attributes.VersionedObject = request.NewLazyObject(object)
	}
	if old != nil {
		e.attributes.VersionedOldObject = request.NewLazyObject(before)
	}
	return e, nil
}

// traced is an object that tells what is read of it; nil stays nil.
func traced(o *manifest.Object, r *reads) (runtime.Object, error) {
	if o == nil {
		return nil, nil
	}
	value, err := plain(o.Root)
	if err != nil {
		return nil, err
	}
	fields, ok := value.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("it is no object")
	}
	complete(o.Ref, fields)
	for key, field := range fields {
		fields[key] = r.value(field, o.Root.Get(key))
	}
	return &unstructured.Unstructured{Object: fields}, nil
}

// space is the namespace of an object as far as it is known.
func (a asked) space() *core.Namespace {
	known, _ := a.namespaceLabels()
	if known == nil || known[nameLabel] == "" {
		return nil
	}
	space := &core.Namespace{ObjectMeta: metav1.ObjectMeta{Name: known[nameLabel], Labels: known}}
	if o := a.spaces[space.Name]; o != nil {
		space.Annotations = map[string]string{}
		for key, value := range o.Root.Get("metadata", "annotations").Fields() {
			space.Annotations[key] = value.Text()
		}
	}
	return space
}

// result evaluates one expression within what is left of the budget.
func (e *evaluation) result(ctx context.Context, made plugin.ConditionEvaluator) (plugin.EvaluationResult, error) {
	about := plugin.CreateAdmissionRequest(e.attributes.Attributes, e.resource, metav1.GroupVersionKind(e.attributes.VersionedKind))
	results, left, err := made.ForInput(ctx, e.attributes, about, e.bindings, plugin.CreateNamespaceObject(e.namespace), e.budget)
	if err != nil {
		return plugin.EvaluationResult{}, err
	}
	e.budget = left
	if len(results) != 1 {
		return plugin.EvaluationResult{}, fmt.Errorf("the expression has %d results", len(results))
	}
	return results[0], results[0].Error
}

func (e *evaluation) holds(ctx context.Context, made plugin.ConditionEvaluator) (bool, error) {
	result, err := e.result(ctx, made)
	return err == nil && result.EvalResult == types.True, err
}

// message is what a validation says, in the order in which the API server looks
// for it.
func (e *evaluation) message(ctx context.Context, v expression) string {
	if v.tells != nil {
		if result, err := e.result(ctx, v.tells); err == nil && result.EvalResult != nil {
			if text, ok := result.EvalResult.Value().(string); ok {
				text = strings.TrimSpace(text)
				if text != "" && len(text) <= limits.MaxEvaluatedMessageExpressionSizeBytes && !strings.Contains(text, "\n") {
					return text
				}
			}
		}
	}
	if v.message != "" {
		return v.message
	}
	return "does not hold: " + strings.Join(strings.Fields(v.text), " ")
}
