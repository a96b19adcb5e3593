package checks

import (
	"slices"
	"strings"

	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

// powers visits what the policies that an object holds allow, each under the
// name of its policy. A document of Terraform is judged where it is used, and by
// itself where the module only hands it on.
func (p *Pass) powers(visit func(infra.IAMPolicy, infra.Power)) {
	for _, policy := range p.policies() {
		for _, power := range surelyFirst(policy.Powers(), func(power infra.Power) manifest.Node { return power.At }) {
			visit(policy, power)
		}
	}
}

// surelyFirst puts what stands at a known place first: where only the first of a
// class is told, what nobody knows must not stand for it.
func surelyFirst[T any](all []T, at func(T) manifest.Node) []T {
	return slices.SortedStableFunc(slices.Values(all), func(a, b T) int {
		switch x, y := at(a).Undecided(), at(b).Undecided(); {
		case x == y:
			return 0
		case x:
			return 1
		}
		return -1
	})
}

// policies are those of the object that is judged.
func (p *Pass) policies() []infra.IAMPolicy {
	if p.usedElsewhere() {
		return nil
	}
	return infra.IAMOf(p.Object).Policies
}

// usedElsewhere says that the object is a document of Terraform that others of the
// target use: it is judged there.
func (p *Pass) usedElsewhere() bool {
	if p.Object.APIVersion != "terraform/data" {
		return false
	}
	used := p.known.documents(p.Objects)
	return slices.ContainsFunc(documentsOf(p.Object), func(policy infra.IAMPolicy) bool { return used[policy.Text()] })
}

// documentsOf are the policies that are written in an object, of what it may and
// of who may become it.
func documentsOf(o *manifest.Object) []infra.IAMPolicy {
	all := infra.IAMOf(o)
	return append(slices.Clone(all.Policies), all.Trusts...)
}

// documents are the texts of the policies that some objects use.
func (k *known) documents(objects []*manifest.Object) map[string]bool {
	if k.policies == nil {
		k.policies = map[string]bool{}
		for _, o := range objects {
			if o.APIVersion == "terraform/data" {
				continue
			}
			for _, policy := range documentsOf(o) {
				k.policies[policy.Text()] = true
			}
		}
	}
	return k.policies
}

// once reports a class of a policy only once, however many statements say it.
type once map[string]bool

func (o once) first(policy infra.IAMPolicy, class string) bool {
	key := policy.Name + "\x00" + class
	seen := o[key]
	o[key] = true
	return !seen
}

// ofPolicy is a class as the subject of a policy of the object.
func ofPolicy(policy infra.IAMPolicy, class string) manifest.Subject {
	if policy.Name != "" {
		class = policy.Name + ": " + class
	}
	return manifest.Subject{Class: class}
}

// coversPower says that base allowed at least as much: each resource by an
// action that includes this one, under no narrower condition. The classes are those
// of infra.Power.
func coversPower(base []string, head string) bool {
	var all []powerClass
	for _, class := range base {
		all = append(all, cutPower(class))
	}
	return coversResources(all, cutPower(head))
}

func coversResources(base []powerClass, head powerClass) bool {
	for resource := range strings.SplitSeq(head.resources, ",") {
		if !slices.ContainsFunc(base, func(b powerClass) bool {
			same := b.name == head.name && includesAction(b.action, head.action) && infra.NarrowerCondition(head.condition, b.condition)
			return same && slices.ContainsFunc(strings.Split(b.resources, ","), func(wide string) bool { return infra.Includes(wide, resource) })
		}) {
			return false
		}
	}
	return true
}

// includesAction says that all actions of one list or pattern are of another. Of
// all but some actions a longer list of exceptions is less.
func includesAction(wide, narrow string) bool {
	if wide == narrow || wide == "*" {
		return true
	}
	wideLeft, wideNot := strings.CutPrefix(wide, "not ")
	narrowLeft, narrowNot := strings.CutPrefix(narrow, "not ")
	covered := func(list, by string) bool {
		for action := range strings.SplitSeq(list, ",") {
			if !slices.ContainsFunc(strings.Split(by, ","), func(pattern string) bool {
				return infra.Includes(strings.ToLower(pattern), strings.ToLower(action))
			}) {
				return false
			}
		}
		return true
	}
	switch {
	case wideNot && narrowNot:
		return covered(wideLeft, narrowLeft)
	case wideNot || narrowNot:
		return false
	}
	return covered(narrow, wide)
}

// powerClass is a class of a power, taken apart.
type powerClass struct{ name, action, resources, condition string }

// cutPower takes a class apart: the policy's name, the action, the resources and
// the condition.
func cutPower(class string) powerClass {
	var c powerClass
	class, c.condition, _ = strings.Cut(class, infra.If)
	c.action, c.resources, _ = strings.Cut(class, " on ")
	if i := strings.LastIndex(c.action, ": "); i >= 0 {
		c.name, c.action = c.action[:i], c.action[i+2:]
	}
	return c
}

// attachments visits the policies of AWS that are given by an object and that
// are among some names.
func (p *Pass) attachments(names []string, visit func(a infra.Attachment, name string)) {
	for _, a := range infra.IAMOf(p.Object).Attached {
		if name := a.Managed(); slices.Contains(names, name) {
			visit(a, name)
		}
	}
}

// few are the first of some words, for messages: classes hold all of them, or what
// comes later would be taken for what there was.
func few(words []string) string {
	if len(words) > 3 {
		return strings.Join(words[:3], ", ") + ", …"
	}
	return strings.Join(words, ", ")
}

// ofHolder is a policy that a holder gets as a subject.
func ofHolder(a infra.Attachment, name string) manifest.Subject {
	if holder := a.Holder.Partly(); holder != "" {
		name += " for " + holder
	}
	return manifest.Subject{Class: name + " on "}
}

// trusts visits the statements by which somebody may assume what the object
// makes, without a condition, or under one that nobody knows: that place.
func (p *Pass) trusts(visit func(s infra.Statement, limit manifest.Node)) {
	if p.usedElsewhere() {
		return
	}
	for _, trust := range infra.IAMOf(p.Object).Trusts {
		for _, s := range trust.Statements {
			condition := s.Get("Condition")
			switch {
			case s.Unknown() || s.Allows() && !s.Excludes():
				visit(s, manifest.Node{})
			case s.Allows() && condition.Unknown():
				visit(s, condition)
			}
		}
	}
}

// federations are those of the object that is judged, a document that others use
// aside.
func (p *Pass) federations() []infra.Federation {
	if p.usedElsewhere() {
		return nil
	}
	return infra.IAMOf(p.Object).Federations()
}
